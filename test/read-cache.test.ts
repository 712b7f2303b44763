import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, stat as statFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Key, parseKey } from '../src/core/key.js'
import type { ObjectStat } from '../src/core/store.js'
import type { DiskCache } from '../src/failover/disk-cache.js'
import { diskFiles } from '../src/stores/local/files.js'
import { CacheFolder } from './support/cache-folder.js'

const PIECE = 256 * 1024
const key = parseKey('rooms/1/photo.jpg')

let folder: CacheFolder
beforeEach(async () => {
  folder = await CacheFolder.make()
})
afterEach(() => folder.remove())

function statOf(name: string, size: number): ObjectStat {
  return {
    key: parseKey(name),
    size,
    etag: `etag of ${name}`,
    lastModified: new Date('2026-01-02T03:04:05Z'),
    contentType: 'image/jpeg',
    fileName: 'Фото 📷.jpg',
    metadata: { colour: 'grün' },
    writeId: 'write-1',
    stamp: { time: 1, host: 'host1', sequence: 2 },
  }
}

async function fill(cache: DiskCache, name: string, bytes: Buffer): Promise<void> {
  const filling = await cache.begin(parseKey(name))
  if (filling?.accept(statOf(name, bytes.length)) !== true) return
  for (let at = 0; at < bytes.length; at += 100_000) await filling.add(bytes.subarray(at, at + 100_000))
  await filling.finish()
}

/** An opened cache that can be filled. */
async function ready(options: Parameters<CacheFolder['open']>[0] = {}): Promise<DiskCache> {
  const cache = folder.open(options)
  await cache.idle()
  return cache
}

async function read(cache: DiskCache, name: string): Promise<Buffer | undefined> {
  const copy = await cache.open(name as Key)
  if (copy === undefined) return undefined
  const pieces: Buffer[] = []
  for (let at = 0; at < copy.stat.size; at += copy.pieceBytes) {
    const piece = await copy.piece(at / copy.pieceBytes)
    if (piece === undefined) break
    pieces.push(piece)
  }
  await copy.close()
  return Buffer.concat(pieces)
}

describe('a copy', () => {
  it.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])('holds %i bytes', async size => {
    const cache = await ready()
    const bytes = Buffer.alloc(size, 'chat')
    await fill(cache, key, bytes)
    expect((await read(cache, key))?.equals(bytes)).toBe(true)
    const copy = await cache.open(key)
    expect(copy?.stat).toEqual(statOf(key, size))
    await copy?.close()
  })

  it('has a table of checks that is longer than what is read at first', async () => {
    const cache = await ready({ maxBytes: 16 * 1024 ** 3 })
    const size = 1200 * 1024 * 1024
    const filling = await cache.begin(key)
    expect(filling?.accept(statOf(key, 5000 * 16))).toBe(true)
    filling?.abandon()
    // The table alone matters: 4800 pieces would take long to write.
    const { encodeEnd, decodeEnd, endLength } = await import('../src/failover/cache-file.js')
    const checks = new Uint32Array(size / PIECE).map((_, index) => index)
    const end = encodeEnd({ target: 'a', stat: statOf(key, size), checks })
    expect(endLength(end.subarray(-16_384))).toBe(end.length)
    expect(end.length).toBeGreaterThan(16_384)
    expect(decodeEnd(end, size + end.length)?.checks).toEqual(checks)
    expect(decodeEnd(end, size + end.length + 1)).toBeUndefined()
  })

  it('is seen by another process, and outlives the one that made it', async () => {
    const cache = await ready()
    await fill(cache, key, Buffer.from('hello'))
    await cache.close()
    expect(String(await read(await ready(), key))).toBe('hello')
  })

  it('is of one endpoint and bucket', async () => {
    await fill(await ready(), key, Buffer.from('hello'))
    const other = await ready({ target: 'other/bucket' })
    expect(other.holds(key)).toBe(false)
    expect(await other.open(key)).toBeUndefined()
  })

  it('of another boot of the machine is removed, since a power loss may have brought it back', async () => {
    await fill(await ready(), key, Buffer.from('hello'))
    const next = await ready({ boot: 'boot-2' })
    expect(await next.open(key)).toBeUndefined()
    expect(await folder.files()).toEqual([])
  })

  it('is not made where the system does not tell its boots apart', async () => {
    const cache = await ready({ boot: undefined })
    expect(cache.keeps).toBe(false)
    expect(await cache.begin(key)).toBeUndefined()
    expect(cache.forget(key)).toBeUndefined()
  })

  it.each(['foot', 'table', 'told'])('with a damaged %s is none, and goes', async what => {
    const cache = await ready()
    await fill(cache, key, Buffer.alloc(1000))
    const [path = ''] = await folder.files()
    const { size } = await statFile(path)
    await folder.rot(what === 'foot' ? size - 1 : what === 'table' ? 1001 : 1020)
    expect(await cache.open(key)).toBeUndefined()
    expect(cache.holds(key)).toBe(false)
  })

  it('with a damaged piece gives out the others', async () => {
    const cache = await ready()
    await fill(cache, key, Buffer.alloc(2 * PIECE))
    await folder.rot(PIECE)
    const copy = await cache.open(key)
    expect((await copy?.piece(0))?.equals(Buffer.alloc(PIECE))).toBe(true)
    expect(await copy?.piece(1)).toBeUndefined()
    await copy?.close()
  })

  it('that was cut is none', async () => {
    const cache = await ready()
    await fill(cache, key, Buffer.alloc(1000))
    const [path = ''] = await folder.files()
    await rm(path)
    await writeFile(path, Buffer.alloc(500))
    expect(await cache.open(key)).toBeUndefined()
  })
})

