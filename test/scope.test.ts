import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { createServer } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import type { Scope, Storage } from '../src/storage.js'
import { MemoryStore } from '../src/stores/memory.js'
import { serviceConformance } from '../src/testing/index.js'
import { useFolder } from './support/failover-service.js'
import { describeReal } from './support/real-server.js'
import { behindTheDisk, localFiles, memory, type Place, realS3, s3Stub, scoped } from './support/stores.js'

const PREFIX = 'rooms/42/'

type Options = Omit<
  Parameters<typeof serviceConformance>[0],
  'describe' | 'it' | 'afterAll' | 'name' | 'open'
>

function conformance(name: string, place: Pick<Place, 'openService'>, options: Options = {}): void {
  const inScope = scoped(place, PREFIX)
  serviceConformance({
    describe,
    it,
    afterAll,
    randomKeys: 200,
    scopePrefix: PREFIX,
    ...options,
    name: `a scope of ${name}`,
    open: () => inScope.openService(),
  })
}

const local = localFiles()
conformance('local files', local, {
  fetch: local.fetch,
  declaredSkips: { storageClasses: 'a disk is of one class' },
})
if (process.env['HOLDFAST_TEST_LONG'] === '1') {
  conformance('memory', memory, {
    declaredSkips: {
      presign: 'nothing serves the memory of a process by URL',
      storageClasses: 'memory is of one class',
    },
  })
  conformance('a bucket', s3Stub, { listsOtherEtags: true })
  const behind = behindTheDisk()
  conformance('a bucket behind the local disk', behind, { listsOtherEtags: true, fetch: behind.fetch })
}
describeReal('a real S3 server', server => {
  if (server.bucket !== undefined) return
  conformance('a bucket of it', realS3(server), {
    listsOtherEtags: true,
    declaredSkips: {
      conditionalMultipart: 'the server ignores conditions on CompleteMultipartUpload',
      conditionalDelete: 'the server ignores conditions on DeleteObject',
    },
  })
})

/** A storage with files inside and around a scope. */
async function around(): Promise<{ storage: StorageService; scope: Scope; outside: string[] }> {
  const storage = new StorageService({ config: { localStoragePath: await useFolder() } })
  onTestFinished(async () => void (await storage.close()))
  const outside = ['rooms/421/secret', 'rooms/4', 'rooms/42', 'rooms/41/secret', 'secret', 'rooms/secret']
  for (const key of outside) await storage.uploadFile(Buffer.from(key), key)
  await storage.uploadFile(Buffer.from('own'), 'rooms/42/own')
  return { storage, scope: storage.scope(PREFIX), outside }
}

/** Ways to name what lies outside. */
const ESCAPES = [
  '../421/secret',
  '../secret',
  '../../secret',
  '../42',
  './../../secret',
  'own/../../../secret',
  'x/../../421/secret',
  '/secret',
  '/rooms/421/secret',
  '//secret',
  '..\\421\\secret',
  '%2e%2e/421/secret',
  '..%2f421%2fsecret',
  '%2e%2e%2f%2e%2e%2fsecret',
  '%2Fsecret',
  '..%5c421%5csecret',
  '..%252f421',
  '\u002e\u002e/secret',
  '．．/421/secret',
  '..;/421/secret',
  '..\u0000/421/secret',
  'file:///secret',
  'rooms/421/secret',
  'rooms/42/../421/secret',
  '1/secret',
  '.holdfast/x',
  '../../.holdfast/signing-key',
]

