import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { ask, serveStorage } from './support/http.js'

const PUBLIC_URL = 'http://files.example'
const KEY = 'an-api-key-of-the-test'

/** A server of a storage whose clock the test sets. */
async function serveWithClock(options: ServerOptions = {}) {
  const clock = { time: Date.now() }
  const storage = new StorageService({ config: {}, store: new MemoryStore(), now: () => clock.time })
  onTestFinished(async () => void (await storage.close()))
  return { clock, storage, ...(await serveStorage(storage, options)) }
}

test('a file is stored to expire, tells when, and is gone then', async () => {
  const { clock, port } = await serveWithClock()
  const before = clock.time
  const headers = { 'x-holdfast-expires-in': '60', 'cache-control': 'public, max-age=31536000, immutable' }
  const put = await ask(port, 'PUT', '/uploads/a.txt', { body: 'hello', headers })
  const expiresAt = new Date(before + 60_000)
  expect([put.status, put.json.expiresAt]).toEqual([201, expiresAt.toISOString()])
  for (const method of ['GET', 'HEAD']) {
    const got = await ask(port, method, '/uploads/a.txt')
    expect([got.status, got.headers['sunset']]).toEqual([200, expiresAt.toUTCString()])
    expect(got.headers.expires).toBeUndefined()
    const age = Number(
      /^public, max-age=(\d+), immutable, must-revalidate$/.exec(got.headers['cache-control'] ?? '')?.[1],
    )
    expect(age).toBeLessThanOrEqual(60)
  }
  const etag = put.headers.etag ?? ''
  expect((await ask(port, 'GET', '/uploads/a.txt', { headers: { 'if-none-match': etag } })).status).toBe(304)
  clock.time += 60_000
  for (const headers of [
    {},
    { 'if-none-match': etag },
    { 'if-match': etag },
    { range: 'bytes=0-1' },
    { range: 'bytes=90-' },
  ]) {
    expect((await ask(port, 'GET', '/uploads/a.txt', { headers })).status).toBe(404)
  }
  expect((await ask(port, 'HEAD', '/uploads/a.txt')).status).toBe(404)
  expect((await ask(port, 'GET', '/uploads?prefix=')).json.files).toEqual([])
  const create = { headers: { 'if-none-match': '*' }, body: 'new' }
  expect((await ask(port, 'PUT', '/uploads/a.txt', create)).status).toBe(201)
  expect((await ask(port, 'GET', '/uploads/a.txt')).text).toBe('new')
})

test('a time to expire at is one with its zone, and ahead', async () => {
  const { clock, port, storage } = await serveWithClock()
  const put = (headers: Record<string, string>) => ask(port, 'PUT', '/uploads/a', { body: 'x', headers })
  const at = new Date(Math.floor(clock.time / 1000) * 1000 + 5000)
  for (const text of [at.toISOString(), at.toUTCString()]) {
    expect((await put({ 'x-holdfast-expires-at': text })).json.expiresAt).toBe(at.toISOString())
  }
  await storage.deleteFile('a')
  const wrong: Record<string, string>[] = [
    { 'x-holdfast-expires-at': '2030-12-24' },
    { 'x-holdfast-expires-at': 'soon GMT' },
    { 'x-holdfast-expires-at': '2020-12-24T18:00:00Z' },
    { 'x-holdfast-expires-in': '1h' },
    { 'x-holdfast-expires-in': '-1' },
    { 'x-holdfast-expires-in': '0' },
    { 'x-holdfast-expires-in': '60', 'x-holdfast-expires-at': at.toISOString() },
  ]
  for (const headers of wrong) {
    const refused = await put(headers)
    expect([refused.status, refused.json.error.code]).toEqual([400, 'INVALID_ARGUMENT'])
  }
  expect(await storage.fileExists('a')).toBe(false)
})

test('a file is kept by those who may write', async () => {
  const { clock, port, storage } = await serveWithClock({
    apiKeys: [KEY],
    authorize: request => request.headers['x-user'] === 'writer',
  })
  const headers = { authorization: `Bearer ${KEY}` }
  for (const key of ['a', 'b']) await storage.uploadFile(Buffer.from('x'), key, { expiresInSeconds: 60 })
  expect((await ask(port, 'POST', '/uploads/a?keep')).status).toBe(403)
  expect((await storage.statFile('a')).expiresAt).toBeDefined()
  const kept = await ask(port, 'POST', '/uploads/a?keep', { headers })
  expect([kept.status, kept.json.key, kept.json.expiresAt]).toEqual([200, 'a', undefined])
  expect(kept.headers.etag).toBe(`"${(await storage.statFile('a')).etag}"`)
  expect((await ask(port, 'POST', '/uploads/b?keep', { headers: { 'x-user': 'writer' } })).status).toBe(200)
  expect((await ask(port, 'POST', '/uploads/none?keep', { headers })).status).toBe(404)
  const other = await ask(port, 'POST', '/uploads/a', { headers })
  expect([other.status, other.headers.allow]).toEqual([405, 'GET, HEAD, PUT, DELETE, OPTIONS'])
  const asked = await ask(port, 'OPTIONS', '/uploads/a?keep')
  expect([asked.status, asked.headers.allow]).toEqual([204, 'POST, OPTIONS'])
  clock.time += 100_000
  expect((await ask(port, 'GET', '/uploads/a', { headers })).text).toBe('x')
})

test('the bucket is never the address of what has expired, and of what does for no longer', async () => {
  const stub = await startS3Stub()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-http-expiry-'))
  const clock = { time: Date.now() }
  const storage = new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      localStoragePath: folder,
      publicUrl: PUBLIC_URL,
      spoolReserveBytes: 0,
    },
    now: () => clock.time,
  })
  onTestFinished(async () => {
    await storage.close()
    await stub.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { port } = await serveStorage(storage, { apiKeys: [KEY] })
  const pdf = Buffer.from('%PDF-1.7\n')
  const follow = async (key: string) =>
    ask(port, 'GET', (await storage.generatePresignedUrl(key)).slice(PUBLIC_URL.length))
  const secondsOf = (location: string | undefined) =>
    Number(new URL(location ?? '').searchParams.get('X-Amz-Expires'))
  for (const key of ['a.pdf', 'b.pdf'])
    await storage.uploadFile(pdf, key, { contentType: 'application/pdf', expiresInSeconds: 40 })
  const sent = await follow('a.pdf')
  expect([sent.status, secondsOf(sent.headers.location)]).toEqual([307, 40])
  await storage.keepFile('b.pdf')
  clock.time += 40_000
  expect((await follow('a.pdf')).status).toBe(404)
  expect((await follow('b.pdf')).status).toBe(307)
  expect(stub.buckets.get('stub')?.objects.has('a.pdf')).toBe(true)
})
