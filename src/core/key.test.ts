import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from './errors.js'
import { compareUtf8, encodeKey, internalKey, isKey, MAX_KEY_BYTES, parseKey, parsePrefix } from './key.js'

/** What a key is, said once more and another way: by its bytes. */
function isKeyByTheBook(value: string): boolean {
  const bytes = Buffer.from(value)
  if (bytes.toString() !== value) return false
  if (bytes.length < 1 || bytes.length > MAX_KEY_BYTES) return false
  for (const char of value) {
    const code = char.codePointAt(0) ?? 0
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) return false
    if (char === '\\') return false
  }
  const segments = value.split('/')
  if (segments.some(segment => segment === '' || segment === '.' || segment === '..')) return false
  return segments[0] !== '.holdfast'
}

/** Strings that come close to the rules of keys. */
const nearKeys = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', '.', '/', '-', ' ', 'é'), maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('.', '/', '\\', '\u0000', '\u007f', '\ud800', '\udc00', '%'),
    maxLength: 6,
  }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('.holdfast', '/', 'a', '.', 'x'), maxLength: 5 }),
  fc.integer({ min: MAX_KEY_BYTES - 3, max: MAX_KEY_BYTES + 3 }).map(length => 'k'.repeat(length)),
  fc.integer({ min: 340, max: 343 }).map(length => '日'.repeat(length)),
)
const text = fc.string({ unit: 'binary' }).filter(value => value.isWellFormed())
const keys = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5 })
  .map(segments => segments.join('/'))
  .filter(isKey)

describe('parseKey', () => {
  it('takes exactly what the rules say, unchanged', () => {
    fc.assert(
      fc.property(nearKeys, value => {
        expect(isKey(value)).toBe(isKeyByTheBook(value))
        if (isKeyByTheBook(value)) expect(parseKey(value)).toBe(value)
        else expect(() => parseKey(value)).toThrow(StorageError)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['', 'at least one character'],
    ['/a', 'does not start with "/"'],
    ['a//b', 'no empty segment'],
    ['a/', 'no empty segment'],
    ['.', 'no "." segment'],
    ['..', 'no ".." segment'],
    ['a/../b', 'no ".." segment'],
    ['a/./b', 'no "." segment'],
    ['a\\b', 'no backslash'],
    ['a\u0000', 'no control characters'],
    ['a\r\nb', 'no control characters'],
    ['a\u0085', 'no control characters'],
    ['a\u2028b', 'no control characters'],
    ['a\ud800', 'lone surrogate'],
    ['\udc00a', 'lone surrogate'],
    ['.holdfast', 'reserved'],
    ['.holdfast/x', 'reserved'],
    ['é'.repeat(513), 'this has 1026'],
    ['a'.repeat(1025), 'this has 1025'],
    [null, 'not null'],
    [undefined, 'not undefined'],
    [42, 'not number'],
    [['a'], 'not object'],
    [new String('a'), 'not object'],
  ])('refuses %j: %s', (value, why) => {
    const refusal = (): unknown => parseKey(value, 'uploadFile')
    expect(refusal).toThrow(why)
    expect(refusal).toThrow(expect.objectContaining({ code: 'INVALID_KEY', op: 'uploadFile' }))
    expect(isKey(value)).toBe(false)
  })

  it.each([
    'a',
    '0',
    'a/b',
    '...',
    '..a',
    'a..',
    '.a',
    '.holdfastx',
    '.holdfas',
    'x/.holdfast',
    '%2e%2e%2f',
    ' ',
    '__proto__',
  ])('takes %j', value => {
    expect(parseKey(value)).toBe(value)
  })

  it('takes up to 1024 bytes, whatever their characters', () => {
    for (const value of ['a'.repeat(1024), 'é'.repeat(512), `${'日'.repeat(341)}a`, '👋'.repeat(256)]) {
      expect(parseKey(value)).toBe(value)
    }
  })

  it('shows a long or hostile key short and escaped', () => {
    const refusal = (): unknown => parseKey(`${'x'.repeat(5000)}\n\u001b[31m`)
    expect(refusal).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }))
    try {
      refusal()
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(300)
    }
  })

  it('keeps names of its own out of reach', () => {
    expect(isKey(internalKey('probe'))).toBe(false)
  })
})

describe('parsePrefix', () => {
  it('takes every start of every key, and nothing that starts no key', () => {
    fc.assert(
      fc.property(keys, fc.nat(), (key, cut) => {
        const prefix = key.slice(0, cut % (key.length + 1))
        if (prefix.isWellFormed()) expect(parsePrefix(prefix)).toBe(prefix)
      }),
    )
    fc.assert(
      fc.property(nearKeys, value => {
        const takes = ((): boolean => {
          try {
            return parsePrefix(value) === value
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
            return false
          }
        })()
        const completed = value === '' || value.endsWith('/') ? `${value}a` : value
        // What is taken starts a key: itself, or with a letter behind it (a prefix may end in a dot or in '/').
        const startsKey = [completed, `${completed}a`].some(
          key => isKeyByTheBook(key) || key.startsWith('.holdfast'),
        )
        if (takes && Buffer.byteLength(value) < MAX_KEY_BYTES) expect(startsKey).toBe(true)
        if (isKeyByTheBook(value)) expect(takes).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['/a', 'a//', 'a/../', './a', '../', 'a\\', 'a\u0000', '\ud800', 'a'.repeat(1025), 5, null])(
    'refuses %j',
    value => {
      expect(() => parsePrefix(value)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    },
  )
})

describe('compareUtf8', () => {
  it('orders as the bytes of UTF-8 do', () => {
    const points = fc.constantFrom(
      'a',
      'b',
      '\u007f',
      '\u0080',
      '\ud7ff',
      '\ue000',
      '\ufffd',
      '\uffff',
      '\u{10000}',
      '\u{10ffff}',
    )
    const strings = fc.oneof(fc.string({ unit: points }), text)
    fc.assert(
      fc.property(strings, strings, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(compareUtf8(a, a)).toBe(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('puts U+FFFD before U+1F44B, which JavaScript does not', () => {
    expect(compareUtf8('\ufffd', '👋')).toBeLessThan(0)
    expect('\ufffd' < '👋').toBe(false)
  })
})

describe('encodeKey', () => {
  it('is read back by every URL parser, and holds nothing but unreserved characters', () => {
    fc.assert(
      fc.property(keys, key => {
        const encoded = encodeKey(key)
        expect(encoded).toMatch(/^(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+$/)
        expect(decodeURIComponent(encoded)).toBe(key)
        expect(decodeURIComponent(new URL(`http://host/b/${encoded}`).pathname)).toBe(`/b/${key}`)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['plain/file.txt', 'plain/file.txt'],
    ['a b+c', 'a%20b%2Bc'],
    ["!'()*", '%21%27%28%29%2A'],
    ['é?#', '%C3%A9%3F%23'],
    ['%2F', '%252F'],
    ['~', '~'],
  ])('encodes %j as %j', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded)
  })
})
