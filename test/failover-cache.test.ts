import { stat, utimes } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { StampClock } from '../src/core/stamp.js'
import type { GetOptions } from '../src/core/store.js'
import type { DiskCacheOptions } from '../src/failover/disk-cache.js'
import { CacheFolder } from './support/cache-folder.js'
import { type BenchOptions, FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import type { FaultyPrimary } from './support/faulty-primary.js'

const attributes = { contentType: 'text/plain', metadata: {} }
const a = parseKey('a')

let folder: CacheFolder
beforeEach(async () => {
  folder = await CacheFolder.make()
})
afterEach(() => folder.remove())

/** A process with a cache that can be filled. */
async function open(
  options: Partial<DiskCacheOptions> = {},
  more: BenchOptions = {},
): Promise<FailoverBench> {
  const bench = await FailoverBench.open({ ...folder.benchOptions(options), ...more })
  await folder.idle()
  return bench
}

/** A second process of the folder. */
async function another(
  bench: FailoverBench,
  options: Partial<DiskCacheOptions> = {},
): Promise<FailoverBench> {
  const other = await bench.another(folder.benchOptions(options))
  await folder.idle()
  return other
}

/** Reads to the end, and lets the copy be finished. */
async function read(bench: FailoverBench, name = 'a'): Promise<string | null> {
  const text = await bench.text(name)
  await folder.idle()
  return text
}

/** What a reader gets: the text, null for a missing file, or the code of the failure. */
async function outcome(bench: FailoverBench, name = 'a', options: GetOptions = {}): Promise<string | null> {
  try {
    const object = await bench.store.get(parseKey(name), options)
    return (await object.body.bytes()).toString()
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return null
    return StorageError.is(error) ? error.code : String(error)
  }
}

function away(primary: FaultyPrimary): void {
  primary.reads = 'refused'
  primary.writes = 'refused'
}

function back(primary: FaultyPrimary): void {
  primary.reads = 'none'
  primary.writes = 'none'
}

async function putForeign(bench: FailoverBench, name: string, text: string): Promise<void> {
  const stamp = new StampClock({ host: 'host2', now: () => bench.primary.time }).next()
  await bench.primary.inner.put(parseKey(name), await openSource(Buffer.from(text)), { attributes, stamp })
}

describe('a file that was read', () => {
  it('is still shown while the store is away, and says since when nobody could confirm it', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    const { etag, ...before } = await bench.store.head(a)
    expect(await read(bench)).toBe('picture')
    away(bench.primary)
    const object = await bench.store.get(a)
    expect((await object.body.bytes()).toString()).toBe('picture')
    const { confirmedAt, ...stat } = object.stat
    expect(stat).toEqual({ ...before, etag })
    expect(confirmedAt).toBeInstanceOf(Date)
    expect(await bench.store.head(a)).toMatchObject({ etag, confirmedAt })
    await bench.recover()
    expect(await bench.store.head(a)).not.toHaveProperty('confirmedAt')
  })

  it('is shown after a restart during the outage, and after a crash', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    away(bench.primary)
    await bench.store.close()
    await bench.start()
    expect(await outcome(bench)).toBe('picture')
    await bench.crash()
    expect(await outcome(bench)).toBe('picture')
  })

  it('is shown where the store refuses our credentials, and not where it refuses this file', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    bench.primary.fate = (_, key) => (key === 'a' ? 'forbidden' : 'none')
    expect(await outcome(bench)).toBe('PERMISSION_DENIED')
    bench.primary.fate = () => 'forbidden'
    expect(await outcome(bench)).toBe('picture')
  })

  it('that nobody has read to its end is not', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    const object = await bench.store.get(a)
    await object.body.close()
    await bench.store.head(a)
    await folder.idle()
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })

  it('is served in parts, from a copy of the whole', async () => {
    const bench = await open()
    await bench.put('a', '0123456789')
    await read(bench)
    for (const [range, text] of [
      [{ start: 2, end: 4 }, '234'],
      [{ start: 8 }, '89'],
      [{ last: 3 }, '789'],
      [{ start: 0 }, '0123456789'],
      [{ start: 10 }, 'RANGE_NOT_SATISFIABLE'],
    ] as const) {
      back(bench.primary)
      expect(await outcome(bench, 'a', { range })).toBe(text)
      away(bench.primary)
      expect(await outcome(bench, 'a', { range })).toBe(text)
    }
  })

  it('is copied from a range that is the whole, and from no other', async () => {
    const bench = await open()
    await bench.put('a', '0123456789')
    expect(await outcome(bench, 'a', { range: { start: 0, end: 9 } })).toBe('0123456789')
    expect(await outcome(bench, 'a', { range: { start: 1 } })).toBe('123456789')
    await folder.idle()
    expect(await folder.files()).toEqual([])
    expect(await outcome(bench, 'a', { range: { start: 0 } })).toBe('0123456789')
    await folder.idle()
    away(bench.primary)
    expect(await outcome(bench)).toBe('0123456789')
  })

  it('answers conditions by what the copy is', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    const { etag } = await bench.store.head(a)
    for (const state of [back, away]) {
      state(bench.primary)
      expect(await outcome(bench, 'a', { ifMatch: etag })).toBe('picture')
      expect(await outcome(bench, 'a', { ifMatch: 'other' })).toBe('PRECONDITION_FAILED')
      expect(await outcome(bench, 'a', { ifNoneMatch: etag })).toBe('PRECONDITION_FAILED')
      expect(await outcome(bench, 'a', { ifNoneMatch: 'other' })).toBe('picture')
    }
  })

  it('can be copied to another key during the outage', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    away(bench.primary)
    await bench.store.copy(a, parseKey('b'))
    expect(await outcome(bench, 'b')).toBe('picture')
    await bench.recover()
    expect(await bench.atPrimary('b')).toBe('picture')
  })

  it('changes no write: a condition that only the store can decide is refused', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    const { etag } = await bench.store.head(a)
    away(bench.primary)
    await expect(bench.put('a', 'v2', { ifMatch: etag })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(bench.store.delete(a, { ifMatch: etag })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await outcome(bench)).toBe('picture')
  })

  it('is kept in memory of no process: nothing is left when the cache is off', async () => {
    const bench = await open({ maxBytes: 0 })
    await bench.put('a', 'picture')
    await read(bench)
    expect(await folder.files()).toEqual([])
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })
})