describe('nothing outside of a scope', () => {
  test.each(ESCAPES)('is reached by the key %j', async key => {
    const { storage, scope, outside } = await around()
    const calls: [string, () => Promise<unknown>][] = [
      ['download', () => scope.downloadFile(key)],
      ['open', () => scope.openFile(key)],
      ['stat', () => scope.statFile(key)],
      ['exists', () => scope.fileExists(key)],
      ['delete', () => scope.deleteFile(key)],
      ['delete many', () => scope.deleteFiles([key])],
      ['copy from', () => scope.copyFile(key, 'stolen')],
      ['move from', () => scope.moveFile(key, 'stolen')],
      ['copy to', () => scope.copyFile('own', key)],
      ['upload', () => scope.uploadFile(Buffer.from('forged'), key)],
      ['delete below', () => scope.deletePrefix(key)],
      ['list', () => scope.listFiles(key)],
      ['nested', async () => scope.scope(`${key}/`).listFiles()],
    ]
    for (const [name, call] of calls) {
      const got = await call().catch((error: unknown) => {
        // Not as if there had been something: the name is refused, or there is nothing of it in the scope.
        if (!StorageError.is(error)) throw error
        return error.code
      })
      const allowed = [null, false, 'INVALID_KEY', 'INVALID_ARGUMENT', 'NOT_FOUND']
      if (['download', 'open', 'stat', 'exists', 'delete', 'copy from', 'move from'].includes(name)) {
        expect(allowed, name).toContain(got)
      }
      if (name === 'list' || name === 'nested') expect(String(got)).not.toContain('421')
    }
    for (const url of [() => scope.urlFor(key), () => scope.generatePresignedUrl(key)]) {
      const made = await (async () => url())().catch(() => undefined)
      if (made !== undefined) expect(made).toMatch(/^\/uploads\/rooms\/42\/[^?]/)
    }
    for (const other of outside) {
      expect((await storage.downloadFile(other))?.toString(), other).toBe(other)
    }
    for (const written of await storage.listFiles()) {
      expect(outside.includes(written) || written.startsWith(PREFIX), written).toBe(true)
    }
  })

  test('is listed, by no prefix and no cursor', async () => {
    const { storage, scope } = await around()
    expect([...(await scope.listFiles())]).toEqual(['own'])
    await scope.uploadFile(Buffer.from('2'), 'p/2')
    const other = storage.scope('rooms/421/')
    await other.uploadFile(Buffer.from('2'), 'zz')
    const first = async (from: Storage, prefix?: string): Promise<string | undefined> => {
      for await (const page of from.list({ limit: 1, prefix }).pages()) return page.cursor
      return undefined
    }
    const listed = async (cursor: string): Promise<string[]> => {
      const keys: string[] = []
      for await (const file of scope.list({ cursor })) keys.push(file.key)
      return keys
    }
    for (const cursor of [await first(other), await first(storage), await first(storage, 'rooms/')]) {
      await expect(listed(cursor ?? '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    // What a cursor is made of is no secret: one that is made up leads nowhere else.
    const question = createHash('sha256').update(`${PREFIX}\0`).digest('base64url').slice(0, 8)
    const forged = (last: string): string => Buffer.from(`c${question}${last}`).toString('base64url')
    expect(await listed(forged('rooms/42/own'))).toEqual(['p/2'])
    for (const last of ['a', 'rooms/41', 'rooms/42', '\u0001']) {
      expect(await listed(forged(last)), last).toEqual(['own', 'p/2'])
    }
    for (const last of ['rooms/421', 'rooms/420', 'zzz']) expect(await listed(forged(last)), last).toEqual([])
  })

  test('is deleted by an empty prefix, or by any', async () => {
    const { storage, scope, outside } = await around()
    await expect(scope.deletePrefix('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await scope.deletePrefix('o')).toEqual({ deleted: 1, failed: [] })
    expect(await storage.listFiles()).toHaveLength(outside.length)
  })

  test('is read by a URL that was signed in it', async () => {
    const { storage, scope } = await around()
    const server = createServer(storage, { port: 0, apiKeys: ['0123456789abcdef'] })
    onTestFinished(async () => void (await server.close({ drainMs: 0 })))
    const { url } = await server.listen()
    const signed = await scope.generatePresignedUrl('own')
    expect(await (await fetch(new URL(signed, url))).text()).toBe('own')
    for (const other of ['rooms/421/secret', 'secret']) {
      const answer = await fetch(new URL(signed.replace('rooms/42/own', other), url))
      expect(answer.ok).toBe(false)
    }
  })
})

describe('a scope', () => {
  test.each([
    '',
    '/',
    'rooms/42',
    '../',
    'a/../',
    '/rooms/',
    'a//',
    'a\\',
    '.holdfast/',
    '.holdfast/x/',
    'a\u0000/',
    42,
    undefined,
  ])('has no prefix %j', async prefix => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    for (const from of [storage, storage.scope(PREFIX)]) {
      if (from !== storage && String(prefix).startsWith('.holdfast')) continue
      expect(() => from.scope(prefix as string)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    }
    await storage.close()
  })

  test('lies within another', async () => {
    const { storage, scope } = await around()
    const inner = scope.scope('alice/')
    expect(inner.prefix).toBe('rooms/42/alice/')
    const result = await inner.uploadFile(Buffer.from('hello'), 'a.txt')
    expect(result).toMatchObject({ key: 'a.txt', url: '/uploads/rooms/42/alice/a.txt' })
    expect([...(await scope.listFiles())]).toEqual(['alice/a.txt', 'own'])
    expect((await storage.statFile('rooms/42/alice/a.txt')).size).toBe(5)
    await expect(inner.statFile('../own')).rejects.toMatchObject({ code: 'INVALID_KEY' })
  })

  test('tells errors by the names that are used in it', async () => {
    const { scope } = await around()
    const error = await scope.openFile('nothing').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'NOT_FOUND', key: 'nothing' })
    expect(String(error)).not.toContain('rooms/42')
    const { failed } = await scope.deleteFiles(['own', '../secret', 'x'.repeat(1020)])
    expect(failed.map(({ key, error }) => [key.slice(0, 9), error.code])).toEqual([
      ['../secret', 'INVALID_KEY'],
      ['xxxxxxxxx', 'INVALID_KEY'],
    ])
  })

  test('is served over HTTP by itself', async () => {
    const { storage, scope } = await around()
    const server = createServer(scope, { port: 0 })
    onTestFinished(async () => void (await server.close({ drainMs: 0 })))
    const { url } = await server.listen()
    const put = await fetch(new URL('/uploads/a.txt', url), { method: 'PUT', body: 'hello' })
    expect(put.status).toBe(201)
    expect(put.headers.get('location')).toBe('/uploads/a.txt')
    expect((await storage.downloadFile('rooms/42/a.txt'))?.toString()).toBe('hello')
    expect(await (await fetch(new URL('/uploads/own', url))).text()).toBe('own')
    for (const path of [
      '/uploads/..%2f421%2fsecret',
      '/uploads/%2e%2e/421/secret',
      '/uploads/rooms/42/own',
    ]) {
      expect((await fetch(new URL(path, url))).status).toBeGreaterThanOrEqual(400)
    }
    const listed = (await (await fetch(new URL('/uploads', url))).json()) as { files: { key: string }[] }
    expect(listed.files.map(file => file.key)).toEqual(['a.txt', 'own'])
  })
})
