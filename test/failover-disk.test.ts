import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import type { FailoverOptions } from '../src/failover/open.js'
import { createServer } from '../src/http/index.js'
import { diskFiles, type Files } from '../src/stores/local/files.js'
import { openRoot } from '../src/stores/local/root.js'
import { startS3Stub } from '../src/testing/index.js'
import { converged, said, spooledFiles, storageOver, until } from './support/failover-folder.js'
import { FaultyPrimary } from './support/faulty-primary.js'
import { OpenedFolder } from './support/opened-folder.js'
import { ROOT, start } from './support/process.js'

const CHILD = join(ROOT, 'test', 'support', 'failover-child.mjs')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const attributes = { contentType: 'text/plain', metadata: {} }
const BALLAST_BYTES = 1024 * 1024

let outer: string
let folder: string
let unmount: (() => void) | undefined
let opened: OpenedFolder | undefined

beforeEach(async () => {
  outer = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-failover-disk-'))
  folder = join(outer, 'root')
})
afterEach(async () => {
  await opened?.close()
  opened = undefined
  unmount?.()
  unmount = undefined
  await rm(outer, { recursive: true, force: true })
})

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A filesystem of its own under the folder, mounted for the test. */
async function smallDisk(context: TestContext, megabytes: number): Promise<void> {
  await mkdir(folder)
  if (!runs('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder)) {
    context.skip('only root can mount a small filesystem')
  }
  unmount = () => execFileSync('umount', ['-l', folder])
}

/** Takes what is left of the disk, to the last block. */
async function fillDisk(): Promise<string> {
  const path = join(folder, 'filler')
  const file = await open(path, 'w')
  try {
    for (const size of [1024 * 1024, 4096, 1]) {
      const piece = Buffer.alloc(size)
      for (;;) if ((await file.write(piece)).bytesWritten < size) break
    }
  } catch {
    // It is full.
  } finally {
    await file.close()
  }
  return path
}

async function openFolder(
  primary: FaultyPrimary,
  more: Partial<FailoverOptions> & { files?: Files } = {},
): Promise<OpenedFolder> {
  const { files, ...options } = more
  const root = await openRoot({ path: folder, create: true, ballastBytes: BALLAST_BYTES, files })
  opened = await OpenedFolder.open(root, primary, options)
  return opened
}

function away(primary: FaultyPrimary): void {
  primary.writes = 'refused'
  primary.reads = 'refused'
}

async function back(primary: FaultyPrimary, { failover }: OpenedFolder): Promise<void> {
  primary.writes = 'none'
  primary.reads = 'none'
  await failover.context.availability.probe()
}

async function put({ store }: OpenedFolder, name: string, size: number): Promise<void> {
  await store.put(parseKey(name), await openSource(Buffer.alloc(size, name)), { attributes })
}

async function expectHeld(
  store: { get: OpenedFolder['store']['get'] },
  name: string,
  size: number,
): Promise<void> {
  const { body } = await store.get(parseKey(name))
  expect((await body.bytes()).equals(Buffer.alloc(size, name)), name).toBe(true)
}

/** Puts until one is refused. @returns the keys that were acknowledged, and the refusal */
async function putUntilFull(
  folder: OpenedFolder,
  size: number,
): Promise<{ keys: string[]; refusal: unknown }> {
  const keys: string[] = []
  for (;;) {
    const name = `k${String(keys.length).padStart(4, '0')}`
    try {
      await put(folder, name, size)
      keys.push(name)
    } catch (refusal) {
      return { keys, refusal }
    }
  }
}

describe('a full disk under the net', () => {
  it('refuses what does not fit, keeps no part of it, and lets what it has be read, deleted and replicated', async context => {
    await smallDisk(context, 12)
    const primary = new FaultyPrimary()
    const net = await openFolder(primary)
    expect(await net.root.ballast.build()).toBe(true)
    away(primary)
    const { keys, refusal } = await putUntilFull(net, 700_000)
    expect(refusal).toMatchObject({ code: 'NO_SPACE' })
    expect(keys.length).toBeGreaterThan(5)
    expect(await spooledFiles(folder)).toHaveLength(keys.length)
    for (const name of keys) await expectHeld(net.store, name, 700_000)
    const [first = '', ...others] = keys
    const deleted = others.splice(0, 4)
    for (const name of [first, ...deleted]) await net.store.delete(parseKey(name))
    await put(net, first, 700_000)
    await back(primary, net)
    await net.drain()
    for (const name of [first, ...others]) await expectHeld(primary.inner, name, 700_000)
    for (const name of deleted) {
      await expect(primary.inner.head(parseKey(name))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await spooledFiles(folder)).toEqual([])
    away(primary)
    await put(net, 'again', 700_000)
    expect(net.root.health).toBe('green')
  })

  it.for(['in the process that met it', 'in a process that starts on it'])(
    'filled by somebody else lets entries be replicated and files be deleted, and takes more when it is freed: %s',
    async (where, context) => {
      await smallDisk(context, 12)
      const primary = new FaultyPrimary()
      let net = await openFolder(primary)
      expect(await net.root.ballast.build()).toBe(true)
      away(primary)
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
      // Some lie in files of their own, others in the ledger.
      const sizeOf = (i: number): number => (i % 4 === 0 ? 70_000 : 3000)
      for (const [i, name] of keys.entries()) await put(net, name, sizeOf(i))
      const filler = await fillDisk()
      await expect(put(net, 'no', 100_000)).rejects.toMatchObject({ code: 'NO_SPACE' })
      await expect(put(net, 'k7', 100_000)).rejects.toMatchObject({ code: 'NO_SPACE' })
      if (where === 'in a process that starts on it') {
        await net.close()
        net = await openFolder(primary)
      }
      for (const [i, name] of keys.entries()) await expectHeld(net.store, name, sizeOf(i))
      const deleted = keys.slice(0, 50)
      for (const name of deleted) await net.store.delete(parseKey(name))
      await back(primary, net)
      await net.drain()
      expect(net.failover.context.totals.totals).toMatchObject({ pending: 0 })
      for (const [i, name] of keys.entries()) {
        if (i >= 50) await expectHeld(primary.inner, name, sizeOf(i))
      }
      for (const name of deleted) {
        await expect(primary.inner.head(parseKey(name))).rejects.toMatchObject({ code: 'NOT_FOUND' })
      }
      expect(await spooledFiles(folder)).toEqual([])
      await rm(filler)
      away(primary)
      await put(net, 'yes', 100_000)
      await expectHeld(net.store, 'yes', 100_000)
      expect(net.root.health).toBe('green')
    },
  )

  it('filled by somebody else does not keep a replication from beginning', async context => {
    await smallDisk(context, 12)
    const primary = new FaultyPrimary()
    const net = await openFolder(primary)
    expect(await net.root.ballast.build()).toBe(true)
    away(primary)
    for (const name of ['a', 'b', 'c']) await put(net, name, 3000)
    await fillDisk()
    await back(primary, net)
    await net.drain()
    for (const name of ['a', 'b', 'c']) await expectHeld(primary.inner, name, 3000)
    expect(net.failover.context.totals.totals).toMatchObject({ pending: 0 })
  })

  it('filled by somebody else is no reason not to start: all is read, deleted and brought to the bucket', async context => {
    // Large enough for the reserve that is laid down on a real one.
    await smallDisk(context, 150)
    const stub = await startS3Stub()
    await stub.goDown()
    // More than the reserve for removals, so that no upload takes that when it is given up.
    const config = { spoolReserveBytes: 70 * 1024 * 1024 }
    let storage = storageOver(stub, folder, config)
    try {
      const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
      await Promise.all(keys.map(key => storage.uploadFile(Buffer.alloc(10_000, key), key)))
      await storage.uploadFile(Buffer.alloc(200_000, 'file'), 'file')
      await until('the reserve is laid down', () => existsSync(join(folder, '.holdfast', 'ballast')))
      await storage.close()
      await fillDisk()
      storage = storageOver(stub, folder, config)
      for (const key of keys) {
        expect((await storage.downloadFile(key))?.equals(Buffer.alloc(10_000, key))).toBe(true)
      }
      await storage.deleteFile('k0')
      await storage.deleteFile('file')
      expect(await storage.downloadFile('k0')).toBeNull()
      await expect(storage.uploadFile(Buffer.alloc(10_000), 'more')).rejects.toMatchObject({
        code: 'NO_SPACE',
      })
      await stub.comeBack()
      await converged(storage)
      expect(await storage.uploadFile(Buffer.alloc(10_000), 'more')).toMatchObject({ fallback: false })
      const objects = stub.buckets.get('stub')?.objects
      for (const key of keys.slice(1)) {
        expect(objects?.get(key)?.bytes.equals(Buffer.alloc(10_000, key)), key).toBe(true)
      }
      expect([objects?.has('k0'), objects?.has('file')]).toEqual([false, false])
    } finally {
      await storage.close()
      await stub.close()
    }
  })

  it('stops no upload that the bucket takes', async context => {
    await smallDisk(context, 12)
    const primary = new FaultyPrimary()
    const net = await openFolder(primary)
    await fillDisk()
    await put(net, 'direct', 700_000)
    await expectHeld(primary.inner, 'direct', 700_000)
    await expectHeld(net.store, 'direct', 700_000)
    await net.store.delete(parseKey('direct'))
    await expect(primary.inner.head(parseKey('direct'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await put(net, 'direct', 100)
    expect(net.root.health).toBe('green')
  })

  it('stops no upload in parts that the bucket takes, though it is neither listed nor kept for another try', async context => {
    await smallDisk(context, 12)
    const stub = await startS3Stub()
    const storage = storageOver(stub, folder)
    try {
      await storage.uploadFile(Buffer.from('small'), 'small')
      const filler = await fillDisk()
      const bytes = Buffer.alloc(30 * 1024 * 1024, 'large')
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let at = 0; at < bytes.length; at += 1024 * 1024) yield bytes.subarray(at, at + 1024 * 1024)
      }
      expect(await storage.uploadFile(pieces(), 'large')).toMatchObject({ fallback: false })
      expect(stub.buckets.get('stub')?.objects.get('large')?.bytes.equals(bytes)).toBe(true)
      expect((await storage.downloadFile('large'))?.equals(bytes)).toBe(true)
      await rm(filler)
      expect(await storage.uploadFile(pieces(), 'large')).toMatchObject({ fallback: false })
      expect(stub.buckets.get('stub')?.uploads.size).toBe(0)
    } finally {
      await storage.close()
      await stub.close()
    }
  })

  it('is 507 over HTTP, and the server goes on', async context => {
    await smallDisk(context, 12)
    const stub = await startS3Stub()
    await stub.goDown()
    const storage = storageOver(stub, folder)
    const server = createServer(storage, { port: 0 })
    const { url } = await server.listen()
    try {
      const upload = (name: string, size: number): Promise<Response> =>
        fetch(`${url}/uploads/${name}`, { method: 'PUT', body: Buffer.alloc(size, name) })
      const taken: string[] = []
      let status = 0
      while (taken.length < 100) {
        const name = `f${taken.length}`
        ;({ status } = await upload(name, 700_000))
        if (status >= 300) break
        taken.push(name)
      }
      expect(status).toBe(507)
      expect(await spooledFiles(folder)).toHaveLength(taken.length)
      const [first = ''] = taken
      expect(await (await fetch(`${url}/uploads/${first}`)).text()).toBe('f0'.repeat(350_000))
      expect((await fetch(`${url}/uploads/${first}`, { method: 'DELETE' })).status).toBe(204)
      expect((await fetch(`${url}/uploads/${first}`)).status).toBe(404)
      await stub.comeBack()
      await converged(storage)
      expect((await upload('more', 700_000)).status).toBeLessThan(300)
      expect(stub.buckets.get('stub')?.objects.has('more')).toBe(true)
    } finally {
      await server.close({ drainMs: 0 })
      await storage.close()
      await stub.close()
    }
  })
})

describe('the byte cap', () => {
  it('is not passed by 100 writers at once, with or without a declared length, and evicts nothing', async () => {
    const maxBytes = 1024 * 1024
    const size = 70_000
    const primary = new FaultyPrimary()
    const net = await openFolder(primary, { maxBytes })
    away(primary)
    await put(net, 'first', 10)
    let most = 0
    let watching = true
    const watch = async (): Promise<void> => {
      while (watching) {
        most = Math.max(most, await spooledBytes())
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    const watched = watch()
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const bytes = Buffer.alloc(size, `w${i}`)
        const source = await openSource(i % 2 === 0 ? bytes : pieces(bytes))
        // They come one after the other, while others are being written and acknowledged.
        for (let wait = i; wait > 0; wait--) await new Promise(resolve => setImmediate(resolve))
        return net.store.put(parseKey(`w${i}`), source, { attributes }).then(
          () => 'taken',
          (error: unknown) => (StorageError.is(error) ? error.code : String(error)),
        )
      }),
    )
    watching = false
    await watched
    const taken = outcomes.flatMap((outcome, i) => (outcome === 'taken' ? [`w${i}`] : []))
    expect(new Set(outcomes)).toEqual(new Set(['taken', 'NO_SPACE']))
    expect(most).toBeLessThanOrEqual(maxBytes)
    expect(await spooledFiles(folder)).toHaveLength(taken.length)
    for (const name of taken) await expectHeld(net.store, name, size)
    await back(primary, net)
    await net.drain()
    for (const name of taken) await expectHeld(primary.inner, name, size)
    expect(await spooledBytes()).toBe(0)
  })
})

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 7000) {
    yield bytes.subarray(at, at + 7000)
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function spooledBytes(): Promise<number> {
  let bytes = 0
  for (const path of await spooledFiles(folder)) bytes += (await stat(path).catch(() => undefined))?.size ?? 0
  return bytes
}

describe('a disk that refuses', () => {
  const CODES = { EROFS: 'PERMISSION_DENIED', EACCES: 'PERMISSION_DENIED', EMFILE: 'UNAVAILABLE' } as const

  it.each(Object.entries(CODES))('with %s says so, and leaves nothing', async (system, code) => {
    const primary = new FaultyPrimary()
    let refusing: 'create' | 'openToRead' | undefined
    const refuse = (): Promise<never> => Promise.reject(Object.assign(new Error(system), { code: system }))
    const files: Files = {
      ...diskFiles,
      create: path => (refusing === 'create' ? refuse() : diskFiles.create(path)),
      openToRead: path => (refusing === 'openToRead' ? refuse() : diskFiles.openToRead(path)),
    }
    const net = await openFolder(primary, { files })
    away(primary)
    await put(net, 'kept', 70_000)
    refusing = 'create'
    await expect(put(net, 'no', 70_000)).rejects.toMatchObject({ code, store: 'local' })
    await expect(put(net, 'kept', 80_000)).rejects.toMatchObject({ code, store: 'local' })
    await expectHeld(net.store, 'kept', 70_000)
    await net.store.delete(parseKey('other'))
    refusing = 'openToRead'
    // It is there, and cannot be read: that is neither a missing file nor a damaged one.
    await expect(net.store.get(parseKey('kept'))).rejects.toMatchObject({ code, store: 'local' })
    await back(primary, net)
    await net.drain()
    // The bucket works, whatever the disk does.
    await put(net, 'direct', 5000)
    await expectHeld(net.store, 'direct', 5000)
    expect(net.failover.context.totals.totals).toMatchObject({ parked: 0 })
    refusing = undefined
    await net.drain()
    await expectHeld(primary.inner, 'kept', 70_000)
    expect(await spooledFiles(folder)).toEqual([])
  })

  it('to be written at all is refused at the start', async context => {
    await smallDisk(context, 12)
    if (!runs('mount', '-o', 'remount,ro', folder)) context.skip('only root can remount a filesystem')
    const stub = await startS3Stub()
    const storage = storageOver(stub, folder)
    try {
      await expect(storage.uploadFile(Buffer.from('x'), 'a')).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        message: expect.stringContaining('EROFS'),
      })
    } finally {
      await storage.close()
      await stub.close()
    }
  })
})

