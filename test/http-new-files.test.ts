import { describe, expect, test } from 'vitest'
import type { ServerOptions } from '../src/http/index.js'
import { accessOf } from './support/bucket-settings.js'
import { useService, useStub } from './support/failover-service.js'
import { ask, openWire, serve, serveStorage } from './support/http.js'

const NEW = /^rooms\/42\/[a-z2-7]{26}\.jpg$/
const named = { 'content-disposition': `inline; filename*=UTF-8''Gr%C3%BC%C3%9Fe.JPG` }

describe('POST to a prefix', () => {
  test('stores each file under a key of its own, and says where', async () => {
    const { port, storage } = await serve()
    const keys = new Set<string>()
    for (const body of ['one', 'two', 'two']) {
      const headers = { ...named, 'content-type': 'image/jpeg', 'x-holdfast-tags': 'purpose=chat' }
      const made = await ask(port, 'POST', '/uploads/rooms/42/', { body, headers })
      expect(made.status).toBe(201)
      const { key, size } = made.json
      expect(key).toMatch(NEW)
      expect([size, made.headers.location, made.json.url]).toEqual([3, `/uploads/${key}`, `/uploads/${key}`])
      keys.add(key)
      const got = await ask(port, 'GET', made.headers.location ?? '')
      expect([got.text, got.headers.etag, got.headers['content-type']]).toEqual([
        body,
        made.headers.etag,
        'image/jpeg',
      ])
      expect(await storage.statFile(key)).toMatchObject({ fileName: 'Grüße.JPG', tagCount: 1 })
    }
    expect(keys.size).toBe(3)
    const root = await ask(port, 'POST', '/uploads/', { body: 'x' })
    expect(root.json.key).toMatch(/^[a-z2-7]{26}$/)
    const spaced = await ask(port, 'POST', '/uploads/R%C3%A4ume%2F1/', { body: 'x' })
    expect(spaced.json.key).toMatch(/^Räume\/1\/[a-z2-7]{26}$/)
    expect((await ask(port, 'GET', spaced.headers.location ?? '')).text).toBe('x')
  })

  test('takes an expiry, and keeps what is kept', async () => {
    const { port } = await serve()
    const headers = { ...named, 'x-holdfast-expires-in': '60' }
    const made = await ask(port, 'POST', '/uploads/rooms/42/', { body: 'x', headers })
    expect(made.json.expiresAt).toMatch(/Z$/)
    const kept = await ask(port, 'POST', `${made.headers.location}?keep`)
    expect([kept.status, kept.json.key, kept.json.expiresAt]).toEqual([200, made.json.key, undefined])
  })

  test('refuses forms, conditions, and prefixes that are none', async () => {
    const { port, storage } = await serve()
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    const wrong: [path: string, headers: Record<string, string>, code: string][] = [
      ['/uploads/rooms/', type, 'INVALID_ARGUMENT'],
      ['/uploads/rooms/', { 'if-none-match': '*' }, 'INVALID_ARGUMENT'],
      ['/uploads/rooms/', { 'if-match': '"x"' }, 'INVALID_ARGUMENT'],
      ['/uploads/rooms/', { 'content-disposition': 'form-data; name=x' }, 'INVALID_ARGUMENT'],
      ['/uploads/rooms//', {}, 'INVALID_ARGUMENT'],
      ['/uploads/../x/', {}, 'INVALID_ARGUMENT'],
      ['/uploads/a%5Cb/', {}, 'INVALID_ARGUMENT'],
      ['/uploads/.holdfast/', {}, 'INVALID_KEY'],
      [`/uploads/${'x'.repeat(1020)}/`, {}, 'INVALID_KEY'],
      ['/uploads/%ff/', {}, 'INVALID_KEY'],
    ]
    for (const [path, headers, code] of wrong) {
      const { status, json } = await ask(port, 'POST', path, { headers, body: 'x' })
      expect([path, status, json.error.code]).toEqual([path, 400, code])
    }
    const put = await ask(port, 'PUT', '/uploads/form', { headers: type, body: 'x' })
    expect([put.status, put.json.error.message]).toEqual([400, expect.stringContaining('not in a form')])
    expect(await storage.listFiles()).toEqual(Object.assign([], { complete: true }))
  })

  test('keeps to the limit, and refuses before the body is sent', async () => {
    const { port } = await serve({ maxUploadBytes: 10 })
    expect((await ask(port, 'POST', '/uploads/a/', { body: 'x'.repeat(11) })).status).toBe(413)
    const wire = openWire(port)
    wire.write(
      'POST /uploads/a/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n',
    )
    await wire.says(/^HTTP\/1\.1 413 /)
    const next = openWire(port)
    next.write(
      'POST /uploads/a/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    )
    await next.says(/^HTTP\/1\.1 100 /)
    next.write('ok')
    await next.says(/HTTP\/1\.1 201 Created[\s\S]*"size":2/)
  })

  test('is all that a prefix takes, and says so', async () => {
    const { port } = await serve({ cors: { origins: ['https://chat.example.com'] } })
    const headers = {
      origin: 'https://chat.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-disposition',
    }
    const preflight = await ask(port, 'OPTIONS', '/uploads/rooms/42/', { headers })
    expect([
      preflight.status,
      preflight.headers.allow,
      preflight.headers['access-control-allow-methods'],
      preflight.headers['access-control-allow-headers'],
    ]).toEqual([204, 'POST, OPTIONS', 'POST, OPTIONS', 'content-disposition'])
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      expect((await ask(port, method, '/uploads/rooms/42/')).status).toBe(400)
    expect((await ask(port, 'POST', '/uploads')).status).toBe(405)
    const metrics = (await ask(port, 'GET', '/metrics')).text
    const lines = metrics.split('\n').filter(line => line.includes('method="GET",status="400"'))
    expect(lines).toEqual([
      'holdfast_http_requests_total{route="/uploads/{prefix}/",method="GET",status="400"} 1',
    ])
  })
})

test('the bucket may be away, and may keep no condition', async () => {
  const stub = await useStub({ conditions: { put: 'ignored', complete: 'ignored', delete: 'ignored' } })
  const storage = await useService(accessOf(stub))
  const { port } = await serveStorage(storage)
  expect((await ask(port, 'POST', '/uploads/rooms/42/', { body: 'x', headers: named })).json).toMatchObject({
    key: expect.stringMatching(NEW),
    fallback: false,
  })
  await stub.goDown()
  const made = await ask(port, 'POST', '/uploads/rooms/42/', { body: 'y', headers: named })
  expect([made.status, made.json.fallback]).toEqual([201, true])
  const path = made.headers.location ?? ''
  expect((await ask(port, 'GET', path)).text).toBe('y')
  // Of a file that waits here the tags are here too; those of others are the bucket's to tell, and there are no archives.
  expect((await ask(port, 'PUT', `${path}?tags`, { body: '{"a":"b"}' })).status).toBe(204)
  expect((await ask(port, 'GET', `${path}?tags`)).json).toEqual({ a: 'b' })
  for (const [method, query] of [
    ['GET', 'tags'],
    ['PUT', 'tags'],
    ['DELETE', 'tags'],
    ['GET', 'thaw'],
    ['POST', 'thaw'],
  ] as const) {
    const asked = await ask(
      port,
      method,
      `/uploads/elsewhere?${query}`,
      method === 'PUT' ? { body: '{}' } : {},
    )
    expect([method, query, asked.status, asked.json.error.code]).toEqual([method, query, 503, 'UNAVAILABLE'])
    expect(Number(asked.headers['retry-after'])).toBeGreaterThan(0)
  }
})

describe('where the application decides', () => {
  async function serveUsers(options: ServerOptions = {}) {
    const asked: string[] = []
    const served = await serve({
      authorize: (request, action, key) => {
        asked.push(`${action} ${key}`)
        return request.headers.cookie === 'user=1'
      },
      ...options,
    })
    return { asked, ...served }
  }

  test('it is asked about the new key', async () => {
    const { port, asked } = await serveUsers()
    const headers = { ...named, cookie: 'user=1' }
    const made = await ask(port, 'POST', '/uploads/rooms/42/', { body: 'x', headers })
    expect([made.status, asked]).toEqual([201, [`write ${made.json.key}`]])
    expect((await ask(port, 'POST', '/uploads/rooms/42/', { body: 'x', headers: named })).status).toBe(403)
  })

  test.each<[string, Record<string, string>, number]>([
    ['a program', {}, 201],
    ['a page of its own', { origin: 'http://localhost:80', host: 'localhost:80' }, 201],
    [
      'a page of its own, behind a proxy',
      { origin: 'https://a.example', 'sec-fetch-site': 'same-origin' },
      201,
    ],
    ['another page', { origin: 'https://evil.example' }, 403],
    [
      'another page, as the browser says',
      { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['a page that hides its origin', { origin: 'null' }, 403],
    ['a form of another page', { origin: 'https://evil.example', 'content-type': 'text/plain;x' }, 403],
    ['what no browser sends', { origin: 'https://evil.example', 'content-type': 'nonsense' }, 403],
    ['who had to ask for the type', { origin: 'https://evil.example', 'content-type': 'image/png' }, 201],
    ['who had to ask for a token', { origin: 'https://evil.example', authorization: 'Bearer x' }, 201],
    ['another page that cors names', { origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' }, 201],
  ])('%s is served by its cookies: %j %i', async (_who, headers, status) => {
    const { port, storage, asked } = await serveUsers({ cors: { origins: ['https://chat.example'] } })
    const sent = { body: 'x', headers: { cookie: 'user=1', host: 'localhost', ...headers } }
    expect((await ask(port, 'POST', '/uploads/rooms/42/', sent)).status).toBe(status)
    expect([await storage.listFiles(), asked].map(list => list.length)).toEqual(
      status === 201 ? [1, 1] : [0, 0],
    )
  })

  test('cors that names everybody lets nobody come by cookies', async () => {
    const { port } = await serveUsers({ cors: { origins: '*' }, authorize: () => true })
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const status = async (more = {}) =>
      (await ask(port, 'POST', '/uploads/a/', { body: 'x', headers: { ...headers, ...more } })).status
    expect([await status(), await status({ cookie: 'user=1' })]).toEqual([201, 403])
  })
})
