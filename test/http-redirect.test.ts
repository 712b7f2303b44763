import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { createHandler, type ServerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/index.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { type Answer, ask, serveStorage, until } from './support/http.js'

const MIB = 1024 * 1024
const PUBLIC_URL = 'http://files.example'
const SECRETS = ['todays-secret-that-signs', 'yesterdays-secret-that-signed']
const bearer = { authorization: 'Bearer an-api-key-of-the-test' }
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR42mNk+M+ABzCOSo9KkQEADhgBFHwkr7AAAAAASUVORK5CYII=',
  'base64',
)

/** A bucket with its net, served behind a public URL. */
async function openServed(more: Partial<StorageConfig> = {}, options: ServerOptions = {}) {
  const stub: S3Stub = await startS3Stub()
  onTestFinished(() => stub.close())
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-redirect-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config: Partial<StorageConfig> = {
    ...settingsOf(accessOf(stub)),
    objectStorageConnectTimeoutMs: 1000,
    objectStorageFirstByteTimeoutMs: 1000,
    objectStorageIdleTimeoutMs: 1000,
    localStoragePath: folder,
    publicUrl: PUBLIC_URL,
    signingKeys: SECRETS,
    probeIntervalMs: 50,
    settleWindowMs: 500,
    spoolReserveBytes: 0,
    ...more,
  }
  const storage = new StorageService({ config })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  const { port } = await serveStorage(storage, { apiKeys: ['an-api-key-of-the-test'], ...options })
  return {
    stub,
    config,
    storage,
    port,
    /** Asks the server for what a URL of its public address names. */
    follow: (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
      ask(port, method, url.slice(PUBLIC_URL.length), { headers }),
    /** Resolves when the bucket has everything, and nothing late can undo it. */
    drained: () =>
      until(() => {
        const { state, pending, settling } = storage.getStatus()
        return state === 'healthy' && pending === 0 && settling === 0
      }),
  }
}

/** Where an answer sends to. */
function locationOf({ status, headers }: Answer): URL {
  expect(status).toBe(307)
  return new URL(headers.location ?? '')
}

describe('a signed URL to read with', () => {
  test('is one of ours, and sends on to a URL of the bucket that answers alike', async () => {
    const { storage, stub, follow } = await openServed()
    await storage.uploadFile(PNG, 'rooms/a b.png', { contentType: 'image/png', fileName: 'Grüße.png' })
    const url = await storage.generatePresignedUrl('rooms/a b.png')
    expect(url).toMatch(/^http:\/\/files\.example\/uploads\/rooms\/a%20b\.png\?expires=\d+&signature=/)
    const sent = await follow(url)
    const location = locationOf(sent)
    expect([location.origin, location.pathname]).toEqual([stub.endpoint, '/stub/rooms/a%20b.png'])
    expect(location.searchParams.get('X-Amz-Expires')).toBe('60')
    expect(sent.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-site',
      'content-length': '0',
    })
    const there = await fetch(location)
    const here = await follow('http://files.example/uploads/rooms/a%20b.png', bearer)
    expect(here.status).toBe(200)
    for (const name of ['content-type', 'content-disposition', 'content-length']) {
      expect(there.headers.get(name)).toBe(here.headers[name])
    }
    expect(there.headers.get('content-disposition')).toMatch(/^inline; .*filename\*=UTF-8''Gr%C3%BC%C3%9Fe/)
    expect(Buffer.from(await there.arrayBuffer()).equals(PNG)).toBe(true)
    const part = await fetch(location, { headers: { range: 'bytes=1-3' } })
    expect([part.status, await part.text()]).toEqual([206, 'PNG'])
  })

  test('is answered here for a file that is stored compressed: the bucket asks nobody what he takes', async () => {
    const { storage, stub, follow } = await openServed()
    const text = 'a line that comes again\n'.repeat(1000)
    await storage.uploadFile(Buffer.from(text), 'k', { compress: 'gzip', contentType: 'application/x-log' })
    expect(stub.buckets.get('stub')?.objects.get('k')?.headers['content-encoding']).toBe('gzip')
    const url = await storage.generatePresignedUrl('k')
    const got = await follow(url)
    expect([got.status, got.text]).toEqual([200, text])
    const packed = await follow(url, { 'accept-encoding': 'gzip' })
    expect([packed.status, packed.headers['content-encoding']]).toEqual([200, 'gzip'])
    expect(gunzipSync(packed.body).toString()).toBe(text)
    await storage.uploadFile(Buffer.from(text), 'k', { contentType: 'application/x-log' })
    locationOf(await follow(url))
  })

  test('carries type, file name and disposition, and what is left of its time', async () => {
    const { storage, follow } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k', {
      expiresInSeconds: 20,
      contentType: 'application/x-thing',
      fileName: 'saved as.bin',
    })
    const location = locationOf(await follow(url))
    const left = Number(location.searchParams.get('X-Amz-Expires'))
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(20)
    const { headers } = await fetch(location)
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      'application/x-thing',
      'attachment; filename="saved as.bin"',
    ])
  })

  test('is answered here while the key is busy, and sends on again once the bucket has it', async () => {
    const { storage, stub, follow, drained } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    locationOf(await follow(url))
    await stub.goDown()
    const newer = Buffer.concat([PNG, Buffer.from('newer')])
    await storage.uploadFile(newer, 'k', 'image/png')
    for (const signed of [url, await storage.generatePresignedUrl('k')]) {
      const got = await follow(signed)
      expect([got.status, got.body.equals(newer), got.headers['content-type']]).toEqual([
        200,
        true,
        'image/png',
      ])
      const part = await follow(signed, { range: 'bytes=1-3' })
      expect([part.status, part.text]).toEqual([206, 'PNG'])
    }
    await storage.deleteFile('k')
    expect((await follow(url)).status).toBe(404)
    await storage.uploadFile(newer, 'k', 'image/png')
    await stub.comeBack()
    await drained()
    const there = await fetch(locationOf(await follow(url)))
    expect(Buffer.from(await there.arrayBuffer()).equals(newer)).toBe(true)
  })

  test('sends nobody to a bucket that died a moment ago', async () => {
    const { storage, stub, follow } = await openServed({ probeIntervalMs: 60_000 })
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    locationOf(await follow(url))
    await stub.goDown()
    expect(storage.getStatus().state).toBe('healthy')
    for (let i = 0; i < 3; i++) {
      const got = await follow(url)
      expect([got.status, got.headers.location]).toEqual([503, undefined])
    }
    expect(storage.getStatus().state).toBe('degraded')
  })

  test.each([
    ['refuses', () => ({ status: 503 }) as const],
    ['is cut off', () => 'reset' as const],
  ])('sends nobody to a bucket that %s while it looks at the first bytes', async (_, fault) => {
    const { storage, stub, follow } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    stub.fault = ({ operation }) => (operation === 'GetObject' ? fault() : undefined)
    const got = await follow(url)
    expect([got.status, got.headers.location]).toEqual([503, undefined])
  })

  test('sends nobody to a bucket that has just fallen silent', async () => {
    const { storage, stub, follow } = await openServed({ objectStorageFirstByteTimeoutMs: 300 })
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    stub.fault = () => ({ stall: 'before-headers' })
    const got = await follow(url)
    expect([503, 504]).toContain(got.status)
    expect(got.headers.location).toBeUndefined()
  })

  test('sends nobody to an archive, where nothing can be read', async () => {
    const { storage, follow } = await openServed()
    const url = await storage.generatePresignedUrl('k')
    const statuses: number[] = []
    for (const storageClass of ['GLACIER', 'DEEP_ARCHIVE', 'STANDARD_IA']) {
      await storage.uploadFile(Buffer.from('PK..'), 'k', { contentType: 'application/zip', storageClass })
      statuses.push((await follow(url)).status)
    }
    // Told in our own words: those of the bucket would be of no use to anybody.
    expect(statuses).toEqual([409, 409, 307])
  })

  test('of a file that is nowhere is our own 404', async () => {
    const { storage, follow } = await openServed()
    const got = await follow(await storage.generatePresignedUrl('none'))
    expect([got.status, got.json.error.code]).toEqual([404, 'NOT_FOUND'])
  })

  test('is answered here where the one who asks could do nothing with an answer of another origin', async () => {
    const { storage, follow } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    const etag = (await follow(url, {}, 'HEAD')).headers.etag ?? ''
    expect(etag).not.toBe('')
    const expected: [Record<string, string>, number][] = [
      [{}, 307],
      [{ 'sec-fetch-mode': 'no-cors' }, 307],
      [{ 'sec-fetch-mode': 'navigate' }, 307],
      [{ range: 'bytes=0-' }, 307],
      [{ 'sec-fetch-mode': 'cors' }, 200],
      [{ 'sec-fetch-mode': 'same-origin' }, 200],
      [{ origin: 'https://chat.example' }, 200],
      [{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 307],
      [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 307],
      [{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }, 200],
      [{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'style' }, 200],
      [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' }, 200],
      [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 200],
      [{ authorization: 'Bearer a-token-of-the-application' }, 200],
      // The bucket has ETags of its own.
      [{ 'if-match': etag }, 200],
      [{ 'if-none-match': etag }, 304],
      [{ 'if-none-match': '"another"' }, 200],
      [{ 'if-modified-since': new Date(0).toUTCString() }, 200],
      [{ 'if-unmodified-since': new Date(Date.now() + 60_000).toUTCString() }, 200],
      [{ range: 'bytes=0-0', 'if-range': etag }, 206],
    ]
    for (const [headers, status] of expected) {
      const got = await follow(url, headers)
      expect([headers, got.status]).toEqual([headers, status])
    }
    const head = await follow(url, {}, 'HEAD')
    expect([head.status, head.headers['content-length']]).toEqual([200, String(PNG.length)])
  })

  test('is answered here where the read cache has a use for it, and so is there in an outage', async () => {
    const { storage, stub, follow } = await openServed({ localCacheMaxBytes: 8 * MIB })
    // Smaller ones are asked for again rather than looked up.
    const picture = Buffer.concat([PNG, randomBytes(100_000)])
    const large = randomBytes(MIB + 1)
    await storage.uploadFile(picture, 'k', 'image/png')
    await storage.uploadFile(large, 'large', 'application/zip')
    const [url, urlOfLarge] = [
      await storage.generatePresignedUrl('k'),
      await storage.generatePresignedUrl('large'),
    ]
    await until(async () => {
      const got = await follow(url)
      expect([got.status, got.body.equals(picture)]).toEqual([200, true])
      return storage.getStatus().cache?.files === 1
    })
    // An eighth of the bound is what it keeps.
    const there = await fetch(locationOf(await follow(urlOfLarge)))
    expect(Buffer.from(await there.arrayBuffer()).equals(large)).toBe(true)
    const asked = stub.counts['GetObject']
    expect((await follow(url)).body.equals(picture)).toBe(true)
    expect(stub.counts['GetObject']).toBe(asked)
    await stub.goDown()
    const got = await follow(url)
    expect([got.status, got.body.equals(picture), got.headers.age]).toEqual([200, true, expect.any(String)])
    expect((await follow(urlOfLarge)).status).toBe(503)
  })

  test('is the only way to be sent on', async () => {
    const { storage, port } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    expect((await ask(port, 'GET', '/uploads/k', { headers: bearer })).status).toBe(200)
    const url = new URL(await storage.generatePresignedUrl('k'))
    const got = await ask(port, 'GET', url.pathname + url.search, { headers: bearer })
    expect(got.status).toBe(200)
  })
})