describe('a sync that fails once', () => {
  it('at each call makes no acknowledgement, hides what it met, and leaves the bucket in use', async context => {
    const library = join(outer, 'failing-sync.so')
    const source = join(ROOT, 'test', 'support', 'failing-sync.c')
    const compiled =
      process.platform === 'linux' && runs('gcc', '-shared', '-fPIC', '-o', library, source, '-ldl')
    if (!compiled) context.skip('there is no gcc for the library that lets a sync fail')
    const stub = await startS3Stub()
    try {
      for (let commit = 0; ; commit++) {
        folder = join(outer, `root-${commit}`)
        const child = start(process.execPath, [CHILD, 'sync', folder, stub.endpoint, String(commit)], {
          env: {
            LD_PRELOAD: library,
            HOLDFAST_TEST_FAIL_FLAG: join(outer, 'flag'),
            HOLDFAST_TEST_OPTIONS: JSON.stringify({ probeIntervalMs: 3_600_000, background: false }),
          },
        })
        const { stdout, stderr, code } = await child.ended
        expect(code, stderr).toBe(0)
        const lines = said(stdout).slice(1)
        const blobs = lines.filter(({ call }) => call === 'fsync')
        // At least of a folder, of a file and of its name; and then of the latter two again.
        expect(blobs.length).toBeGreaterThanOrEqual(5)
        const went = lines.flatMap(({ went, outcome }) => (typeof went === 'string' ? [[went, outcome]] : []))
        expect(went.map(([, outcome]) => outcome).slice(0, 2)).toEqual(['acknowledged', 'acknowledged'])
        for (const line of blobs) {
          expect(line).toEqual({ call: 'fsync', outcome: 'UNAVAILABLE', found: 'away', health: 'red' })
        }
        const last = lines.find(({ call }) => call === 'fdatasync')
        if (last === undefined) {
          expect(commit, 'syncs of a commit that were seen to fail').toBeGreaterThan(0)
          break
        }
        expect(last).toEqual({ call: 'fdatasync', outcome: 'UNAVAILABLE', found: 300_000, health: 'red' })
        expect(lines.slice(lines.indexOf(last) + 1)).toEqual([
          { call: 'none', outcome: 'UNAVAILABLE', found: 'away', health: 'red' },
          { removed: 'UNAVAILABLE', left: 0, problems: ['DISK_ERROR', 'LEDGER_FAILED'] },
          { quiet: 'primary', read: 1000, kept: 300_000, replaced: 'primary', large: 'primary' },
          { done: true },
        ])
        const storage = storageOver(stub, folder)
        try {
          await storage.ready()
          await converged(storage)
          for (const key of [String(went[0]?.[0]), String(went[1]?.[0]), 'kept']) {
            const bytes = stub.buckets.get('stub')?.objects.get(key)?.bytes
            expect(bytes?.equals(bytesOf(key, 300_000)), key).toBe(true)
          }
          for (const key of ['blob-1-0', 'blob-1-1', 'blob-2-0', 'blob-2-1', 'later']) {
            expect(await storage.downloadFile(key)).toBeNull()
          }
        } finally {
          await storage.close()
        }
        stub.buckets.get('stub')?.objects.clear()
      }
    } finally {
      await stub.close()
    }
  })
})

function bytesOf(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}

describe('a long journal', () => {
  it('is gone through within seconds, and within bounds of memory', async () => {
    const count = LONG ? 100_000 : 20_000
    const env = {
      HOLDFAST_TEST_COUNT: String(count),
      HOLDFAST_TEST_OPTIONS: JSON.stringify({ background: false }),
    }
    const nowhere = 'http://127.0.0.1:9'
    await start(process.execPath, [CHILD, 'plant', folder, nowhere], { env }).ended
    const { stdout } = await start(process.execPath, ['--expose-gc', CHILD, 'scan', folder, nowhere], { env })
      .ended
    const [figures] = said(stdout).filter(line => 'scanMs' in line)
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    expect(figures).toMatchObject({ pending: count })
    expect(figures?.['openMs']).toBeLessThan(60_000)
    expect(figures?.['scanMs']).toBeLessThan(60_000)
    expect(figures?.['rssMiB']).toBeLessThan(400)
    expect((await readdir(join(folder, '.holdfast', 'objects'))).length).toBe(0)
  })
})
