import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRange, resolveRange } from './range.js'

const code = (name: string): unknown => expect.objectContaining({ code: name })

describe('resolveRange', () => {
  it('selects exactly the bytes that the range names (RFC 9110, section 14.1.2)', () => {
    const numbers = fc.nat({ max: 30 })
    fc.assert(
      fc.property(numbers, numbers, fc.option(numbers, { nil: undefined }), (size, start, length) => {
        const bytes = Array.from({ length: size }, (_, i) => i)
        const end = length === undefined ? undefined : start + length
        const expected = bytes.filter(i => i >= start && i <= (end ?? size))
        if (expected.length === 0) {
          expect(() => resolveRange({ start, end }, size)).toThrow(code('RANGE_NOT_SATISFIABLE'))
        } else {
          const range = resolveRange({ start, end }, size)
          expect(range.size).toBe(size)
          expect(bytes.slice(range.start, range.end + 1)).toEqual(expected)
        }
      }),
    )
  })

  it('selects the last bytes, all of them where the object has fewer', () => {
    fc.assert(
      fc.property(fc.nat({ max: 30 }), fc.nat({ max: 40 }), (size, last) => {
        if (last === 0 || size === 0) {
          expect(() => resolveRange({ last }, size)).toThrow(code('RANGE_NOT_SATISFIABLE'))
        } else {
          const range = resolveRange({ last }, size)
          expect(range).toEqual({ start: Math.max(0, size - last), end: size - 1, size })
        }
      }),
    )
  })

  it.each([
    { start: -1 },
    { start: 0.5 },
    { start: Number.NaN },
    { start: Number.POSITIVE_INFINITY },
    { start: 2 ** 53 },
    { start: '1' as unknown as number },
    { start: 5, end: 4 },
    { start: 0, end: -1 },
    { start: 0, end: 1.5 },
    { last: -1 },
    { last: 0.1 },
    { last: null as unknown as number },
    null as unknown as { last: number },
    'bytes=0-1' as unknown as { last: number },
    5 as unknown as { last: number },
  ])('refuses %j as no range', range => {
    expect(() => resolveRange(range, 10)).toThrow(code('INVALID_ARGUMENT'))
    expect(() => resolveRange(range, 0)).toThrow(code('INVALID_ARGUMENT'))
  })

  it('names the key and the range that holds no byte', () => {
    expect(() => resolveRange({ start: 10 }, 10, 'a/b')).toThrow(
      expect.objectContaining({
        code: 'RANGE_NOT_SATISFIABLE',
        key: 'a/b',
        message: expect.stringContaining('bytes=10-'),
      }),
    )
  })
})

describe('formatRange', () => {
  it.each([
    [{ start: 0 }, 'bytes=0-'],
    [{ start: 5, end: 9 }, 'bytes=5-9'],
    [{ last: 7 }, 'bytes=-7'],
  ])('writes %j as %s', (range, header) => {
    expect(formatRange(range)).toBe(header)
  })
})
