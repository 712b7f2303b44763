import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { DiskSpool, openSpill } from '../src/failover/disk-spool.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { openFailover } from '../src/failover/open.js'
import { type DrillOptions, runDrill } from '../src/operations/drill/drill.js'
import type { DrillReport } from '../src/operations/drill/report.js'
import { SCENARIOS } from '../src/operations/drill/scenarios.js'
import { StorageService } from '../src/service.js'
import { openRoot } from '../src/stores/local/root.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { openBucket } from './support/bucket.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { type Defect, DefectiveStorage } from './support/defective-storage.js'
import { FaultyPrimary } from './support/faulty-primary.js'
import { ModelFiles } from './support/model-files.js'
import { describeReal } from './support/real-server.js'

const cli = useCli()

/** The oracle is a process of its own, so it needs the compiled program. */
const oracle = (): URL =>
  pathToFileURL(join(dirname(dirname(cli.main)), 'operations', 'drill', 'oracle-main.js'))

async function useStub(): Promise<S3Stub> {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  return stub
}

/** Its own folder, in which the drill makes its scratch folder. */
function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-drill-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function configOf(stub: S3Stub, folder: string, more: Partial<StorageConfig> = {}): StorageConfig {
  return completeConfig({
    ...settingsOf(accessOf(stub)),
    objectStorageFirstByteTimeoutMs: 2000,
    localStoragePath: join(folder, 'uploads'),
    probeIntervalMs: 300,
    spoolReserveBytes: 0,
    ...more,
  })
}

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'

const drill = (options: Omit<DrillOptions, 'internals'>): Promise<DrillReport> =>
  runDrill({ seconds: 3, rate: 25, convergeSeconds: 60, ...options, internals: { oracle: oracle() } })

const keysOf = (stub: S3Stub): string[] => [...(stub.buckets.get('stub')?.objects.keys() ?? [])]

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

describe('the drill notices', () => {
  /** What a defect leads to, at least one of these. */
  const DEFECTS: readonly [Defect, readonly (keyof DrillReport)[]][] = [
    ['drop a journal entry', ['lost', 'shadowed']],
    ['lose a tombstone', ['resurrected']],
    ['replay out of order', ['shadowed']],
    ['serve a partial file', ['partial']],
    ['NOT_FOUND in an outage', ['lost']],
  ]

  const rehearse = async (defect: Defect): Promise<DrillReport> => {
    const stub = await useStub()
    return runDrill({
      config: configOf(stub, useFolder()),
      scenarios: ['refuse'],
      seconds: 5,
      rate: 40,
      convergeSeconds: 8,
      seed: 1,
      internals: {
        oracle: oracle(),
        open: (config, scratch) => DefectiveStorage.open(config, scratch, defect),
      },
    })
  }

  test.each(DEFECTS)('%s', async (defect, kinds) => {
    const report = await rehearse(defect)
    expect(report.passed).toBe(false)
    expect(kinds.reduce((sum, kind) => sum + Number(report[kind]), 0)).toBeGreaterThan(0)
    const [only] = report.scenarios
    expect(only?.findings.length).toBeGreaterThan(0)
    expect(existsSync(join(report.evidence ?? '', 'record.ndjson'))).toBe(true)
  })

  test('nothing, where the same storage has no defect', async () => {
    expect(await rehearse('none')).toMatchObject({ passed: true })
  })

  test('that writes fail, where nothing stands in for the object store', async () => {
    const stub = await useStub()
    const report = await runDrill({
      config: configOf(stub, useFolder()),
      scenarios: ['refuse'],
      seconds: 2,
      internals: {
        oracle: oracle(),
        open: config => new StorageService({ config: { ...config, objectStorageFallback: false } }),
      },
    })
    expect(report).toMatchObject({ passed: false, lost: 0, resurrected: 0, partial: 0 })
    expect(report.failed).toBeGreaterThan(0)
    expect(report.scenarios[0]?.failures).toHaveProperty('UNAVAILABLE')
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

describe('holdfast drill', () => {
  let stub: S3Stub
  beforeEach(async () => {
    stub = await useStub()
  })
  const env = (): Record<string, string> => ({
    ...environmentOf(accessOf(stub)),
    HOLDFAST_PROBE_INTERVAL_MS: '300',
    HOLDFAST_SPOOL_RESERVE_BYTES: '0',
  })
  const brief = ['drill', '--seconds', '2', '--seed', '7', '--scenario', 'refuse']

  test('prints a table, and exits with 0', async () => {
    const { code, stdout, stderr } = await cli([...brief, 'slow-down'], { env: env() })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Rehearsing refuse (1 of 2).\nRehearsing slow-down (2 of 2).\n',
    })
    expect(stdout).toMatch(
      /^outage +acknowledged +failed +lost +resurrected +shadowed +partial +longest stall/,
    )
    expect(stdout).toMatch(/^refuse +\d+ +0 +0 +0 +0 +0 +[\d.]+ s +[\d.]+ s$/m)
    expect(stdout).toMatch(/^Passed: nobody noticed\. \d+ writes acknowledged; \d+ objects compared/m)
    expect(stdout).toContain('Seed 7,')
    expect(keysOf(stub)).toEqual([])
    expect(readdirSync(cli.folder)).toEqual([])
  })

  test('answers in JSON', async () => {
    const { code, stdout, stderr } = await cli([...brief, '--json'], { env: env() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      passed: true,
      seed: 7,
      lost: 0,
      convergeMs: expect.any(Number),
      scenarios: [{ scenario: 'refuse', failed: 0 }],
    })
  })

  test('exits with 6 where something is amiss, and keeps the evidence', async () => {
    // Deletes have no effect here, and are confirmed all the same: after the outage there is what should be gone.
    stub.fault = ({ operation, key }) =>
      operation === 'DeleteObject' && !key.startsWith('.') ? { status: 204 } : undefined
    const { code, stdout } = await cli([...brief, '--timeout', '5s'], { env: env() })
    expect(code).toBe(6)
    expect(stdout).toContain('NOT passed: ')
    expect(stdout).toMatch(/^refuse: resurrected \((read|listing|bucket)\): holdfast-drill-/m)
    expect(readdirSync(cli.folder)).toEqual([expect.stringMatching(/^uploads-drill-/)])
  })

  test('exits with 4 where the store is away, and with 2 where there is none', async () => {
    await stub.goDown()
    expect(await cli(brief, { env: env() })).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('(UNAVAILABLE)'),
    })
    expect(await cli(brief)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('OBJECT_STORAGE_ENABLED=true'),
    })
    const unknown = await cli(['drill', '--scenario', 'nothing'], { env: env() })
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining([...SCENARIOS.keys()].join(', ')),
    })
    expect(readdirSync(cli.folder)).toEqual([])
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
