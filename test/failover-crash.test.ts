import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type S3Stub, startS3Stub } from '../src/testing/index.js'
import {
  converged,
  held,
  readKey,
  said,
  spooledFiles,
  storageOver,
  until,
} from './support/failover-folder.js'
import { type Child, ROOT, start } from './support/process.js'
import { randomFrom } from './support/random.js'

const CHILD = join(ROOT, 'test', 'support', 'failover-child.mjs')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
/** For the start and the end of a test, on a slow machine. */
const PATIENCE_MS = 120_000

let outer: string
let folder: string
let stub: S3Stub

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'holdfast-failover-crash-'))
  folder = join(outer, 'root')
  stub = await startS3Stub()
})
afterEach(async () => {
  await stub.close()
  await rm(outer, { recursive: true, force: true })
})

function work(what: string, seed = 1, env: Record<string, string> = {}): Child {
  return start(process.execPath, [CHILD, what, folder, stub.endpoint, String(seed)], { env })
}

function bytesOf(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}

/** A content that a key may have, as `<name> <size>`; null for none. */
type Content = string | null

function matches(found: Buffer | null, content: Content): boolean {
  const [name = '', size = '0'] = content?.split(' ') ?? []
  return content === null ? found === null : found?.equals(bytesOf(name, Number(size))) === true
}

/** What the acknowledgements say of every key. */
class Acknowledged {
  /** What each key may hold: one content once acknowledged, more while something is under way. */
  readonly contents = new Map<string, Content[]>()
  /** Keys whose last change was acknowledged from the disk. */
  readonly here = new Set<string>()

  add(output: string): void {
    for (const { begin, ack, name, size, pending } of said(output)) {
      const content = name === undefined ? null : `${name} ${size}`
      if (typeof begin === 'string') {
        this.contents.set(begin, [...(this.contents.get(begin) ?? [null]), content])
        this.here.delete(begin)
      }
      if (typeof ack === 'string') {
        this.contents.set(ack, [content])
        if (pending === true) this.here.add(ack)
      }
    }
  }

  check(key: string, found: Buffer | null, when: string): void {
    const contents = this.contents.get(key) ?? [null]
    expect(
      contents.some(content => matches(found, content)),
      `${key} ${when}: ${found?.length} bytes, expected ${contents.join(' or ')}`,
    ).toBe(true)
  }
}

/** What the bucket holds is whole, and once everything has converged it is what was acknowledged. */
function checkBucket(record: Acknowledged, when: string): void {
  const objects = held(stub)
  for (const key of objects.keys()) expect([...record.contents.keys()], when).toContain(key)
  for (const key of record.contents.keys())
    record.check(key, objects.get(key) ?? null, `in the bucket ${when}`)
}

describe('kill -9', () => {
  const kills = Number(process.env['HOLDFAST_TEST_KILLS'] ?? (LONG ? 5000 : 16))
  it(
    `at ${kills} instants loses nothing that was acknowledged, and leaves nothing in parts`,
    async () => {
      const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
      process.stdout.write(`seed ${seed}\n`)
      const random = randomFrom(seed)
      const record = new Acknowledged()
      let up = true
      const turn = async (): Promise<void> => {
        up = !up
        await (up ? stub.comeBack() : stub.goDown())
      }
      for (let kill = 1; kill <= kills; kill++) {
        const when = `after kill ${kill}`
        if (random() < 0.5) await turn()
        const child = work('write', seed + kill)
        await child.says(/ready/)
        await sleep(5 + random() * 150)
        // Every other time the bucket goes or comes back in the middle of it all.
        if (random() < 0.5) await turn()
        await sleep(random() * 150)
        child.process.kill('SIGKILL')
        record.add((await child.ended).stdout)
        const last = kill % 10 === 0 || kill === kills
        if (last && !up) await turn()
        const storage = storageOver(stub, folder)
        try {
          for (const key of record.contents.keys()) {
            const found = await readKey(storage, key)
            if (found !== 'away') record.check(key, found, when)
            // It may have reached the bucket before that went away again.
            else if (record.here.has(key))
              record.check(key, held(stub).get(key) ?? null, `in the bucket ${when}`)
          }
          if (last) {
            await converged(storage)
            checkBucket(record, when)
            record.here.clear()
            await until(
              'what the crashes cut off is swept',
              async () => (await spooledFiles(folder)).length === 0,
            )
            expect(storage.getStatus()).toMatchObject({ parked: 0, conflicts: 0 })
            if (kill % 100 === 0) process.stdout.write(`${kill} of ${kills}: ${record.contents.size} keys\n`)
            for (const key of record.contents.keys()) {
              record.check(key, (await readKey(storage, key)) as Buffer | null, when)
            }
          }
        } finally {
          await storage.close()
        }
      }
    },
    PATIENCE_MS + kills * 5000,
  )

  it('right after a burst leaves thousands of entries, and the next start takes no time over them', async () => {
    const count = LONG ? 10_000 : 2000
    await stub.goDown()
    const child = work('burst', 1, { HOLDFAST_TEST_COUNT: String(count) })
    await child.ended
    expect(child.stdout()).toContain('"burst"')
    const began = performance.now()
    const storage = storageOver(stub, folder)
    try {
      const last = `burst/${count - 1}`
      expect(await storage.downloadFile(last)).toEqual(bytesOf(last, 64))
      const usableMs = Math.round(performance.now() - began)
      expect(usableMs).toBeLessThan(60_000)
      expect(storage.getStatus().pending).toBe(count)
      await stub.comeBack()
      await converged(storage)
      const drainedMs = Math.round(performance.now() - began)
      process.stdout.write(`${count} pending: usable after ${usableMs} ms, drained after ${drainedMs} ms\n`)
      const objects = held(stub)
      expect(objects.size).toBe(count)
      for (const [key, bytes] of objects) expect(bytes.equals(bytesOf(key, 64))).toBe(true)
    } finally {
      await storage.close()
    }
  })
})

describe('a crash between the answer of the bucket and the removal of the entry', () => {
  const crashes = LONG ? 200 : 8
  it(`of 8 entries each, ${crashes} times, leaves the same bytes`, async () => {
    const together = 8
    await stub.goDown()
    let storage = storageOver(stub, folder)
    const keys = Array.from({ length: crashes * together }, (_, i) => `k/${i}`)
    await Promise.all(keys.map(key => storage.uploadFile(bytesOf(key, 1000), key)))
    // Some replace what the bucket has, and some delete it.
    for (const [i, key] of keys.entries()) if (i % 5 === 0) await storage.deleteFile(key)
    await storage.close()
    await stub.comeBack()
    const finished = new Set<unknown>()
    let times = 0
    for (let crash = 0; crash < crashes; crash++) {
      const child = work('finish', 1, { HOLDFAST_TEST_COUNT: String(together) })
      const { stdout, signal } = await child.ended
      expect(signal).toBe('SIGKILL')
      for (const { finished: key } of said(stdout)) {
        if (key === undefined) continue
        finished.add(key)
        times++
      }
    }
    process.stdout.write(`${times} entries of ${finished.size} keys were left so\n`)
    expect(times).toBe(crashes * together)
    storage = storageOver(stub, folder)
    try {
      await storage.ready()
      await converged(storage)
      const expected = keys.filter((_, i) => i % 5 !== 0).sort()
      const objects = held(stub)
      expect([...objects.keys()].sort()).toEqual(expected)
      for (const [key, bytes] of objects) expect(bytes.equals(bytesOf(key, 1000))).toBe(true)
      expect(storage.getStatus()).toMatchObject({ parked: 0, conflicts: 0 })
    } finally {
      await storage.close()
    }
  })
})