describe('what a browser would take for a document or for code', () => {
  const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

  test.each([
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'image/svg+xml',
    'application/xhtml+xml',
    'application/xml',
    'text/javascript',
    'application/ecmascript',
    'text/css',
    'text/plain',
    'multipart/x-mixed-replace; boundary=x',
    'message/rfc822',
  ])('is answered here, behind our headers: %s', async type => {
    const { storage, follow } = await openServed()
    await storage.uploadFile(script, 'k', type)
    for (const disposition of [undefined, 'inline', 'attachment'] as const) {
      const got = await follow(await storage.generatePresignedUrl('k', { disposition }))
      expect([got.status, got.headers['x-content-type-options']]).toEqual([200, 'nosniff'])
      expect(got.headers['content-security-policy']).toMatch(/^sandbox/)
    }
    await storage.uploadFile(PNG, 'k', 'image/png')
    const got = await follow(await storage.generatePresignedUrl('k', { contentType: type }))
    expect(got.status).toBe(200)
  })

  test.each(['image/png', 'application/pdf', 'application/octet-stream', 'video/mp4'])(
    'is saved, and not shown, by the bucket too where it says to be %s',
    async type => {
      const { storage, follow } = await openServed()
      for (const content of [script, Buffer.from('<!doctype html><script>alert(1)</script>')]) {
        await storage.uploadFile(content, 'k', { contentType: type, contentDisposition: 'inline' })
        for (const disposition of [undefined, 'inline'] as const) {
          const location = locationOf(
            await follow(await storage.generatePresignedUrl('k', { disposition, contentType: type })),
          )
          const { headers } = await fetch(location)
          expect(headers.get('content-disposition')).toMatch(/^attachment\b/)
          expect(headers.get('content-type')).toBe(type)
        }
      }
    },
  )

  test('cannot be made of a URL of the bucket by changing it', async () => {
    const { storage, follow } = await openServed()
    await storage.uploadFile(script, 'k', 'image/png')
    const location = locationOf(await follow(await storage.generatePresignedUrl('k')))
    for (const [name, value] of [
      ['response-content-type', 'text/html'],
      ['response-content-disposition', 'inline'],
    ] as const) {
      for (const change of [
        (url: URL) => url.searchParams.set(name, value),
        (url: URL) => url.searchParams.delete(name),
        (url: URL) => url.searchParams.append(name, value),
      ]) {
        const url = new URL(location)
        change(url)
        expect((await fetch(url)).status).toBe(403)
      }
    }
  })
})

