import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it, onTestFinished, test, vi } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { createServer } from '../src/http/index.js'
import type { Inspect, InspectedFile, QuarantinedFile } from '../src/index.js'
import { storeGzipped } from '../src/service/upload-compressed.js'
import { StorageService } from '../src/service.js'
import { QuarantineTable } from '../src/stores/local/quarantine-table.js'
import { openRoot } from '../src/stores/local/root.js'
import { MemoryStore } from '../src/stores/memory.js'
import { serviceConformance } from '../src/testing/index.js'
import { openBucket } from './support/bucket.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { healthy, until, useFolder, useStub } from './support/failover-service.js'
import { ask, serveStorage } from './support/http.js'
import { describeReal } from './support/real-server.js'

const MIB = 1024 * 1024
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Bad content says itself what is to become of it. */
const BAD = Buffer.from('hold me: bad content that nobody is to read')
const WORSE = Buffer.from('turn me away: content that is not even kept')
const judge: Inspect = async file => {
  const start = (await file.read(0, 16)).toString()
  if (start.startsWith('hold me')) return { verdict: 'quarantine', reason: 'Bad.Content' }
  return start.startsWith('turn me away') ? { verdict: 'reject', reason: 'Worse.Content' } : 'allow'
}

/** A storage of the test's own, with what it lies on. */
interface Opened {
  readonly storage: StorageService
  readonly folder: string
  /** Opens the same once more. */
  again(inspect?: Inspect, config?: Partial<StorageConfig>): StorageService
  /** What the bucket holds, Holdfast's own left out; none of local storage. */
  inBucket?(): Promise<string[]> | string[]
}

interface Arrangement {
  readonly name: string
  open(inspect?: Inspect, config?: Partial<StorageConfig>): Promise<Opened>
  /** Whether reads of what was never written are answered: not while the bucket is away. */
  readonly tellsAbsence: boolean
  readonly isLocal?: true
}

function service(config: Partial<StorageConfig>, inspect: Inspect | undefined): StorageService {
  const storage = new StorageService({ config, ...(inspect !== undefined && { inspect }) })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return storage
}

async function opened(
  base: Partial<StorageConfig>,
  inspect: Inspect | undefined,
  more: object,
): Promise<Opened> {
  const folder = await useFolder()
  const settings = { localStoragePath: folder, spoolReserveBytes: 0, probeIntervalMs: 100, ...base, ...more }
  const again = (other?: Inspect, config: Partial<StorageConfig> = {}): StorageService =>
    service({ ...settings, ...config }, other)
  return { storage: again(inspect), folder, again }
}

const local: Arrangement = {
  name: 'local files',
  tellsAbsence: true,
  isLocal: true,
  open: (inspect = judge, config = {}) => opened({}, inspect, config),
}

/** Over the stub; `away` from the first write on. */
function overStub(name: string, base: Partial<StorageConfig>, isAway = false): Arrangement {
  return {
    name,
    tellsAbsence: !isAway,
    open: async (inspect = judge, config = {}) => {
      const stub = await useStub()
      if (isAway) stub.fault = () => 'refuse'
      const found = await opened({ ...settingsOf(accessOf(stub)), ...base }, inspect, config)
      return {
        ...found,
        inBucket: () =>
          [...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => !key.startsWith('.holdfast/')),
      }
    },
  }
}

const ARRANGEMENTS = [
  local,
  overStub('a bucket with a net', {}),
  overStub('a bucket without a net', { objectStorageFallback: false }),
  overStub('a bucket behind the disk', { objectStorageWriteMode: 'behind' }),
  overStub('a bucket that is away', {}, true),
]

async function failing(work: Promise<unknown>): Promise<StorageError> {
  try {
    await work
  } catch (error) {
    if (StorageError.is(error)) return error
    throw error
  }
  throw new Error('It succeeded.')
}

async function held(storage: StorageService): Promise<QuarantinedFile[]> {
  const files: QuarantinedFile[] = []
  for await (const file of storage.quarantine.list()) files.push(file)
  return files
}

