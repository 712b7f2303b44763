import { describe, expect, test, vi } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { type SignUrlOptions, signUrl, verifySignedUrl } from '../src/core/signed-url.js'
import { createServer, type HttpStorage, type ServerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, openWire, serve, serveStorage } from './support/http.js'

const KEY = 'an-api-key-of-the-test'
const bearer = { authorization: `Bearer ${KEY}` }
const SECRET = 'a secret that signs URLs'

/** A storage in memory with a file `k` ('Hello') that knows signed URLs; `vi` watches what is asked of it. */
async function signingStorage() {
  const service = new StorageService({ config: {}, store: new MemoryStore() })
  await service.uploadFile(Buffer.from('Hello'), 'k', 'text/plain')
  const storage: HttpStorage = {
    uploadFile: vi.fn(service.uploadFile.bind(service)),
    openFile: vi.fn(service.openFile.bind(service)),
    statFile: vi.fn(service.statFile.bind(service)),
    deleteFile: vi.fn(service.deleteFile.bind(service)),
    list: vi.fn(service.list.bind(service)),
    verifySignedUrl: async (method, target) => verifySignedUrl([SECRET], method, target),
  }
  const untouched = () =>
    [storage.uploadFile, storage.openFile, storage.statFile, storage.deleteFile, storage.list].every(
      method => vi.mocked(method).mock.calls.length === 0,
    )
  return { service, storage, untouched }
}

const sign = (key: string, options: Partial<SignUrlOptions> = {}): string =>
  signUrl([SECRET], key, { method: 'GET', expiresInSeconds: 60, ...options })

describe('without access rules', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('does not listen on %s', async host => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    const server = createServer(storage, { host, port: 0 })
    await expect(server.listen()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/HOLDFAST_API_KEYS.*authorize/),
    })
    expect(server.url).toBeUndefined()
  })

  test('with rules it listens anywhere', async () => {
    const { url, port } = await serve({ host: '0.0.0.0', apiKeys: [KEY] })
    expect(url).toBe(`http://0.0.0.0:${port}`)
  })

  test.each(['localhost', 'LOCALHOST:80', 'a.localhost', '127.0.0.1', '127.1.2.3:8080', '[::1]', '[::1]:80'])(
    'serves %s',
    async host => {
      const { port } = await serve()
      expect((await ask(port, 'GET', '/uploads', { headers: { host } })).status).toBe(200)
    },
  )

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'localhost@evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    '192.168.0.1',
    '[::2]',
    'evil-localhost',
  ])('does not serve %j, whose name a DNS answer may have pointed here', async host => {
    const { port } = await serve()
    for (const [method, path] of [
      ['GET', '/uploads'],
      ['PUT', '/uploads/k'],
      ['GET', '/status'],
      ['GET', '/'],
      ['POST', '/x'],
    ] as const) {
      const got = await ask(port, method, path, { headers: { host } })
      expect([got.status, got.json.error.code]).toEqual([403, 'PERMISSION_DENIED'])
      expect(got.json.error.message).toMatch(/HOLDFAST_API_KEYS/)
    }
  })

  test('pages of other origins do not write', async () => {
    const { port, storage } = await serve()
    const put = async (origin: string) =>
      (await ask(port, 'PUT', '/uploads/k', { body: 'x', headers: { origin, host: 'localhost:1' } })).status
    for (const origin of ['https://evil.example', 'http://localhost:2', 'http://localhost', 'null']) {
      expect(await put(origin)).toBe(403)
      const deleted = await ask(port, 'DELETE', '/uploads/k', { headers: { origin, host: 'localhost:1' } })
      expect(deleted.status).toBe(403)
    }
    expect(await storage.fileExists('k')).toBe(false)
    expect(await put('http://localhost:1')).toBe(201)
  })

  test('pages that cors names write', async () => {
    const { port } = await serve({ cors: { origins: ['https://chat.example'] } })
    const put = async (origin: string) =>
      (await ask(port, 'PUT', '/uploads/k', { body: 'x', headers: { origin, host: 'localhost' } })).status
    expect(await put('https://chat.example')).toBe(201)
    expect(await put('https://evil.example')).toBe(403)
  })
})

