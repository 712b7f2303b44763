import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { concurrently } from './concurrently.js'

async function* numbers(count: number, taken: { count: number; returned: boolean }): AsyncGenerator<number> {
  try {
    for (let n = 0; n < count; n++) {
      taken.count++
      yield n
    }
  } finally {
    taken.returned = true
  }
}

test('does everything once, so many at once, and takes nothing ahead', async () => {
  const taken = { count: 0, returned: false }
  const done: number[] = []
  let running = 0
  let most = 0
  let ahead = 0
  await concurrently(numbers(100, taken), 4, async n => {
    most = Math.max(most, ++running)
    await sleep(n % 3)
    ahead = Math.max(ahead, taken.count - done.length)
    running--
    done.push(n)
    return true
  })
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  expect(most).toBe(4)
  expect(ahead).toBeLessThanOrEqual(4)
  expect(taken.returned).toBe(true)
})

test('a rejection ends it after what is under way, and closes the source', async () => {
  const taken = { count: 0, returned: false }
  let ended = 0
  const work = async (n: number): Promise<boolean> => {
    if (n === 5) throw new Error('five')
    await sleep(5)
    ended++
    return true
  }
  await expect(concurrently(numbers(1000, taken), 4, work)).rejects.toThrow('five')
  const endedThen = ended
  await sleep(20)
  expect(ended).toBe(endedThen)
  expect(taken.count).toBeLessThan(20)
  expect(taken.returned).toBe(true)
})

test('false ends it without an error', async () => {
  const taken = { count: 0, returned: false }
  await concurrently(numbers(1000, taken), 2, async n => n < 10)
  expect(taken.count).toBeLessThan(20)
  expect(taken.returned).toBe(true)
})

test('an error of the source is the error', async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1
    throw new Error('unreadable')
  }
  await expect(concurrently(broken(), 3, async () => true)).rejects.toThrow('unreadable')
})
