import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inOrder } from './in-order.js'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) yield n
}

test('results come in the order of the items, whichever is done first, and no more run at once than may', async () => {
  let [running, most] = [0, 0]
  const work = async (n: number): Promise<number> => {
    most = Math.max(most, ++running)
    await sleep((n * 7) % 5)
    running--
    return n * 2
  }
  const results: number[] = []
  for await (const result of inOrder(numbers(50), 4, work)) results.push(result)
  expect(results).toEqual(Array.from({ length: 50 }, (_, n) => n * 2))
  expect(most).toBe(4)
})

test('a failure comes in the place of its result', async () => {
  const results: number[] = []
  const work = async (n: number): Promise<number> => {
    if (n === 3) throw new Error('the third')
    return n
  }
  const taken = (async () => {
    for await (const result of inOrder(numbers(9), 5, work)) results.push(result)
  })()
  await expect(taken).rejects.toThrow('the third')
  expect(results).toEqual([0, 1, 2])
})

test('whoever stops early takes nothing more, and gives the items up', async () => {
  let taken = 0
  let isGivenUp = false
  async function* items(): AsyncGenerator<number> {
    try {
      for (; ; taken++) yield taken
    } finally {
      isGivenUp = true
    }
  }
  for await (const result of inOrder(items(), 3, async n => n)) if (result === 5) break
  expect(isGivenUp).toBe(true)
  expect(taken).toBeLessThan(10)
})