describe('to forget a key', () => {
  it('costs nothing where there is no copy', async () => {
    expect((await ready()).forget(key)).toBeUndefined()
  })

  it('removes its copy for every process, and its files', async () => {
    const [one, two] = [await ready(), await ready()]
    await fill(one, key, Buffer.from('hello'))
    await two.forget(key)
    expect(await one.open(key)).toBeUndefined()
    await folder.idle()
    expect(await folder.files()).toEqual([])
  })

  it('ends a fill on its way, in another process too', async () => {
    const [one, two] = [await ready(), await ready()]
    const filling = await one.begin(key)
    filling?.accept(statOf(key, 5))
    await two.forget(key)
    filling?.add(Buffer.from('hello'))
    await filling?.finish()
    expect(await one.open(key)).toBeUndefined()
    await folder.idle()
    expect(await folder.files()).toEqual([])
  })

  it('ends a fill on its way though a later one has begun since', async () => {
    const [one, two] = [await ready(), await ready()]
    const old = await one.begin(key)
    old?.accept(statOf(key, 3))
    await two.forget(key)
    const fresh = await two.begin(key)
    fresh?.accept(statOf(key, 3))
    old?.add(Buffer.from('old'))
    await old?.finish()
    expect(await one.open(key)).toBeUndefined()
    fresh?.add(Buffer.from('new'))
    await fresh?.finish()
    expect(String(await read(one, key))).toBe('new')
  })

  it('leaves a reader what it has opened', async () => {
    const cache = await ready()
    await fill(cache, key, Buffer.from('hello'))
    const copy = await cache.open(key)
    await cache.forget(key)
    await cache.idle()
    expect(String(await copy?.piece(0))).toBe('hello')
    await copy?.close()
  })

  it('works in a process that keeps no copies itself', async () => {
    const off = folder.open({ maxBytes: 0 })
    expect(off.keeps).toBe(false)
    expect(off.forget(key)).toBeUndefined()
    await fill(await ready(), key, Buffer.from('hello'))
    const late = folder.open({ maxBytes: 0 })
    await late.forget(key)
    expect(late.holds(key)).toBe(false)
    expect(await late.open(key)).toBeUndefined()
    expect(await late.begin(key)).toBeUndefined()
  })

  it('is not needed for what is filled too soon for others to have noticed: nothing is', async () => {
    const cache = folder.open({ noticeMs: 3_600_000 })
    expect(await cache.begin(key)).toBeUndefined()
    // Nor does a close wait for that moment.
    await cache.close()
  })

  it('turns the cache off where the disk does not let a copy go', async () => {
    const refusing = {
      ...diskFiles,
      rename: async (from: string, to: string) => {
        if (to.includes('trash')) throw Object.assign(new Error('refused'), { code: 'EIO' })
        await diskFiles.rename(from, to)
      },
    }
    const cache = await ready({ files: refusing })
    await fill(cache, key, Buffer.from('hello'))
    await cache.forget(key)
    expect(await cache.open(key)).toBeUndefined()
    expect(await cache.begin(parseKey('other'))).toBeUndefined()
    expect(await (await ready()).open(key)).toBeUndefined()
  })
})

