import { expect, test } from 'vitest'
import { StorageError } from '../core/errors.js'
import { DURATION_BOUNDS, Tally } from './tally.js'

test('counts calls by operation, outcome and duration', () => {
  const tally = new Tally()
  const now = performance.now()
  tally.record('put', undefined, now)
  tally.record('put', undefined, now - 3_000)
  tally.record('put', new StorageError({ code: 'NO_SPACE', op: 'put', message: 'Full.' }), now - 3_600_000)
  tally.record('get', new Error('a surprise'), now)
  const [put, get] = tally.operations
  expect(put).toMatchObject({ operation: 'put', count: 3, outcomes: { ok: 2, NO_SPACE: 1 } })
  expect(put?.seconds).toBeGreaterThan(3603)
  expect(put?.within.map(({ seconds }) => seconds)).toEqual(DURATION_BOUNDS)
  const upTo = (seconds: number): number | undefined =>
    put?.within.find(bound => bound.seconds === seconds)?.count
  expect([upTo(2.5), upTo(60)]).toEqual([1, 2])
  expect(get).toMatchObject({ operation: 'get', count: 1, outcomes: { ok: 0, INTERNAL: 1 } })
})
