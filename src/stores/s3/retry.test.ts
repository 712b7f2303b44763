import { describe, expect, it } from 'vitest'
import { type ErrorCode, StorageError } from '../../core/errors.js'
import { S3Failure } from './errors.js'
import { DEFAULT_RETRY, Retrier } from './retry.js'

function failure(init: { code?: ErrorCode; retryable?: boolean; retryAfterMs?: number } = {}): StorageError {
  return new StorageError({ code: 'UNAVAILABLE', op: 'put', message: 'away', ...init })
}

/** An attempt that fails `times` times, and counts. */
function failing(times: number, error: unknown = failure()): { run: () => Promise<string>; count: number } {
  const attempt = {
    count: 0,
    run: async () => {
      if (++attempt.count <= times) throw error
      return 'done'
    },
  }
  return attempt
}

describe('Retrier', () => {
  const quick = { ...DEFAULT_RETRY, baseMs: 1 }

  it('repeats what is retryable, as often as its policy says', async () => {
    const retrier = new Retrier({ ...quick, attempts: 3 })
    const twice = failing(2)
    expect(await retrier.run(twice.run, 1000)).toBe('done')
    expect(twice.count).toBe(3)
    const always = failing(9)
    await expect(retrier.run(always.run, 1000)).rejects.toThrow('away')
    expect(always.count).toBe(3)
  })

  it('repeats nothing else', async () => {
    const retrier = new Retrier(quick)
    for (const error of [failure({ retryable: false }), new Error('a defect')]) {
      const attempt = failing(1, error)
      await expect(retrier.run(attempt.run, 1000)).rejects.toBe(error)
      expect(attempt.count).toBe(1)
    }
  })

  it('repeats no mutation whose outcome is unknown, where the policy says so', async () => {
    const after = (outcome: 'failed' | 'unknown') =>
      new StorageError({
        code: 'UNAVAILABLE',
        op: 'put',
        message: 'away',
        cause: new S3Failure({ message: 'away', outcome }),
      })
    const run = async (outcome: 'failed' | 'unknown', unknownMutations: boolean, mutates: boolean) => {
      const attempt = failing(1, after(outcome))
      await new Retrier({ ...quick, unknownMutations })
        .run(attempt.run, 1000, undefined, mutates)
        .catch(() => {})
      return attempt.count
    }
    expect(await run('unknown', false, true)).toBe(1)
    expect(await run('failed', false, true)).toBe(2)
    expect(await run('unknown', false, false)).toBe(2)
    expect(await run('unknown', true, true)).toBe(2)
  })

  it('repeats nothing that was not answered in time, where the policy says so', async () => {
    for (const timeouts of [true, false]) {
      const attempt = failing(1, failure({ code: 'TIMEOUT' }))
      await new Retrier({ ...quick, timeouts }).run(attempt.run, 1000).catch(() => {})
      expect(attempt.count).toBe(timeouts ? 2 : 1)
    }
  })

  it('waits a random part of a bound that doubles', async () => {
    const retrier = new Retrier({ ...quick, attempts: 4, baseMs: 20, maxMs: 40, budget: 10 }, () => 1)
    const attempt = failing(3)
    const start = performance.now()
    await retrier.run(attempt.run, 10_000)
    const took = performance.now() - start
    expect(took).toBeGreaterThan(95)
    const none = new Retrier({ ...quick, attempts: 4, baseMs: 60_000, maxMs: 60_000, budget: 10 }, () => 0)
    await none.run(failing(3).run, 1000)
  })

  it('waits as long as it was asked to, and not past the deadline', async () => {
    const retrier = new Retrier(quick)
    const start = performance.now()
    await retrier.run(failing(1, failure({ retryAfterMs: 60 })).run, 1000)
    expect(performance.now() - start).toBeGreaterThan(58)
    const late = failing(1, failure({ retryAfterMs: 5000 }))
    await expect(retrier.run(late.run, 1000)).rejects.toThrow('away')
    expect(late.count).toBe(1)
  })

  it('tells each attempt how long it may take', async () => {
    const left: number[] = []
    const retrier = new Retrier({ ...quick, attempts: 2 }, () => 1)
    await expect(
      retrier.run(async (_, leftMs) => {
        left.push(leftMs)
        throw failure()
      }, 1000),
    ).rejects.toThrow()
    expect(left[0]).toBe(1000)
    expect(left[1]).toBeLessThan(1000)
  })

  it('has a budget that successes fill again', async () => {
    const retrier = new Retrier({ ...quick, attempts: 10, budget: 5 })
    const first = failing(99)
    await expect(retrier.run(first.run, 10_000)).rejects.toThrow()
    expect(first.count).toBe(6)
    const second = failing(99)
    await expect(retrier.run(second.run, 10_000)).rejects.toThrow()
    expect(second.count).toBe(1)
    for (let i = 0; i < 4; i++) await retrier.run(failing(0).run, 1000)
    const third = failing(99)
    await expect(retrier.run(third.run, 10_000)).rejects.toThrow()
    expect(third.count).toBe(3)
  })

  it('ends a wait when the signal fires', async () => {
    const retrier = new Retrier({ ...quick, baseMs: 60_000, maxMs: 60_000 }, () => 0.5)
    const stop = new AbortController()
    const running = retrier.run(failing(1).run, 600_000, stop.signal)
    setTimeout(() => stop.abort(), 10)
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
