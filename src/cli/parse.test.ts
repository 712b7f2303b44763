import { describe, expect, test } from 'vitest'
import { byteRange, count, expiry, pair, seconds } from './parse.js'

describe('seconds', () => {
  test.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['7d', 604_800],
  ])('%s', (text, expected) => expect(seconds(text)).toBe(expected))

  test.each(['', 'h', '1.5h', '-1', '1w', '1h30m', '9999999999'])('refuses %j', text => {
    expect(() => seconds(text)).toThrow('such as 15m')
  })
})

describe('byteRange', () => {
  test.each([
    ['0-99', { start: 0, end: 99 }],
    ['100-', { start: 100 }],
    ['-100', { last: 100 }],
    ['bytes=5-6', { start: 5, end: 6 }],
  ])('%s', (text, expected) => expect(byteRange(text)).toEqual(expected))

  test.each(['', '-', '5', 'a-b', '1-2,4-5', '--1', '99999999999999999-'])('refuses %j', text => {
    expect(() => byteRange(text)).toThrow('0-99')
  })
})

describe('pair', () => {
  test('gathers pairs, and splits at the first =', () => {
    expect(pair('b=c=d', pair('a=1'))).toEqual({ a: '1', b: 'c=d' })
    expect(pair('empty=')).toEqual({ empty: '' })
  })

  test.each(['', 'a', '=x'])('refuses %j', text => expect(() => pair(text)).toThrow('name=value'))
})

describe('count', () => {
  test('takes what is within its bounds', () => {
    expect(count(1, 10)('10')).toBe(10)
    for (const text of ['0', '11', '', '1e1', '-1', ' 1'])
      expect(() => count(1, 10)(text)).toThrow('from 1 to 10')
  })
})

describe('expiry', () => {
  test.each([
    ['24h', { expiresInSeconds: 86_400 }],
    ['7d', { expiresInSeconds: 604_800 }],
    ['90', { expiresInSeconds: 90 }],
    ['2030-12-24', { expiresAt: new Date('2030-12-24T00:00:00Z') }],
    ['2030-12-24T18:00Z', { expiresAt: new Date('2030-12-24T18:00:00Z') }],
    ['2030-12-24T18:00:30.5+01:00', { expiresAt: new Date('2030-12-24T17:00:30.500Z') }],
  ])('%s', (text, expected) => expect(expiry(text)).toEqual(expected))

  test.each(['', 'soon', '1w', '-1h', '2030-13-01', '2030-12-24T18:00', '24.12.2030'])('%j is none', text =>
    expect(() => expiry(text)).toThrow('such as 24h or 7d, or a date'),
  )
})
