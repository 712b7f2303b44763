import { afterEach, expect, test } from 'vitest'
import { describeCeph } from './support/real-server.js'

describeCeph('the Ceph cluster of the tests', ({ endpoint }, ceph) => {
  const status = async (timeoutMs = 5_000): Promise<number> =>
    (await fetch(endpoint, { signal: AbortSignal.timeout(timeoutMs) })).status

  afterEach(async () => {
    await ceph.up()
    await ceph.thaw()
  })

  test('answers', async () => {
    expect(await status()).toBe(200)
  })

  test('refuses connections while it is down', async () => {
    await ceph.down()
    await expect(status()).rejects.toThrow('fetch failed')
    await ceph.up()
    expect(await status()).toBe(200)
  })

  test('says nothing while it is frozen', async () => {
    await ceph.freeze()
    await expect(status(500)).rejects.toThrow('timeout')
    await ceph.thaw()
    expect(await status()).toBe(200)
  })

  test('comes back after a crash', async () => {
    await ceph.crash()
    await expect(status()).rejects.toThrow('fetch failed')
    await ceph.up()
    expect(await status()).toBe(200)
  })

  test('suspends and enables its user', async () => {
    const suspended = async (): Promise<unknown> =>
      JSON.parse(await ceph.admin('user', 'info', '--uid=test')).suspended
    await ceph.suspend()
    expect(await suspended()).toBe(1)
    await ceph.enable()
    expect(await suspended()).toBe(0)
  })
})