describe('a fill', () => {
  it.each([
    ['shorter', 4],
    ['longer', 6],
  ])('of bytes %s than told becomes no copy', async (_, size) => {
    const cache = await ready()
    const filling = await cache.begin(key)
    filling?.accept(statOf(key, 5))
    filling?.add(Buffer.alloc(size))
    await filling?.finish()
    expect(await cache.open(key)).toBeUndefined()
    await folder.idle()
    expect(await folder.files()).toEqual([])
  })

  it('is one at a time for a key, and does not hold up a close', async () => {
    const cache = await ready()
    const filling = await cache.begin(key)
    expect(filling).toBeDefined()
    expect(await cache.begin(key)).toBeUndefined()
    await cache.close()
    expect(await folder.files()).toEqual([])
  })

  it('of a process that died is swept, and what it was for is filled again', async () => {
    const dying = await ready({ processId: 'dead.1' })
    await fill(dying, 'kept', Buffer.from('kept'))
    const filling = await dying.begin(key)
    filling?.accept(statOf(key, 5))
    expect((await folder.files()).length).toBe(2)
    const cache = await ready({ isDead: id => id === 'dead.1' })
    expect((await folder.files()).length).toBe(1)
    await fill(cache, key, Buffer.from('hello'))
    expect(String(await read(cache, key))).toBe('hello')
    expect(String(await read(cache, 'kept'))).toBe('kept')
    filling?.abandon()
  })

  it('ends where the disk fails, and nothing else does', async () => {
    for (const call of ['create', 'write', 'mkdir', 'rename'] as const) {
      const failing = {
        ...diskFiles,
        [call]: async () => {
          throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        },
      }
      const cache = await ready({ files: failing })
      await fill(cache, key, Buffer.alloc(2 * PIECE))
      expect(await cache.open(key)).toBeUndefined()
      await cache.close()
    }
    expect(await folder.files()).toEqual([])
  })

  it('gives itself up where the disk cannot follow', async () => {
    let go: () => void = () => {}
    const gate = new Promise<void>(resolve => {
      go = resolve
    })
    const slow = {
      ...diskFiles,
      write: async (fd: number, bytes: Buffer, position: number) => {
        await gate
        await diskFiles.write(fd, bytes, position)
      },
    }
    const cache = await ready({ files: slow, maxBytes: 1024 ** 3 })
    const filling = await cache.begin(key)
    filling?.accept(statOf(key, 32 * 1024 * 1024))
    const mebibyte = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 32; i++) void filling?.add(mebibyte)
    go()
    await filling?.finish()
    expect(await cache.open(key)).toBeUndefined()
  })

  it.each(['slow', 'stuck'])('lets its reader wait for a %s disk, and no longer than a moment', async how => {
    let waited = 0
    let go: () => void = () => {}
    const gate = new Promise<void>(resolve => {
      go = resolve
    })
    const slow = {
      ...diskFiles,
      write: async (fd: number, bytes: Buffer, position: number) => {
        await (how === 'slow' ? new Promise(resolve => setImmediate(resolve)) : gate)
        await diskFiles.write(fd, bytes, position)
      },
    }
    const cache = await ready({ files: slow, maxBytes: 1024 ** 3 })
    const filling = await cache.begin(key)
    filling?.accept(statOf(key, 40 * 1024 * 1024))
    const mebibyte = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 40; i++) {
      const waiting = filling?.add(mebibyte)
      if (waiting !== undefined) waited++
      await waiting
    }
    expect(waited).toBeGreaterThan(0)
    go()
    if (how === 'slow') {
      await filling?.finish()
      const copy = await cache.open(key)
      expect(copy?.stat.size).toBe(40 * 1024 * 1024)
      await copy?.close()
    } else {
      expect(await cache.open(key)).toBeUndefined()
    }
  })

  it('takes none of the disk that is to be left alone', async () => {
    const cache = await ready({ freeBytes: async () => 100 * 1024 * 1024, reserveBytes: 100 * 1024 * 1024 })
    expect(await cache.begin(key)).toBeUndefined()
  })
})

