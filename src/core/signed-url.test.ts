import { describe, expect, it } from 'vitest'
import { signUrl, verifySignedUrl } from './signed-url.js'

const NOW = 1_800_000_000_000
const KEYS = ['a secret of today', 'a secret of yesterday']
const GET = { method: 'GET', expiresInSeconds: 60, nowMs: NOW } as const

describe('a signed URL', () => {
  it('is the stable path with its expiry and signature', () => {
    const url = signUrl(KEYS, 'folder/a b?.txt', GET)
    expect(url).toMatch(/^\/uploads\/folder\/a%20b%3F\.txt\?expires=1800000060&signature=[A-Za-z0-9_-]{43}$/)
    expect(verifySignedUrl(KEYS, 'GET', url, NOW)).toEqual({
      method: 'GET',
      key: 'folder/a b?.txt',
      expiresAt: new Date(NOW + 60_000),
    })
  })

  it('carries what to answer with', () => {
    const contentDisposition = `attachment; filename="a&b=c.txt"; filename*=UTF-8''%C3%A9.txt`
    const url = signUrl(KEYS, 'a', { ...GET, contentType: 'text/plain; charset="x"', contentDisposition })
    expect(verifySignedUrl(KEYS, 'GET', url, NOW)).toEqual({
      method: 'GET',
      key: 'a',
      expiresAt: new Date(NOW + 60_000),
      contentType: 'text/plain; charset="x"',
      contentDisposition,
    })
  })

  it('starts with the base that is given', () => {
    const url = signUrl(KEYS, 'a', { ...GET, baseUrl: 'https://files.example.org/' })
    expect(url).toMatch(/^https:\/\/files\.example\.org\/uploads\/a\?/)
  })

  it('is signed by the first key and verified by all', () => {
    const old = signUrl(KEYS.slice(1), 'a', GET)
    expect(verifySignedUrl(KEYS, 'GET', old, NOW)).toBeDefined()
    expect(verifySignedUrl(KEYS.slice(0, 1), 'GET', old, NOW)).toBeUndefined()
    expect(verifySignedUrl(KEYS.slice(0, 1), 'GET', signUrl(KEYS, 'a', GET), NOW)).toBeDefined()
    expect(verifySignedUrl([], 'GET', old, NOW)).toBeUndefined()
  })

  it('runs out to the second', () => {
    const url = signUrl(KEYS, 'a', GET)
    expect(verifySignedUrl(KEYS, 'GET', url, NOW + 59_999)).toBeDefined()
    expect(verifySignedUrl(KEYS, 'GET', url, NOW + 60_000)).toBeUndefined()
  })

  it('grants HEAD with GET, and nothing else with either', () => {
    const get = signUrl(KEYS, 'a', GET)
    const put = signUrl(KEYS, 'a', { ...GET, method: 'PUT', contentType: 'image/png' })
    expect(verifySignedUrl(KEYS, 'HEAD', get, NOW)?.method).toBe('GET')
    expect(verifySignedUrl(KEYS, 'PUT', put, NOW)).toEqual({
      method: 'PUT',
      key: 'a',
      expiresAt: new Date(NOW + 60_000),
      contentType: 'image/png',
    })
    for (const [url, method] of [
      [get, 'PUT'],
      [get, 'DELETE'],
      [get, 'get'],
      [put, 'GET'],
      [put, 'HEAD'],
      [put, 'POST'],
    ] as const) {
      expect(verifySignedUrl(KEYS, method, url, NOW), `${method} ${url}`).toBeUndefined()
    }
  })

  it('grants nothing else when any character of it is changed, left out or doubled', () => {
    const url = signUrl(KEYS, 'dir/file.txt', {
      ...GET,
      contentType: 'text/plain',
      contentDisposition: 'inline',
    })
    const granted = verifySignedUrl(KEYS, 'GET', url, NOW)
    // Two spellings of one request, such as a doubled "&", are no other request.
    const respelled = new Set<string>()
    for (let i = 0; i < url.length; i++) {
      for (const other of ['', url[i] === 'A' ? 'B' : 'A', `${url[i]}${url[i]}`]) {
        const tampered = url.slice(0, i) + other + url.slice(i + 1)
        const found = verifySignedUrl(KEYS, 'GET', tampered, NOW)
        if (found === undefined) continue
        expect(found).toEqual(granted)
        respelled.add(other)
      }
    }
    expect([...respelled].every(other => other === '??' || other === '&&')).toBe(true)
  })

  it("is refused with another URL's parts, or with parts that nobody signed", () => {
    const url = signUrl(KEYS, 'a', GET)
    const later = signUrl(KEYS, 'a', { ...GET, expiresInSeconds: 6000 })
    const other = signUrl(KEYS, 'b', GET)
    const typed = signUrl(KEYS, 'a', { ...GET, contentType: 'text/html' })
    const queryOf = (text: string): string => text.slice(text.indexOf('?'))
    for (const tampered of [
      `/uploads/b${queryOf(url)}`,
      `/uploads/a${queryOf(other)}`,
      url.replace(/expires=\d+/, /expires=\d+/.exec(later)?.[0] ?? ''),
      url.replace(/signature=.*/, /signature=.*/.exec(typed)?.[0] ?? ''),
      `${url}&contentType=text%2Fhtml`,
      `${url}&disposition=inline`,
      `${url}&download=1`,
      `${url}&expires=1900000000`,
      `/uploads/a?expires=1900000000&${queryOf(url).slice(1)}`,
      '/uploads/a',
      '/uploads/a?',
      '/uploads/?expires=1800000060&signature=x',
      '/uploads/%ff?expires=1800000060&signature=x',
      '/uploads/../a?expires=1800000060&signature=x',
      `/uploads/a?${'x'.repeat(20_000)}`,
    ]) {
      expect(verifySignedUrl(KEYS, 'GET', tampered, NOW), tampered).toBeUndefined()
    }
  })

  it('keeps its parts apart', () => {
    const a = signUrl(KEYS, 'a', { ...GET, contentType: 'x', contentDisposition: 'y' })
    const b = signUrl(KEYS, 'a', { ...GET, contentType: 'x,"y' })
    expect(a.slice(a.indexOf('signature'))).not.toBe(b.slice(b.indexOf('signature')))
  })

  it('is not made for what cannot be granted', () => {
    for (const expiresInSeconds of [0, -1, 1.5, 604_801, Number.NaN]) {
      expect(() => signUrl(KEYS, 'a', { ...GET, expiresInSeconds })).toThrow(/expiresInSeconds/)
    }
    expect(() => signUrl(KEYS, 'a', { ...GET, method: 'DELETE' as 'GET' })).toThrow(/method/)
    expect(() => signUrl(KEYS, 'a', { ...GET, method: 'PUT', contentDisposition: 'inline' })).toThrow(/GET/)
    expect(() => signUrl([], 'a', GET)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(() => signUrl([''], 'a', GET)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('never shows the key it was signed with', () => {
    expect(signUrl(KEYS, 'a', GET)).not.toContain('secret')
  })
})