describe('API keys', () => {
  test('grant everything', async () => {
    const { port } = await serve({ apiKeys: ['another-key-of-the-test', KEY] })
    for (const authorization of [`Bearer ${KEY}`, `bearer  ${KEY}`, 'Bearer another-key-of-the-test']) {
      const headers = { authorization, host: 'files.example' }
      expect((await ask(port, 'PUT', '/uploads/k', { body: 'x', headers })).status).toBe(201)
      expect((await ask(port, 'GET', '/uploads/k', { headers })).text).toBe('x')
      expect((await ask(port, 'HEAD', '/uploads/k', { headers })).status).toBe(200)
      expect((await ask(port, 'GET', '/uploads', { headers })).json.files).toHaveLength(1)
      expect((await ask(port, 'GET', '/status', { headers })).json.service).toBe('storage')
      expect((await ask(port, 'DELETE', '/uploads/k', { headers })).status).toBe(204)
    }
  })

  test('without one, or with a wrong one, nothing is granted and the storage is not asked', async () => {
    const { storage, untouched } = await signingStorage()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    for (const headers of [
      {},
      { authorization: `Bearer ${KEY}x` },
      { authorization: `Basic ${KEY}` },
      { authorization: KEY },
      { authorization: 'Bearer' },
    ]) {
      for (const [method, path] of [
        ['GET', '/uploads/k'],
        ['GET', '/uploads/none'],
        ['PUT', '/uploads/k'],
        ['DELETE', '/uploads/k'],
        ['GET', '/uploads'],
        ['GET', '/status'],
      ] as const) {
        const got = await ask(port, method, path, { headers })
        expect([got.status, got.json.error.code]).toEqual([401, 'UNAUTHENTICATED'])
        expect(got.headers['www-authenticate']).toMatch(/^Bearer /)
      }
    }
    expect(untouched()).toBe(true)
  })

  test('are not needed to see that the server lives and what it is', async () => {
    const { port } = await serve({ apiKeys: [KEY] })
    expect((await ask(port, 'GET', '/healthz')).json).toEqual({ status: 'alive' })
    expect((await ask(port, 'GET', '/readyz')).json).toEqual({ status: 'ready' })
    const home = await ask(port, 'GET', '/')
    expect(home.status).toBe(200)
    // Where files lie is for those who may ask for the status.
    expect(home.text).not.toMatch(/\.\/uploads|\/status/)
    expect((await ask(port, 'GET', '/', { headers: bearer })).text).toMatch(/\.\/uploads/)
  })
})

