import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { encodeKey } from '../src/core/key.js'
import type { ServerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/index.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { type Answer, ask, openWire, serveStorage, until } from './support/http.js'

const MIB = 1024 * 1024
const KEY = 'an-api-key-of-the-test'
const bearer = { authorization: `Bearer ${KEY}` }

async function serveConfig(config: Partial<StorageConfig>, options: ServerOptions = {}) {
  const storage = new StorageService({ config })
  const served = await serveStorage(storage, options)
  // The server was started last and is closed first.
  onTestFinished(async () => void (await storage.close({ drainMs: 1000 })))
  return { storage, ...served }
}

/** Files of any size round-trip, whole and in part, and their conditions hold. */
async function roundTrips(port: number, headers: Record<string, string> = {}): Promise<void> {
  for (const size of [0, 1, 4095, 4096, 4097, 64 * 1024, MIB, 8 * MIB + 1]) {
    const path = `/uploads/sizes/${size}`
    const body = randomBytes(size)
    const put = await ask(port, 'PUT', path, { body, headers })
    expect([put.status, put.json.size]).toEqual([201, size])
    const got = await ask(port, 'GET', path, { headers })
    expect([got.status, got.body.equals(body), got.headers.etag]).toEqual([200, true, put.headers.etag])
    if (size < 2) continue
    const part = await ask(port, 'GET', path, { headers: { ...headers, range: `bytes=1-${size - 2}` } })
    expect([part.status, part.body.equals(body.subarray(1, -1))]).toEqual([206, true])
    const etag = got.headers.etag as string
    expect((await ask(port, 'GET', path, { headers: { ...headers, 'if-none-match': etag } })).status).toBe(
      304,
    )
    expect(
      (await ask(port, 'PUT', path, { body, headers: { ...headers, 'if-none-match': '*' } })).status,
    ).toBe(412)
    expect((await ask(port, 'PUT', path, { body, headers: { ...headers, 'if-match': etag } })).status).toBe(
      200,
    )
  }
  const listed = await ask(port, 'GET', '/uploads?prefix=sizes/', { headers })
  expect(listed.json.files).toHaveLength(8)
  expect((await ask(port, 'DELETE', '/uploads/sizes/1', { headers })).status).toBe(204)
  expect((await ask(port, 'GET', '/uploads/sizes/1', { headers })).status).toBe(404)
}

describe('over local files', () => {
  async function serveLocal(config: Partial<StorageConfig> = {}, options: ServerOptions = {}) {
    // In a folder of its own, so that what is beside it is nobody else's.
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-http-'))
    const root = join(folder, 'uploads')
    const served = await serveConfig({ localStoragePath: root, ...config }, options)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return { root, ...served }
  }

  test('files of every size round-trip', async () => {
    const { port } = await serveLocal()
    await roundTrips(port)
  })

  test('an upload lies where a person finds it', async () => {
    const { port, root } = await serveLocal()
    const put = await ask(port, 'PUT', '/uploads/rooms/42/a%20b.txt', { body: 'Hello' })
    expect(put.text).not.toContain(root)
    const path = join(root, 'rooms', '42', 'a b.txt')
    await until(
      () => readdirSync(root).includes('rooms') && readdirSync(join(root, 'rooms', '42')).length > 0,
    )
    expect(readFileSync(path, 'utf8')).toBe('Hello')
  })

  test('nothing of an upload that was broken off stays on the disk', async () => {
    const { port, root, storage } = await serveLocal({}, { maxUploadBytes: 3 * MIB })
    await ask(port, 'PUT', '/uploads/first', { body: 'x' })
    /** What is being written, or was and found no place. */
    const files = (): string[] =>
      ['objects', 'tmp'].flatMap(folder =>
        readdirSync(join(root, '.holdfast', folder), { recursive: true, withFileTypes: true })
          .filter(entry => entry.isFile())
          .map(entry => entry.name),
      )
    await until(() => files().length === 0)
    for (let round = 0; round < 3; round++) {
      const wire = openWire(port)
      wire.write(`PUT /uploads/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${3 * MIB}\r\n\r\n`)
      wire.write(Buffer.alloc(2 * MIB))
      await until(() => files().length > 0)
      wire.socket.resetAndDestroy()
      await until(() => files().length === 0)
    }
    const headers = { 'transfer-encoding': 'chunked' }
    expect((await ask(port, 'PUT', '/uploads/k', { body: Buffer.alloc(3 * MIB + 1), headers })).status).toBe(
      413,
    )
    await until(() => files().length === 0)
    expect([...(await storage.listFiles())]).toEqual(['first'])
  })

  test('a signed URL of the service is good for what it says, and for nothing else', async () => {
    const { port, storage } = await serveLocal({}, { apiKeys: [KEY] })
    await storage.uploadFile(Buffer.from('Hello'), 'a b/é', 'text/plain')
    const read = await storage.generatePresignedUrl('a b/é', { fileName: 'ü.txt', expiresInSeconds: 60 })
    const got = await ask(port, 'GET', read)
    expect([got.status, got.text]).toEqual([200, 'Hello'])
    expect((await ask(port, 'HEAD', read)).status).toBe(200)
    expect((await ask(port, 'PUT', read, { body: 'x' })).status).toBe(403)
    expect((await ask(port, 'DELETE', read)).status).toBe(403)
    expect((await ask(port, 'GET', read.replace('a%20b', 'a'))).status).toBe(403)
    expect((await ask(port, 'GET', '/uploads/a%20b/%C3%A9')).status).toBe(401)
    const write = await storage.generatePresignedUrl('new', { method: 'PUT', contentType: 'text/plain' })
    expect(
      (await ask(port, 'PUT', write, { body: 'x', headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(201)
    const short = await storage.generatePresignedUrl('new', 1)
    await until(async () => (await ask(port, 'GET', short)).status === 403)
  })

  test('hostile keys reach nothing outside of the folder', async () => {
    const { port, root } = await serveLocal()
    await ask(port, 'PUT', '/uploads/k', { body: 'x' })
    expect(readdirSync(join(root, '..'))).toEqual(['uploads'])
    for (const key of ['../x', '..', 'a/../../x', '/etc/passwd', '..\\x', '.holdfast/ledger', 'a\0b', '']) {
      const path = `/uploads/${encodeURIComponent(key)}`
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect((await ask(port, method, path, { body: 'x' })).status).toBe(400)
      }
    }
    for (const key of [
      '%2e%2e/x',
      '%2e%2e%2fx',
      'CON',
      'a.',
      'x'.repeat(256),
      'K',
      'é',
      'e\u0301',
      '__proto__',
    ]) {
      const path = `/uploads/${encodeKey(key)}`
      expect((await ask(port, 'PUT', path, { body: key })).status).toBe(201)
      expect((await ask(port, 'GET', path)).text).toBe(key)
    }
    expect((await ask(port, 'GET', '/uploads/k')).text).toBe('x')
    expect(readdirSync(join(root, '..'))).toEqual(['uploads'])
  })
})

/** What came of a read. `whole` is right where a machine too slow for the deadline had the local disk take the upload. */
async function outcomeOf(get: () => Promise<Answer>, body: Buffer): Promise<number | string> {
  try {
    const got = await get()
    return got.status === 200 && got.body.equals(body) ? 'whole' : got.status
  } catch {
    return 'broken off'
  }
}

describe('over a bucket', () => {
  async function serveBucket(config: Partial<StorageConfig> = {}) {
    const stub: S3Stub = await startS3Stub()
    const root = mkdtempSync(join(tmpdir(), 'holdfast-http-'))
    const served = await serveConfig(
      {
        ...settingsOf(accessOf(stub)),
        objectStorageConnectTimeoutMs: 500,
        objectStorageFirstByteTimeoutMs: 500,
        objectStorageIdleTimeoutMs: 500,
        localStoragePath: root,
        ...config,
      },
      { apiKeys: [KEY] },
    )
    onTestFinished(async () => {
      await stub.close()
      rmSync(root, { recursive: true, force: true })
    })
    const path = '/uploads/k'
    const get = (headers: Record<string, string> = {}) =>
      ask(served.port, 'GET', path, { headers: { ...bearer, ...headers } })
    return {
      ...served,
      stub,
      get,
      put: (body: Buffer) => ask(served.port, 'PUT', path, { body, headers: bearer }),
    }
  }

  test('files of every size round-trip', async () => {
    const { port } = await serveBucket()
    await roundTrips(port, bearer)
  })

  test('an outage is 503 and never 404, tells nothing of the network, and ends by itself', async () => {
    const { port, stub, get, put } = await serveBucket({ objectStorageFallback: false })
    const body = randomBytes(1000)
    expect((await put(body)).status).toBe(201)
    await stub.goDown()
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      for (const path of ['/uploads/k', '/uploads/none']) {
        const got = await ask(port, method, path, { headers: bearer })
        expect([got.status, got.headers['x-holdfast-error']]).toEqual([503, 'UNAVAILABLE'])
        expect(got.headers['retry-after']).toBe('1')
        expect(got.text).not.toContain(String(stub.port))
      }
    }
    expect((await ask(port, 'GET', '/uploads', { headers: bearer })).status).toBe(503)
    expect((await ask(port, 'GET', '/readyz')).status).toBe(503)
    expect((await ask(port, 'GET', '/healthz')).status).toBe(200)
    await stub.comeBack()
    await until(async () => (await get()).status === 200)
    expect((await get()).body.equals(body)).toBe(true)
  })

  test('an outage is invisible to who uploads, and served from the folder meanwhile', async () => {
    const { port, stub, get, put } = await serveBucket({ probeIntervalMs: 100, spoolReserveBytes: 0 })
    const [before, during] = [randomBytes(1000), randomBytes(2000)]
    expect((await put(before)).status).toBe(201)
    await stub.goDown()
    expect((await put(during)).status).toBe(201)
    expect((await get()).body.equals(during)).toBe(true)
    const none = await ask(port, 'GET', '/uploads/none', { headers: bearer })
    expect([none.status, none.headers['x-holdfast-error']]).toEqual([503, 'UNAVAILABLE'])
    expect((await ask(port, 'DELETE', '/uploads/other', { headers: bearer })).status).toBe(204)
    expect((await ask(port, 'GET', '/readyz')).status).toBe(200)
    await stub.comeBack()
    await until(async () => stub.buckets.get('stub')?.objects.get('k')?.bytes.equals(during) === true)
    expect((await get()).body.equals(during)).toBe(true)
  })

  test.each(['content-length', 'chunked', 'close', 'matching'] as const)(
    'an answer that is cut off (%s) is a broken transfer or an error, and never a short file',
    async truncate => {
      const { stub, get, put } = await serveBucket()
      for (const size of [10_000, 5 * MIB]) {
        const body = randomBytes(size)
        const { status, json } = await put(body)
        expect(status).toBe(201)
        stub.fault = ({ operation }) => (operation === 'GetObject' ? { truncate } : undefined)
        expect([500, 503, 'broken off', json.fallback ? 'whole' : 'broken off']).toContain(
          await outcomeOf(get, body),
        )
        stub.fault = undefined
      }
    },
  )

  test('wrong bytes are a broken transfer or an error', async () => {
    const { stub, get, put } = await serveBucket()
    for (const size of [10_000, 5 * MIB]) {
      const body = randomBytes(size)
      const { status, json } = await put(body)
      expect(status).toBe(201)
      stub.fault = ({ operation }) => (operation === 'GetObject' ? { wrong: 'bytes' } : undefined)
      expect([500, 503, 'broken off', json.fallback ? 'whole' : 'broken off']).toContain(
        await outcomeOf(get, body),
      )
      stub.fault = undefined
    }
  })

  test('credentials that the store refuses are no fault of the client', async () => {
    const { get } = await serveBucket({ objectStorageSecretKey: 'not-the-secret-of-the-bucket' })
    const got = await get()
    expect(got.headers['www-authenticate']).toBeUndefined()
    expect(got.status).not.toBe(401)
    expect(got.status).toBeGreaterThanOrEqual(400)
  })

  test('many ranges of pictures at once never wait for each other', async () => {
    const { port, storage } = await serveBucket({ objectStorageConnections: 2 })
    // Too large for a request's connection to be done with before the body is read.
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(6 * MIB)])
    for (let i = 0; i < 4; i++) await storage.uploadFile(png, `pictures/${i}`, 'image/png')
    const digest = createHash('sha256').update(png.subarray(MIB)).digest('hex')
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => {
        const headers = { ...bearer, range: `bytes=${MIB}-` }
        return ask(port, 'GET', `/uploads/pictures/${i % 4}`, { headers })
      }),
    )
    for (const { status, body } of answers) {
      expect([status, createHash('sha256').update(body).digest('hex')]).toEqual([206, digest])
    }
  })
})
