import { expect, test } from 'vitest'
import { formatOriginal, parseOriginal } from './compression.js'

const sha256 = 'ab'.repeat(32)

test('what content was compressed from is written in one line, and read again', () => {
  for (const encoding of ['gzip', 'br', 'zstd'] as const) {
    for (const size of [0, 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const original = { encoding, size, sha256 }
      expect(parseOriginal(formatOriginal(original))).toEqual(original)
      expect(formatOriginal(original)).toMatch(/^[\x21-\x7e ]{1,86}$/)
    }
  }
})

test.each([
  '',
  'gzip',
  `gzip 10`,
  `lzw 10 ${sha256}`,
  `gzip -1 ${sha256}`,
  `gzip 1e3 ${sha256}`,
  `gzip  ${sha256}`,
  `gzip 9007199254740993 ${sha256}`,
  `gzip 10 ${sha256.toUpperCase()}`,
  `gzip 10 ${sha256}0`,
  `gzip 10 ${sha256} more`,
])('anything else is none: %j', text => {
  expect(parseOriginal(text)).toBeUndefined()
})
