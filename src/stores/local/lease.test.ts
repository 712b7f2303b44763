import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lease, type LeaseOptions } from './lease.js'

const HERE = { boot: 'boot-1', namespace: '1' }
const THERE = { boot: 'boot-1', namespace: '2' }
const QUICK: LeaseOptions = { beatMs: 50, staleMs: 400 }

let folder: string
let path: string
const held: Lease[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lease-'))
  path = join(folder, 'lease')
})
afterEach(async () => {
  for (const lease of held.splice(0)) await lease.release(false)
  await rm(folder, { recursive: true })
})

async function acquire(space = HERE, options: LeaseOptions = QUICK): Promise<Lease> {
  const lease = await Lease.acquire(path, space, options)
  held.push(lease)
  return lease
}

describe('the lease', () => {
  it('is shared by the processes of one PID space, at once', async () => {
    const staleMs = 10_000
    const began = performance.now()
    await acquire(HERE, { ...QUICK, staleMs })
    await acquire(HERE, { ...QUICK, staleMs })
    expect(performance.now() - began).toBeLessThan(staleMs)
  })

  it('that moves is refused to another PID space, and says who has it', async () => {
    await acquire()
    await expect(Lease.acquire(path, THERE, QUICK)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`process ${process.pid} of another machine or container`),
    })
  })

  it('that stands still is taken over, and its old holder leaves it alone', async () => {
    const first = await acquire(HERE, { ...QUICK, beatMs: 3_600_000 })
    const began = performance.now()
    await acquire(THERE)
    expect(performance.now() - began).toBeGreaterThanOrEqual(QUICK.staleMs ?? 0)
    await first.release(true)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(THERE)
  })

  it('is not left behind by a beat that was under way when it was released', async () => {
    for (let round = 0; round < 60; round++) {
      const lease = await Lease.acquire(path, HERE, { ...QUICK, beatMs: 1 })
      await sleep(round % 3)
      await lease.release(true)
      await sleep(2)
      await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
    }
  })

  it('that was taken over is noticed by the next beat, and by the check after a pause', async () => {
    const lost: string[] = []
    const first = await acquire(HERE, { ...QUICK, onLost: error => lost.push(error.code) })
    // As a container does that saw this process stand still.
    await writeFile(path, `${JSON.stringify({ ...THERE, pid: 1, beat: 1 }).padEnd(255)}\n`)
    while (lost.length === 0) await sleep(10)
    expect(() => first.check()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(THERE)
    expect(lost).toEqual(['UNAVAILABLE'])
  })

  it('is looked at before a write that comes after a pause, when no beat has run', async () => {
    const first = await acquire(HERE, { ...QUICK, beatMs: 200 })
    const until = performance.now() + 500
    await writeFile(path, `${JSON.stringify({ ...THERE, pid: 1, beat: 1 }).padEnd(255)}\n`)
    while (performance.now() < until) {
      // The event loop stands still: no timer runs.
    }
    expect(() => first.check()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
  })

  it('goes with the last process that needs it, and only then', async () => {
    const first = await acquire()
    await first.release(false)
    expect(await readFile(path, 'utf8')).toContain('boot-1')
    const second = await acquire()
    await second.release(true)
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
    await acquire(THERE)
  })

  it('that holds nonsense is waited for and taken over', async () => {
    await writeFile(path, 'nonsense')
    await acquire()
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(HERE)
  })

  it('goes to one of several who find it dead', async () => {
    await writeFile(path, `${JSON.stringify({ boot: 'old', namespace: '9', pid: 1, beat: 1 }).padEnd(255)}\n`)
    const spaces = Array.from({ length: 5 }, (_, i) => ({ boot: 'boot-1', namespace: String(i) }))
    const all = await Promise.allSettled(spaces.map(space => acquire(space, { ...QUICK, beatMs: 100 })))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
