import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { DiskSpool, openSpill } from '../src/failover/disk-spool.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { openFailover } from '../src/failover/open.js'
import { type DrillOptions, runDrill } from '../src/operations/drill/drill.js'
import type { DrillReport } from '../src/operations/drill/report.js'
import { StorageService } from '../src/service.js'
import { openRoot } from '../src/stores/local/root.js'
import { openBucket } from './support/bucket.js'
import { useCli } from './support/cli.js'
import { configOf, keysOf, oracleOf, useFolder } from './support/drill.js'
import { useStub } from './support/failover-service.js'
import { FaultyPrimary } from './support/faulty-primary.js'
import { ModelFiles } from './support/model-files.js'
import { describeReal } from './support/real-server.js'

const cli = useCli()

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'

const drill = (options: Omit<DrillOptions, 'internals'>): Promise<DrillReport> =>
  runDrill({ seconds: 3, rate: 25, convergeSeconds: 60, ...options, internals: { oracle: oracleOf(cli) } })

describe('a drill', () => {
  test.each(['hang', 'slow-down', 'flapping', ...(LONG ? ['bad-credentials', 'portal'] : [])])(
    '%s passes, and leaves nothing behind',
    async scenario => {
      const stub = await useStub()
      const folder = useFolder()
      const config = configOf(stub, folder)
      const report = await drill({ config, scenarios: [scenario] })
      expect(report).toMatchObject({
        passed: true,
        failed: 0,
        lost: 0,
        resurrected: 0,
        shadowed: 0,
        partial: 0,
        convergeMs: expect.any(Number),
        scenarios: [{ scenario, findings: [], failures: {} }],
      })
      const [only] = report.scenarios
      expect(report.acknowledged).toBeGreaterThan(50)
      expect(only?.acknowledgedLocally).toBeGreaterThan(0)
      expect(only?.compared).toBeGreaterThan(20)
      // Nobody waits longer than for the first answer, and a slow machine.
      expect(report.longestStallMs).toBeLessThan(15_000)
      expect(report).not.toHaveProperty('evidence')
      expect(keysOf(stub)).toEqual([])
      expect(readdirSync(folder)).toEqual([])
    },
  )

  test('leaves what was there alone: objects, and the storage folder', async () => {
    const stub = await useStub()
    const folder = useFolder()
    const config = configOf(stub, folder)
    const storage = new StorageService({ config })
    await storage.uploadFile(Buffer.from('mine'), 'mine')
    await storage.close()
    const before = readdirSync(join(folder, 'uploads', '.holdfast', 'objects'))
    const report = await drill({ config, scenarios: ['refuse'], seconds: 1 })
    expect(report.passed).toBe(true)
    expect(keysOf(stub)).toEqual(['mine'])
    expect(readdirSync(folder)).toEqual(['uploads'])
    expect(readdirSync(join(folder, 'uploads', '.holdfast', 'objects'))).toEqual(before)
  })

  test('ended in the middle, it still tidies up', async () => {
    const stub = await useStub()
    const folder = useFolder()
    const abort = new AbortController()
    const reason = new StorageError({ code: 'ABORTED', op: 'test', message: 'Interrupted.' })
    const running = drill({
      config: configOf(stub, folder),
      signal: abort.signal,
      onProgress: ({ phase }) => phase === 'outage' && abort.abort(reason),
    })
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
    expect(keysOf(stub)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what cannot be rehearsed', () => {
  test.each<[Partial<StorageConfig>, string]>([
    [{ objectStorageEnabled: false }, 'OBJECT_STORAGE_ENABLED=true'],
    [{ objectStorageFallback: false }, 'OBJECT_STORAGE_FALLBACK is false'],
  ])('%j is CONFIG_INVALID', async (more, message) => {
    const stub = await useStub()
    const folder = useFolder()
    await expect(drill({ config: configOf(stub, folder, more) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('a store that does not answer, or refuses us, says which', async () => {
    const stub = await useStub()
    const folder = useFolder()
    const wrong = configOf(stub, folder, { objectStorageSecretKey: 'wrong' })
    await expect(drill({ config: wrong })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    const elsewhere = configOf(stub, folder, { objectStorageBucket: 'elsewhere' })
    await expect(drill({ config: elsewhere })).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' })
    await stub.goDown()
    await expect(drill({ config: configOf(stub, folder) })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a power loss right after the acknowledgement', () => {
  /** @param syncs whether the disk is told to keep what was written, as it must be */
  const textAfterPowerLoss = async (syncs: boolean): Promise<string> => {
    const folder = useFolder()
    const files = new ModelFiles(folder)
    for (const name of ['tmp', 'objects', 'displaced']) files.plant(`.holdfast/${name}`, 'folder')
    if (!syncs) files.fsync = async () => {}
    const open = async () => {
      const root = await openRoot({ path: folder, create: true, ballastBytes: 0, files })
      const primary = new FaultyPrimary()
      primary.writes = 'refused'
      primary.reads = 'refused'
      const { store } = await openFailover({
        primary,
        journal: new LedgerJournal(root.ledger),
        bytes: new DiskSpool(root),
        clock: root.clock,
        openSpill: () => openSpill(root),
        processId: root.processId,
        isDead: id => root.isDead(id),
        background: false,
      })
      return { root, store }
    }
    const key = parseKey('rooms/42/photo.jpg')
    const before = await open()
    // Less than that lies in the ledger, which has syncs of its own.
    await before.store.put(key, await openSource(Buffer.alloc(100_000, 'acknowledged')), {
      attributes: { contentType: 'text/plain', metadata: {} },
    })
    await before.store.close()
    await before.root.close()
    files.restart(folder, 'drop')
    const after = await open()
    try {
      return (await (await after.store.get(key)).body.bytes()).toString().slice(0, 'acknowledged'.length)
    } catch (error) {
      return StorageError.is(error) ? error.code : String(error)
    } finally {
      await after.store.close()
      await after.root.close()
    }
  }

  test('loses nothing', async () => {
    expect(await textAfterPowerLoss(true)).toBe('acknowledged')
  })

  test('shows an acknowledgement before fsync', async () => {
    expect(await textAfterPowerLoss(false)).toBe('INTEGRITY')
  })
})

describeReal('against a real server', server => {
  const rehearse = async (scenarios: readonly string[]): Promise<DrillReport> => {
    const folder = useFolder()
    const bucket = await openBucket(server)
    onTestFinished(() => bucket.remove())
    const config = completeConfig({
      objectStorageEnabled: true,
      objectStorageProvider: 's3',
      objectStorageEndpoint: server.endpoint,
      objectStorageRegion: server.region,
      objectStorageBucket: bucket.bucket,
      objectStorageAccessKey: server.accessKey,
      objectStorageSecretKey: server.secretKey,
      objectStorageFirstByteTimeoutMs: 3000,
      localStoragePath: join(folder, 'uploads'),
      probeIntervalMs: 500,
      spoolReserveBytes: 0,
    })
    return drill({ config, scenarios })
  }
  const flawless = { passed: true, failed: 0, lost: 0, resurrected: 0, shadowed: 0, partial: 0 }

  test('outages pass', async () => {
    expect(await rehearse(['refuse', 'hang', 'bad-credentials', 'flapping'])).toMatchObject(flawless)
  }, 200_000)

  if (LONG) {
    test('lost answers and cuts pass', async () => {
      const report = await rehearse(['lost-answers', 'cut'])
      expect(report).toMatchObject(flawless)
      expect(report.scenarios[0]?.ghosts).toBeGreaterThan(0)
    }, 400_000)
  }
})
