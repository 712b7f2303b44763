import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import type { DrillEvent } from '../src/operations/drill/events.js'
import { AcknowledgedRecord } from '../src/operations/drill/record.js'
import { newSeed } from '../src/operations/fault-proxy/random.js'
import type { StorageService } from '../src/service.js'
import { startFaultProxy } from '../src/testing/fault-proxy.js'
import { accessOf } from './support/bucket-settings.js'
import { healthy, useService, useStub } from './support/failover-service.js'
import { randomFrom } from './support/random.js'

// Readers and writers while the store goes away and comes back under them. HOLDFAST_TEST_SEED chooses.

const READS = 10_000
const KEYS = 60
const READERS = 16
const WRITERS = 3
/** Small, so that nearly every listing has pages on both sides of a change of the weather. */
const PAGE = 12
const PREFIX = 'raced/'

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

class Readers {
  readonly record = new AcknowledgedRecord()
  readonly #storage: StorageService
  readonly #random: () => number
  readonly #idle = Array.from({ length: KEYS }, (_, i) => `${PREFIX}${String(i).padStart(3, '0')}`)
  #id = 0
  reads = 0
  incomplete = 0
  complete = 0

  constructor(storage: StorageService, seed: number) {
    this.#storage = storage
    this.#random = randomFrom(seed)
  }

  /** Puts and deletes, one at a time of each key, until the readers are done. */
  async write(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const [key] = this.#idle.splice(Math.floor(this.#random() * this.#idle.length), 1)
      if (key === undefined) throw new Error('There are fewer keys than writers.')
      const id = ++this.#id
      if (this.#random() < 0.3) {
        this.#tell({ type: 'delete', id, key })
        await this.#storage.deleteFile(key)
      } else {
        const bytes = Buffer.from(`${key} ${id} `.repeat(1 + Math.floor(this.#random() * 50)))
        this.#tell({ type: 'put', id, key, content: { size: bytes.length, sha256: hashOf(bytes) } })
        await this.#storage.uploadFile(bytes, key)
      }
      this.#tell({ type: 'acknowledged', id })
      this.#idle.push(key)
      await sleep(2)
    }
  }

  async read(): Promise<void> {
    while (this.reads < READS) {
      // Readers come from outside, and leave the event loop its turns.
      await sleep(this.#random() * 10)
      this.reads++
      const id = ++this.#id
      const draw = this.#random()
      const key = `${PREFIX}${String(Math.floor(this.#random() * KEYS)).padStart(3, '0')}`
      if (draw < 0.1) await this.#list(id)
      else {
        this.#tell({ type: 'read', id, key })
        try {
          if (draw < 0.65) {
            const bytes = await this.#storage.downloadFile(key)
            if (bytes === null) this.#tell({ type: 'absent', id })
            else this.#tell({ type: 'found', id, content: { size: bytes.length, sha256: hashOf(bytes) } })
          } else {
            const { size, sha256 = '' } = await this.#storage.statFile(key)
            this.#tell({ type: 'found', id, content: { size, sha256 } })
          }
        } catch (error) {
          if (!StorageError.is(error)) throw error
          if (error.code === 'NOT_FOUND') this.#tell({ type: 'absent', id })
          else this.#tell({ type: 'unread', id, code: error.code })
        }
      }
    }
  }

  /** A listing in small pages: in order, without a key twice, and never complete again once it was not. */
  async #list(id: number): Promise<void> {
    this.#tell({ type: 'list', id, prefix: PREFIX })
    const files: [string, number][] = []
    let complete = true
    try {
      for await (const page of this.#storage.list({ prefix: PREFIX, limit: PAGE }).pages()) {
        for (const { key, size } of page.files) files.push([key, size])
        expect(page.complete && !complete).toBe(false)
        complete = page.complete
      }
    } catch (error) {
      if (!StorageError.is(error)) throw error
      complete = false
    }
    const keys = files.map(([key]) => key)
    expect(keys).toEqual([...new Set(keys)].sort())
    if (complete) this.complete++
    else this.incomplete++
    this.#tell({ type: 'listed', id, files, complete })
  }

  #tell(event: DrillEvent): void {
    this.record.take(event)
  }
}

test('reads and listings are right, or say that they cannot be, while the store comes and goes', async () => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? newSeed())
  console.info(`reads: seed ${seed}`)
  const stub = await useStub()
  const proxy = await startFaultProxy({ target: stub.endpoint, seed })
  onTestFinished(() => proxy.close())
  const storage = await useService(accessOf(stub, { endpoint: proxy.endpoint }), {
    config: { objectStorageFirstByteTimeoutMs: 300, objectStorageIdleTimeoutMs: 300, probeIntervalMs: 100 },
  })
  const readers = new Readers(storage, seed)
  const length = { minMs: 200, maxMs: 1000 }
  await proxy.flap([
    { rules: [], ...length },
    { rules: [{ fault: { kind: 'refuse' } }], ...length },
    { rules: [], ...length },
    { rules: [{ fault: { kind: 'hang' } }], ...length },
    { rules: [], ...length },
    { rules: [{ fault: { kind: 'reset' }, rate: 0.3 }], ...length },
    { rules: [{ fault: { kind: 'error', status: 500 }, rate: 0.5 }], ...length },
  ])
  const reading = Promise.all(Array.from({ length: READERS }, () => readers.read()))
  const isOver = (): boolean => readers.reads >= READS
  await Promise.all([reading, ...Array.from({ length: WRITERS }, () => readers.write(isOver))])
  const { record } = readers
  console.info(
    `${readers.reads} reads beside ${record.acknowledged} writes; ${readers.complete} listings complete, ${readers.incomplete} not; unread ${JSON.stringify(record.unread)}`,
  )
  expect(record.findings).toEqual([])
  expect(readers.complete).toBeGreaterThan(0)
  expect(readers.incomplete).toBeGreaterThan(0)
  expect(Object.values(record.unread).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  await proxy.apply()
  await healthy(storage)
  // Whatever is in doubt may still differ there; what is read is right.
  for (const key of record.keys(PREFIX)) {
    const bytes = await storage.downloadFile(key)
    record.judge(key, bytes === null ? undefined : { size: bytes.length, sha256: hashOf(bytes) })
  }
  expect(record.findings).toEqual([])
}, 300_000)
