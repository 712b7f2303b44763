import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { type Key, parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { openRoot, type Root } from '../src/stores/local/root.js'
import { LocalStore } from '../src/stores/local/store.js'
import { type Child, ROOT, start } from './support/process.js'

const CHILD = join(ROOT, 'test', 'support', 'local-child.mjs')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'

let outer: string
let folder: string

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'holdfast-crash-'))
  folder = join(outer, 'root')
})
afterEach(async () => rm(outer, { recursive: true, force: true }))

interface Said {
  readonly [name: string]: unknown
}

/** The whole lines that a child has said. */
function said(output: string): Said[] {
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

function work(what: string, seed = 1, env: Record<string, string> = {}): Child {
  return start(process.execPath, [CHILD, what, folder, String(seed)], { env })
}

async function open(ballastBytes = 0): Promise<{ root: Root; store: LocalStore }> {
  const root = await openRoot({ path: folder, create: true, ballastBytes })
  return { root, store: await LocalStore.open(root) }
}

async function ownFiles(): Promise<string[]> {
  const found: string[] = []
  for (const name of ['tmp', 'objects', 'displaced']) {
    const path = join(folder, '.holdfast', name)
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push(join(entry.parentPath, entry.name))
    }
  }
  return found
}

function bytesOf(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}

describe('kill -9', () => {
  const kills = LONG ? 1000 : 30
  it(`at ${kills} instants loses nothing that was acknowledged, and leaves nothing else`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    process.stdout.write(`seed ${seed}\n`)
    // By key, the states that it may be in: one once acknowledged, two while something is under way.
    const states = new Map<string, (string | undefined)[]>()
    for (let kill = 0; kill < kills; kill++) {
      const child = work('write', seed + kill)
      await child.says(/ready/)
      await sleep(((seed + kill * 7919) % 300) + 5)
      child.process.kill('SIGKILL')
      const { stdout } = await child.ended
      for (const { begin, ack, name, size } of said(stdout)) {
        const state = name === undefined ? undefined : `${name} ${size}`
        if (typeof begin === 'string') states.set(begin, [...(states.get(begin) ?? [undefined]), state])
        if (typeof ack === 'string') states.set(ack, [state])
      }
      const { root, store } = await open()
      await store.recovered
      let count = 0
      let bytes = 0
      for (const [key, possible] of states) {
        const found = await read(store, parseKey(key))
        const matching = possible.filter(state => {
          const [name = '', size = '0'] = state?.split(' ') ?? []
          return state === undefined
            ? found === undefined
            : found?.equals(bytesOf(name, Number(size))) === true
        })
        expect(matching.length, `${key} after kill ${kill}: ${possible.join(' or ')}`).toBeGreaterThan(0)
        states.set(key, [matching[0]])
        if (found === undefined) continue
        count++
        bytes += found.length
      }
      expect(await store.metrics()).toEqual({ count, bytes })
      expect((await store.list()).objects).toHaveLength(count)
      await root.placer.flush()
      expect(await ownFiles()).toEqual([])
      expect(root.problems).toEqual([])
      await store.close()
      await root.close()
    }
  })

  it('right after a burst leaves thousands of files to be placed, which is done within seconds while all can be read', async () => {
    const count = LONG ? 100_000 : 10_000
    const child = work('burst', 1, { HOLDFAST_TEST_COUNT: String(count) })
    await child.ended
    expect(child.stdout()).toContain('"burst"')
    const began = performance.now()
    const { root, store } = await open()
    expect(root.ledger.pendingKeys().length).toBe(count)
    const last = `burst/${(count - 1) % 100}/${count}`
    expect((await read(store, parseKey(last)))?.equals(bytesOf(last, 64))).toBe(true)
    const usableMs = performance.now() - began
    await store.recovered
    const recoveredMs = performance.now() - began
    process.stdout.write(
      `${count} pending: usable after ${Math.round(usableMs)} ms, all in place after ${Math.round(recoveredMs)} ms\n`,
    )
    expect(usableMs).toBeLessThan(5000)
    expect(root.ledger.pendingKeys()).toEqual([])
    expect(await ownFiles()).toEqual([])
    expect(await store.metrics()).toEqual({ count, bytes: count * 64 })
    expect(existsSync(join(folder, last))).toBe(true)
    await store.close()
    await root.close()
  })
})