describe('authorize', () => {
  test('is asked with the request, the action and the key', async () => {
    const authorize = vi.fn<NonNullable<ServerOptions['authorize']>>(() => true)
    const { port } = await serve({ authorize })
    const headers = { 'x-user': 'ada', host: 'files.example' }
    await ask(port, 'PUT', '/uploads/a%20b', { body: 'x', headers })
    await ask(port, 'GET', '/uploads/a%20b', { headers })
    await ask(port, 'HEAD', '/uploads/a%20b', { headers })
    await ask(port, 'DELETE', '/uploads/a%20b', { headers })
    await ask(port, 'GET', '/uploads?prefix=a%20', { headers })
    await ask(port, 'GET', '/status', { headers })
    expect(
      authorize.mock.calls.map(([request, action, key]) => [request.headers['x-user'], action, key]),
    ).toEqual([
      ['ada', 'write', 'a b'],
      ['ada', 'read', 'a b'],
      ['ada', 'read', 'a b'],
      ['ada', 'delete', 'a b'],
      ['ada', 'list', 'a '],
      ['ada', 'status', ''],
    ])
  })

  test("one user's files are to another as if they were not there", async () => {
    const authorize: ServerOptions['authorize'] = async (request, _action, key) =>
      key.startsWith(`${request.headers['x-user']}/`)
    const { port, storage, log } = await serve({ authorize })
    const as = (user: string) => ({ headers: { 'x-user': user }, body: 'x' })
    expect((await ask(port, 'PUT', '/uploads/ada/secret', as('ada'))).status).toBe(201)
    const shape = ({ status, headers, text }: Awaited<ReturnType<typeof ask>>) => {
      const { date, ...rest } = headers
      return { status, headers: rest, text: text.replaceAll('absent', 'secret') }
    }
    for (const method of ['GET', 'HEAD']) {
      for (const headers of [{}, { range: 'bytes=0-' }, { 'if-none-match': '*' }, { 'if-match': '"x"' }]) {
        const asEve = { headers: { ...headers, 'x-user': 'eve' } }
        const there = await ask(port, method, '/uploads/ada/secret', asEve)
        const absent = await ask(port, method, '/uploads/ada/absent', asEve)
        expect(there.status).toBe(404)
        expect(shape(there)).toEqual(shape(absent))
        // Nor is it told apart from a file of one's own that is not there.
        const own = await ask(port, method, '/uploads/eve/secret', asEve)
        expect(shape(there)).toEqual({ ...shape(own), text: shape(own).text.replaceAll('eve/', 'ada/') })
      }
    }
    for (const method of ['PUT', 'DELETE']) {
      for (const conditions of [{}, { 'if-match': '"x"' }, { 'if-none-match': '*' }]) {
        const asEve = { headers: { ...conditions, 'x-user': 'eve' } }
        const there = await ask(port, method, '/uploads/ada/secret', asEve)
        expect([there.status, there.json.error.code]).toEqual([403, 'PERMISSION_DENIED'])
        expect(shape(there)).toEqual(shape(await ask(port, method, '/uploads/ada/absent', asEve)))
      }
    }
    expect((await ask(port, 'GET', '/uploads?prefix=ada/', { headers: { 'x-user': 'eve' } })).status).toBe(
      403,
    )
    expect((await ask(port, 'GET', '/uploads', { headers: { 'x-user': 'eve' } })).status).toBe(403)
    expect(await storage.listFiles()).toEqual(expect.arrayContaining(['ada/secret']))
    expect(log.filter(line => /error|warn/.test(line))).toEqual([])
  })

  test('lets a token of its own through that is no API key, and an API key past it', async () => {
    const authorize: ServerOptions['authorize'] = request => request.headers.authorization === 'Bearer a-jwt'
    const { port } = await serve({ apiKeys: [KEY], authorize })
    const status = async (headers: Record<string, string>) =>
      (await ask(port, 'GET', '/uploads', { headers })).status
    expect(await status({ authorization: 'Bearer a-jwt' })).toBe(200)
    expect(await status(bearer)).toBe(200)
    expect(await status({ authorization: 'Bearer other' })).toBe(403)
    expect(await status({})).toBe(403)
  })

  test('may say itself what is answered; anything else it throws is a 500 without a word of it', async () => {
    const errors: unknown[] = [
      new StorageError({ code: 'UNAUTHENTICATED', op: 'auth', message: 'Log in first.' }),
      new Error('the password is swordfish'),
    ]
    const { port } = await serve({ authorize: () => Promise.reject(errors.shift()) })
    const first = await ask(port, 'GET', '/uploads/k')
    expect([first.status, first.json.error.message]).toEqual([401, 'Log in first.'])
    const second = await ask(port, 'GET', '/uploads/k')
    expect([second.status, second.json.error.code]).toEqual([500, 'INTERNAL'])
    expect(second.text).not.toMatch(/swordfish/)
  })

  test('only true is yes', async () => {
    const authorize = (() => 'yes') as unknown as NonNullable<ServerOptions['authorize']>
    const { port } = await serve({ authorize })
    expect((await ask(port, 'GET', '/uploads')).status).toBe(403)
  })
})

