import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { Spool } from '../src/operations/spool.js'
import { StorageService } from '../src/service.js'
import type { QuotaUsage } from '../src/storage.js'
import { type FaultRule, startFaultProxy } from '../src/testing/fault-proxy.js'
import { openBucket } from './support/bucket.js'
import { type BucketAccess, settingsOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { until, useFolder, useService } from './support/failover-service.js'
import { type Child, ROOT, start } from './support/process.js'
import { randomFrom } from './support/random.js'
import { describeReal } from './support/real-server.js'
import { startServer } from './support/server.js'

// A hundred writers in four processes over a bucket that comes and goes, killed at any time.

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const ROUNDS = LONG ? 20 : 1
const PREFIX = 'rooms/42/'
const MAX_BYTES = 6000
const PROCESSES = 4
/** Requests that are held back land sooner than the window that is waited for them. Milliseconds. */
const GHOST_MS = { minMs: 300, maxMs: 800 }
const SETTLE_WINDOW_MS = 2500

const cli = useCli()

const WEATHERS: readonly (readonly FaultRule[])[] = [
  [],
  [{ fault: { kind: 'refuse' } }],
  [{ fault: { kind: 'hang' } }],
  [{ fault: { kind: 'error', status: 503 }, rate: 0.5 }],
  [{ fault: { kind: 'lose-answer' }, rate: 0.3, of: 'writes' }],
  [{ fault: { kind: 'ghost', ...GHOST_MS }, rate: 0.3, of: 'writes' }],
]

/** Whether nothing waits for the bucket any more: in the journal itself, as the dead may have left more than is known. */
function isDrained(spool: Spool, storage: StorageService): boolean {
  return storage.getStatus().state === 'healthy' && spool.entries().next().done === true
}

async function crash(access: BucketAccess, rounds: number): Promise<void> {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.info(`seed ${seed}`)
  const random = randomFrom(seed)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const proxy = await startFaultProxy({ target: access.endpoint, seed })
  onTestFinished(() => proxy.close())
  const folder = await useFolder()
  const through: BucketAccess = { ...access, endpoint: proxy.endpoint }
  const config: Partial<StorageConfig> = {
    ...settingsOf(through),
    objectStorageConnectTimeoutMs: 500,
    objectStorageFirstByteTimeoutMs: 500,
    objectStorageIdleTimeoutMs: 500,
    probeIntervalMs: 100,
    settleWindowMs: SETTLE_WINDOW_MS,
    spoolReserveBytes: 0,
  }
  const observer = await useService(through, { folder, config })
  await observer.quotas.set(PREFIX, { maxBytes: MAX_BYTES })
  const spool = await Spool.open(observer.config)
  onTestFinished(() => spool.close())
  const bucket = new StorageService({ config: { ...settingsOf(access), objectStorageFallback: false } })
  onTestFinished(() => bucket.close().then(() => {}))
  const held = async (): Promise<{ bytes: number; files: number }> => {
    const { totalSizeBytes: bytes, fileCount: files } = await bucket.getStorageMetrics({ prefix: PREFIX })
    return { bytes, files }
  }
  let started = 0
  const writing = async (): Promise<Child> => {
    const script = join(ROOT, 'test', 'support', 'quota-child.mjs')
    const args = [script, join(ROOT, 'dist', 'index.js'), folder, `p${++started}`, '25', String(MAX_BYTES)]
    const env = { HOLDFAST_TEST_CONFIG: JSON.stringify(config) }
    const child = start(process.execPath, args, { env })
    await child.says(/writing|refused/)
    return child
  }
  const kill = async (child: Child): Promise<void> => {
    child.process.kill('SIGKILL')
    const { stderr, signal } = await child.ended
    expect({ stderr, signal }).toEqual({ stderr: '', signal: 'SIGKILL' })
  }
  for (let round = 1; round <= rounds; round++) {
    const when = `seed ${seed}, round ${round}`
    const children = await Promise.all(Array.from({ length: PROCESSES }, writing))
    for (let left = PROCESSES; left > 0; left -= 2) {
      await proxy.apply(...pick(WEATHERS))
      await sleep(300 + random() * 700)
      await Promise.all(children.splice(0, 2).map(kill))
    }
    await proxy.apply()
    await proxy.settle()
    await until('the bucket holds everything', () => isDrained(spool, observer), observer)
    const usage = (await observer.quotas.get(PREFIX)) as QuotaUsage
    const there = await held()
    console.info(`${when}: ${usage.bytes} + ${usage.reservedBytes} told, ${there.bytes} there`)
    expect(there.bytes, when).toBeLessThanOrEqual(MAX_BYTES)
    expect(usage.bytes + usage.reservedBytes, when).toBeGreaterThanOrEqual(there.bytes)
    expect(usage.files + usage.reservedFiles, when).toBeGreaterThanOrEqual(there.files)
    if (usage.exact) expect(usage, when).toMatchObject(there)
    await until(`${when}: the dead are settled, and all is counted`, async () => {
      await observer.quotas.recount(PREFIX)
      const { bytes, files } = (await observer.quotas.get(PREFIX)) as QuotaUsage
      const now = await held()
      return bytes === now.bytes && files === now.files
    })
  }
}

test(`a hundred writers over a bucket that comes and goes keep to the quota, and leave it counted right, killed in ${ROUNDS} rounds`, async () => {
  await crash(await startServer(cli), ROUNDS)
})

describeReal('over a real server', server => {
  test(`a hundred writers keep to the quota, and leave it counted right, killed in ${ROUNDS} rounds`, async () => {
    const bucket = await openBucket(server)
    onTestFinished(() => bucket.remove())
    await crash({ ...server, bucket: bucket.bucket }, ROUNDS)
  })
})