/** Every file below a folder, as paths within it. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => lstatSync(join(folder, path)).isFile())
    .sort()
}

/** Nobody reads a key: by no call, no URL, no listing, not as the source of a copy, and not at its place on the disk. */
async function unreadable(
  { storage, folder, inBucket }: Opened,
  key: string,
  tellsAbsence: boolean,
): Promise<void> {
  const codes = tellsAbsence ? ['NOT_FOUND'] : ['NOT_FOUND', 'UNAVAILABLE']
  const refused = async (work: Promise<unknown>): Promise<void> => {
    expect(codes).toContain((await failing(work)).code)
  }
  if (tellsAbsence) {
    expect(await storage.downloadFile(key)).toBeNull()
    expect(await storage.fileExists(key)).toBe(false)
  } else await refused(storage.downloadFile(key))
  await refused(storage.openFile(key))
  await refused(storage.openFile(key, { range: { start: 0, end: 3 } }))
  await refused(storage.openFile(key, { ifNoneMatch: 'x' }))
  await refused(storage.statFile(key))
  await refused(storage.copyFile(key, `${key}-copy`))
  await refused(storage.moveFile(key, `${key}-moved`))
  expect(await storage.listFiles()).not.toContain(key)
  const { port } = await serveStorage(storage, { authorize: () => true })
  const statuses = tellsAbsence ? [404] : [404, 503]
  for (const headers of [{}, { range: 'bytes=0-3' }, { 'if-none-match': '"x"' }]) {
    for (const method of ['GET', 'HEAD']) {
      expect(statuses).toContain((await ask(port, method, `/uploads/${key}`, { headers })).status)
    }
  }
  const signed = await storage.generatePresignedUrl(key)
  const answer = signed.startsWith('/')
    ? (await ask(port, 'GET', signed)).status
    : (await fetch(signed)).status
  expect(statuses).toContain(answer)
  expect((await inBucket?.()) ?? []).not.toContain(key)
  expect(filesBelow(folder).filter(path => !path.startsWith('.holdfast/'))).not.toContain(key)
}

