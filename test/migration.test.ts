import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import {
  deleteSourceFiles,
  type MigrateOptions,
  type MigrationReport,
  migrateFiles,
  type SideDifference,
  StorageService,
  type StoreLocation,
  syncFiles,
  verifyFiles,
} from '../src/index.js'
import { MemoryStore } from '../src/stores/memory.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'

let folder = ''
let stub: S3Stub

beforeEach(async () => {
  stub = await startS3Stub({ buckets: ['old', 'new'] })
  onTestFinished(() => stub.close())
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-migration-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

const local = (path: string): Partial<StorageConfig> => ({ localStoragePath: path })
const bucket = (name: string): Partial<StorageConfig> => ({
  ...settingsOf(accessOf(stub, { bucket: name })),
  objectStoragePartBytes: 5 * 1024 * 1024,
  objectStorageFallback: false,
  localStoragePath: join(folder, `net-${name}`),
})

const migrate = (
  from: StoreLocation,
  to: StoreLocation,
  more: MigrateOptions = {},
): Promise<MigrationReport> =>
  migrateFiles({ from, to, config: {}, stateFolder: join(folder, 'state'), patienceMs: 5000, ...more })

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** Runs something with a storage of its own. */
async function using<T>(
  config: Partial<StorageConfig>,
  work: (storage: StorageService) => Promise<T>,
): Promise<T> {
  const storage = new StorageService({ config })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

const LARGE = randomBytes(11 * 1024 * 1024 + 7)
const SMALL = Buffer.from('a small file\n')
const CARRIED = {
  contentType: 'text/x-odd',
  fileName: 'Grüße 😀.txt',
  cacheControl: 'max-age=60',
  contentDisposition: 'attachment',
  metadata: { room: 'Größe', with_score: 'x' },
}

/** Objects of every kind that differ in what they carry or in how they are sent. */
async function fill(storage: StorageService): Promise<void> {
  await storage.uploadFile(SMALL, 'rooms/42/ü +%.txt', { ...CARRIED, tags: { kind: 'photo' } })
  await storage.uploadFile(Buffer.alloc(0), 'empty')
  await storage.uploadFile(LARGE, 'large.bin')
  await storage.uploadFile(Buffer.from('line\n'.repeat(2000)), 'packed.log', { compress: 'gzip' })
}

const EXPIRES = new Date(Date.now() + 86_400_000)

/** All that can be read of the same objects. */
async function check(storage: StorageService, keepsAttributes: boolean): Promise<void> {
  expect([...(await storage.listFiles())]).toEqual(['empty', 'large.bin', 'packed.log', 'rooms/42/ü +%.txt'])
  expect((await storage.downloadFile('large.bin'))?.equals(LARGE)).toBe(true)
  expect(await storage.downloadFile('rooms/42/ü +%.txt')).toEqual(SMALL)
  expect(await storage.downloadFile('empty')).toEqual(Buffer.alloc(0))
  if (!keepsAttributes) return
  expect((await storage.downloadFile('packed.log'))?.toString()).toBe('line\n'.repeat(2000))
  expect(await storage.statFile('packed.log')).toMatchObject({
    size: 10_000,
    compressed: { encoding: 'gzip' },
  })
  expect(await storage.statFile('rooms/42/ü +%.txt')).toMatchObject(CARRIED)
}

describe('every direction', () => {
  const places = {
    local: () => local(join(folder, 'local')),
    'another local': () => local(join(folder, 'local-2')),
    bucket: () => bucket('old'),
    'another bucket': () => bucket('new'),
  }
  test.each([
    ['local', 'bucket'],
    ['local', 'another local'],
    ['bucket', 'local'],
    ['bucket', 'another bucket'],
  ] as const)('from %s to %s, with all that objects carry', async (from, to) => {
    const [source, target] = [places[from](), places[to]()]
    await using(source, fill)
    const before = from === 'bucket' ? [...(stub.buckets.get('old')?.objects ?? [])] : undefined
    const report = await migrate(source, target)
    expect(report).toMatchObject({
      copied: 4,
      replaced: 0,
      unchanged: 0,
      verified: 4,
      failed: 0,
      unsettled: 0,
    })
    await using(target, storage => check(storage, true))
    await using(source, storage => check(storage, true))
    if (before !== undefined) expect([...(stub.buckets.get('old')?.objects ?? [])]).toEqual(before)
    if (to !== 'another local') {
      const tags = { bucket: 'old', 'another bucket': 'new', local: undefined }[to]
      if (tags !== undefined)
        expect(stub.buckets.get(tags)?.objects.get('rooms/42/ü +%.txt')?.tagging).toBe('kind=photo')
    }
    // Again: nothing is sent.
    stub.resetCounts()
    const again = await migrate(source, target)
    expect(again).toMatchObject({ copied: 0, unchanged: 4, verified: 4, copiedBytes: 0 })
    // But for the one that finds out whether two buckets are one.
    expect(stub.counts['HeadObject'] ?? 0).toBeLessThanOrEqual(1)
    expect(stub.counts['PutObject'] ?? 0).toBeLessThanOrEqual(1)
    expect(await verifyFiles({ from: source, to: target, config: {}, compare: 'read' })).toMatchObject({
      same: 4,
      missing: 0,
      extra: 0,
      different: 0,
      failed: 0,
    })
  })

  test('from plain files to a bucket and back to plain files', async () => {
    const from = join(folder, 'plain')
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
    write(join(from, 'rooms/1/picture'), png)
    write(join(from, 'notes.txt'), 'text')
    write(join(from, 'large.bin'), LARGE)
    utimesSync(join(from, 'notes.txt'), 1_600_000_000, 1_600_000_000)
    expect(await migrate(from, bucket('old'))).toMatchObject({ copied: 3, verified: 3, failed: 0 })
    await using(bucket('old'), async storage => {
      expect(await storage.statFile('rooms/1/picture')).toMatchObject({ contentType: 'image/png' })
      expect(await storage.statFile('notes.txt')).toMatchObject({ contentType: 'text/plain' })
    })
    const back = join(folder, 'back')
    expect(await migrate(bucket('old'), `dir:${back}`, { verify: true })).toMatchObject({
      copied: 3,
      verified: 3,
    })
    expect(readdirSync(back, { recursive: true }).sort()).toEqual(
      readdirSync(from, { recursive: true }).sort(),
    )
    expect(readFileSync(join(back, 'rooms/1/picture'))).toEqual(png)
    expect(readFileSync(join(back, 'large.bin')).equals(LARGE)).toBe(true)
    expect(statSync(join(back, 'notes.txt')).mtimeMs).toBe(1_600_000_000_000)
    // No sign of ours in either.
    expect(
      readdirSync(from)
        .concat(readdirSync(back))
        .filter(name => name.startsWith('.')),
    ).toEqual([])
  })

  test('what expires expires there too, and what was kept does not', async () => {
    const [source, target] = [local(join(folder, 'local')), local(join(folder, 'local-2'))]
    await using(source, async storage => {
      await storage.uploadFile(SMALL, 'expires', { expiresAt: EXPIRES })
      await storage.uploadFile(SMALL, 'kept', { expiresAt: EXPIRES })
      await storage.keepFile('kept')
    })
    expect(await migrate(source, bucket('old'))).toMatchObject({ copied: 2, verified: 2, failed: 0 })
    expect(await migrate(bucket('old'), target)).toMatchObject({ copied: 2, verified: 2, failed: 0 })
    await using(target, async storage => {
      expect((await storage.statFile('expires')).expiresAt).toEqual(EXPIRES)
      expect(await storage.statFile('kept')).not.toHaveProperty('expiresAt')
      await storage.keepFile('expires')
      expect(await storage.downloadFile('expires')).toEqual(SMALL)
    })
  })

  test('between stores of the caller, which stay open', async () => {
    const [from, to] = [new MemoryStore(), new MemoryStore()]
    const storage = new StorageService({ config: {}, store: from })
    await storage.uploadFile(SMALL, 'a', CARRIED)
    expect(await migrate(from, to)).toMatchObject({ copied: 1, verified: 1 })
    const copy = new StorageService({ config: {}, store: to })
    expect(await copy.statFile('a')).toMatchObject(CARRIED)
    expect(await storage.downloadFile('a')).toEqual(SMALL)
  })

  test('below a prefix of a bucket, and only what is selected', async () => {
    await using(bucket('old'), async storage => {
      for (const key of ['old/x/1.jpg', 'old/x/2.tmp', 'old/y/3.jpg', 'other/4.jpg'])
        await storage.uploadFile(SMALL, key)
    })
    const config = bucket('old')
    const options = { config, prefix: 'x', include: ['*.jpg', 'y/**'], exclude: ['*.tmp'] }
    expect(await migrate('s3://old/old', 's3://new/new/', options)).toMatchObject({ copied: 1 })
    expect([...(stub.buckets.get('new')?.objects.keys() ?? [])]).toEqual(['new/x/1.jpg'])
    // Within one bucket, from one prefix to one beside it.
    expect(await migrate('s3://old/old', 's3://old/copy', { config })).toMatchObject({ copied: 3 })
    expect([...(stub.buckets.get('old')?.objects.keys() ?? [])].sort()).toContain('copy/y/3.jpg')
  })

  test("the specification's own call: local files to the configured store", async () => {
    write(join(folder, 'uploads', 'chat/photo.jpg'), 'x')
    const config = { ...bucket('old'), localStoragePath: join(folder, 'uploads') }
    expect(await migrateFiles({ config, stateFolder: join(folder, 'state') })).toMatchObject({
      copied: 1,
      failed: 0,
    })
    expect([...(stub.buckets.get('old')?.objects.keys() ?? [])]).toEqual(['chat/photo.jpg'])
    expect(readdirSync(join(folder, 'uploads'))).toEqual(['chat'])
  })
})

describe('a source that is the target', () => {
  test.each<[string, () => [StoreLocation, StoreLocation]]>([
    ['the same folder', () => [join(folder, 'a'), join(folder, 'a')]],
    ['with a slash', () => [join(folder, 'a'), `${join(folder, 'a')}/`]],
    ['as plain files', () => [join(folder, 'a'), `dir:${join(folder, 'a')}`]],
    ['through a link', () => [join(folder, 'link'), join(folder, 'a')]],
    ['within the source', () => [join(folder, 'a'), join(folder, 'a', 'sub', 'new')]],
    ['around the source', () => [join(folder, 'a', 'sub'), folder]],
    ['within it through a link', () => [join(folder, 'a'), join(folder, 'link', 'sub')]],
    ['the same bucket', () => [bucket('old'), bucket('old')]],
    ['the same bucket by a prefix', () => [bucket('old'), 's3://old/x/']],
    ['a prefix within the other', () => ['s3://old/x/', 's3://old/x/y']],
    ['the same prefix', () => ['s3://old/x', 's3://old/x/']],
    [
      'another name of the endpoint',
      () => [bucket('old'), { ...bucket('old'), objectStorageEndpoint: `http://localhost:${stub.port}` }],
    ],
  ])('%s: is refused, and nothing is touched', async (_, sides) => {
    write(join(folder, 'a', 'sub', 'file'), 'kept')
    symlinkSync(join(folder, 'a'), join(folder, 'link'))
    await using(bucket('old'), storage => storage.uploadFile(SMALL, 'x/y/1'))
    const [from, to] = sides()
    await expect(migrate(from, to, { config: bucket('old') })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    expect(readFileSync(join(folder, 'a', 'sub', 'file'), 'utf8')).toBe('kept')
    expect(readdirSync(join(folder, 'a'), { recursive: true }).sort()).toEqual(['sub', 'sub/file'])
    expect([...(stub.buckets.get('old')?.objects.keys() ?? [])]).toEqual(['x/y/1'])
  })

  test('the same store', async () => {
    const store = new MemoryStore()
    await expect(migrate(store, store)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

test('a folder that does not hold everything by itself is no source', async () => {
  const config = { ...bucket('old'), objectStorageFallback: true }
  await using(config, async storage => {
    await storage.uploadFile(SMALL, 'one')
    await stub.goDown()
    await storage.uploadFile(SMALL, 'two')
    await expect(migrate(config.localStoragePath ?? '', `dir:${join(folder, 'copy')}`)).rejects.toMatchObject(
      {
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('is the net of'),
      },
    )
  })
  await stub.comeBack()
  // Nor is the bucket, while something waits for it.
  await expect(migrate(config, `dir:${join(folder, 'copy')}`)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('wait for the bucket'),
  })
})

describe('what the target has already', () => {
  const state = fc.constantFrom('absent', 'one', 'two', 'other')
  const time = fc.constantFrom(1_600_000_000, 1_650_000_000, 1_700_000_000)
  const object = fc.record({ state, time })
  const plan = fc.array(fc.record({ source: object, target: object }), { minLength: 1, maxLength: 8 })

  test.each(['newer', 'keep', 'replace'] as const)(
    'with existing: %s it becomes what the plan says',
    async existing => {
      let run = 0
      await fc.assert(
        fc.asyncProperty(plan, async objects => {
          const [from, to] = [join(folder, `from-${++run}`), join(folder, `to-${run}`)]
          const expected = new Map<string, string>()
          const counts = { copied: 0, replaced: 0, unchanged: 0, kept: 0 }
          mkdirSync(from)
          mkdirSync(to)
          for (const [index, { source, target }] of objects.entries()) {
            const name = `${index % 3}/${index}`
            for (const [root, { state, time }] of [
              [from, source],
              [to, target],
            ] as const) {
              if (state === 'absent') continue
              write(join(root, name), state)
              utimesSync(join(root, name), time, time)
            }
            const [s, t] = [source.state, target.state]
            const replaces = existing === 'replace' || (existing === 'newer' && source.time > target.time)
            if (s === 'absent') counts.copied += 0
            else if (t === 'absent') counts.copied++
            else if (s === t) counts.unchanged++
            else if (replaces) counts.replaced++
            else counts.kept++
            const ends = s === 'absent' ? t : t === 'absent' || replaces ? s : t
            if (ends !== 'absent') expected.set(name, ends)
          }
          const sources = contents(from)
          const planned = await migrate(from, `dir:${to}`, { existing, dryRun: true })
          const report = await migrate(from, `dir:${to}`, { existing })
          expect(report).toMatchObject({ ...counts, failed: 0, unsettled: 0 })
          expect(planned).toMatchObject({ ...counts, dryRun: true })
          expect(contents(to)).toEqual(expected)
          expect(contents(from)).toEqual(sources)
        }),
        { numRuns: 10 },
      )
    },
  )
})

function contents(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(
    files
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
      .map(path => [path.slice(root.length + 1), readFileSync(path, 'utf8')]),
  )
}

describe('faults', () => {
  const plain = (): string => {
    const from = join(folder, 'plain')
    for (let n = 0; n < 40; n++) write(join(from, `room${n % 4}/${n}.txt`), `file ${n}`)
    return from
  }

  test('one object that the target refuses stops none of the others', async () => {
    stub.fault = ({ method, key }) =>
      method === 'PUT' && key === 'room1/5.txt'
        ? {
            status: 403,
            body: '<Error><Code>AccessDenied</Code></Error>',
            headers: { 'content-type': 'application/xml' },
          }
        : undefined
    const report = await migrate(plain(), bucket('old'))
    expect(report).toMatchObject({ copied: 39, verified: 39, failed: 1 })
    expect(report.failures).toEqual([
      { key: 'room1/5.txt', error: expect.objectContaining({ code: 'PERMISSION_DENIED' }) },
    ])
    stub.fault = undefined
    expect(await migrate(plain(), bucket('old'))).toMatchObject({ copied: 1, unchanged: 39, failed: 0 })
  })

  test('bytes that have rotted are not copied', async () => {
    const source = local(join(folder, 'local'))
    await using(source, async storage => {
      await storage.uploadFile(Buffer.from('good'), 'good')
      await storage.uploadFile(Buffer.from('fine'), 'rotten')
      await storage.uploadFile(LARGE, 'rotten-large')
    })
    for (const name of ['rotten', 'rotten-large']) rot(join(folder, 'local', name))
    const report = await migrate(source, bucket('old'))
    expect(report).toMatchObject({ copied: 1, failed: 2 })
    expect(report.failures.map(({ key, error }) => [key, error.code])).toEqual([
      ['rotten', 'INTEGRITY'],
      ['rotten-large', 'INTEGRITY'],
    ])
    expect([...(stub.buckets.get('old')?.objects.keys() ?? [])]).toEqual(['good'])
    expect(stub.buckets.get('old')?.uploads.size).toBe(0)
  })

  test('a target that is full ends it, once that is plain', async () => {
    stub.fault = ({ method }) =>
      method === 'PUT' ? { status: 507, body: '<Error><Code>XMinioStorageFull</Code></Error>' } : undefined
    const from = plain()
    for (let n = 0; n < 100; n++) write(join(from, `more/${n}`), 'x')
    const failing = migrate(from, bucket('old'), { patienceMs: 0 })
    await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/NO_SPACE|UNAVAILABLE/) })
  })

  test('an endpoint that dies in the middle and comes back', async () => {
    let puts = 0
    stub.fault = ({ operation }) => {
      if (operation === 'PutObject' && ++puts === 12) {
        void stub.goDown().then(() => setTimeout(() => void stub.comeBack(), 400))
        return 'reset'
      }
      return undefined
    }
    const report = await migrate(plain(), bucket('old'), { patienceMs: 60_000 })
    expect(report).toMatchObject({ verified: 40, failed: 0, unsettled: 0 })
    expect(stub.buckets.get('old')?.objects.size).toBe(40)
  })

  test('an endpoint that stays away is given up, and what was done is gone on with', async () => {
    const from = plain()
    let puts = 0
    stub.fault = ({ operation }) => (operation === 'PutObject' && ++puts > 12 ? 'refuse' : undefined)
    await expect(migrate(from, bucket('old'), { patienceMs: 300 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    stub.fault = undefined
    const there = stub.buckets.get('old')?.objects.size ?? 0
    expect(there).toBeGreaterThan(0)
    expect(await migrate(from, bucket('old'))).toMatchObject({
      copied: 40 - there,
      unchanged: there,
      verified: 40,
    })
  })

  test('an object that vanishes, and one that is changed while it is copied', async () => {
    const from = plain()
    const seen = new Set<string>()
    stub.fault = ({ operation, key }) => {
      if (operation !== 'PutObject' || seen.has(key)) return undefined
      seen.add(key)
      // The first put of a room removes the last file of it, and changes itself.
      if (key === 'room0/0.txt') rmSync(join(from, 'room3/39.txt'))
      if (key === 'room0/4.txt') appendFileSync(join(from, key), ' changed')
      return undefined
    }
    const report = await migrate(from, bucket('old'), { concurrency: 1 })
    expect(report).toMatchObject({ changed: 1, failed: 0, unsettled: 0, verified: 39 })
    expect(stub.buckets.get('old')?.objects.get('room0/4.txt')?.bytes.toString()).toBe('file 4 changed')
    expect(stub.buckets.get('old')?.objects.has('room3/39.txt')).toBe(false)
  })

  test('a source that changes whenever it is looked at is told of', async () => {
    const from = plain()
    stub.fault = ({ operation, key }) => {
      if (operation === 'PutObject' && key === 'room2/2.txt') appendFileSync(join(from, key), '!')
      return undefined
    }
    expect(await migrate(from, bucket('old'))).toMatchObject({ unsettled: 1, failed: 0 })
  })

  test('what somebody stores at the target meanwhile is not overwritten', async () => {
    const from = plain()
    stub.fault = ({ operation, key }) => {
      const target = stub.buckets.get('old')
      if (operation === 'PutObject' && key === 'room0/0.txt' && !target?.objects.has('room3/39.txt')) {
        const object = {
          bytes: Buffer.from('newer'),
          etag: 'e'.repeat(32),
          modified: new Date(Date.now() + 60_000),
          headers: {},
          tagging: '',
        }
        target?.store('room3/39.txt', object)
      }
      return undefined
    }
    const report = await migrate(from, bucket('old'), { concurrency: 1 })
    expect(report).toMatchObject({ copied: 39, kept: 1, failed: 0, unsettled: 0 })
    expect(stub.buckets.get('old')?.objects.get('room3/39.txt')?.bytes.toString()).toBe('newer')
  })

  test('a target that says it has what it has not is found out', async () => {
    const from = plain()
    let lost = false
    stub.fault = ({ operation }) => {
      if (operation === 'ListObjectsV2' && !lost && (stub.buckets.get('old')?.objects.size ?? 0) === 40) {
        lost = true
        stub.buckets.get('old')?.remove('room1/1.txt')
      }
      return undefined
    }
    await migrate(from, bucket('old'))
    expect(stub.buckets.get('old')?.objects.size).toBe(40)
  })

  test('two runs of one migration do not work at once', async () => {
    const from = plain()
    stub.fault = () => ({ delayMs: 50 })
    const first = migrate(from, bucket('old'))
    first.catch(() => {})
    await expect.poll(() => stub.buckets.get('old')?.objects.size).toBeGreaterThan(0)
    await expect(migrate(from, bucket('old'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: false,
    })
    expect(await first).toMatchObject({ verified: 40 })
  })

  test('an abort ends it, and it is gone on with', async () => {
    const stop = new AbortController()
    const from = plain()
    stub.fault = ({ operation }) => {
      if (operation === 'PutObject' && (stub.buckets.get('old')?.objects.size ?? 0) === 10) stop.abort()
      return undefined
    }
    await expect(migrate(from, bucket('old'), { signal: stop.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(await migrate(from, bucket('old'))).toMatchObject({ verified: 40, failed: 0 })
  })
})

test('of two stores, the one that is the trouble is named', async () => {
  const from = join(folder, 'from')
  write(join(from, 'a'), 'a')
  const [here, nowhere] = [bucket('old'), { ...bucket('old'), objectStorageBucket: 'nowhere' }]
  for (const [source, target] of [
    [nowhere, here],
    [from, nowhere],
  ] as const) {
    await expect(migrate(source, target)).rejects.toMatchObject({
      code: 'NO_SUCH_BUCKET',
      message: expect.stringContaining('s3://nowhere/'),
    })
  }
})

test('a large file that was broken off is gone on with, and the parts of one that is gone are removed', async () => {
  const from = join(folder, 'from')
  const parts = 6
  for (const name of ['gone.bin', 'large.bin']) write(join(from, name), randomBytes(parts * 5 * 1024 * 1024))
  const stop = new AbortController()
  // A third part is sent when one of the first two has arrived.
  const begun = new Set<string>()
  stub.fault = ({ operation, key, query }) => {
    if (operation !== 'UploadPart' || Number(query.get('partNumber')) <= 2) return undefined
    if (begun.add(key).size === 2) stop.abort()
    return { stall: 'before-headers' }
  }
  await expect(migrate(from, bucket('new'), { signal: stop.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  })
  expect(stub.buckets.get('new')?.uploads.size).toBe(2)
  rmSync(join(from, 'gone.bin'))
  const asked: string[] = []
  stub.fault = ({ operation, key }) => {
    if (key === 'large.bin') asked.push(operation)
    return undefined
  }
  expect(await migrate(from, bucket('new'))).toMatchObject({ verified: 1, failed: 0 })
  expect(asked).not.toContain('CreateMultipartUpload')
  expect(asked.filter(operation => operation === 'UploadPart').length).toBeLessThan(parts)
  expect(stub.buckets.get('new')?.uploads.size).toBe(0)
  expect(await verifyFiles({ from, to: bucket('new'), config: {}, compare: 'read' })).toMatchObject({
    same: 1,
  })
})

/** Changes a byte in place, and leaves the file as the ledger knows it: with its time, to the nanosecond. */
function rot(path: string): void {
  const like = `${path}.like`
  execFileSync('cp', ['--preserve=timestamps', path, like])
  const bytes = readFileSync(path)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  chmodSync(path, 0o644)
  writeFileSync(path, bytes, { flag: 'r+' })
  execFileSync('touch', ['-r', like, path])
  rmSync(like)
}

describe('removing the source', () => {
  test('only what the target holds, and only as it was compared', async () => {
    const from = join(folder, 'from')
    for (const name of ['a', 'b', 'c', 'd']) write(join(from, name), name)
    await migrate(from, bucket('old'), { exclude: ['d'] })
    write(join(from, 'b'), 'changed since')
    stub.buckets.get('old')?.remove('c')
    const options = { from, to: bucket('old'), config: {}, stateFolder: join(folder, 'state') }
    expect(await deleteSourceFiles({ ...options, dryRun: true })).toMatchObject({
      deleted: 1,
      left: 3,
      dryRun: true,
    })
    expect(readdirSync(from).sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(await deleteSourceFiles({ ...options, verify: true })).toMatchObject({
      deleted: 1,
      left: 3,
      failed: 0,
    })
    expect(readdirSync(from).sort()).toEqual(['b', 'c', 'd'])
  })

  test('from a bucket that has no conditional deletes too', async () => {
    await using(bucket('old'), fill)
    await migrate(bucket('old'), local(join(folder, 'local')))
    const options = {
      from: bucket('old'),
      to: local(join(folder, 'local')),
      config: {},
      stateFolder: join(folder, 'state'),
    }
    expect(await deleteSourceFiles(options)).toMatchObject({ deleted: 4, left: 0, failed: 0 })
    expect(stub.buckets.get('old')?.objects.size).toBe(0)
    await using(local(join(folder, 'local')), storage => check(storage, true))
  })
})

describe('comparing', () => {
  const sides = async (): Promise<{ from: string; to: Partial<StorageConfig>; config: object }> => {
    const from = join(folder, 'from')
    for (const name of ['a/same', 'b/changed', 'c/missing']) write(join(from, name), name)
    await migrate(from, bucket('old'))
    write(join(from, 'b/changed'), 'b/CHANGED')
    stub.buckets.get('old')?.remove('c/missing')
    await using(bucket('old'), storage => storage.uploadFile(SMALL, 'd/extra'))
    return { from, to: bucket('old'), config: {} }
  }

  test.each(['hash', 'read'] as const)('by %s: what is missing, extra and different', async compare => {
    const found: SideDifference[] = []
    const report = await verifyFiles({ ...(await sides()), compare, onDifference: one => found.push(one) })
    expect(report).toMatchObject({ same: 1, missing: 1, extra: 1, different: 1, failed: 0 })
    expect(found.map(({ key, kind }) => [key, kind]).sort()).toEqual([
      ['b/changed', 'different'],
      ['c/missing', 'missing'],
      ['d/extra', 'extra'],
    ])
  })

  test('quickly: sizes and times', async () => {
    const given = await sides()
    utimesSync(join(given.from, 'b/changed'), 1_600_000_000, 1_600_000_000)
    stub.resetCounts()
    // The same size, and older than its copy: no more can be told without a look at the bytes.
    expect(await verifyFiles({ ...given, compare: 'quick' })).toMatchObject({
      same: 2,
      different: 0,
      missing: 1,
      extra: 1,
    })
    expect(stub.counts).toEqual({ total: 1, ListObjectsV2: 1 })
    const later = Date.now() / 1000 + 100
    utimesSync(join(given.from, 'b/changed'), later, later)
    expect(await verifyFiles({ ...given, compare: 'quick' })).toMatchObject({ same: 1, different: 1 })
  })

  test('bytes that have rotted in a local folder are no difference, but a failure', async () => {
    const source = local(join(folder, 'local'))
    await using(source, storage => storage.uploadFile(Buffer.from('fine'), 'rotten'))
    await migrate(source, bucket('old'))
    rot(join(folder, 'local', 'rotten'))
    const report = await verifyFiles({ from: source, to: bucket('old'), config: {} })
    expect(report).toMatchObject({ same: 0, failed: 1 })
    expect(report.failures[0]?.error.code).toBe('INTEGRITY')
  })
})

describe('a backup', () => {
  test('follows its source, and removes nothing unless told', async () => {
    const from = join(folder, 'from')
    const to = `dir:${join(folder, 'backup')}`
    const sync = (more: object = {}): Promise<MigrationReport> =>
      syncFiles({ from, to, config: {}, stateFolder: join(folder, 'state'), ...more })
    for (const name of ['a', 'b', 'c']) write(join(from, name), name)
    expect(await sync()).toMatchObject({ copied: 3 })
    rmSync(join(from, 'c'))
    write(join(from, 'b'), 'older, and another')
    utimesSync(join(from, 'b'), 1, 1)
    expect(await sync()).toMatchObject({ replaced: 1, unchanged: 1, deleted: 0 })
    expect(contents(join(folder, 'backup'))).toEqual(
      new Map([
        ['a', 'a'],
        ['b', 'older, and another'],
        ['c', 'c'],
      ]),
    )
    expect(await sync({ delete: true, dryRun: true })).toMatchObject({ deleted: 1 })
    expect(await sync({ delete: true, confirmDelete: async () => false })).toMatchObject({ deleted: 0 })
    const asked: object[] = []
    const confirmDelete = async (extra: object): Promise<boolean> => asked.push(extra) > 0
    expect(await sync({ delete: true, confirmDelete })).toMatchObject({ deleted: 1, failed: 0 })
    expect(asked).toEqual([{ files: 1, bytes: 1 }])
    expect([...contents(join(folder, 'backup')).keys()]).toEqual(['a', 'b'])
  })

  test('is not emptied for a source that is empty', async () => {
    mkdirSync(join(folder, 'from'))
    write(join(folder, 'backup', 'a'), 'a')
    const sync = syncFiles({
      from: join(folder, 'from'),
      to: `dir:${join(folder, 'backup')}`,
      config: {},
      delete: true,
      stateFolder: join(folder, 'state'),
    })
    await expect(sync).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('no file at all'),
    })
    expect(readdirSync(join(folder, 'backup'))).toEqual(['a'])
  })

  test('keeps everything while something fails', async () => {
    write(join(folder, 'from', 'a'), 'a')
    write(join(folder, 'from', 'back\\slash'), 'b')
    write(join(folder, 'backup', 'c'), 'c')
    const report = await syncFiles({
      from: join(folder, 'from'),
      to: `dir:${join(folder, 'backup')}`,
      config: {},
      delete: true,
      stateFolder: join(folder, 'state'),
    })
    expect(report).toMatchObject({ copied: 1, failed: 1, deleted: 0 })
    expect(readdirSync(join(folder, 'backup')).sort()).toEqual(['a', 'c'])
  })
})

test.each([
  [{ concurrency: 0 }, 'concurrency'],
  [{ bandwidth: -1 }, 'bandwidth'],
  [{ patienceMs: Number.NaN }, 'patienceMs'],
  [{ include: '*.jpg' as never }, 'include'],
  [{ prefix: '/x' }, 'prefix'],
  [{ existing: 'never' as never }, 'existing'],
])('%j is refused', async (options, what) => {
  mkdirSync(join(folder, 'a'))
  const failing = migrate(join(folder, 'a'), join(folder, 'b'), options)
  await expect(failing).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(what),
  })
})

test('a target that is not there counts as empty for a dry run, and is not made by it', async () => {
  write(join(folder, 'from', 'a'), 'a')
  for (const to of [join(folder, 'absent'), `dir:${join(folder, 'absent')}`]) {
    expect(await migrate(join(folder, 'from'), to, { dryRun: true })).toMatchObject({
      copied: 1,
      dryRun: true,
    })
    const comparing = verifyFiles({ from: join(folder, 'from'), to, config: {} })
    await expect(comparing).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  }
  expect(readdirSync(folder)).toEqual(['from'])
  write(join(folder, 'plain', 'a'), 'a')
  expect(
    await verifyFiles({ from: join(folder, 'from'), to: join(folder, 'plain'), config: {} }),
  ).toMatchObject({ same: 1 })
})

test('a folder that is not there is no source', async () => {
  await expect(migrate(join(folder, 'absent'), bucket('old'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
  await using(local(join(folder, 'ours')), storage => storage.uploadFile(SMALL, 'a'))
  await expect(migrate(`dir:${join(folder, 'ours')}`, bucket('old'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})
