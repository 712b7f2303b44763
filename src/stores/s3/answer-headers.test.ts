import { describe, expect, it } from 'vitest'
import { AnswerHeaders, parseDate } from './answer-headers.js'

function headers(...lines: [string, string][]): AnswerHeaders {
  return new AnswerHeaders(lines.flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]))
}

describe('AnswerHeaders', () => {
  it('finds names whatever their case', () => {
    const some = headers(['ETag', '"1"'], ['x-Amz-Request-Id', 'r'])
    expect(some.get('etag')).toBe('"1"')
    expect(some.get('x-amz-request-id')).toBe('r')
    expect(some.get('date')).toBeUndefined()
    expect(some.get('eta')).toBeUndefined()
    const seen: string[] = []
    headers(['A', 'ü']).each((name, value) => seen.push(name, value))
    expect(seen).toEqual(['a', 'ü'])
  })

  it.each([
    ['0', 0],
    ['123', 123],
    ['-1', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['12, 12', undefined],
  ])('reads the Content-Length %j', (value, length) => {
    expect(headers(['Content-Length', value]).contentLength()).toBe(length)
  })

  it('reads how long to wait, in seconds or until a date', () => {
    expect(headers(['Retry-After', '7']).retryAfterMs()).toBe(7000)
    expect(headers(['Retry-After', '999999999']).retryAfterMs()).toBe(86_400_000)
    expect(headers(['Retry-After', 'soon']).retryAfterMs()).toBeUndefined()
    expect(headers().retryAfterMs()).toBeUndefined()
    const inAMinute = headers(['Retry-After', new Date(Date.now() + 60_000).toUTCString()]).retryAfterMs()
    expect(inAMinute).toBeGreaterThan(57_000)
    expect(inAMinute).toBeLessThanOrEqual(60_000)
    expect(headers(['Retry-After', 'Thu, 01 Jan 1970 00:00:00 GMT']).retryAfterMs()).toBe(0)
  })

  it('reads dates', () => {
    expect(headers(['Date', 'Thu, 01 Jan 1970 00:00:01 GMT']).date()).toBe(1000)
    expect(parseDate('Thu, 01 Jan 1970 00:00:02 GMT')).toBe(2000)
    expect(parseDate('Thu, 01 Jan 1970 00:00:02 GMT')).toBe(2000)
    expect(parseDate('nonsense')).toBeUndefined()
    expect(parseDate(undefined)).toBeUndefined()
  })
})