async function read(store: LocalStore, key: Key): Promise<Buffer | undefined> {
  try {
    return await (await store.get(key)).body.bytes()
  } catch (error) {
    if ((error as { code?: string }).code === 'NOT_FOUND') return undefined
    throw error
  }
}

describe('several processes on one folder', () => {
  it('have one winner of every creation, and read only whole versions', async () => {
    const children = [1, 2, 3, 4].map(seed => work('contend', seed))
    const outputs = await Promise.all(children.map(child => child.ended))
    const all = outputs.flatMap(({ stdout }) => said(stdout))
    expect(outputs.map(({ stderr }) => stderr)).toEqual(['', '', '', ''])
    expect(all.filter(({ unexpected }) => unexpected !== undefined)).toEqual([])
    expect(all.filter(({ done }) => done === true)).toHaveLength(4)
    const wins = all.flatMap(line => (Array.isArray(line['wins']) ? line['wins'] : []))
    expect(wins.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i))
    const written = new Map(all.filter(({ wrote }) => wrote).map(({ wrote, sha256 }) => [wrote, sha256]))
    const reads = all.filter(line => line['read'] !== undefined)
    expect(reads.length).toBeGreaterThan(0)
    for (const { read: etag, sha256 } of reads) expect(sha256).toBe(written.get(etag))

    const { root, store } = await open()
    await store.recovered
    for (const { key, etag } of (await store.list({ prefix: 'busy/' })).objects) {
      const bytes = (await read(store, key)) ?? Buffer.alloc(0)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(written.get(etag))
    }
    const { objects } = await store.list()
    expect(await store.metrics()).toEqual({
      count: objects.length,
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
    })
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
    expect(root.problems).toEqual([])
    await store.close()
    await root.close()
  })

  it('of another PID namespace are refused while it is in use', async context => {
    const command = ['unshare', '--pid', '--fork', '--kill-child']
    if (!runs([...command, 'true'])) context.skip('this machine does not let a PID namespace be made')
    const { root, store } = await open()
    const refused = start('unshare', [...command.slice(1), process.execPath, CHILD, 'hold', folder])
    const { stdout } = await refused.ended
    expect(said(stdout)).toEqual([
      { refused: 'CONFIG_INVALID', message: expect.stringContaining('in use by process') },
    ])
    await store.put(parseKey('a'), await openSource(Buffer.from('x')), {
      attributes: { contentType: 'text/plain', metadata: {} },
    })
    await store.close()
    await root.close()
    const next = start('unshare', [...command.slice(1), process.execPath, CHILD, 'hold', folder])
    await next.says(/ready/)
    await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('that is killed in another PID namespace is followed once its lease stands still', async context => {
    const command = ['--pid', '--fork', '--kill-child']
    if (!runs(['unshare', ...command, 'true']))
      context.skip('this machine does not let a PID namespace be made')
    const child = start('unshare', [...command, process.execPath, CHILD, 'write', folder])
    await child.says(/ack/)
    child.process.kill('SIGKILL')
    await child.ended
    const { root, store } = await open()
    await store.recovered
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
    await store.close()
    await root.close()
  })
})

function runs([command = '', ...args]: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a disk whose sync fails once', () => {
  it('makes no acknowledgement, hides the row, ends no process, and turns health red', async context => {
    const library = join(outer, 'failing-sync.so')
    const source = join(ROOT, 'test', 'support', 'failing-sync.c')
    const compiled =
      process.platform === 'linux' && runs(['gcc', '-shared', '-fPIC', '-o', library, source, '-ldl'])
    if (!compiled) context.skip('there is no gcc for the library that lets a sync fail')
    const child = work('sync', 1, {
      LD_PRELOAD: library,
      HOLDFAST_TEST_FAIL_FLAG: join(outer, 'flag'),
    })
    const { stdout, code } = await child.ended
    expect(code).toBe(0)
    const lines = said(stdout).slice(1)
    expect(lines).toEqual([
      { call: 'fsync', outcome: 'UNAVAILABLE', found: 'NOT_FOUND', health: 'red' },
      { call: 'fdatasync', outcome: 'UNAVAILABLE', found: 300_000, health: 'red' },
      { call: '', outcome: 'UNAVAILABLE', found: 'NOT_FOUND', health: 'red' },
      { removed: 'UNAVAILABLE', problems: ['DISK_ERROR', 'LEDGER_FAILED'] },
      { done: true },
    ])
    const { root, store } = await open()
    await store.recovered
    expect((await store.list()).objects.map(({ key, size }) => [key, size])).toEqual([
      ['between', 300_000],
      ['kept', 300_000],
    ])
    for (const key of ['between', 'kept']) {
      expect((await read(store, parseKey(key)))?.equals(bytesOf(key, 300_000))).toBe(true)
    }
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
    await store.close()
    await root.close()
  })
})

