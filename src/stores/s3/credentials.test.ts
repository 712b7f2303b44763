import { afterEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../core/logger.js'
import { credentialSource, type ExpiringCredentials } from './credentials.js'

const KEY = { accessKeyId: 'a', secretAccessKey: 's' }

afterEach(() => void vi.useRealTimers())

function provider(lifeMs: number) {
  return vi.fn(
    async (): Promise<ExpiringCredentials> => ({ ...KEY, expiration: new Date(Date.now() + lifeMs) }),
  )
}

describe('credentialSource', () => {
  it('gives a fixed key at once', () => {
    const source = credentialSource({ ...KEY, sessionToken: '' }, silentLogger)
    expect(source.get()).toEqual(KEY)
    expect(source.expire(KEY)).toBe(false)
  })

  it.each([{ accessKeyId: 'a' }, { secretAccessKey: 'hunter2' }, { accessKeyId: 'a', secretAccessKey: '' }])(
    'refuses half a key (%j)',
    half => {
      const make = () => credentialSource(half, silentLogger)
      expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
      expect(make).not.toThrow('hunter2')
    },
  )

  it('keeps what a provider gave, and asks once for all who wait', async () => {
    const provide = provider(3_600_000)
    const source = credentialSource(provide, silentLogger)
    await Promise.all([source.get(), source.get(), source.get()])
    expect(source.get()).toMatchObject(KEY)
    expect(provide).toHaveBeenCalledTimes(1)
  })

  it('asks again before they end, and lets nobody wait for it', async () => {
    vi.useFakeTimers()
    const provide = provider(3_600_000)
    const source = credentialSource(provide, silentLogger)
    const first = await source.get()
    vi.advanceTimersByTime(3_600_000 - 6 * 60_000)
    expect(source.get()).toBe(first)
    expect(provide).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2 * 60_000)
    expect(source.get()).toBe(first)
    expect(provide).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(0)
    expect(source.get()).not.toBe(first)
    expect(provide).toHaveBeenCalledTimes(2)
  })

  it('uses the old ones to their end where no new ones can be had', async () => {
    vi.useFakeTimers()
    const provide = provider(3_600_000)
    const warn = vi.fn()
    const source = credentialSource(provide, { ...silentLogger, warn })
    const first = await source.get()
    provide.mockRejectedValue(new Error('the metadata service is away'))
    vi.advanceTimersByTime(3_600_000 - 60_000)
    expect(source.get()).toBe(first)
    await vi.advanceTimersByTimeAsync(0)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(source.get()).toBe(first)
    expect(provide).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(60_000)
    await expect(source.get()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('drops what the store refused', async () => {
    const provide = provider(3_600_000)
    const source = credentialSource(provide, silentLogger)
    const first = await source.get()
    expect(source.expire(first)).toBe(true)
    const second = await source.get()
    expect(second).not.toBe(first)
    // A late refusal of the old ones takes nothing from the new.
    source.expire(first)
    expect(source.get()).toBe(second)
  })

  it('takes no provider that gives no key', async () => {
    const source = credentialSource(async () => ({ accessKeyId: '', secretAccessKey: '' }), silentLogger)
    await expect(source.get()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
