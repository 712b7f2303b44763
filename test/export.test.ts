import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { type ExportOptions, type ExportReport, exportFiles, StorageService } from '../src/index.js'
import { TarArchive } from '../src/operations/export/archive.js'
import type { ExportSource } from '../src/operations/export/types.js'
import type { FileStat, ListedFile, OpenedFile, ReadOptions, UploadOptions } from '../src/storage.js'
import { accessOf } from './support/bucket-settings.js'
import { until, useFolder, useService, useStub } from './support/failover-service.js'

const hashOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const aside = (key: string): string => `.holdfast/${hashOf(key)}`

async function useLocal(config: Partial<StorageConfig> = {}): Promise<StorageService> {
  const storage = new StorageService({ config: { localStoragePath: await useFolder(), ...config } })
  onTestFinished(async () => void (await storage.close()))
  return storage
}

/** Exports to a file, and extracts that. */
async function unpacked(
  storage: ExportSource,
  options: ExportOptions = {},
  name = 'out.tar',
): Promise<{ report: ExportReport; folder: string; lines: Line[]; check: () => string }> {
  const place = await useFolder()
  const report = await exportFiles(storage, join(place, name), options)
  // Nothing of a draft is left.
  expect(readdirSync(place)).toEqual([name])
  const folder = join(place, 'extracted')
  mkdirSync(folder)
  execFileSync('tar', ['-xf', join(place, name), '-C', folder])
  const check = (): string => {
    try {
      return execFileSync('sha256sum', ['-c', '--quiet', '--strict', report.sums], options_(folder))
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout)
    }
  }
  const lines = readFileSync(join(folder, report.manifest), 'utf8').trimEnd().split('\n')
  return { report, folder, lines: lines.map(line => JSON.parse(line)), check }
}

interface Line extends Record<string, unknown> {
  readonly key?: string
  readonly path?: string
}

const options_ = (cwd: string): { cwd: string; encoding: 'utf8'; stdio: ['ignore', 'pipe', 'ignore'] } => ({
  cwd,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})

const files = (lines: readonly Line[]): Line[] => lines.filter(({ key }) => key !== undefined)