describe('a signed URL that was tampered with', () => {
  test('sends nobody on, and no URL does longer than it is good for', async () => {
    const { storage, follow } = await openServed()
    await storage.uploadFile(PNG, 'k', 'image/png')
    await storage.uploadFile(PNG, 'other', 'image/png')
    const url = await storage.generatePresignedUrl('k', { fileName: 'a.png', expiresInSeconds: 100 })
    const put = await storage.generatePresignedUrl('k', { method: 'PUT' })
    locationOf(await follow(url))
    const at = url.indexOf('?')
    const bad = [
      url.replace('/k?', '/other?'),
      url.replace(/expires=(\d+)/, (_, time) => `expires=${Number(time) + 1}`),
      url.replace(/a\.png/, 'b.png'),
      url.replace('attachment', 'inline'),
      `${url}&contentType=text%2Fhtml`,
      `${url}&expires=9999999999`,
      put,
    ]
    for (let i = at + 1; i < url.length; i++) {
      const other = url[i] === 'x' ? 'y' : 'x'
      bad.push(url.slice(0, i) + other + url.slice(i + 1))
    }
    for (const tampered of bad) {
      const got = await follow(tampered)
      // Where even the word `signature` is gone, there is no signature to refuse.
      expect([401, 403]).toContain(got.status)
      expect(got.headers.location).toBeUndefined()
    }
    const short = await storage.generatePresignedUrl('k', 1)
    await until(async () => (await follow(short)).status === 403)
  })

  test('an old key verifies until it is taken out', async () => {
    const before = await openServed({ signingKeys: SECRETS.slice(1) })
    await before.storage.uploadFile(PNG, 'k', 'image/png')
    const url = await before.storage.generatePresignedUrl('k')
    const answers: number[] = []
    for (const signingKeys of [SECRETS, SECRETS.slice(0, 1)]) {
      const { storage, follow } = await openServed({ signingKeys })
      await storage.uploadFile(PNG, 'k', 'image/png')
      answers.push((await follow(url)).status)
    }
    expect(answers).toEqual([307, 403])
  })
})