describe('while the store answers', () => {
  it('a copied file is not sent again, once the store has confirmed it', async () => {
    const bench = await open()
    const picture = 'picture'.repeat(10_000)
    await bench.put('a', picture)
    await read(bench)
    const before = { ...bench.primary.counts }
    expect((await read(bench)) === picture).toBe(true)
    expect(bench.primary.counts['get']).toBe(before['get'])
    expect(bench.primary.counts['head']).toBe((before['head'] ?? 0) + 1)
    expect(bench.failover.context.cache?.usage).toMatchObject({ files: 1, hits: 1 })
  })

  it('a small file is sent again rather than asked about, and its copy stays', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    for (let time = 1; time <= 4; time++) {
      expect(await read(bench)).toBe('picture')
      expect(bench.primary.counts['get']).toBe(time)
      expect(await folder.files()).toHaveLength(1)
    }
    expect(bench.primary.counts['head'] ?? 0).toBe(0)
    // What another process has changed is noticed though the copy is not opened.
    await putForeign(bench, 'a', 'v2')
    expect(await read(bench)).toBe('v2')
    away(bench.primary)
    expect(await outcome(bench)).toBe('v2')
  })

  it.each(['a'.repeat(50_000), 'b'.repeat(500_000)])('the use of a copy is noted in its file', async text => {
    const bench = await open()
    await bench.put('a', text)
    await read(bench)
    const [path = ''] = await folder.files()
    for (let time = 0; time < 3; time++) {
      await utimes(path, 1, 1)
      await read(bench)
      const { atimeMs, mtimeMs } = await stat(path)
      expect(Math.min(atimeMs, mtimeMs)).toBeGreaterThan(1_000_000)
    }
    away(bench.primary)
    await utimes(path, 1, 1)
    await read(bench)
    const { atimeMs, mtimeMs } = await stat(path)
    expect(atimeMs).toBeGreaterThan(1_000_000)
    expect(mtimeMs).toBe(1000)
    expect((await bench.store.head(a)).confirmedAt?.getTime()).toBe(1000)
  })

  it.each(['get', 'head'])('what others have changed is shown, and noticed by a %s', async op => {
    const bench = await open()
    await bench.put('a', 'v1')
    await read(bench)
    await putForeign(bench, 'a', 'v2')
    if (op === 'head') expect((await bench.store.head(a)).size).toBe(2)
    else expect(await read(bench)).toBe('v2')
    away(bench.primary)
    expect(await outcome(bench)).toBe(op === 'head' ? 'UNAVAILABLE' : 'v2')
  })

  it.each(['get', 'head', 'range'])('what others have deleted is gone, and noticed by a %s', async op => {
    const bench = await open()
    await bench.put('a', 'v1')
    await read(bench)
    await bench.primary.inner.delete(a)
    if (op === 'head') await expect(bench.store.head(a)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    else expect(await outcome(bench, 'a', op === 'range' ? { range: { start: 1 } } : {})).toBeNull()
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })

  it('the same bytes with other attributes are another file', async () => {
    const bench = await open()
    await bench.put('a', 'v1')
    await read(bench)
    const png = { ...attributes, contentType: 'image/png' }
    const other = await another(bench)
    await other.put('a', 'v1', { attributes: png })
    expect((await bench.store.get(a)).stat.contentType).toBe('image/png')
  })

  it('a damaged copy is passed over, and made anew', async () => {
    const bench = await open()
    await bench.put('a', 'picture')
    await read(bench)
    await folder.rot(3)
    expect(await read(bench)).toBe('picture')
    away(bench.primary)
    expect(await outcome(bench)).toBe('picture')
    await folder.rot(3)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })

  it('a copy found damaged in its middle is finished from the store', async () => {
    const bench = await open()
    const text = 'x'.repeat(900_000)
    await bench.put('a', text)
    await read(bench)
    await folder.rot(600_000)
    const gets = bench.primary.counts['get'] ?? 0
    expect((await read(bench)) === text).toBe(true)
    expect(bench.primary.counts['get']).toBe(gets + 1)
    await read(bench)
    await folder.rot(600_000)
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })
})

