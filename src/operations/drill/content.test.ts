import { expect, test } from 'vitest'
import { seededRandom } from '../fault-proxy/random.js'
import { Contents, sha256Of } from './content.js'

const first = (seed: number): string[] => {
  const contents = new Contents(seed, seededRandom(seed))
  return Array.from({ length: 300 }, () => contents.next()).map(bytes => `${bytes.length} ${sha256Of(bytes)}`)
}

test('contents are the same for the same seed, and no two of one drill are alike', () => {
  expect(first(1)).toEqual(first(1))
  expect(first(1)).not.toEqual(first(2))
  const long = first(3).filter(line => Number(line.split(' ')[0]) > 100)
  expect(new Set(long).size).toBe(long.length)
})

test('sizes are those of chats, and the edges', () => {
  const sizes = new Set(first(4).map(line => Number(line.split(' ')[0])))
  for (const size of [0, 1, 4095, 4096, 4097, 65_536, 1_048_576]) expect(sizes).toContain(size)
})