describe('a signed URL to write with', () => {
  test('is taken here, by the bucket or without it, and nothing is sent on', async () => {
    const { storage, stub, port, drained } = await openServed()
    const url = await storage.generatePresignedUrl('k', { method: 'PUT', contentType: 'image/png' })
    expect(url).toMatch(/^http:\/\/files\.example\/uploads\/k\?/)
    const put = (body: Buffer) =>
      ask(port, 'PUT', url.slice(PUBLIC_URL.length), { body, headers: { 'content-type': 'image/png' } })
    const first = await put(PNG)
    expect([first.status, first.json.fallback]).toEqual([201, false])
    const inBucket = () => stub.buckets.get('stub')?.objects.get('k')
    // With a write id and a stamp of ours: it has its place in the order of writes.
    expect(inBucket()?.headers).toEqual(
      expect.objectContaining({ 'x-amz-meta-holdfast-id': expect.any(String) }),
    )
    await stub.goDown()
    const newer = Buffer.concat([PNG, Buffer.from('newer')])
    const second = await put(newer)
    expect([second.status, second.json.fallback]).toEqual([201, true])
    const read = await storage.downloadFile('k')
    expect(read?.equals(newer)).toBe(true)
    await stub.comeBack()
    await drained()
    expect(inBucket()?.bytes.equals(newer)).toBe(true)
  })
})

