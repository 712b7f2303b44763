import { describe, expect, test } from 'vitest'
import {
  decideWrite,
  evaluateRead,
  holdsIfRange,
  parseHttpDate,
  parseIfRange,
  storeCondition,
} from './conditions.js'

const lastModified = new Date('2026-05-06T07:08:09.500Z')
const version = { etag: 'abc', lastModified }
const SAME = 'Wed, 06 May 2026 07:08:09 GMT'
const BEFORE = 'Wed, 06 May 2026 07:08:08 GMT'
const AFTER = 'Wed, 06 May 2026 07:08:10 GMT'

describe('evaluateRead follows RFC 9110, section 13.2.2', () => {
  test.each([
    [{}, 'send'],
    [{ 'if-match': '"abc"' }, 'send'],
    [{ 'if-match': '*' }, 'send'],
    [{ 'if-match': '"x", "abc"' }, 'send'],
    [{ 'if-match': '"x"' }, 'failed'],
    [{ 'if-match': 'W/"abc"' }, 'failed'],
    [{ 'if-unmodified-since': SAME }, 'send'],
    [{ 'if-unmodified-since': AFTER }, 'send'],
    [{ 'if-unmodified-since': BEFORE }, 'failed'],
    [{ 'if-unmodified-since': 'yesterday' }, 'send'],
    // If-Match decides, and If-Unmodified-Since is not looked at.
    [{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 'send'],
    [{ 'if-none-match': '"abc"' }, 'not-modified'],
    [{ 'if-none-match': 'W/"abc"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"x","abc"' }, 'not-modified'],
    [{ 'if-none-match': ' , "x" ,, ' }, 'send'],
    [{ 'if-modified-since': SAME }, 'not-modified'],
    [{ 'if-modified-since': AFTER }, 'not-modified'],
    [{ 'if-modified-since': BEFORE }, 'send'],
    [{ 'if-modified-since': 'Wed, 06 May 2026 07:08:09' }, 'send'],
    // If-None-Match decides, and If-Modified-Since is not looked at.
    [{ 'if-none-match': '"x"', 'if-modified-since': SAME }, 'send'],
    // A failed If-Match goes before everything.
    [{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'failed'],
    [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'not-modified'],
  ] as const)('%j: %s', (headers, verdict) => {
    expect(evaluateRead(headers, version)).toBe(verdict)
  })

  test.each(['abc', '"abc', '"a" "b"', '', ',', '"a", *', 'w/"abc"', '"a"x'])(
    'refuses the tags %j',
    value => {
      expect(() => evaluateRead({ 'if-none-match': value }, version)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    },
  )
})

describe('If-Range', () => {
  test.each([
    ['"abc"', true],
    ['"x"', false],
    ['W/"abc"', false],
    ['abc', false],
    [SAME, true],
    [BEFORE, false],
    [AFTER, false],
  ])('%s: %s', (value, holds) => {
    expect(holdsIfRange(parseIfRange(value), version)).toBe(holds)
  })

  test('a date proves nothing in the second in which the file was written', () => {
    const now = new Date()
    expect(holdsIfRange(parseIfRange(now.toUTCString()), { etag: 'abc', lastModified: now })).toBe(false)
  })
})

describe('writes', () => {
  test.each([
    [{ 'if-match': '"abc"' }, { ifMatch: 'abc' }],
    [{ 'if-none-match': '*' }, { ifNoneMatch: '*' }],
    [{ 'if-none-match': 'W/"abc"' }, { ifNoneMatch: 'abc' }],
    [
      { 'if-match': '"abc"', 'if-none-match': '"x"' },
      { ifMatch: 'abc', ifNoneMatch: 'x' },
    ],
    [{ 'if-match': '*' }, undefined],
    [{ 'if-match': '"a", "b"' }, undefined],
    [{ 'if-match': 'W/"abc"' }, undefined],
    [{ 'if-none-match': '"a", "b"' }, undefined],
    [{ 'if-unmodified-since': SAME }, undefined],
  ])('%j is given to the store as %j', (headers, condition) => {
    expect(storeCondition(headers)).toEqual(condition)
  })

  test('an empty If-Match is no permission to overwrite', () => {
    expect(() => storeCondition({ 'if-match': '' })).toThrow(/Invalid If-Match/)
  })

  test.each([
    [{ 'if-match': '*' }, { ifMatch: 'abc' }],
    [{ 'if-match': '"x", "abc"' }, { ifMatch: 'abc' }],
    [{ 'if-none-match': '"x", "y"' }, { ifMatch: 'abc' }],
    [{ 'if-unmodified-since': SAME }, { ifMatch: 'abc' }],
    [{ 'if-match': '"x"' }, 'PRECONDITION_FAILED'],
    [{ 'if-match': 'W/"abc"' }, 'PRECONDITION_FAILED'],
    [{ 'if-none-match': '"x", "abc"' }, 'PRECONDITION_FAILED'],
    [{ 'if-none-match': '*' }, 'ALREADY_EXISTS'],
    [{ 'if-unmodified-since': BEFORE }, 'PRECONDITION_FAILED'],
  ])('%j with a file there: %j', (headers, outcome) => {
    if (typeof outcome === 'string') {
      expect(() => decideWrite(headers, version)).toThrow(expect.objectContaining({ code: outcome }))
    } else {
      expect(decideWrite(headers, version)).toEqual(outcome)
    }
  })

  test.each([
    [{ 'if-match': '*' }, 'PRECONDITION_FAILED'],
    [{ 'if-match': '"abc"' }, 'PRECONDITION_FAILED'],
    [{ 'if-none-match': '*' }, { ifNoneMatch: '*' }],
    [{ 'if-none-match': '"x", "abc"' }, { ifNoneMatch: '*' }],
    [{ 'if-unmodified-since': BEFORE }, { ifNoneMatch: '*' }],
  ])('%j with no file there: %j', (headers, outcome) => {
    if (typeof outcome === 'string') {
      expect(() => decideWrite(headers, undefined)).toThrow(expect.objectContaining({ code: outcome }))
    } else {
      expect(decideWrite(headers, undefined)).toEqual(outcome)
    }
  })
})

test('dates are read in the three forms of RFC 9110, section 5.6.7, and in no other', () => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37)
  expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(moment)
  expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(moment)
  expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(moment)
  for (const other of ['1994-11-06T08:49:37Z', 'Sun, 06 Nov 1994 08:49:37 +0100', '784111777', '']) {
    expect(parseHttpDate(other)).toBeUndefined()
  }
})