describe('an opened copy', () => {
  it('that is closed early frees what it has of the store, and of the disk', async () => {
    const bench = await open()
    await bench.put('a', 'x'.repeat(2_000_000))
    await read(bench)
    await folder.rot(600_000)
    let closed = 0
    const { inner } = bench.primary
    const get = inner.get.bind(inner)
    inner.get = async (key, options) => {
      const object = await get(key, options)
      const close = object.body.close.bind(object.body)
      object.body.close = async () => {
        closed++
        await close()
      }
      return object
    }
    const { body } = await bench.store.get(a)
    const pieces = body[Symbol.asyncIterator]()
    // The copy's first two pieces, and the first of the store's.
    for (let piece = 0; piece < 3; piece++) expect((await pieces.next()).done).toBe(false)
    await body.close()
    expect(closed).toBe(1)
  })

  it('is not closed under a read', async () => {
    const bench = await open()
    await bench.put('a', 'x'.repeat(2_000_000))
    await read(bench)
    const copy = await bench.failover.context.cache?.open(a)
    const reading = copy?.piece(3)
    await copy?.close()
    expect((await reading)?.length).toBe(copy?.pieceBytes)
  })
})

describe('a deleted file does not come back from the cache', () => {
  const ways: Record<string, (bench: FailoverBench) => Promise<unknown>> = {
    'a delete': bench => bench.store.delete(a),
    'a delete of many': bench => bench.store.deleteMany([parseKey('b'), a]),
    'a put over it': bench => bench.put('a', 'v2'),
    'a conditional put over it': async bench =>
      bench.put('a', 'v2', { ifMatch: (await bench.store.head(a)).etag }),
    'a copy over it': async bench => {
      await bench.put('b', 'v2')
      await bench.store.copy(parseKey('b'), a)
    },
  }
  for (const [what, change] of Object.entries(ways)) {
    it.each(['this', 'the other', 'a cacheless'])(`by ${what} in %s process`, async which => {
      const bench = await open()
      const other = await another(bench, which === 'a cacheless' ? { maxBytes: 0 } : {})
      await bench.put('a', 'v1')
      await read(bench)
      await change(which === 'this' ? bench : other)
      away(bench.primary)
      expect(await outcome(bench)).toBe('UNAVAILABLE')
      expect(await outcome(other)).toBe('UNAVAILABLE')
    })

    it(`by ${what} during an outage, that the store has received since`, async () => {
      const bench = await open()
      const other = await another(bench)
      await bench.put('a', 'v1')
      await bench.put('b', 'v2')
      await read(bench, 'b')
      await read(bench)
      if (what !== 'a conditional put over it') {
        away(bench.primary)
        await change(other)
        expect(await outcome(bench)).toBe(what.startsWith('a delete') ? null : 'v2')
        await bench.recover()
        await bench.recover()
      } else {
        await change(other)
      }
      bench.primary.time += WINDOW_MS
      await bench.drain()
      expect(bench.journal.rows.size).toBe(0)
      away(bench.primary)
      expect(await outcome(bench)).toBe('UNAVAILABLE')
    })

    it(`by ${what} whose answer was lost`, async () => {
      const bench = await open()
      await bench.put('a', 'v1')
      await read(bench)
      bench.primary.fate = (op, key) =>
        (op === 'put' || op === 'delete') && !key.startsWith('.holdfast/') ? 'lost' : 'none'
      await change(bench).catch(() => {})
      bench.primary.fate = undefined
      away(bench.primary)
      expect(await outcome(bench)).not.toBe('v1')
      await bench.recover()
      bench.primary.time += WINDOW_MS
      await bench.drain()
      await bench.drain()
      expect(bench.journal.rows.size).toBe(0)
      away(bench.primary)
      expect(await outcome(bench)).toBe('UNAVAILABLE')
    })
  }

  it('after kill -9 between the delete and anything else', async () => {
    const bench = await open()
    await bench.put('a', 'v1')
    await read(bench)
    await bench.store.delete(a)
    await bench.crash()
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })

  it('by a conditional put of unknown outcome: nobody knows what is there', async () => {
    const bench = await open()
    await bench.put('a', 'v1')
    await read(bench)
    const { etag } = await bench.store.head(a)
    bench.primary.writes = 'late'
    await expect(bench.put('a', 'v2', { ifMatch: etag })).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(bench.mode('a')).toBe('wary')
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })
})