test('an upload by a signed URL that is half done when the bucket dies is finished here', async () => {
  const { storage, stub, port, drained } = await openServed()
  const url = await storage.generatePresignedUrl('film', { method: 'PUT' })
  const body = randomBytes(24 * MIB)
  const upload = request({ port, method: 'PUT', path: url.slice(PUBLIC_URL.length), agent: false })
  const answered = once(upload, 'response')
  upload.write(body.subarray(0, 17 * MIB))
  await until(() => (stub.counts['UploadPart'] ?? 0) > 0)
  await stub.goDown()
  upload.end(body.subarray(17 * MIB))
  const [response] = (await answered) as [IncomingMessage]
  const result = JSON.parse(Buffer.concat(await response.toArray()).toString())
  expect([response.statusCode, result.fallback, result.size]).toEqual([201, true, body.length])
  expect((await storage.downloadFile('film'))?.equals(body)).toBe(true)
  await stub.comeBack()
  await drained()
  expect(stub.buckets.get('stub')?.objects.get('film')?.bytes.equals(body)).toBe(true)
})

describe('which URL is given', () => {
  const keys = { read: { method: 'GET' }, write: { method: 'PUT' } } as const

  test.each(Object.entries(keys))(
    "to %s: direct is the bucket's own, in an outage too",
    async (_, method) => {
      const { storage, stub } = await openServed()
      const direct = { ...method, direct: true }
      expect(await storage.generatePresignedUrl('k', direct)).toMatch(`${stub.endpoint}/stub/k?`)
      await stub.goDown()
      await storage.uploadFile(PNG, 'k')
      expect(await storage.generatePresignedUrl('k', direct)).toMatch(`${stub.endpoint}/stub/k?`)
      expect(await storage.generatePresignedUrl('k', method)).toMatch(`${PUBLIC_URL}/uploads/k?`)
    },
  )

  test.each(Object.entries(keys))(
    "to %s without a public URL: the bucket's while it is healthy and the key quiet, else one of this server",
    async (_, method) => {
      const { storage, stub, drained, port } = await openServed({ publicUrl: undefined })
      await storage.uploadFile(PNG, 'k', 'image/png')
      expect(await storage.generatePresignedUrl('k', method)).toMatch(`${stub.endpoint}/stub/k?`)
      await stub.goDown()
      await storage.uploadFile(PNG, 'k', 'image/png')
      const url = await storage.generatePresignedUrl('k', method)
      expect(url).toMatch(/^\/uploads\/k\?/)
      await stub.comeBack()
      await drained()
      expect(await storage.generatePresignedUrl('k', method)).toMatch(`${stub.endpoint}/stub/k?`)
      // Nobody has said that browsers reach the bucket from here.
      expect((await ask(port, method.method, url, { body: 'x' })).status).toBeLessThan(300)
    },
  )

  test('to write, while every upload is to go by the local disk first: never the bucket’s', async () => {
    const { storage } = await openServed({ publicUrl: undefined, objectStorageWriteMode: 'behind' })
    expect(await storage.generatePresignedUrl('k', { method: 'PUT' })).toMatch(/^\/uploads\/k\?/)
  })

  test('direct is true or false', async () => {
    const { storage } = await openServed()
    const options = { direct: 'yes' as unknown as boolean }
    await expect(storage.generatePresignedUrl('k', options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/direct.*"yes".*true or false/),
    })
  })
})