describe('a full disk', () => {
  /** A filesystem of 12 MiB, mounted for the test. */
  async function smallDisk(context: TestContext): Promise<() => void> {
    await mkdir(folder)
    const mounted = runs(['mount', '-t', 'tmpfs', '-o', 'size=12m', 'none', folder])
    if (!mounted) context.skip('only root can mount a small filesystem')
    return () => execFileSync('umount', [folder])
  }
  const attributes = { contentType: 'text/plain', metadata: {} }

  it('refuses what does not fit, leaves no part of it, and takes more once something was removed', async context => {
    const unmount = await smallDisk(context)
    const { root, store } = await open(1024 * 1024)
    try {
      await root.ballast.build()
      const stored: Key[] = []
      let refused: unknown
      for (let i = 0; refused === undefined; i++) {
        const key = parseKey(`k${i}`)
        await store.put(key, await openSource(Buffer.alloc(700_000, i)), { attributes }).then(
          () => stored.push(key),
          error => {
            refused = error
          },
        )
      }
      expect(refused).toMatchObject({ code: 'NO_SPACE' })
      await root.placer.flush().catch(() => {})
      expect((await store.list()).objects.map(({ key }) => key)).toEqual([...stored].sort())
      expect(await ownFiles()).toEqual([])
      for (const [i, key] of stored.entries())
        expect((await read(store, key))?.equals(Buffer.alloc(700_000, i))).toBe(true)
      // As many as make room for one beside what is kept free, however full the disk was in the end.
      for (const key of stored.slice(0, 4)) expect(await store.delete(key)).toBe(true)
      // A delete is acknowledged before the bytes are gone.
      await root.placer.flush()
      await store.put(parseKey('again'), await openSource(Buffer.alloc(700_000, 7)), { attributes })
      expect(root.health).toBe('green')
    } finally {
      await store.close()
      await root.close()
      unmount()
    }
  })

  it('where hardly a page is left is no place for a new folder, and ends no process', async context => {
    const unmount = await smallDisk(context)
    try {
      for (const pages of [0, 1, 2, 4, 8]) {
        const { bavail, bsize } = await statfs(folder)
        const filler = join(folder, 'filler')
        await writeFile(filler, Buffer.alloc((bavail - pages) * bsize))
        const { stdout, code } = await work('write').ended
        expect([code, said(stdout)[0]], `${pages} pages`).toEqual([
          0,
          expect.objectContaining({ refused: 'NO_SPACE' }),
        ])
        await rm(filler)
        await rm(join(folder, '.holdfast'), { recursive: true, force: true })
      }
    } finally {
      unmount()
    }
  })

  it('that somebody else filled lets objects be removed, and recovers when it is freed', async context => {
    const unmount = await smallDisk(context)
    const { root, store } = await open(1024 * 1024)
    try {
      const keys = Array.from({ length: 200 }, (_, i) => parseKey(`k${String(i).padStart(4, '0')}`))
      for (const key of keys) await store.put(key, await openSource(Buffer.alloc(3000)), { attributes })
      await root.placer.flush()
      expect(await root.ballast.build()).toBe(true)
      const filler = join(folder, 'filler')
      await writeFile(filler, Buffer.alloc(12 * 1024 * 1024)).catch(() => {})
      await expect(
        store.put(parseKey('no'), await openSource(Buffer.alloc(100_000)), { attributes }),
      ).rejects.toMatchObject({ code: 'NO_SPACE' })
      const report = await store.deleteMany(keys)
      expect(report).toEqual({ deleted: keys.length, failed: [] })
      expect((await store.list()).objects).toEqual([])
      await rm(filler)
      await store.put(parseKey('yes'), await openSource(Buffer.alloc(100_000, 1)), { attributes })
      expect((await read(store, parseKey('yes')))?.equals(Buffer.alloc(100_000, 1))).toBe(true)
      expect(root.health).toBe('green')
    } finally {
      await store.close()
      await root.close()
      unmount()
    }
  })
})