describe('signed URLs', () => {
  test('for GET read one file, by HEAD too, with the type and disposition that was signed', async () => {
    const { storage } = await signingStorage()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    const url = sign('k', {
      contentType: 'application/x-a',
      contentDisposition: 'attachment; filename="b.bin"',
    })
    for (const method of ['GET', 'HEAD']) {
      const got = await ask(port, method, url)
      expect([got.status, got.text]).toEqual([200, method === 'GET' ? 'Hello' : ''])
      expect(got.headers).toMatchObject({
        'content-type': 'application/x-a',
        'content-disposition': 'attachment; filename="b.bin"',
      })
    }
    expect((await ask(port, 'GET', sign('k'), { headers: { range: 'bytes=1-2' } })).text).toBe('el')
    expect((await ask(port, 'GET', sign('none'))).status).toBe(404)
  })

  test('for PUT write one file, of the type that was signed', async () => {
    const { storage, service } = await signingStorage()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    const url = sign('new', { method: 'PUT', contentType: 'text/plain' })
    const put = async (type?: string) =>
      (
        await ask(port, 'PUT', url, {
          body: 'x',
          ...(type !== undefined && { headers: { 'content-type': type } }),
        })
      ).status
    expect(await put('text/html')).toBe(403)
    expect(await put()).toBe(403)
    expect(await service.fileExists('new')).toBe(false)
    expect(await put('text/plain')).toBe(201)
    expect((await ask(port, 'PUT', sign('k', { method: 'PUT' }), { body: 'y' })).status).toBe(201)
  })

  test.each([
    ['another method', 'PUT', () => sign('k')],
    ['DELETE', 'DELETE', () => sign('k')],
    ['a GET with one for PUT', 'GET', () => sign('k', { method: 'PUT' })],
    ['another key', 'GET', () => sign('other').replace('/other?', '/k?')],
    ['a longer key', 'GET', () => sign('k').replace('/k?', '/k2?')],
    ['a later expiry', 'GET', () => sign('k').replace(/expires=(\d+)/, (_, n) => `expires=${Number(n) + 1}`)],
    ['a time that is over', 'GET', () => sign('k', { nowMs: Date.now() - 61_000 })],
    ['another type', 'GET', () => sign('k', { contentType: 'text/plain' }).replace('plain', 'html')],
    [
      'a type that was added',
      'GET',
      () => sign('k').replace('&signature', '&contentType=text%2Fhtml&signature'),
    ],
    [
      'a type that was left out',
      'GET',
      () => sign('k', { contentType: 'text/plain' }).replace(/&contentType=[^&]*/, ''),
    ],
    [
      'another disposition',
      'GET',
      () => sign('k', { contentDisposition: 'attachment' }).replace('attachment', 'inline'),
    ],
    ['a parameter given twice', 'GET', () => sign('k').replace('?', '?expires=99999999999&')],
    ['a cut signature', 'GET', () => sign('k').slice(0, -1)],
    ['an empty signature', 'GET', () => sign('k').replace(/signature=.*/, 'signature=')],
    ['another secret', 'GET', () => signUrl(['other secret'], 'k', { method: 'GET', expiresInSeconds: 60 })],
  ])('are refused for %s', async (_what, method, url) => {
    const { storage, untouched } = await signingStorage()
    for (const options of [{ apiKeys: [KEY] }, { authorize: () => true }, {}]) {
      const { port, log } = await serveStorage(storage, options)
      const got = await ask(port, method, url(), { body: 'x' })
      expect([got.status, got.json.error.code]).toEqual([403, 'PERMISSION_DENIED'])
      expect(untouched()).toBe(true)
      expect([got.text, ...log].join()).not.toMatch(/signature=|expires=/)
    }
  })

  test('an API key beside a broken one still counts', async () => {
    const { storage } = await signingStorage()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    expect((await ask(port, 'GET', `${sign('k')}x`, { headers: bearer })).status).toBe(200)
  })

  test('any change of a byte of the URL is refused, or changes nothing', async () => {
    const { storage } = await signingStorage()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    const url = sign('k', { contentType: 'text/plain' })
    const start = '/uploads/'.length
    for (let at = start; at < url.length; at++) {
      const changed = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`
      const { status } = await ask(port, 'GET', changed)
      // The last character of base64url has bits that are not part of the signature.
      if (at < url.length - 1) expect([403, 401]).toContain(status)
    }
  })
})

describe('secrets', () => {
  test('are in no answer and no log, whatever fails', async () => {
    const { storage, service } = await signingStorage()
    const broken: HttpStorage = { ...storage, openFile: () => Promise.reject(new Error('boom')) }
    const { port, log } = await serveStorage(broken, { apiKeys: [KEY] })
    const url = sign('k')
    const got = await ask(port, 'GET', url)
    expect(got.status).toBe(500)
    expect(got.text).not.toMatch(/boom|at \w|\.ts/)
    await ask(port, 'GET', '/uploads/k', { headers: bearer })
    await ask(port, 'GET', `/uploads/k?signature=${KEY}`)
    await service.close()
    const said = [got.text, ...log].join('\n')
    expect(said).toMatch(/error .*Unexpected failure: Error: boom/)
    expect(said).toMatch(/"path":"\/uploads\/k"/)
    for (const secret of [KEY, SECRET, url.split('signature=')[1] as string])
      expect(said).not.toContain(secret)
    expect(said).not.toMatch(/\bat .*\.[jt]s:\d/)
  })
})

describe('CORS', () => {
  const origin = 'https://chat.example'
  const cors = { origins: [origin], credentials: true }
  const ports = { authorize: () => true }

  test('is off unless asked for', async () => {
    const { port } = await serve(ports)
    const got = await ask(port, 'GET', '/healthz', { headers: { origin } })
    expect(Object.keys(got.headers).filter(name => name.startsWith('access-control'))).toEqual([])
  })

  test('answers preflights and requests of the origins named, and of no other', async () => {
    const { port } = await serve({ ...ports, cors })
    const preflight = (from: string) =>
      ask(port, 'OPTIONS', '/uploads/k', {
        headers: {
          origin: from,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'x-holdfast-meta-a',
        },
      })
    const allowed = await preflight(origin)
    expect(allowed.status).toBe(204)
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, PUT, DELETE, OPTIONS',
      'access-control-allow-headers': 'x-holdfast-meta-a',
      vary: 'Origin',
    })
    const refused = await preflight('https://evil.example')
    expect(refused.headers['access-control-allow-origin']).toBeUndefined()
    expect(refused.headers['access-control-allow-methods']).toBeUndefined()
    expect(refused.headers.vary).toBe('Origin')
    const put = await ask(port, 'PUT', '/uploads/k', { body: 'x', headers: { origin } })
    expect([put.status, put.headers['access-control-allow-origin']]).toEqual([201, origin])
    const got = await ask(port, 'GET', '/uploads/k', { headers: { origin } })
    expect(got.headers['access-control-expose-headers']).toMatch(/ETag/)
    // A page can read why it failed.
    const failed = await ask(port, 'GET', '/uploads/none', { headers: { origin } })
    expect([failed.status, failed.headers['access-control-allow-origin']]).toEqual([404, origin])
  })

  test('for all', async () => {
    const { port } = await serve({
      ...ports,
      cors: { origins: '*' },
      crossOriginResourcePolicy: 'cross-origin',
    })
    await ask(port, 'PUT', '/uploads/k', { body: 'x' })
    const got = await ask(port, 'GET', '/uploads/k', { headers: { origin } })
    expect(got.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(got.headers.vary).toBeUndefined()
  })
})

test.each(['GET /uploads HTTP/1.0', 'GET /uploads HTTP/1.0\r\nHost:', 'GET /uploads HTTP/1.1\r\nHost: '])(
  'without access rules, %j names no host and is not served',
  async head => {
    const { port } = await serve()
    const wire = openWire(port)
    wire.write(`${head}\r\nConnection: close\r\n\r\n`)
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 403 /)
  },
)
