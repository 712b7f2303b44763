import { describe, expect, test } from 'vitest'
import { encodeMetadataValue } from '../core/attributes.js'
import { metadataHeaders, uploadOptions } from './upload-headers.js'

const LIMIT = 1000
const options = (headers: Record<string, string>) => uploadOptions(headers, LIMIT)

/** A header of UTF-8 bytes as node:http hands it out. */
const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

test('nothing said is nothing known, but for the limit', () => {
  expect(options({})).toEqual({ maxBytes: LIMIT })
})

test('the headers of the content', () => {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'content-encoding': 'gzip',
    'cache-control': 'max-age=60',
    'content-length': '12',
  }
  expect(options(headers)).toEqual({
    contentType: 'text/plain; charset=utf-8',
    contentEncoding: 'gzip',
    cacheControl: 'max-age=60',
    size: 12,
    maxBytes: LIMIT,
  })
  expect(options({ 'content-encoding': 'Identity' }).contentEncoding).toBeUndefined()
})

test('a declared length over the limit is TOO_LARGE', () => {
  expect(options({ 'content-length': '1000' }).size).toBe(1000)
  expect(() => options({ 'content-length': '1001' })).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
})

test('a part is not taken for the whole', () => {
  expect(() => options({ 'content-range': 'bytes 0-1/5' })).toThrow(/Content-Range/)
})

describe('Content-Digest', () => {
  const base64 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  test.each([`sha-256=:${base64}:`, `sha-512=:AAAA:, sha-256=:${base64}:`, `sha-256=:${base64}:,md5=:AAAA:`])(
    '%s is a SHA-256',
    value => {
      expect(options({ 'content-digest': value }).sha256).toBe(hex)
    },
  )
  test('other algorithms are ignored', () => {
    expect(options({ 'content-digest': 'sha-512=:AAAA:' }).sha256).toBeUndefined()
  })
  test.each(['sha-256=:AAAA:', `sha-256=${base64}`, `sha-256=:${hex}:`, 'sha-256='])(
    '%s is refused',
    value => {
      expect(() => options({ 'content-digest': value })).toThrow(/Content-Digest/)
    },
  )
})

describe('Content-Disposition', () => {
  test.each([
    ["inline; filename*=UTF-8''caf%C3%A9%20%E2%98%95.png", 'café ☕.png'],
    ['inline; filename="plain.txt"', 'plain.txt'],
    ['inline; filename="a \\"b\\".txt"', 'a "b".txt'],
    [latin1('inline; filename="Straße.txt"'), 'Straße.txt'],
    ['inline; filename="x.txt"; filename*=UTF-8\'\'y.txt', 'y.txt'],
    ["inline; filename*=UTF-8''%C3%83%C2%A9.txt", 'Ã©.txt'],
  ])('%j names the file %j', (value, fileName) => {
    expect(options({ 'content-disposition': value })).toEqual({ fileName, maxBytes: LIMIT })
  })

  test('attachment is remembered', () => {
    const value = 'attachment; filename="a.png"'
    const expected = { fileName: 'a.png', contentDisposition: 'attachment', maxBytes: LIMIT }
    expect(options({ 'content-disposition': value })).toEqual(expected)
  })

  test.each(['', 'a b', 'form-data; name="x"', 'inline; filename="x', "inline; filename*=KOI8-R''x"])(
    '%j is refused',
    value => {
      expect(() => options({ 'content-disposition': value })).toThrow(/Content-Disposition/)
    },
  )
})

describe('metadata', () => {
  test('of any Unicode, plain or encoded, comes back as it was', () => {
    const metadata = { plain: 'a b', umlaut: 'Zoë', emoji: '😀', odd: '=?x', ['__proto__']: 'p' }
    const plain: Record<string, string> = {}
    const encoded: Record<string, string> = {}
    for (const [name, value] of Object.entries(metadata)) {
      plain[`x-holdfast-meta-${name}`] = latin1(value)
      encoded[`x-holdfast-meta-${name}`] = encodeMetadataValue(value)
    }
    expect(options(plain).metadata).toEqual(metadata)
    expect(options(encoded).metadata).toEqual(metadata)
    expect(metadataHeaders({ metadata })).toEqual(encoded)
  })

  test('that is neither ASCII nor UTF-8 is refused', () => {
    expect(() => options({ 'x-holdfast-meta-a': '\xe9' })).toThrow(/x-holdfast-meta-a/)
  })
})