describe('a put that races a read', () => {
  /** Holds the store's answer to the next GET of a key back until it is let go. */
  function holdGet(primary: FaultyPrimary): { asked: Promise<void>; letGo: () => void } {
    let letGo: () => void = () => {}
    let ask: () => void = () => {}
    const gate = new Promise<void>(resolve => {
      letGo = resolve
    })
    const asked = new Promise<void>(resolve => {
      ask = resolve
    })
    const { inner } = primary
    const get = inner.get.bind(inner)
    inner.get = async (key, options) => {
      inner.get = get
      const object = await get(key, options)
      ask()
      await gate
      return object
    }
    return { asked, letGo }
  }

  it.each(['this', 'the other', 'a cacheless'])(
    'leaves no copy of the old bytes, whether put in %s process',
    async which => {
      const bench = await open()
      const other = await another(bench, which === 'a cacheless' ? { maxBytes: 0 } : {})
      await bench.put('a', 'v1')
      const { asked, letGo } = holdGet(bench.primary)
      const reading = read(bench)
      await asked
      await (which === 'this' ? bench : other).put('a', 'v2')
      letGo()
      expect(await reading).toBe('v1')
      away(bench.primary)
      expect(await outcome(bench)).toBe('UNAVAILABLE')
    },
  )

  it('leaves no copy of the old bytes where it is journaled and brought to the store meanwhile', async () => {
    const bench = await open()
    const other = await another(bench)
    await bench.put('a', 'v1')
    const { asked, letGo } = holdGet(bench.primary)
    const reading = read(bench)
    await asked
    bench.primary.writes = 'refused'
    await other.put('a', 'v2')
    await other.recover()
    expect(other.mode('a')).toBe('quiet')
    letGo()
    expect(await reading).toBe('v1')
    away(bench.primary)
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })
})

describe('precedence', () => {
  it('an acknowledged version comes before a copy, a tombstone too', async () => {
    const bench = await open()
    for (const name of ['a', 'b']) {
      await bench.put(name, 'v1')
      await read(bench, name)
    }
    away(bench.primary)
    await bench.put('a', 'v2')
    await bench.store.delete(parseKey('b'))
    expect(await outcome(bench, 'a')).toBe('v2')
    expect(await outcome(bench, 'b')).toBeNull()
  })

  it('a copy comes before an older local file, which comes where the store has none', async () => {
    const { MemoryStore } = await import('../src/stores/memory.js')
    const legacy = new MemoryStore()
    await legacy.put(a, await openSource(Buffer.from('old')), { attributes })
    const bench = await open({}, { legacy: { store: legacy, holds: key => key === 'a' } })
    await putForeign(bench, 'a', 'v1')
    expect(await read(bench)).toBe('v1')
    away(bench.primary)
    expect(await outcome(bench)).toBe('v1')
    back(bench.primary)
    await bench.primary.inner.delete(a)
    expect(await outcome(bench)).toBe('old')
    away(bench.primary)
    expect(await outcome(bench)).toBe('old')
  })

  it('copies give way to uploads when the disk is short of space', async () => {
    let free = 1024 ** 3
    const bench = await open(
      { freeBytes: async () => free },
      {
        reserveBytes: 1_000_000,
        freeBytes: async () => free,
      },
    )
    await bench.put('a', 'picture'.repeat(1000))
    await read(bench)
    const { cache } = bench.failover.context
    const makeRoom = cache?.makeRoom.bind(cache)
    if (cache === undefined || makeRoom === undefined) throw new Error('no cache')
    cache.makeRoom = async bytes => {
      const freed = await makeRoom(bytes)
      free += freed
      return freed
    }
    away(bench.primary)
    free = 999_000
    expect(await bench.put('b', 'upload')).toBe('journal')
    expect(await folder.files()).toEqual([])
    // Nothing is left to give way.
    free = 999_000
    await expect(bench.put('c', 'upload')).rejects.toMatchObject({ code: 'NO_SPACE' })
    expect(await outcome(bench)).toBe('UNAVAILABLE')
  })
})
