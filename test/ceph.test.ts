import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { start } from './support/process.js'
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

  test('lives beside another, which goes when its owner does', async () => {
    const dir = join(tmpdir(), `holdfast-second-${process.pid}`)
    const env = { ...process.env, CEPH_DIR: dir, CEPH_STORE: 'memstore' }
    const execute = promisify(execFile)
    onTestFinished(async () => void (await execute('scripts/ceph.sh', ['destroy'], { env })))
    const { stdout } = await execute('scripts/ceph.sh', ['start'], { env })
    const owner = start('sleep', ['600'])
    const reaper = start('scripts/ceph.sh', ['reap', String(owner.process.pid)], { env })
    expect((await fetch(stdout.trim())).status).toBe(200)
    expect(await status()).toBe(200)

    owner.process.kill('SIGKILL')
    expect(await reaper.ended).toMatchObject({ code: 0 })
    expect(existsSync(dir)).toBe(false)
    await expect(fetch(stdout.trim())).rejects.toThrow('fetch failed')
    expect(await status()).toBe(200)
  })
})