describe('the space', () => {
  const MAX = 1024 * 1024
  const name = (index: number): string => `file-${index}`

  it('is never passed, and what was not used for the longest time goes first', async () => {
    const cache = await ready({ maxBytes: MAX })
    const size = 50_000
    for (let index = 0; index < 30; index++) {
      // Read again and again, it stays.
      if (index > 0) {
        const copy = await cache.open(parseKey(name(0)))
        copy?.used(true)
        await copy?.close()
      }
      await fill(cache, name(index), Buffer.alloc(size, index))
      await cache.idle()
      expect(cache.usage.bytes).toBeLessThanOrEqual(MAX)
      // Times of use that differ, whatever the clock of the filesystem.
      for (const path of await folder.files()) {
        const { atimeMs, mtimeMs } = await statFile(path)
        await utimes(path, atimeMs / 1000 - 1, mtimeMs / 1000 - 1)
      }
    }
    expect((await read(cache, name(0)))?.equals(Buffer.alloc(size, 0))).toBe(true)
    expect((await read(cache, name(29)))?.equals(Buffer.alloc(size, 29))).toBe(true)
    expect(await cache.open(parseKey(name(1)))).toBeUndefined()
    const files = await folder.files()
    expect(cache.usage.files).toBe(files.length)
    expect(files.length).toBeGreaterThan(8)
  })

  it('is not given to what would take too much of it', async () => {
    const cache = await ready({ maxBytes: MAX })
    await fill(cache, key, Buffer.alloc(MAX / 8 + 1))
    await cache.idle()
    expect(await cache.open(key)).toBeUndefined()
    await fill(cache, key, Buffer.alloc(MAX / 8))
    expect((await read(cache, key))?.length).toBe(MAX / 8)
  })

  it('is shared with other processes', async () => {
    const [one, two] = [await ready({ maxBytes: MAX }), await ready({ maxBytes: MAX })]
    for (let index = 0; index < 60; index++) {
      await fill(index % 2 === 0 ? one : two, name(index), Buffer.alloc(30_000))
      await folder.idle()
      let bytes = 0
      for (const path of await folder.files()) bytes += (await statFile(path)).size
      expect(bytes).toBeLessThanOrEqual(MAX)
    }
  })

  it('is given up on demand, by a process without copies of its own too', async () => {
    const cache = await ready()
    for (let index = 0; index < 10; index++) await fill(cache, name(index), Buffer.alloc(100_000))
    expect(cache.usage).toMatchObject({ files: 10, maxBytes: 64 * 1024 * 1024 })
    expect(await cache.makeRoom(250_000)).toBeGreaterThanOrEqual(250_000)
    expect((await folder.files()).length).toBe(7)
    const off = folder.open({ maxBytes: 0 })
    expect(await off.makeRoom(10_000_000)).toBeGreaterThan(600_000)
    expect(await folder.files()).toEqual([])
    expect(await off.makeRoom(1)).toBe(0)
  })

  it('is counted at the start, and cut to a bound that was lowered', async () => {
    const cache = await ready()
    for (let index = 0; index < 10; index++) await fill(cache, name(index), Buffer.alloc(100_000))
    await cache.close()
    const smaller = await ready({ maxBytes: 500_000 })
    expect(smaller.usage.bytes).toBeLessThanOrEqual(500_000)
    expect(smaller.usage.files).toBe((await folder.files()).length)
    expect(smaller.usage.files).toBeGreaterThan(0)
  })

  it('survives that somebody removes the folder: nothing is kept until the next start', async () => {
    const cache = await ready()
    await fill(cache, key, Buffer.from('hello'))
    await rm(join(folder.path, 'boot-1'), { recursive: true })
    expect(await cache.open(key)).toBeUndefined()
    expect(cache.forget(key)).toBeUndefined()
    await fill(cache, key, Buffer.from('hello'))
    expect(await cache.open(key)).toBeUndefined()
    expect(existsSync(join(folder.path, 'boot-1'))).toBe(false)
    expect(await cache.makeRoom(1)).toBe(0)
    const next = await ready()
    await fill(next, key, Buffer.from('hello'))
    expect(String(await read(next, key))).toBe('hello')
    // What is of no use is removed at the start.
    await mkdir(join(folder.path, 'boot-0', 'ab'), { recursive: true })
    await ready()
    expect(await readdir(folder.path)).toEqual(['boot-1'])
  })
})
