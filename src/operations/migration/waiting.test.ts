import { expect, test } from 'vitest'
import { StorageError } from '../../core/errors.js'
import { Budget } from './budget.js'
import { Patience } from './patience.js'
import { Throttle } from './throttle.js'

const away = (): StorageError => new StorageError({ code: 'UNAVAILABLE', op: 'put', message: 'away' })

test('a budget is never passed, and lets nobody starve', async () => {
  const budget = new Budget(10)
  let held = 0
  let most = 0
  const done: number[] = []
  const sizes = [4, 4, 10, 1, 25, 3, 3, 3, 0, 10]
  await Promise.all(
    sizes.map((bytes, index) =>
      budget.run(bytes, async () => {
        held += Math.min(bytes, 10)
        most = Math.max(most, held)
        await new Promise(resolve => setImmediate(resolve))
        held -= Math.min(bytes, 10)
        done.push(index)
      }),
    ),
  )
  expect(most).toBeLessThanOrEqual(10)
  expect(done).toHaveLength(sizes.length)
  await expect(budget.run(10, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await budget.run(10, async () => {})
})

test('a throttle lets everything through at once where there is no limit', () => {
  expect(new Throttle(undefined, undefined).take(1e12)).toBeUndefined()
})

test('a throttle makes each wait for those before it, and ends with the signal', async () => {
  const stop = new AbortController()
  const throttle = new Throttle(1_000_000, stop.signal)
  const started = performance.now()
  for (let n = 0; n < 5; n++) await throttle.take(100_000)
  // Half a second's bytes, of which a quarter may come at once.
  expect(performance.now() - started).toBeGreaterThan(200)
  const waiting = throttle.take(1e12)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
})

test('patience tries again while the store is away, and goes on when it is back', async () => {
  const patience = new Patience(60_000, undefined)
  let tries = 0
  const result = await patience.run(async () => {
    if (++tries < 3) throw away()
    return 'back'
  })
  expect([result, tries, patience.lost]).toEqual(['back', 3, undefined])
})

test('patience ends: then everything is given up', async () => {
  const patience = new Patience(0, undefined)
  await expect(patience.run(() => Promise.reject(away()))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(patience.lost).toMatchObject({ code: 'UNAVAILABLE' })
  await expect(patience.run(async () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('patience gives up one thing that fails while others succeed', async () => {
  const patience = new Patience(60_000, undefined)
  let tries = 0
  const poison = patience.run(async () => {
    tries++
    await patience.run(async () => 'another')
    throw away()
  })
  await expect(poison).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect([tries, patience.lost]).toEqual([5, undefined])
})

test('patience does not repeat what was refused', async () => {
  const patience = new Patience(60_000, undefined)
  const refused = new StorageError({ code: 'PERMISSION_DENIED', op: 'put', message: 'no' })
  let tries = 0
  const trying = patience.run(() => {
    tries++
    return Promise.reject(refused)
  })
  await expect(trying).rejects.toBe(refused)
  expect(tries).toBe(1)
})