describe.each(ARRANGEMENTS)('over $name', ({ open, tellsAbsence, isLocal }) => {
  test('what is rejected is nowhere', async () => {
    const found = await open()
    const { storage, folder } = found
    const error = await failing(storage.uploadFile(WORSE, 'a/file.txt'))
    expect(error).toMatchObject({ code: 'REJECTED', retryable: false })
    expect(error.message).toContain('Worse.Content')
    await unreadable(found, 'a/file.txt', tellsAbsence)
    expect(await held(storage)).toEqual([])
    expect(filesBelow(folder).filter(path => readFileSync(join(folder, path)).includes(WORSE))).toEqual([])
  })

  test('what is quarantined is held, and nobody reads it', async () => {
    const found = await open()
    const { storage, folder } = found
    const error = await failing(
      storage.uploadFile(BAD, 'a/file.txt', { fileName: 'häßlich.txt', metadata: { room: '42' } }),
    )
    expect(error).toMatchObject({ code: 'QUARANTINED', retryable: false })
    await unreadable(found, 'a/file.txt', tellsAbsence)
    const [file, ...more] = await held(storage)
    expect(more).toEqual([])
    expect(file).toMatchObject({
      key: 'a/file.txt',
      reason: 'Bad.Content',
      size: BAD.length,
      sha256: sha256(BAD),
      contentType: 'text/plain',
      fileName: 'häßlich.txt',
      metadata: { room: '42' },
    })
    expect(error.message).toContain(file?.id)
    expect(await storage.quarantine.get(file?.id ?? '')).toEqual(file)
    expect(readFileSync(file?.path ?? '')).toEqual(BAD)
    expect(file?.path.startsWith(join(folder, '.holdfast/objects/'))).toBe(true)
    expect(statSync(join(folder, '.holdfast')).mode & 0o077).toBe(0)
    expect(storage.getStatus().inspection?.quarantine).toMatchObject({ files: 1, bytes: 4096 })
    expect(storage.getActivity().inspection).toEqual({ allowed: 0, rejected: 0, quarantined: 1, failed: 0 })
  })

  test('and stays so after a restart, also where nothing is inspected any more', async () => {
    const found = await open()
    await failing(found.storage.uploadFile(BAD, 'file'))
    await found.storage.close({ drainMs: 0 })
    const storage = found.again()
    await unreadable({ ...found, storage }, 'file', tellsAbsence)
    expect(await held(storage)).toHaveLength(1)
  })

  test('what was at the key stays as it was', async () => {
    const { storage } = await open()
    await storage.uploadFile(Buffer.from('good'), 'file')
    for (const content of [BAD, WORSE]) await failing(storage.uploadFile(content, 'file'))
    expect((await storage.downloadFile('file'))?.toString()).toBe('good')
    expect([...(await storage.listFiles())]).toEqual(['file'])
  })

  test('what is released is stored as it was to be', async () => {
    const { storage, inBucket } = await open()
    const given = {
      contentType: 'text/x-bad',
      fileName: 'bad.txt',
      cacheControl: 'no-store',
      metadata: { room: '42' },
    }
    await failing(storage.uploadFile(BAD, 'file', given))
    const [file] = await held(storage)
    const result = await storage.quarantine.release(file?.id ?? '')
    expect(result).toMatchObject({ success: true, key: 'file', size: BAD.length, sha256: sha256(BAD) })
    expect(await storage.downloadFile('file')).toEqual(BAD)
    expect(await storage.statFile('file')).toMatchObject(given)
    expect(await held(storage)).toEqual([])
    expect(storage.getStatus().inspection?.quarantine).toMatchObject({ files: 0, bytes: 0 })
    expect(() => statSync(file?.path ?? '')).toThrow('ENOENT')
    expect(await failing(storage.quarantine.release(file?.id ?? ''))).toMatchObject({ code: 'NOT_FOUND' })
    if (tellsAbsence && inBucket !== undefined) {
      await healthy(storage)
      expect(await inBucket()).toEqual(['file'])
    }
  })

  test('a release replaces nothing newer, unless told to', async () => {
    const { storage } = await open()
    await storage.uploadFile(Buffer.from('before'), 'one')
    for (const key of ['one', 'two']) await failing(storage.uploadFile(BAD, key))
    const [one, two] = await held(storage)
    for (const key of ['one', 'two']) await storage.uploadFile(Buffer.from('newer'), key)
    for (const file of [one, two]) {
      const error = await failing(storage.quarantine.release(file?.id ?? ''))
      expect(['PRECONDITION_FAILED', 'ALREADY_EXISTS']).toContain(error.code)
      expect((await storage.downloadFile(file?.key ?? ''))?.toString()).toBe('newer')
    }
    expect(await held(storage)).toHaveLength(2)
    await storage.quarantine.release(one?.id ?? '', { overwrite: true })
    expect(await storage.downloadFile('one')).toEqual(BAD)
  })

  test('what was there when it came is replaced', async () => {
    const { storage } = await open()
    await storage.uploadFile(Buffer.from('before'), 'file')
    await failing(storage.uploadFile(BAD, 'file'))
    const [file] = await held(storage)
    await storage.quarantine.release(file?.id ?? '')
    expect(await storage.downloadFile('file')).toEqual(BAD)
  })

  test("the upload's own condition is that of the release", async () => {
    const { storage } = await open()
    await failing(storage.uploadFile(BAD, 'file', { ifNoneMatch: '*' }))
    await storage.uploadFile(Buffer.from('x'), 'file')
    const [file] = await held(storage)
    expect(await failing(storage.quarantine.release(file?.id ?? ''))).toMatchObject({
      code: 'ALREADY_EXISTS',
    })
  })

  test('what is removed is gone', async () => {
    const found = await open()
    const { storage } = found
    await failing(storage.uploadFile(BAD, 'file'))
    const [file] = await held(storage)
    await storage.quarantine.remove(file?.id ?? '')
    expect(await held(storage)).toEqual([])
    expect(() => statSync(file?.path ?? '')).toThrow('ENOENT')
    expect(await failing(storage.quarantine.remove(file?.id ?? ''))).toMatchObject({ code: 'NOT_FOUND' })
    await unreadable(found, 'file', tellsAbsence)
  })

  test('the content is inspected, and not what it is compressed to', async () => {
    const seen: Buffer[] = []
    const { storage } = await open(async file => {
      seen.push(await file.read(0, file.size))
      return judge(file)
    })
    const text = Buffer.from('hold me '.repeat(10_000))
    await failing(storage.uploadFile(text, 'file', { compress: 'gzip' }))
    await failing(storage.uploadFile(Readable.from([text]), 'other', { compress: 'gzip' }))
    expect(seen.map(sha256)).toEqual([sha256(text), sha256(text)])
    const [file] = await held(storage)
    const { compressed } = await storage.quarantine.release(file?.id ?? '')
    expect(compressed?.encoding).toBe('gzip')
    expect((await storage.downloadFile('file'))?.equals(text)).toBe(true)
  })

  test('large streams are inspected whole, and stored as they came', async () => {
    const bytes = randomBytes(9 * MIB + 7)
    const seen: string[] = []
    const { storage } = await open(async file => {
      const hash = createHash('sha256')
      for await (const piece of file.stream()) hash.update(piece)
      seen.push(file.sha256, hash.digest('hex'))
      seen.push(sha256(await file.read(8 * MIB, 1000)))
      return file.key === 'bad' ? 'quarantine' : 'allow'
    })
    const pieces = (): Readable => Readable.from([bytes.subarray(0, 3 * MIB), bytes.subarray(3 * MIB)])
    const progress: number[] = []
    await storage.uploadFile(pieces(), 'good', { onProgress: ({ sentBytes }) => progress.push(sentBytes) })
    expect((await storage.downloadFile('good'))?.equals(bytes)).toBe(true)
    expect(progress.at(-1)).toBe(bytes.length)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    await failing(storage.uploadFile(pieces(), 'bad'))
    const [file] = await held(storage)
    expect(readFileSync(file?.path ?? '').equals(bytes)).toBe(true)
    const part = sha256(bytes.subarray(8 * MIB, 8 * MIB + 1000))
    expect(seen).toEqual([...Array(2)].flatMap(() => [sha256(bytes), sha256(bytes), part]))
    await storage.quarantine.release(file?.id ?? '')
    expect((await storage.downloadFile('bad'))?.equals(bytes)).toBe(true)
  })

  test('uploads of one key at once, some of them bad', async () => {
    const { storage } = await open()
    const uploads = Array.from({ length: 12 }, (_, i) =>
      storage.uploadFile(i % 3 === 0 ? BAD : Buffer.from(`good ${i}`), 'file').catch(error => error.code),
    )
    const results = await Promise.all(uploads)
    expect(results.filter(result => result === 'QUARANTINED')).toHaveLength(4)
    expect((await storage.downloadFile('file'))?.toString()).toMatch(/^good \d+$/)
    expect(await held(storage)).toHaveLength(4)
  })

  test('an inspector that fails keeps uploads out, or not, as it is wanted', async () => {
    let wrong: Inspect = () => Promise.reject(new Error('it is broken'))
    const inspect: Inspect = file => wrong(file)
    const config = { inspectTimeoutMs: 50 }
    const { storage, again } = await open(inspect, config)
    const cases: Inspect[] = [
      wrong,
      () => {
        throw new Error('it throws')
      },
      () => new Promise(() => {}),
      () => 'fine' as never,
      () => undefined as never,
      () => ({ verdict: 'ok' }) as never,
      file => file.read(-1, 10).then(() => 'allow'),
    ]
    for (const next of cases) {
      wrong = next
      expect(await failing(storage.uploadFile(Buffer.from('x'), 'file'))).toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
        op: 'inspect',
      })
      expect(storage.getStatus().problems.map(({ code }) => code)).toContain('INSPECTOR_AWAY')
    }
    expect(storage.getActivity().inspection?.failed).toBe(cases.length)
    wrong = () => 'allow'
    await storage.uploadFile(Buffer.from('y'), 'file')
    expect(storage.getStatus().problems.map(({ code }) => code)).not.toContain('INSPECTOR_AWAY')
    await storage.close({ drainMs: 0 })
    const open2 = again(() => Promise.reject(new Error('still broken')), {
      ...config,
      inspectOnFailure: 'allow',
    })
    await open2.uploadFile(Buffer.from('z'), 'file')
    expect((await open2.downloadFile('file'))?.toString()).toBe('z')
  })

  test('a URL to upload by leads here, or there is none', async () => {
    const { storage, inBucket } = await open()
    const direct = await urlOrCode(storage.generatePresignedUrl('file', { method: 'PUT', direct: true }))
    const url = await urlOrCode(storage.generatePresignedUrl('file', { method: 'PUT' }))
    if (isLocal) expect(direct).toMatch(/^\/uploads\/file\?/)
    else expect(direct).toBe('UNSUPPORTED')
    if (url === 'UNSUPPORTED') expect(storage.config.objectStorageFallback).toBe(false)
    else {
      expect(url).toMatch(/^\/uploads\/file\?/)
      const { port } = await serveStorage(storage)
      const answer = await ask(port, 'PUT', url, { body: BAD })
      expect([answer.status, answer.json.error.code]).toEqual([422, 'QUARANTINED'])
      expect((await ask(port, 'PUT', url, { body: 'good' })).status).toBe(201)
      expect((await storage.downloadFile('file'))?.toString()).toBe('good')
    }
    expect((await inBucket?.()) ?? []).not.toContain('file-bad')
  })
})

