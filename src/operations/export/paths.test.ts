import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { EntryPaths, MANIFEST, SUMS } from './paths.js'

const aside = (key: string): string => `.holdfast/${createHash('sha256').update(key).digest('hex')}`

test('a file lies under its key, unless a file is in the way of its folder, or a name is too long', () => {
  const paths = new EntryPaths()
  const long = 'é'.repeat(128)
  const keys: Record<string, string> = {
    a: 'a',
    'a-b': 'a-b',
    'a-b-c': 'a-b-c',
    'a/b': aside('a/b'),
    'a/b/c': aside('a/b/c'),
    ab: 'ab',
    'b/c': 'b/c',
    'b/c.txt': 'b/c.txt',
    'b/cc/d': 'b/cc/d',
    [`c/${'n'.repeat(255)}`]: `c/${'n'.repeat(255)}`,
    [`c/${'n'.repeat(256)}`]: aside(`c/${'n'.repeat(256)}`),
    [`d/${long}/e`]: aside(`d/${long}/e`),
  }
  for (const [key, path] of Object.entries(keys)) expect(paths.of(key)).toBe(path)
  expect([paths.own(MANIFEST), paths.own(SUMS)]).toEqual(['manifest.jsonl', 'SHA256SUMS'])
})

test('what is the archive’s own gives way to a key of its name, and to a folder', () => {
  const paths = new EntryPaths()
  expect(paths.of('Manifest.JSONL')).toBe('Manifest.JSONL')
  expect(paths.of('SHA256SUMS/x')).toBe('SHA256SUMS/x')
  expect([paths.own(MANIFEST), paths.own(SUMS)]).toEqual(['.holdfast/manifest.jsonl', '.holdfast/SHA256SUMS'])
})
