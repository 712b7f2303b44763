import { describe, expect, it } from 'vitest'
import { abortError, ERROR_CODES, StorageError, shown, throwIfAborted } from './errors.js'

describe('ERROR_CODES', () => {
  it('names the conditions that programs act on, and no other', () => {
    expect(Object.keys(ERROR_CODES)).toEqual([
      'INVALID_KEY',
      'INVALID_ARGUMENT',
      'UNSUPPORTED',
      'CONFIG_INVALID',
      'NOT_FOUND',
      'ALREADY_EXISTS',
      'PRECONDITION_FAILED',
      'RANGE_NOT_SATISFIABLE',
      'TOO_LARGE',
      'QUOTA_EXCEEDED',
      'REJECTED',
      'QUARANTINED',
      'INTEGRITY',
      'UNAVAILABLE',
      'TIMEOUT',
      'THROTTLED',
      'UNAUTHENTICATED',
      'PERMISSION_DENIED',
      'NO_SUCH_BUCKET',
      'CLOCK_SKEW',
      'ARCHIVED',
      'NO_SPACE',
      'ABORTED',
      'INTERNAL',
    ])
  })

  it.each(Object.entries(ERROR_CODES))('answers %s with an error status and an exit code', (_, row) => {
    expect(row.httpStatus).toBeGreaterThanOrEqual(400)
    expect(row.httpStatus).toBeLessThan(600)
    expect([1, 2, 3, 4, 130]).toContain(row.exitCode)
    // Exit 4 and statuses that ask to try again are for what can be tried again.
    expect(row.exitCode === 4).toBe(row.retryable)
    if (row.retryable) expect([503, 504]).toContain(row.httpStatus)
  })
})

describe('StorageError', () => {
  it('takes from its code whether to try again, unless told', () => {
    const make = (retryable?: boolean) =>
      new StorageError({ code: 'UNAVAILABLE', op: 'get', message: 'm', retryable }).retryable
    expect(make()).toBe(true)
    expect(make(false)).toBe(false)
    expect(new StorageError({ code: 'NOT_FOUND', op: 'get', message: 'm' }).retryable).toBe(false)
  })

  it('has only the properties that it was given', () => {
    const error = new StorageError({ code: 'INTERNAL', op: 'get', message: 'm', key: undefined })
    expect(error).not.toHaveProperty('key')
    expect(error).not.toHaveProperty('store')
    expect(error).not.toHaveProperty('retryAfterMs')
    expect(Object.hasOwn(error, 'cause')).toBe(false)
  })

  it('is known by its name and code, of any copy of the package', () => {
    class StorageErrorOfAnotherCopy extends Error {
      override readonly name = 'StorageError'
      readonly code = 'NOT_FOUND'
    }
    expect(StorageError.is(new StorageErrorOfAnotherCopy())).toBe(true)
    expect(StorageError.is(new StorageErrorOfAnotherCopy(), 'NOT_FOUND')).toBe(true)
    expect(StorageError.is(new StorageErrorOfAnotherCopy(), 'TIMEOUT')).toBe(false)
    for (const other of [
      new Error('x'),
      Object.assign(new Error('x'), { code: 'NOT_FOUND' }),
      null,
      'NOT_FOUND',
      {},
    ]) {
      expect(StorageError.is(other)).toBe(false)
    }
  })

  it('becomes JSON without its cause and its stack', () => {
    const error = new StorageError({
      code: 'THROTTLED',
      op: 'put',
      message: 'Slow down.',
      key: 'a',
      store: 's3',
      retryAfterMs: 50,
      cause: new Error('secret'),
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'THROTTLED',
      op: 'put',
      key: 'a',
      store: 's3',
      message: 'Slow down.',
      retryable: true,
      retryAfterMs: 50,
    })
  })
})

describe('signals', () => {
  it('end an operation with ABORTED, and their reason as its cause', () => {
    const signal = AbortSignal.abort('enough')
    expect(() => throwIfAborted(signal, 'get', 'a')).toThrow(
      expect.objectContaining({ code: 'ABORTED', op: 'get', key: 'a', cause: 'enough' }),
    )
  })

  it('end an operation with the StorageError that is their reason', () => {
    const reason = new StorageError({ code: 'TIMEOUT', op: 'get', message: 'm' })
    expect(abortError(AbortSignal.abort(reason), 'put')).toBe(reason)
  })

  it('let an operation be before they fire', () => {
    expect(() => throwIfAborted(undefined, 'get')).not.toThrow()
    expect(() => throwIfAborted(new AbortController().signal, 'get')).not.toThrow()
  })
})

describe('shown', () => {
  it.each([
    ['a\n"b"', '"a\\n\\"b\\""'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5n, '5'],
    [Symbol('s'), 'Symbol(s)'],
    [{ secret: 'x' }, 'an object of type Object'],
    [Object.create(null), 'an object of type Object'],
    [{ constructor: { name: Symbol('s') } }, 'an object of type Object'],
    [Buffer.from('secret'), 'an object of type Buffer'],
  ])('shows %o without what it holds', (value, text) => {
    expect(shown(value)).toBe(text)
  })

  it('cuts what is long', () => {
    expect(shown('x'.repeat(10_000))).toHaveLength(80)
  })
})