describe('where the bucket is', () => {
  test('is said by the public endpoint', async () => {
    const { storage, follow } = await openServed({
      objectStoragePublicEndpoint: 'http://bucket.example:9000/s3',
    })
    await storage.uploadFile(PNG, 'k', 'image/png')
    const location = locationOf(await follow(await storage.generatePresignedUrl('k')))
    expect(location.href).toMatch(/^http:\/\/bucket\.example:9000\/s3\/stub\/k\?/)
    expect(await storage.generatePresignedUrl('k', { direct: true })).toMatch(
      /^http:\/\/bucket\.example:9000\/s3\/stub\/k\?/,
    )
  })

  test.each([
    ['https://files.example', 'http://bucket.example', 'from https to http'],
    ['https://files.example', 'https://files.example/s3', 'within one origin'],
  ])('%s sends nobody to %s: %s', async (publicUrl, objectStoragePublicEndpoint) => {
    const { storage, port } = await openServed({ publicUrl, objectStoragePublicEndpoint })
    await storage.uploadFile(PNG, 'k', 'image/png')
    const url = await storage.generatePresignedUrl('k')
    const got = await ask(port, 'GET', url.slice(publicUrl.length))
    expect([got.status, got.body.equals(PNG)]).toEqual([200, true])
  })

  test('a handler below a path sends on, and the public URL names the path', async () => {
    const publicUrl = 'http://chat.example/my/files'
    const { storage, stub } = await openServed({ publicUrl })
    const handler = createHandler(storage, { basePath: '/my/files', apiKeys: ['an-api-key-of-the-test'] })
    const server = createServer(handler)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const path = async (method: 'GET' | 'PUT') => {
      const url = await storage.generatePresignedUrl('k', { method })
      expect(url).toMatch(/^http:\/\/chat\.example\/my\/files\/uploads\/k\?/)
      return url.slice('http://chat.example'.length)
    }
    expect((await ask(port, 'PUT', await path('PUT'), { body: PNG })).status).toBe(201)
    const there = await fetch(locationOf(await ask(port, 'GET', await path('GET'))))
    expect(Buffer.from(await there.arrayBuffer()).equals(PNG)).toBe(true)
    await stub.goDown()
    expect((await ask(port, 'PUT', await path('PUT'), { body: 'newer' })).json.fallback).toBe(true)
    expect((await ask(port, 'GET', await path('GET'))).text).toBe('newer')
  })

  test('a file that lay in the folder before there was a bucket is served from there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-redirect-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const before = new StorageService({ config: { localStoragePath: folder } })
    await before.uploadFile(PNG, 'legacy', 'image/png')
    await before.close()
    const { storage, follow } = await openServed({ localStoragePath: folder })
    const got = await follow(await storage.generatePresignedUrl('legacy'))
    expect([got.status, got.body.equals(PNG)]).toEqual([200, true])
  })
})
