import { expect, test } from 'vitest'
import { parseRange } from './ranges.js'

const MAX = Number.MAX_SAFE_INTEGER

test.each([
  ['bytes=0-499', { start: 0, end: 499 }],
  ['bytes=500-', { start: 500 }],
  ['bytes=-500', { last: 500 }],
  ['bytes=-0', { last: 0 }],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['Bytes=1-2', { start: 1, end: 2 }],
  ['bytes= 1-2 ', { start: 1, end: 2 }],
  ['bytes=0-99999999999999999999999', { start: 0, end: MAX }],
  ['bytes=99999999999999999999999-', { start: MAX }],
  ['bytes=-99999999999999999999999', { last: MAX }],
])('%s is a range', (header, range) => {
  expect(parseRange(header)).toEqual(range)
})

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=5-2',
  'bytes=a-b',
  'bytes=1-2,4-5',
  'bytes=0-,0-,0-,0-',
  'bytes=+1-2',
  'bytes=1.5-2',
  'bytes=0x1-2',
  'bytes=1-2-3',
  'items=1-2',
  'bytes 1-2',
])('%s asks for the whole file', header => {
  expect(parseRange(header)).toBeUndefined()
})
