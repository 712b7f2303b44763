import { expect, test } from 'vitest'
import { cacheControlOf } from './cache-control.js'

const now = Date.UTC(2030, 0, 1)
const expiresAt = new Date(now + 100_500)

test.each([
  ['public, max-age=31536000, immutable', 'public, max-age=100, immutable, must-revalidate'],
  ['max-age=60', 'max-age=60, must-revalidate'],
  ['Max-Age="60"', 'max-age=60, must-revalidate'],
  ['max-age=never', 'max-age=100, must-revalidate'],
  ['public, s-maxage=500', 'public, s-maxage=100, max-age=100, must-revalidate'],
  ['max-age=10, stale-while-revalidate=600, stale-if-error=600', 'max-age=10, must-revalidate'],
  ['public', 'public, max-age=100, must-revalidate'],
  ['must-revalidate, max-age=500', 'must-revalidate, max-age=100'],
  ['no-cache="set-cookie, x", max-age=500', 'no-cache="set-cookie, x", max-age=100'],
  ['no-store', 'no-store'],
])('of a file that expires: %s', (cacheControl, told) =>
  expect(cacheControlOf({ cacheControl, expiresAt }, now)).toBe(told),
)

test('of a file that has expired meanwhile nothing is kept', () => {
  const told = cacheControlOf({ cacheControl: 'public, max-age=60', expiresAt }, now + 1e6)
  expect(told).toBe('public, max-age=0, must-revalidate')
})

test('of any other file it is what was said with its upload', () => {
  expect(cacheControlOf({ cacheControl: 'public, max-age=60' }, now)).toBe('public, max-age=60')
  expect(cacheControlOf({}, now)).toBe('private, no-cache')
  expect(cacheControlOf({ expiresAt }, now)).toBe('private, no-cache')
})
