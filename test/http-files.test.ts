import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeKey, isKey } from '../src/core/key.js'
import { ask, serve } from './support/http.js'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const digestOf = (bytes: Buffer): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`

describe('PUT', () => {
  test('stores a file, and says where and what it is', async () => {
    const { port, storage } = await serve()
    const put = await ask(port, 'PUT', '/uploads/a%20b/c.txt', {
      body: 'Hello',
      headers: { 'content-type': 'text/x-a' },
    })
    expect(put.status).toBe(201)
    expect(put.headers).toMatchObject({
      location: '/uploads/a%20b/c.txt',
      etag: `"${put.json.etag}"`,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(put.json).toMatchObject({
      success: true,
      key: 'a b/c.txt',
      size: 5,
      contentType: 'text/x-a',
      provider: 'local',
    })
    expect(await storage.downloadFile('a b/c.txt')).toEqual(Buffer.from('Hello'))
  })

  test('stores a file without a length, an empty one, and one without a body', async () => {
    const { port, storage } = await serve()
    const chunked = await ask(port, 'PUT', '/uploads/chunked', {
      body: 'abc',
      headers: { 'transfer-encoding': 'chunked' },
    })
    expect(chunked.json).toMatchObject({ size: 3 })
    expect((await ask(port, 'PUT', '/uploads/empty', { body: '' })).status).toBe(201)
    expect((await ask(port, 'PUT', '/uploads/bodiless', { headers: { 'content-length': 0 } })).status).toBe(
      201,
    )
    expect(await storage.downloadFile('empty')).toEqual(Buffer.alloc(0))
    expect(await storage.downloadFile('bodiless')).toEqual(Buffer.alloc(0))
  })

  test('keeps everything that the headers say, and GET and HEAD tell it again', async () => {
    const { port } = await serve()
    const body = randomBytes(1000)
    const headers = {
      'content-type': 'application/x-custom; a=b',
      'content-disposition': "inline; filename*=UTF-8''caf%C3%A9.bin",
      'cache-control': 'private, max-age=60',
      'content-encoding': 'gzip',
      'content-digest': digestOf(body),
      'x-holdfast-meta-author': '=?UTF-8?B?Wm/Dqw==?=',
    }
    expect((await ask(port, 'PUT', '/uploads/k', { body, headers })).status).toBe(201)
    for (const method of ['GET', 'HEAD']) {
      const got = await ask(port, method, '/uploads/k')
      expect(got.status).toBe(200)
      expect(got.body).toEqual(method === 'GET' ? body : Buffer.alloc(0))
      expect(got.headers).toMatchObject({
        'content-type': 'application/x-custom; a=b',
        'content-length': '1000',
        'content-disposition': `attachment; filename="caf_.bin"; filename*=UTF-8''caf%C3%A9.bin`,
        'cache-control': 'private, max-age=60',
        'content-encoding': 'gzip',
        'repr-digest': digestOf(body),
        'accept-ranges': 'bytes',
        'x-holdfast-meta-author': '=?UTF-8?B?Wm/Dqw==?=',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-site',
      })
    }
  })

  test('refuses content with another digest, and stores nothing', async () => {
    const { port, storage } = await serve()
    const headers = { 'content-digest': digestOf(Buffer.from('other')) }
    const put = await ask(port, 'PUT', '/uploads/k', { body: 'this', headers })
    expect(put.status).toBe(400)
    expect(put.json.error.code).toBe('INVALID_ARGUMENT')
    expect(await storage.fileExists('k')).toBe(false)
  })

  test.each([
    { 'content-type': 'nonsense' },
    { 'content-disposition': 'inline; filename=' },
    { 'content-range': 'bytes 0-3/8' },
    { 'x-holdfast-meta-holdfast-id': 'x' },
    { 'x-holdfast-meta-long': 'x'.repeat(3000) },
    { 'if-match': 'abc' },
  ])('refuses the headers %j', async headers => {
    const { port, storage } = await serve()
    const put = await ask(port, 'PUT', '/uploads/k', { body: 'this', headers })
    expect(put.status).toBe(400)
    expect(put.json.error).toMatchObject({ code: 'INVALID_ARGUMENT', retryable: false })
    expect(await storage.fileExists('k')).toBe(false)
  })

  test('obeys conditions, and 200 says that there was a file before', async () => {
    const { port } = await serve()
    const put = (headers: Record<string, string>) => ask(port, 'PUT', '/uploads/k', { body: 'x', headers })
    const status = async (headers: Record<string, string>) => (await put(headers)).status
    expect(await status({ 'if-match': '*' })).toBe(412)
    expect(await status({ 'if-match': '"none"' })).toBe(412)
    const first = await put({ 'if-none-match': '*' })
    expect(first.status).toBe(201)
    const again = await put({ 'if-none-match': '*' })
    expect([again.status, again.json.error.code]).toEqual([412, 'ALREADY_EXISTS'])
    const second = await put({ 'if-match': first.headers.etag as string })
    expect(second.status).toBe(200)
    expect(await status({ 'if-match': first.headers.etag as string })).toBe(412)
    expect(await status({ 'if-match': `"x", ${second.headers.etag}` })).toBe(200)
    expect(await status({ 'if-match': '*' })).toBe(200)
    expect(await status({ 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' })).toBe(412)
    expect(await status({ 'if-unmodified-since': new Date(Date.now() + 5000).toUTCString() })).toBe(200)
    expect(await status({})).toBe(201)
  })
})

describe('GET and HEAD', () => {
  test('of nothing are 404', async () => {
    const { port } = await serve()
    const got = await ask(port, 'GET', '/uploads/none')
    expect(got.status).toBe(404)
    expect(got.json).toEqual({
      error: { code: 'NOT_FOUND', message: 'There is no such file.', key: 'none', retryable: false },
    })
    const head = await ask(port, 'HEAD', '/uploads/none')
    expect([head.status, head.headers['x-holdfast-error'], head.text]).toEqual([404, 'NOT_FOUND', ''])
  })

  test('answer 304 with what a cache needs, and 412', async () => {
    const { port } = await serve()
    await ask(port, 'PUT', '/uploads/k', { body: 'Hello', headers: { 'cache-control': 'max-age=5' } })
    const { etag, 'last-modified': modified } = (await ask(port, 'HEAD', '/uploads/k')).headers as Record<
      string,
      string
    >
    for (const method of ['GET', 'HEAD']) {
      for (const headers of [{ 'if-none-match': etag }, { 'if-modified-since': modified }]) {
        const got = await ask(port, method, '/uploads/k', { headers })
        expect([got.status, got.text]).toEqual([304, ''])
        expect(got.headers).toMatchObject({ etag, 'last-modified': modified, 'cache-control': 'max-age=5' })
        expect(got.headers['content-type']).toBeUndefined()
        expect(got.headers['content-length']).toBeUndefined()
      }
      const failed = await ask(port, method, '/uploads/k', { headers: { 'if-match': '"x"' } })
      expect([failed.status, failed.headers['x-holdfast-error']]).toEqual([412, 'PRECONDITION_FAILED'])
      const fresh = await ask(port, method, '/uploads/k', { headers: { 'if-none-match': '"x"' } })
      expect(fresh.status).toBe(200)
    }
  })

  test('answer 304 for a range of what has not changed', async () => {
    const { port } = await serve()
    const { headers: put } = await ask(port, 'PUT', '/uploads/k', { body: 'Hello' })
    const headers = { range: 'bytes=99-', 'if-none-match': put.etag }
    expect((await ask(port, 'GET', '/uploads/k', { headers })).status).toBe(304)
    const failed = { range: 'bytes=99-', 'if-match': '"x"' }
    expect((await ask(port, 'GET', '/uploads/k', { headers: failed })).status).toBe(412)
  })

  describe('ranges', () => {
    const body = '0123456789'
    test.each([
      ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
      ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
      ['bytes=-3', 206, '789', 'bytes 7-9/10'],
      ['bytes=-99', 206, body, 'bytes 0-9/10'],
      ['bytes=9-99', 206, '9', 'bytes 9-9/10'],
      ['bytes=0-99999999999999999999', 206, body, 'bytes 0-9/10'],
      ['bytes=10-', 416, undefined, 'bytes */10'],
      ['bytes=99999999999999999999-', 416, undefined, 'bytes */10'],
      ['bytes=-0', 416, undefined, 'bytes */10'],
      ['bytes=5-2', 200, body, undefined],
      ['bytes=0-1,3-4', 200, body, undefined],
      [`bytes=${'0-,'.repeat(500)}0-`, 200, body, undefined],
      ['lines=1-2', 200, body, undefined],
    ])('%s is %i', async (range, status, text, contentRange) => {
      const { port } = await serve()
      await ask(port, 'PUT', '/uploads/k', { body })
      const got = await ask(port, 'GET', '/uploads/k', { headers: { range } })
      expect(got.status).toBe(status)
      expect(got.headers['content-range']).toBe(contentRange)
      if (text !== undefined) {
        expect(got.text).toBe(text)
        expect(got.headers['content-length']).toBe(String(text.length))
        expect(got.headers['repr-digest']).toBe(digestOf(Buffer.from(body)))
      } else {
        expect(got.json.error.code).toBe('RANGE_NOT_SATISFIABLE')
      }
      // A range has no meaning for HEAD (RFC 9110, section 14.2).
      const head = await ask(port, 'HEAD', '/uploads/k', { headers: { range } })
      expect([head.status, head.headers['content-length']]).toEqual([200, '10'])
    })

    test('of an empty file are 416', async () => {
      const { port } = await serve()
      await ask(port, 'PUT', '/uploads/k', { body: '' })
      const got = await ask(port, 'GET', '/uploads/k', { headers: { range: 'bytes=0-' } })
      expect([got.status, got.headers['content-range']]).toEqual([416, 'bytes */0'])
    })

    test('If-Range gives the part of the same version, else the whole', async () => {
      const { port } = await serve()
      const { headers: put } = await ask(port, 'PUT', '/uploads/k', { body })
      const got = async (ifRange: string, range = 'bytes=2-3') => {
        const { status, text } = await ask(port, 'GET', '/uploads/k', {
          headers: { range, 'if-range': ifRange },
        })
        return [status, text]
      }
      expect(await got(put.etag as string)).toEqual([206, '23'])
      expect(await got('"other"')).toEqual([200, body])
      expect(await got(`W/${put.etag}`)).toEqual([200, body])
      expect(await got('Thu, 01 Jan 2015 00:00:00 GMT')).toEqual([200, body])
      // No range of the version that the client has; but that one is gone.
      expect(await got('"other"', 'bytes=99-')).toEqual([200, body])
      expect((await got(put.etag as string, 'bytes=99-'))[0]).toBe(416)
    })
  })

  test('every range of a file is what it is of the bytes', async () => {
    const { port } = await serve()
    const bytes = randomBytes(300)
    await ask(port, 'PUT', '/uploads/k', { body: bytes })
    const range = fc.tuple(fc.nat(320), fc.nat(320))
    await fc.assert(
      fc.asyncProperty(range, async ([start, end]) => {
        const got = await ask(port, 'GET', '/uploads/k', { headers: { range: `bytes=${start}-${end}` } })
        if (end < start) expect([got.status, got.body]).toEqual([200, bytes])
        else if (start >= 300) expect(got.status).toBe(416)
        else expect([got.status, got.body]).toEqual([206, bytes.subarray(start, end + 1)])
      }),
    )
  })
})

describe('what a browser may show', () => {
  test('is a PNG that says so, on GET, HEAD and every range', async () => {
    const { port } = await serve()
    const body = Buffer.concat([PNG, Buffer.alloc(10_000)])
    await ask(port, 'PUT', '/uploads/a.png', { body, headers: { 'content-type': 'image/png' } })
    const disposition = async (method: string, headers = {}) =>
      (await ask(port, method, '/uploads/a.png', { headers })).headers['content-disposition']
    // The first is a range without the first bytes, of a file that nothing is known of yet.
    expect(await disposition('GET', { range: 'bytes=9000-' })).toBe('inline; filename="a.png"')
    expect(await disposition('GET')).toBe('inline; filename="a.png"')
    expect(await disposition('HEAD')).toBe('inline; filename="a.png"')
    expect(await disposition('GET', { range: 'bytes=0-3' })).toBe('inline; filename="a.png"')
    // Other bytes under the same key are judged anew.
    await ask(port, 'PUT', '/uploads/a.png', { body: '<script>', headers: { 'content-type': 'image/png' } })
    expect(await disposition('HEAD')).toBe('attachment; filename="a.png"')
    expect(await disposition('GET', { range: 'bytes=2-' })).toBe('attachment; filename="a.png"')
  })

  test('is nothing that the bytes do not prove', async () => {
    const { port } = await serve()
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for (const [type, body] of [
      ['image/svg+xml', svg],
      ['text/html', PNG],
      ['image/png', svg],
      ['text/plain', 'Hello'],
    ] as const) {
      await ask(port, 'PUT', '/uploads/k', { body, headers: { 'content-type': type } })
      const { headers } = await ask(port, 'GET', '/uploads/k')
      expect(headers['content-disposition']).toBe('attachment; filename="k"')
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })
})

describe('DELETE', () => {
  test('removes a file, and is 204 where there is none', async () => {
    const { port, storage } = await serve()
    await ask(port, 'PUT', '/uploads/k', { body: 'x' })
    const deleted = await ask(port, 'DELETE', '/uploads/k')
    expect([deleted.status, deleted.text, deleted.headers['content-length']]).toEqual([204, '', undefined])
    expect(await storage.fileExists('k')).toBe(false)
    expect((await ask(port, 'DELETE', '/uploads/k')).status).toBe(204)
  })

  test('obeys conditions', async () => {
    const { port, storage } = await serve()
    const { headers: put } = await ask(port, 'PUT', '/uploads/k', { body: 'x' })
    const deleted = async (headers: Record<string, string>) =>
      (await ask(port, 'DELETE', '/uploads/k', { headers })).status
    expect(await deleted({ 'if-match': '"x"' })).toBe(412)
    expect(await deleted({ 'if-match': '"x", "y"' })).toBe(412)
    expect(await deleted({ 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' })).toBe(412)
    expect(await deleted({ 'if-none-match': '*' })).toBe(400)
    expect(await storage.fileExists('k')).toBe(true)
    expect(await deleted({ 'if-match': put.etag as string })).toBe(204)
    expect(await storage.fileExists('k')).toBe(false)
  })
})

describe('the listing', () => {
  test('has pages, prefixes and a cursor', async () => {
    const { port } = await serve()
    for (const key of ['a/1', 'a/2', 'b', 'c', 'é'])
      await ask(port, 'PUT', `/uploads/${encodeKey(key)}`, { body: key })
    const all = await ask(port, 'GET', '/uploads')
    expect(all.json).toMatchObject({ prefixes: [], complete: true })
    expect(all.json.files.map((file: { key: string }) => file.key)).toEqual(['a/1', 'a/2', 'b', 'c', 'é'])
    expect(all.json.files[0]).toMatchObject({ key: 'a/1', size: 3, etag: expect.any(String), pending: false })
    const first = (await ask(port, 'GET', '/uploads?delimiter=%2F&limit=2')).json
    expect([first.prefixes, first.files.map((file: { key: string }) => file.key)]).toEqual([['a/'], ['b']])
    const next = (
      await ask(port, 'GET', `/uploads?delimiter=/&limit=2&cursor=${encodeURIComponent(first.cursor)}`)
    ).json
    expect([next.prefixes, next.files.map((file: { key: string }) => file.key), next.cursor]).toEqual([
      [],
      ['c', 'é'],
      undefined,
    ])
    expect((await ask(port, 'GET', '/uploads?prefix=%C3%A9')).json.files).toHaveLength(1)
    expect((await ask(port, 'HEAD', '/uploads')).text).toBe('')
  })

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=-1', 'cursor=nonsense', 'prefix=../x', 'prefix=/'])(
    'refuses %s',
    async query => {
      const { port } = await serve()
      const got = await ask(port, 'GET', `/uploads?${query}`)
      expect([got.status, got.json.error.code]).toEqual([400, 'INVALID_ARGUMENT'])
    },
  )
})

describe('keys', () => {
  test('every valid key comes back through HTTP, and every other is refused', async () => {
    const { port, storage } = await serve()
    const odd = fc.constantFrom(
      '.',
      '..',
      '...',
      'a.',
      'CON',
      '__proto__',
      '%2e%2e',
      '%2f',
      '%',
      '+',
      '?',
      '#',
      ' ',
      '\u202e',
      'é',
      'e\u0301',
      '😀',
      'A',
      '~',
      '\u0000',
      '\r\n',
      '\\',
      '',
    )
    const segment = fc.oneof(
      odd,
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
      fc.constant('x'.repeat(255)),
    )
    const anyKey = fc.array(segment, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/'))
    await fc.assert(
      fc.asyncProperty(anyKey, async key => {
        // A lone surrogate has no UTF-8, and so no URL.
        if (!key.isWellFormed()) return
        const path = `/uploads/${encodeKey(key)}`
        const put = await ask(port, 'PUT', path, { body: key })
        if (!isKey(key)) {
          expect([put.status, put.json.error.code]).toEqual([400, 'INVALID_KEY'])
          return
        }
        expect([put.status, put.json.key]).toEqual([201, key])
        expect(put.headers.location).toBe(path)
        expect((await ask(port, 'GET', path)).text).toBe(key)
        expect((await storage.statFile(key)).key).toBe(key)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    '/uploads/a%2F..%2Fb',
    '/uploads/../status',
    '/uploads/..%2fstatus',
    '/uploads/%2e%2e/status',
    '/uploads//a',
    '/uploads/a//b',
    '/uploads/%ff',
    '/uploads/%',
    '/uploads/a%00',
    '/uploads/.holdfast/x',
  ])('%s is refused as a key, whatever the method', async path => {
    const { port } = await serve()
    for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
      const got = await ask(port, method, path)
      expect([got.status, got.json.error.code]).toEqual([400, 'INVALID_KEY'])
    }
  })

  test.each(['/uploads/', '/uploads/a/'])('%s is no file', async path => {
    const { port } = await serve()
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const got = await ask(port, method, path)
      expect([got.status, got.headers['x-holdfast-error']]).toEqual([400, 'INVALID_KEY'])
    }
  })

  test('what is decoded twice elsewhere is decoded once here', async () => {
    const { port, storage } = await serve()
    await ask(port, 'PUT', '/uploads/%252e%252e%252fx', { body: 'x' })
    expect(await storage.listFiles()).toEqual(expect.arrayContaining(['%2e%2e%2fx']))
  })
})

describe('other paths and methods', () => {
  test.each(['/nothing', '/Uploads/a', '/%75ploads/a', '//uploads/a', '/uploadsx', '/status/', '/%ff'])(
    '%s is 404, and no other name for anything',
    async path => {
      const { port, storage } = await serve()
      for (const method of ['GET', 'PUT']) {
        const got = await ask(port, method, path, { body: 'x' })
        expect([got.status, got.json.error.code]).toEqual([404, 'NOT_FOUND'])
      }
      expect(await storage.listFiles()).toHaveLength(0)
    },
  )

  test.each([
    ['POST', '/uploads/a', 'GET, HEAD, PUT, DELETE, OPTIONS'],
    ['PATCH', '/uploads/a', 'GET, HEAD, PUT, DELETE, OPTIONS'],
    ['PROPFIND', '/uploads/a', 'GET, HEAD, PUT, DELETE, OPTIONS'],
    ['PUT', '/uploads', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/', 'GET, HEAD, OPTIONS'],
    ['POST', '/status', 'GET, HEAD, OPTIONS'],
  ])('%s %s is 405', async (method, path, allow) => {
    const { port } = await serve()
    const headers = { 'content-type': 'not a type' }
    const got = await ask(port, method, path, { body: 'x', headers })
    expect([got.status, got.headers.allow]).toEqual([405, allow])
    expect(got.json.error).toMatchObject({ code: 'UNSUPPORTED', retryable: false })
    const options = await ask(port, 'OPTIONS', path)
    expect([options.status, options.headers.allow]).toEqual([204, allow])
  })

  test('a target that is no path is 404', async () => {
    const { port } = await serve()
    const got = await ask(port, 'OPTIONS', '*')
    expect([got.status, got.json.error.message]).toEqual([404, 'There is nothing at "*".'])
  })

  test('the target may be in absolute form', async () => {
    const { port } = await serve()
    expect((await ask(port, 'GET', 'http://anything.example/healthz')).status).toBe(200)
  })
})