test('every file is there with the bytes that were uploaded, and with all that is known of it', async () => {
  const storage = await useLocal()
  const long = 'n'.repeat(255)
  const contents = new Map<string, Buffer>()
  const put = async (key: string, content: Buffer, options: UploadOptions = {}): Promise<void> => {
    contents.set(key, content)
    await storage.uploadFile(content, key, options)
  }
  const odd = [
    'a',
    'a-b',
    'a/b',
    'a/b/c',
    '-rf',
    ' spaced  name ',
    '"quoted" $HOME `x` *?[y] \'z\'',
    'über/ä\u0308 👩‍🚀/ﬁ\u202e.txt',
    `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`,
    `${long}/${long}/${long}/${'z'.repeat(256)}`,
    `${long}/${long}/${long}/é${'z'.repeat(254)}`,
    'x'.repeat(1024),
    'SHA256SUMS',
    'manifest.json',
    '%2e%2e/%2fetc',
    'C:/windows',
    '__proto__',
  ]
  for (const [index, key] of odd.entries()) await put(key, randomBytes(index * 100))
  await put('empty', Buffer.alloc(0))
  for (const size of [511, 512, 513, 1024 * 1024, 1024 * 1024 + 1, 5_000_001])
    await put(`sizes/${size}`, randomBytes(size))
  const lines = Buffer.from('{"event":"ping","ok":true}\n'.repeat(120_000))
  await put('packed/large', lines, { compress: 'gzip' })
  await put('packed/small', lines.subarray(0, 5000), { compress: 'auto' })
  await put('told', Buffer.from('told'), {
    contentType: 'text/x-told',
    fileName: 'ärger "1".txt',
    contentEncoding: 'identity',
    cacheControl: 'no-store',
    contentDisposition: 'inline',
    metadata: { room: '42', note: 'grüß' },
    tags: { purpose: 'export' },
    expiresAt: new Date('2099-01-01T00:00:00Z'),
  })
  await storage.uploadFile(Buffer.from('gone'), 'expired', { expiresInSeconds: 1 })
  await sleep(1100)

  const { report, folder, lines: all, check } = await unpacked(storage, { tags: true }, 'out.tar.gz')
  const bytes = [...contents.values()].reduce((sum, { length }) => sum + length, 0)
  expect(report).toMatchObject({ files: contents.size, bytes, failed: 0, vanished: 0, complete: true })
  expect(report).toMatchObject({ manifest: 'manifest.jsonl', sums: '.holdfast/SHA256SUMS' })
  expect(check()).toBe('')
  const told = files(all)
  expect(told.map(({ key }) => key)).toEqual([...contents.keys()].sort(compareBytes))
  for (const { key = '', path = key, sha256, size } of told) {
    const content = contents.get(key) ?? Buffer.alloc(0)
    expect(readFileSync(join(folder, path)).equals(content)).toBe(true)
    expect([sha256, size]).toEqual([hashOf(content), content.length])
  }
  const moved = told.filter(({ path }) => path !== undefined).map(({ key, path }) => [key, path])
  const unfit = ['a/b', 'a/b/c', ...odd.filter(key => key.includes('z'.repeat(254)) || key.length === 1024)]
  expect(moved).toEqual(unfit.sort(compareBytes).map(key => [key, aside(key)]))
  expect(told.find(({ key }) => key === 'told')).toEqual({
    key: 'told',
    size: 4,
    sha256: hashOf('told'),
    contentType: 'text/x-told',
    fileName: 'ärger "1".txt',
    contentEncoding: 'identity',
    cacheControl: 'no-store',
    contentDisposition: 'inline',
    metadata: { room: '42', note: 'grüß' },
    tags: { purpose: 'export' },
    lastModified: expect.stringMatching(/^\d{4}-.*Z$/),
    expiresAt: '2099-01-01T00:00:00.000Z',
  })
  expect(all.at(0)).toMatchObject({ export: { createdAt: expect.any(String) } })
  expect(all.at(-1)).toEqual({
    summary: { files: contents.size, bytes, failed: 0, vanished: 0, complete: true },
  })
  // Another reader of archives finds the same.
  const place = await useFolder()
  await exportFiles(storage, join(place, 'again.tar'))
  const program = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    json.dump({m.name: hashlib.sha256(archive.extractfile(m).read()).hexdigest() for m in archive}, sys.stdout)`
  const found = JSON.parse(
    execFileSync('python3', ['-c', program, join(place, 'again.tar')], { encoding: 'utf8' }),
  )
  for (const [key, content] of contents)
    expect(found[unfit.includes(key) ? aside(key) : key]).toBe(hashOf(content))
})

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

test('prefixes, keys and globs say which files are meant; a scope has its own names', async () => {
  const storage = await useLocal()
  for (const key of ['u/1/a.txt', 'u/1/b.jpg', 'u/10/c.txt', 'u/2/d.txt', 'v'])
    await storage.uploadFile(Buffer.from(key), key)
  const keys = async (source: ExportSource, options: ExportOptions): Promise<unknown[]> =>
    files((await unpacked(source, options)).lines).map(({ key }) => key)
  expect(await keys(storage, { prefixes: ['u/1/', 'u/1/', 'u/'], keys: ['v', 'u/2/d.txt'] })).toEqual([
    'u/1/a.txt',
    'u/1/b.jpg',
    'u/10/c.txt',
    'u/2/d.txt',
    'v',
  ])
  expect(await keys(storage, { prefixes: ['u/1'], exclude: ['*.jpg'] })).toEqual(['u/1/a.txt', 'u/10/c.txt'])
  expect(await keys(storage, { keys: ['v'], prefixes: ['u/2/'] })).toEqual(['u/2/d.txt', 'v'])
  expect(await keys(storage.scope('u/1/'), {})).toEqual(['a.txt', 'b.jpg'])
  const place = await useFolder()
  const to = join(place, 'x.tar')
  for (const [options, code] of [
    [{ prefixes: ['none/'] }, 'NOT_FOUND'],
    [{ keys: ['none'] }, 'NOT_FOUND'],
    [{ include: ['*.none'] }, 'NOT_FOUND'],
    [{ keys: ['../etc/passwd'] }, 'INVALID_KEY'],
    [{ keys: ['/etc/passwd'] }, 'INVALID_KEY'],
    [{ prefixes: ['../'] }, 'INVALID_ARGUMENT'],
    [{ prefixes: 'u/' as unknown as string[] }, 'INVALID_ARGUMENT'],
    [{ keys: [] }, 'INVALID_ARGUMENT'],
    [{ concurrency: 0 }, 'INVALID_ARGUMENT'],
  ] as const) {
    await expect(exportFiles(storage, to, options)).rejects.toMatchObject({ code })
    expect(readdirSync(place)).toEqual([])
  }
  // One that was named and is not there is missed.
  const { report, lines } = await unpacked(storage, { keys: ['none', 'v'] })
  expect(report).toMatchObject({
    files: 1,
    failed: 1,
    failures: [{ key: 'none', error: { code: 'NOT_FOUND' } }],
  })
  expect(lines).toContainEqual({ key: 'none', error: { code: 'NOT_FOUND', message: expect.any(String) } })
})

test('a head has room for more than 8 GiB, and for a time past 2038', async () => {
  const archive = new TarArchive()
  const size = 9 * 1024 ** 3
  archive.begin({ path: 'ü/large', size, modified: new Date('2099-01-02T03:04:05Z') })
  const heads: Uint8Array[] = []
  for await (const piece of archive.bytes) {
    heads.push(piece)
    // That of the pax records, these, and that of the file.
    if (Buffer.concat(heads).length >= 3 * 512) break
  }
  const path = join(await useFolder(), 'head')
  writeFileSync(path, Buffer.concat(heads))
  const program =
    'import sys, tarfile; m = tarfile.open(sys.argv[1]).next(); print(m.name, m.size, int(m.mtime))'
  expect(execFileSync('python3', ['-c', program, path], { encoding: 'utf8' })).toBe(
    `ü/large ${size} ${Date.parse('2099-01-02T03:04:05Z') / 1000}\n`,
  )
})

test('over a bucket: bytes that have rotted are found out, and archived files named', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub))
  for (let i = 0; i < 40; i++) await storage.uploadFile(Buffer.from(`content ${i}`), `rooms/${i}`)
  await storage.uploadFile(randomBytes(3_000_000), 'rooms/large')
  await storage.uploadFile(Buffer.from('cold'), 'rooms/cold')
  const objects = stub.buckets.get('stub')?.objects
  for (const key of ['rooms/7', 'rooms/large']) {
    const object = objects?.get(key)
    if (object === undefined) throw new Error(key)
    object.bytes[3] = (object.bytes[3] ?? 0) ^ 1
  }
  stub.fault = ({ operation, key }) =>
    operation === 'GetObject' && key === 'rooms/cold'
      ? { status: 403, body: '<Error><Code>InvalidObjectState</Code><Message>Archived.</Message></Error>' }
      : undefined
  const { report, lines, check } = await unpacked(storage, { prefixes: ['rooms/'] })
  expect(report).toMatchObject({ files: 39, failed: 3, complete: true })
  expect(report.failures.map(({ key, error }) => [key, error.code])).toEqual([
    ['rooms/7', 'INTEGRITY'],
    ['rooms/cold', 'ARCHIVED'],
    ['rooms/large', 'INTEGRITY'],
  ])
  expect(check()).toBe('rooms/7: FAILED\nrooms/large: FAILED\n')
  expect(files(lines).filter(({ error }) => error !== undefined)).toHaveLength(3)
})

test('small files are read ahead at once, and no more of them than may be', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub))
  for (let i = 0; i < 60; i++) await storage.uploadFile(Buffer.from(`content ${i}`), `rooms/${i}`)
  let [under, most] = [0, 0]
  const source: ExportSource = {
    ...plain(storage),
    openFile: async (key, options) => {
      most = Math.max(most, ++under)
      await sleep(5)
      const opened = await storage.openFile(key, options)
      under--
      return opened
    },
  }
  expect((await unpacked(source, { concurrency: 8 })).report.files).toBe(60)
  expect(most).toBe(8)
})

function plain(storage: ExportSource): ExportSource {
  return {
    list: options => storage.list(options),
    openFile: (key, options) => storage.openFile(key, options),
    statFile: (key, options) => storage.statFile(key, options),
    getFileTags: (key, options) => storage.getFileTags(key, options),
  }
}

test('memory does not grow with what nobody takes', async () => {
  let opened = 0
  const piece = Buffer.alloc(512 * 1024)
  const source = madeUp(
    Array.from({ length: 5000 }, (_, n) => `files/${n.toString().padStart(5, '0')}`),
    piece.length,
    async function* () {
      opened++
      yield piece
    },
  )
  const stuck = new Writable({ highWaterMark: 1, write: () => {} })
  const ending = new AbortController()
  const exporting = exportFiles(source, stuck, { signal: ending.signal })
  exporting.catch(() => {})
  await until('no more is read', async () => {
    const before = opened
    await sleep(200)
    return opened === before && opened > 0
  })
  // What is read ahead, and what waits to be taken.
  expect(opened).toBeLessThan(60)
  ending.abort()
  await expect(exporting).rejects.toMatchObject({ code: 'ABORTED' })
  expect(stuck.destroyed).toBe(true)
})

/** A storage of files that all have this size, and these bytes. */
function madeUp(
  keys: readonly string[],
  size: number,
  content: (key: string, options: ReadOptions) => AsyncIterable<Uint8Array>,
): ExportSource {
  const stat = (key: string): FileStat => ({
    key,
    size,
    etag: 'etag',
    lastModified: new Date(0),
    pending: false,
    contentType: 'x/y',
    metadata: {},
  })
  const listed: ListedFile[] = keys.map(stat)
  return {
    list: ({ cursor = '0' } = {}) => ({
      async *[Symbol.asyncIterator]() {
        yield* listed
      },
      async *pages() {
        const next = Number(cursor) + 1000
        const more = next < listed.length ? { cursor: String(next) } : {}
        yield { files: listed.slice(Number(cursor), next), prefixes: [], complete: true, ...more }
      },
    }),
    statFile: async key => stat(key),
    getFileTags: async () => ({}),
    openFile: async (key, options = {}): Promise<OpenedFile> => ({
      stat: stat(key),
      [Symbol.asyncIterator]: () => content(key, options)[Symbol.asyncIterator](),
      stream: () => new ReadableStream(),
      nodeStream: () => {
        throw new Error('Not asked for.')
      },
      bytes: async () => Buffer.alloc(0),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }),
  }
}

const failure = (code: 'UNAVAILABLE' | 'NOT_FOUND' | 'PRECONDITION_FAILED'): StorageError =>
  new StorageError({ code, op: 'get', message: `It is ${code}.` })

test('what breaks off is gone on with where it was, as long as it is the same', async () => {
  const content = randomBytes(4_000_000)
  const asked: number[] = []
  const source = madeUp(['one', 'two'], content.length, async function* (_, { range, ifMatch }) {
    const start = range !== undefined && 'start' in range ? range.start : 0
    expect(ifMatch).toBe(start === 0 ? undefined : 'etag')
    asked.push(start)
    const end = Math.min(start + 1_500_000, content.length)
    yield content.subarray(start, end)
    if (end < content.length) throw failure('UNAVAILABLE')
  })
  const { report, folder, check } = await unpacked(source)
  expect(report).toMatchObject({ files: 2, failed: 0 })
  expect(readFileSync(join(folder, 'two')).equals(content)).toBe(true)
  expect(asked).toEqual([0, 1_500_000, 3_000_000, 0, 1_500_000, 3_000_000])
  expect(check()).toBe('')
})

test('what is replaced while it is read is read anew; what is removed then is reported', async () => {
  const content = randomBytes(3_000_000)
  let reads = 0
  const source = madeUp(['again', 'gone', 'last'], content.length, async function* (key, { range }) {
    if (range !== undefined) throw failure(key === 'again' ? 'PRECONDITION_FAILED' : 'NOT_FOUND')
    const isBroken = key === 'gone' || (key === 'again' && ++reads === 1)
    yield isBroken ? content.subarray(0, 1000) : content
    if (isBroken) throw failure('UNAVAILABLE')
  })
  const isGone = new Set<string>()
  const { report, folder, lines, check } = await unpacked({
    ...source,
    openFile: async (key, options) => {
      if (isGone.has(key)) throw failure('NOT_FOUND')
      if (key === 'gone') isGone.add(key)
      return source.openFile(key, options)
    },
  })
  expect(report).toMatchObject({ files: 2, failed: 1, failures: [{ key: 'gone' }] })
  for (const key of ['again', 'last']) expect(readFileSync(join(folder, key)).equals(content)).toBe(true)
  const broken = files(lines).filter(({ error }) => error !== undefined)
  expect(broken).toMatchObject([
    { key: 'gone', error: { code: 'NOT_FOUND', message: expect.stringContaining('zeros') } },
  ])
  expect(check()).toBe('')
})

test('while the bucket is away there is no archive, or one that says what it lacks', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub))
  for (let i = 0; i < 5; i++) await storage.uploadFile(Buffer.from(`content ${i}`), `rooms/${i}`)
  await stub.goDown()
  await storage.uploadFile(Buffer.from('late'), 'rooms/late')
  const place = await useFolder()
  const path = join(place, 'out.tar')
  for (const options of [{ prefixes: ['rooms/'] }, { keys: ['rooms/1'] }]) {
    await expect(exportFiles(storage, path, options)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(readdirSync(place)).toEqual([])
  }
  // That there is nothing is not known.
  await expect(
    exportFiles(storage, path, { prefixes: ['rooms/1'], skipUnavailable: true }),
  ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  // What waits here can be had.
  expect((await unpacked(storage, { keys: ['rooms/late'] })).report).toMatchObject({
    files: 1,
    complete: true,
  })
  const { report, lines, check } = await unpacked(storage, {
    prefixes: ['rooms/'],
    keys: ['other'],
    skipUnavailable: true,
  })
  expect(report).toMatchObject({ files: 1, failed: 1, complete: false })
  expect(check()).toBe('')
  expect(lines).toContainEqual({ key: 'other', error: { code: 'UNAVAILABLE', message: expect.any(String) } })
  expect(lines.at(-1)).toMatchObject({ summary: { files: 1, failed: 1, complete: false } })
})

test('a bucket that goes away meanwhile is waited for', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config: { probeIntervalMs: 50 } })
  for (let i = 0; i < 40; i++) await storage.uploadFile(randomBytes(1000), `rooms/${i}`)
  let opened = 0
  const source: ExportSource = {
    ...plain(storage),
    openFile: async (key, options) => {
      if (++opened === 10) await stub.goDown()
      if (opened === 60) await stub.comeBack()
      return storage.openFile(key, options)
    },
  }
  const waiting = setTimeout(() => void stub.comeBack(), 2000)
  onTestFinished(() => clearTimeout(waiting))
  const { report, check } = await unpacked(source)
  expect(report).toMatchObject({ files: 40, failed: 0, complete: true })
  expect(check()).toBe('')
})

test('held-back files are not exported; a stream that breaks off is destroyed', async () => {
  const storage = new StorageService({
    config: { localStoragePath: await useFolder() },
    inspect: async ({ key }) => ({
      verdict: key.includes('bad') ? 'quarantine' : key.includes('no') ? 'reject' : 'allow',
      reason: 'as named',
    }),
  })
  onTestFinished(async () => void (await storage.close()))
  await storage.uploadFile(Buffer.from('good'), 'u/good')
  await expect(storage.uploadFile(Buffer.from('held'), 'u/bad')).rejects.toMatchObject({})
  await expect(storage.uploadFile(Buffer.from('held'), 'u/no')).rejects.toMatchObject({})
  const { lines } = await unpacked(storage)
  expect(files(lines).map(({ key }) => key)).toEqual(['u/good'])
  const pieces: Buffer[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      pieces.push(chunk)
      done()
    },
  })
  await exportFiles(storage, stream, { gzip: true })
  expect(Buffer.concat(pieces).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  expect(stream.writableFinished).toBe(true)
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
  await expect(exportFiles(storage, broken)).rejects.toThrow('disk full')
})
