import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeKey, isKey, MAX_KEY_BYTES } from '../core/key.js'
import { keyOfPath, requestTarget, splitTarget } from './target.js'

const request = (url: string, originalUrl?: string): IncomingMessage =>
  ({ url, originalUrl }) as unknown as IncomingMessage

describe('keyOfPath', () => {
  test.each([
    ['/uploads/a/b.txt', 'a/b.txt'],
    ['/uploads/a%2Fb.txt', 'a/b.txt'],
    ['/uploads/%252e%252e', '%2e%2e'],
    ['/uploads/a+b', 'a+b'],
    ['/uploads/a%20b', 'a b'],
    ['/uploads/%C3%A9', 'é'],
    // The bytes of é, as curl sends them and node:http shows them.
    ['/uploads/\xc3\xa9', 'é'],
    ['/uploads/a;b=c&d', 'a;b=c&d'],
    ['/uploads/...', '...'],
    ['/uploads/__proto__', '__proto__'],
  ])('%j is the key %j', (path, key) => {
    expect(keyOfPath(path)).toBe(key)
  })

  test.each([
    '/uploads/',
    '/uploads//a',
    '/uploads/a//b',
    '/uploads/a/',
    '/uploads/..',
    '/uploads/../a',
    '/uploads/a/../b',
    '/uploads/a%2F..%2Fb',
    '/uploads/%2e%2e/b',
    '/uploads/%2E%2E%2Fb',
    '/uploads/.',
    '/uploads/%2Fetc/passwd',
    '/uploads/a%5Cb',
    '/uploads/a\\b',
    '/uploads/a%00b',
    '/uploads/a%0d%0ab',
    '/uploads/%ff',
    '/uploads/\xe9',
    '/uploads/%c0%ae%c0%ae/b',
    '/uploads/%ed%a0%80',
    '/uploads/%',
    '/uploads/%2',
    '/uploads/%zz',
    '/uploads/a#b',
    '/uploads/.holdfast/ledger',
    '/uploads/%2eholdfast/ledger',
    `/uploads/${'a'.repeat(MAX_KEY_BYTES + 1)}`,
  ])('%j is refused', path => {
    expect(() => keyOfPath(path)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
  })

  test('every valid key has a path that names it and no other', () => {
    const keys = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(isKey)
    fc.assert(fc.property(keys, key => keyOfPath(`/uploads/${encodeKey(key)}`) === key))
    const anyEncoding = (key: string): string =>
      Buffer.from(key).reduce((path, byte) => `${path}%${byte.toString(16).padStart(2, '0')}`, '')
    fc.assert(fc.property(keys, key => keyOfPath(`/uploads/${anyEncoding(key)}`) === key))
  })

  test('whatever a path holds, the key is valid or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom('.', '..', '/', '//', '\\', '%2e', '%2E%2e', '%2f', '%5c', '%00', '%25', '%252f', '%'),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        try {
          expect(isKey(keyOfPath(`/uploads/${pieces.join('')}`))).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_KEY' })
        }
      }),
    )
  })
})

describe('requestTarget', () => {
  test.each([
    ['/uploads/a?b', '', '/uploads/a?b'],
    ['http://example.com/uploads/a?b', '', '/uploads/a?b'],
    ['HTTPS://[::1]:80/uploads/../a', '', '/uploads/../a'],
    ['/files/uploads/a', '/files', '/uploads/a'],
    ['/files', '/files', '/'],
    ['/files?x', '/files', '/?x'],
  ])('of %s under %j is %s', (url, basePath, target) => {
    expect(requestTarget(request(url), basePath)).toBe(target)
  })

  test.each([
    ['/filesystem/a', '/files'],
    ['/uploads/a', '/files'],
    ['*', ''],
    ['http://example.com', '/files'],
  ])('of %s lies outside %j', (url, basePath) => {
    expect(requestTarget(request(url), basePath)).toBeUndefined()
  })

  test('what a framework cut off counts', () => {
    expect(requestTarget(request('/uploads/a', '/uploads/uploads/a'), '')).toBe('/uploads/uploads/a')
  })
})

test('splitTarget splits at the first question mark', () => {
  expect(splitTarget('/a?b?c=%3F')).toEqual({ path: '/a', query: 'b?c=%3F' })
  expect(splitTarget('/a%3Fb')).toEqual({ path: '/a%3Fb', query: '' })
})