/** What it resolves with, or the code that it fails with. */
async function urlOrCode(work: Promise<string>): Promise<string> {
  return work.catch(error => error.code)
}

describe('what an inspector is told', () => {
  test('everything that is known, once all of it has come', async () => {
    const seen: InspectedFile[] = []
    const { storage } = await local.open(file => {
      seen.push(file)
      return 'allow'
    })
    const bytes = Buffer.from('%PDF-1.7 such as it is')
    await storage.uploadFile(Readable.from([bytes]), 'a/b.txt', { fileName: 'a.pdf', metadata: { x: 'y' } })
    const [file] = seen
    expect(file).toMatchObject({
      key: 'a/b.txt',
      size: bytes.length,
      sha256: sha256(bytes),
      contentType: 'application/pdf',
      fileName: 'a.pdf',
      metadata: { x: 'y' },
    })
    await expect(file?.read(0, 1)).rejects.toThrow('over')
    expect(file?.signal.aborted).toBe(false)
  })

  test('a declared size, hash or limit that does not hold is refused before it is asked', async () => {
    let asked = 0
    const { storage } = await local.open(() => {
      asked++
      return 'allow'
    })
    const bytes = Buffer.from('12345')
    for (const options of [{ size: 4 }, { maxBytes: 4 }, { sha256: '0'.repeat(64) }]) {
      for (const content of [bytes, Readable.from([bytes])]) {
        const { code } = await failing(storage.uploadFile(content, 'file', options))
        expect(['INVALID_ARGUMENT', 'TOO_LARGE']).toContain(code)
      }
    }
    expect(asked).toBe(0)
  })

  test('what changes behind its back is not stored', async () => {
    const folder = await useFolder()
    const path = join(folder, 'content')
    const buffer = Buffer.from('good content')
    const { storage } = await local.open(() => {
      buffer.write('evil')
      writeFileSync(path, 'evil content')
      return 'allow'
    })
    for (const content of [buffer, { path }]) {
      writeFileSync(path, 'good content')
      expect(await failing(storage.uploadFile(content, 'file'))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    expect(await storage.fileExists('file')).toBe(false)
  })

  test('the signal of an upload that was given up', async () => {
    const controller = new AbortController()
    const { storage } = await local.open(file => {
      controller.abort()
      expect(file.signal.aborted).toBe(true)
      return new Promise(() => {})
    })
    const { signal } = controller
    expect(await failing(storage.uploadFile(BAD, 'file', { signal }))).toMatchObject({ code: 'ABORTED' })
    expect(storage.getStatus().problems).toEqual([])
  })

  test('of a file that comes compressed, the file', async () => {
    const folder = await useFolder()
    const path = join(folder, 'log')
    const seen: string[] = []
    const { storage } = await local.open(async file => {
      seen.push(file.key, (await file.read(0, file.size)).toString().slice(0, 7))
      return judge(file)
    })
    await writeFile(path, 'good '.repeat(1000))
    await storeGzipped(storage, path, 'log', undefined)
    await writeFile(path, 'hold me '.repeat(1000))
    expect(await failing(storeGzipped(storage, path, 'bad', undefined))).toMatchObject({
      code: 'QUARANTINED',
    })
    expect(seen).toEqual(['log.gz', 'good go', 'bad.gz', 'hold me'])
    const [file] = await held(storage)
    await storage.quarantine.release(file?.id ?? '')
    expect(gunzipSync((await storage.downloadFile('bad.gz')) ?? '').toString()).toBe('hold me '.repeat(1000))
  })
})

test('events tell of what is not allowed', async () => {
  const { storage } = await local.open()
  const told: unknown[] = []
  storage.on('rejected', event => told.push(event)).on('quarantined', event => told.push(event))
  for (const content of [BAD, WORSE, Buffer.from('good')])
    await storage.uploadFile(content, 'f').catch(() => {})
  const [file] = await held(storage)
  expect(told).toEqual([
    { id: file?.id, key: 'f', size: BAD.length, sha256: sha256(BAD), reason: 'Bad.Content' },
    { key: 'f', size: WORSE.length, sha256: sha256(WORSE), reason: 'Worse.Content' },
  ])
})

test('copies and moves are of what was inspected', async () => {
  let asked = 0
  const { storage } = await local.open(() => {
    asked++
    return 'allow'
  })
  await storage.uploadFile(Buffer.from('x'), 'a')
  await storage.copyFile('a', 'b')
  await storage.moveFile('b', 'c')
  expect(asked).toBe(1)
})

test('a scope is no way around', async () => {
  const { storage } = await local.open()
  const room = storage.scope('rooms/42/')
  expect(await failing(room.uploadFile(BAD, 'file'))).toMatchObject({ code: 'QUARANTINED' })
  expect(await room.fileExists('file')).toBe(false)
  expect(await held(storage)).toMatchObject([{ key: 'rooms/42/file' }])
  expect(await room.generatePresignedUrl('file', { method: 'PUT' })).toMatch(/^\/uploads\/rooms\/42\/file\?/)
})

test('files put into the folder by others become objects only as the inspector says', async () => {
  const { storage, folder } = await local.open()
  await storage.uploadFile(Buffer.from('x'), 'stored')
  const long = new Date(Date.now() - 60_000)
  for (const [name, bytes] of Object.entries({ good: 'good', bad: BAD, worse: WORSE })) {
    writeFileSync(join(folder, name), bytes)
    await utimes(join(folder, name), long, long)
  }
  const report = await storage.importFiles()
  expect(report.imported).toBe(1)
  expect(report.skipped.filter(({ path }) => path !== 'stored')).toEqual([
    { path: 'bad', reason: 'inspection does not allow it: Bad.Content' },
    { path: 'worse', reason: 'inspection does not allow it: Worse.Content' },
  ])
  expect([...(await storage.listFiles())]).toEqual(['good', 'stored'])
  for (const key of ['bad', 'worse']) expect(await storage.fileExists(key)).toBe(false)
})

test('an import that cannot be inspected ends, and is no "still being written"', async () => {
  const { storage, folder } = await local.open(() => Promise.reject(new Error('broken')))
  await storage.ready()
  writeFileSync(join(folder, 'file'), 'x')
  const long = new Date(Date.now() - 60_000)
  await utimes(join(folder, 'file'), long, long)
  expect(await failing(storage.importFiles())).toMatchObject({ code: 'UNAVAILABLE', op: 'inspect' })
})

test('a store without a folder holds nothing: what is to be held is refused, and says so', async () => {
  const storage = new StorageService({ config: {}, store: new MemoryStore(), inspect: judge })
  onTestFinished(async () => void (await storage.close()))
  const error = await failing(storage.uploadFile(BAD, 'file'))
  expect(error.code).toBe('REJECTED')
  expect(error.message).toContain('there is no storage folder')
  expect(await held(storage)).toEqual([])
  expect(await failing(storage.quarantine.get('x'))).toMatchObject({ code: 'NOT_FOUND' })
})

test('an inspect that is no function is refused', () => {
  expect(() => new StorageService({ config: {}, inspect: {} as never })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  )
})

describe('the room for the quarantine', () => {
  test('is bounded; what is beyond is refused, not kept, and told of', async () => {
    const { storage, folder } = await local.open(judge, { quarantineMaxBytes: 3 * 4096 })
    await storage.uploadFile(Buffer.from('good'), 'good')
    const uploads = Array.from({ length: 10 }, (_, i) =>
      storage.uploadFile(BAD, `f${i}`).catch(error => error),
    )
    const errors = (await Promise.all(uploads)) as StorageError[]
    expect(errors.filter(({ code }) => code === 'QUARANTINED')).toHaveLength(3)
    const refused = errors.filter(({ code }) => code === 'REJECTED')
    expect(refused).toHaveLength(7)
    expect(refused[0]?.message).toContain('HOLDFAST_QUARANTINE_MAX_BYTES')
    expect(storage.getStatus()).toMatchObject({
      state: 'healthy',
      inspection: { quarantine: { files: 3, bytes: 3 * 4096, maxBytes: 3 * 4096 } },
      problems: [{ code: 'QUARANTINE_FULL', severity: 'notice' }],
    })
    const kept = filesBelow(join(folder, '.holdfast/objects')).filter(path => path.includes('quarantine-'))
    expect(kept).toHaveLength(3)
    const [first] = await held(storage)
    await storage.quarantine.remove(first?.id ?? '')
    expect(await failing(storage.uploadFile(BAD, 'g'))).toMatchObject({ code: 'QUARANTINED' })
    expect(storage.getStatus().problems).toEqual([])
  })

  test('of 0 bytes keeps nothing', async () => {
    const { storage } = await local.open(judge, { quarantineMaxBytes: 0 })
    expect(await failing(storage.uploadFile(BAD, 'f'))).toMatchObject({ code: 'REJECTED' })
  })

  test('is given back as files grow old', async () => {
    const found = await local.open(judge, { quarantineDays: 30 })
    await failing(found.storage.uploadFile(BAD, 'old'))
    const [file] = await held(found.storage)
    expect(file?.removedAt?.getTime()).toBe((file?.at.getTime() ?? 0) + 30 * 86_400_000)
    await found.storage.close()
    const now = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => now + 31 * 86_400_000)
    onTestFinished(() => void vi.restoreAllMocks())
    const forEver = found.again(judge, { quarantineDays: 0 })
    await forEver.uploadFile(Buffer.from('x'), 'x')
    expect(await held(forEver)).toMatchObject([{ key: 'old' }])
    expect((await held(forEver))[0]?.removedAt).toBeUndefined()
    await forEver.close()
    const storage = found.again(judge, { quarantineDays: 30 })
    await storage.uploadFile(Buffer.from('x'), 'x')
    const left = (): number | undefined => storage.getStatus().inspection?.quarantine?.files
    await until('the old file is gone', () => left() === 0, storage)
    expect(await held(storage)).toEqual([])
    expect(() => statSync(file?.path ?? '')).toThrow('ENOENT')
    expect(storage.getStatus().inspection?.quarantine).toMatchObject({ files: 0, bytes: 0 })
  })
})

test('bytes that changed in quarantine are not released', async () => {
  const { storage } = await local.open()
  for (const key of ['changed', 'cut', 'gone']) await failing(storage.uploadFile(BAD, key))
  const [changed, cut, gone] = await held(storage)
  chmodSync(changed?.path ?? '', 0o600)
  writeFileSync(changed?.path ?? '', Buffer.from(BAD).fill('x', 0, 1))
  chmodSync(cut?.path ?? '', 0o600)
  writeFileSync(cut?.path ?? '', 'x')
  rmSync(gone?.path ?? '')
  for (const file of [changed, cut, gone]) {
    expect(await failing(storage.quarantine.release(file?.id ?? ''))).toMatchObject({ code: 'INTEGRITY' })
    expect(await storage.fileExists(file?.key ?? '')).toBe(false)
  }
  for (const file of [changed, cut, gone]) await storage.quarantine.remove(file?.id ?? '')
  expect(await held(storage)).toEqual([])
})

test('a release that was cut off before its end is finished by the next', async () => {
  const { storage, folder } = await local.open()
  await failing(storage.uploadFile(BAD, 'file'))
  const [file] = await held(storage)
  const copy = readFileSync(file?.path ?? '')
  // The key is written, and the row is still there: as after a crash between the two.
  const root = await openRoot({ path: folder, create: false })
  const table = new QuarantineTable(root.ledger)
  const row = table.get(file?.id ?? '')?.row
  await storage.quarantine.release(file?.id ?? '')
  const { etag } = await storage.statFile('file')
  writeFileSync(file?.path ?? '', copy)
  if (row !== undefined) await table.add(file?.id ?? '', { ...row, release: { writeId: etag } }, MIB)
  await root.close()
  await storage.quarantine.release(file?.id ?? '')
  expect((await storage.statFile('file')).etag).toBe(etag)
  expect(await held(storage)).toEqual([])
})

test('what is released lasts as long as it was to', async () => {
  const { storage } = await local.open()
  const before = Date.now()
  await failing(storage.uploadFile(BAD, 'file', { expiresInSeconds: 100 }))
  const [file] = await held(storage)
  await sleep(200)
  const { expiresAt } = await storage.quarantine.release(file?.id ?? '')
  expect(expiresAt?.getTime()).toBeGreaterThanOrEqual(before + 100_200)
  expect(await storage.downloadFile('file')).toEqual(BAD)
})

/** Waits until the storage knows that the bucket is away: from then on nobody asks it. */
function noticed(storage: StorageService): Promise<void> {
  return until('the outage is noticed', async () => {
    await storage.uploadFile(Buffer.from('x'), 'first')
    return storage.getStatus().failover?.writes.open === true
  })
}

describe('an outage', () => {
  test('what is released while the bucket is away is brought there later', async () => {
    const stub = await useStub()
    const { storage } = await opened(settingsOf(accessOf(stub)), judge, {})
    await storage.uploadFile(Buffer.from('before'), 'file')
    await failing(storage.uploadFile(BAD, 'file'))
    const [file] = await held(storage)
    stub.fault = () => 'refuse'
    await noticed(storage)
    const result = await storage.quarantine.release(file?.id ?? '')
    expect(result).toMatchObject({ fallback: true, provider: 'local' })
    expect(await storage.downloadFile('file')).toEqual(BAD)
    expect(await failing(storage.uploadFile(BAD, 'other'))).toMatchObject({ code: 'QUARANTINED' })
    stub.fault = undefined
    await healthy(storage)
    expect(stub.buckets.get('stub')?.objects.get('file')?.bytes).toEqual(BAD)
    expect([...(stub.buckets.get('stub')?.objects.keys() ?? [])]).not.toContain('other')
  })

  test('a release becomes a conflict where somebody else was faster', async () => {
    const stub = await useStub()
    const { storage, again } = await opened(settingsOf(accessOf(stub)), judge, {})
    await failing(storage.uploadFile(BAD, 'file'))
    const [file] = await held(storage)
    const elsewhere = again(undefined, { localStoragePath: await useFolder() })
    await elsewhere.uploadFile(Buffer.from('newer'), 'file')
    stub.fault = () => 'refuse'
    await noticed(storage)
    await storage.quarantine.release(file?.id ?? '')
    stub.fault = undefined
    await until('there is a conflict', () => storage.getStatus().conflicts === 1, storage)
    expect(stub.buckets.get('stub')?.objects.get('file')?.bytes.toString()).toBe('newer')
  })

  test('what waits is brought to the bucket without being inspected again', async () => {
    const stub = await useStub()
    let asked = 0
    const inspect: Inspect = () => {
      asked++
      return 'allow'
    }
    stub.fault = () => 'refuse'
    const { storage } = await opened(settingsOf(accessOf(stub)), inspect, {})
    await storage.uploadFile(Buffer.from('x'), 'file')
    stub.fault = undefined
    await healthy(storage)
    expect(asked).toBe(1)
  })
})

describeReal('over the real server', server => {
  test('held back, released, and nowhere in between', async () => {
    const bucket = await openBucket(server)
    onTestFinished(() => bucket.remove())
    const access = { ...server, bucket: bucket.bucket }
    for (const objectStorageFallback of [true, false]) {
      const found = await opened(settingsOf(access), judge, { objectStorageFallback })
      const { storage } = found
      const key = `${bucket.prefix}file-${objectStorageFallback}`
      await storage.uploadFile(Buffer.from('before'), key)
      for (const content of [BAD, WORSE]) await failing(storage.uploadFile(content, key))
      expect((await storage.downloadFile(key))?.toString()).toBe('before')
      await failing(storage.uploadFile(Readable.from([BAD, randomBytes(9 * MIB)]), `${key}-large`))
      await unreadable(found, `${key}-large`, true)
      const [small, large] = await held(storage)
      await storage.quarantine.release(small?.id ?? '')
      await storage.quarantine.release(large?.id ?? '')
      expect(await storage.downloadFile(key)).toEqual(BAD)
      expect((await storage.statFile(`${key}-large`)).size).toBe(BAD.length + 9 * MIB)
    }
  })
})

serviceConformance({
  describe,
  it,
  afterAll,
  name: 'a storage whose uploads are inspected',
  declaredSkips: { storageClasses: 'a disk is of one class' },
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-inspected-'))
    const inspect: Inspect = async file => {
      const hash = createHash('sha256')
      for await (const piece of file.stream()) hash.update(piece)
      return hash.digest('hex') === file.sha256 ? 'allow' : 'reject'
    }
    const storage = new StorageService({ config: { localStoragePath: folder }, inspect })
    const server = createServer(storage, { port: 0 })
    const { url } = await server.listen()
    base = url
    return {
      storage,
      close: async () => {
        await server.close({ drainMs: 0 })
        await storage.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
  fetch: (path, init) => fetch(new URL(String(path), base), init),
})
let base = ''
