import { randomBytes } from 'node:crypto'
import { parseAttributes } from '../../core/attributes.js'
import { openSource } from '../../core/source.js'
import { type Check, good, notice, type Verdict } from './findings.js'
import type { BucketPatient } from './patient.js'
import { median, milliseconds } from './times.js'

/** How long the bucket takes. */
export const SPEED_CHECKS: readonly Check<BucketPatient>[] = [
  { check: 'latency', area: 'speed', needs: ['read', 'delete'], examine: examineLatency },
]

const ROUNDS = 7
const SIZE_BYTES = 4096
/** An answer that takes longer than this part of its deadline leaves little room for a busy hour. */
const LARGE_PART = 0.5

async function examineLatency({ store, scratch, signal, config }: BucketPatient): Promise<Verdict> {
  const key = scratch('latency')
  const attributes = parseAttributes({ contentType: 'application/octet-stream' })
  const steps = {
    upload: async () =>
      void (await store.put(key, await openSource(randomBytes(SIZE_BYTES)), { attributes, signal })),
    look: async () => void (await store.head(key, { signal })),
    read: async () => void (await (await store.get(key, { signal })).body.bytes()),
    delete: async () => void (await store.delete(key, { signal })),
  }
  const taken = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, step] of Object.entries(steps)) {
      const start = performance.now()
      await step()
      const times = taken.get(name) ?? []
      times.push(performance.now() - start)
      taken.set(name, times)
    }
  }
  const medians = Array.from(taken, ([name, times]) => `${name} ${milliseconds(median(times))}`)
  const says = `4 KiB, medians of ${ROUNDS}: ${medians.join(', ')}.`
  const slowest = Math.max(...Array.from(taken.values(), times => Math.max(...times)))
  const deadline = config.objectStorageFirstByteTimeoutMs
  if (slowest < deadline * LARGE_PART) return good(says)
  return notice(
    `${says} The slowest took ${milliseconds(slowest)}, and after ${milliseconds(deadline)} the object store counts as away.`,
    'Raise OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS, or see to the load of the server.',
  )
}
