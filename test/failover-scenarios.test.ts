import { describe, expect, it, vi } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { type Key, parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { StampClock } from '../src/core/stamp.js'
import { MemoryStore } from '../src/stores/memory.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import { FaultyPrimary } from './support/faulty-primary.js'

const a = parseKey('a')
const attributes = { contentType: 'text/plain', metadata: {} }

/** Lets everything that waits for nothing but its turn go on. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

async function landAll(bench: FailoverBench): Promise<void> {
  for (const ghost of bench.primary.ghosts.splice(0)) await ghost.land()
}

/** Lets the settle window pass, and everything settle. */
async function settled(bench: FailoverBench): Promise<void> {
  bench.primary.time += WINDOW_MS
  await bench.drain()
  expect([...bench.journal.rows.values()]).toEqual([])
  expect(bench.spool.kept).toBe(0)
}

/** Puts an object as somebody else would, past Holdfast or from another host. */
async function putForeign(bench: FailoverBench, name: string, text: string, host?: string): Promise<void> {
  const clock = host === undefined ? undefined : new StampClock({ host, now: () => bench.primary.time })
  const source = await openSource(Buffer.from(text))
  const stamp = clock === undefined ? { time: 0, sequence: 0, host: 'nobody' } : clock.next()
  await bench.primary.inner.put(parseKey(name), source, { attributes, stamp })
}

describe('a request that is carried out late', () => {
  it('does not undo a newer version that was acknowledged meanwhile', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.put('a', 'v2')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('v2')
    await landAll(bench)
    expect(await bench.atPrimary('a')).toBe('v1')
    expect(await bench.text('a')).toBe('v2')
    expect((await bench.store.list()).objects.map(object => object.size)).toEqual([2])
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it('does not bring a deleted file back', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.store.delete(parseKey('a'))
    await bench.recover()
    await landAll(bench)
    expect(await bench.atPrimary('a')).toBe('v1')
    expect(await bench.text('a')).toBeNull()
    expect((await bench.store.list()).objects).toEqual([])
    await settled(bench)
    expect(await bench.atPrimary('a')).toBeNull()
  })

  it('does not delete what was put after the delete', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'v1')
    bench.primary.writes = 'late'
    await bench.store.delete(parseKey('a'))
    await bench.put('a', 'v2')
    await bench.recover()
    await landAll(bench)
    expect(await bench.atPrimary('a')).toBeNull()
    expect(await bench.text('a')).toBe('v2')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it('does not undo a version that was put to a quiet key before the write id was forgotten', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.recover()
    // The bucket holds v1, whose own first request may still come: harmless to v1, and not to what follows.
    expect(bench.mode('a')).toBe('wary')
    expect(bench.spool.kept).toBe(0)
    expect(await bench.put('a', 'v2')).toBe('journal')
    await bench.drain()
    await landAll(bench)
    expect(await bench.text('a')).toBe('v2')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it.each(['put', 'delete'])(
    'of a killed process undoes nothing that is acknowledged after it: %s',
    async kind => {
      const bench = await FailoverBench.open()
      await bench.put('a', 'v0')
      bench.primary.writes = 'silent'
      const lost = kind === 'put' ? bench.put('a', 'v1') : bench.store.delete(parseKey('a'))
      lost.catch(() => {})
      await turns()
      await bench.crash()
      bench.primary.writes = 'none'
      expect(await bench.put('a', 'v2')).toBe('journal')
      expect(await bench.put('b', 'other')).toBe('journal')
      await bench.drain()
      expect(await bench.atPrimary('a')).toBe('v2')
      await landAll(bench)
      expect(await bench.atPrimary('a')).toBe(kind === 'put' ? 'v1' : null)
      expect(await bench.text('a')).toBe('v2')
      await settled(bench)
      expect(await bench.atPrimary('a')).toBe('v2')
      expect(await bench.atPrimary('b')).toBe('other')
      expect(await bench.put('c', 'direct again')).toBe('primary')
    },
  )

  it('is waited for by the clock of the object store, not by ours', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.put('a', 'v2')
    await bench.recover()
    bench.primary.behindMs = 60_000
    bench.primary.time += WINDOW_MS + 30_000
    await bench.drain()
    expect(bench.mode('a')).toBe('busy')
    await landAll(bench)
    bench.primary.time += 60_000
    await bench.drain()
    expect(bench.mode('a')).toBe('quiet')
    expect(await bench.atPrimary('a')).toBe('v2')
  })
})

describe('a conditional put whose answer was lost', () => {
  it('is found to have succeeded, and is kept from what a dead process may still have on its way', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'silent'
    bench.put('a', 'ghost').catch(() => {})
    await turns()
    await bench.crash()
    bench.primary.writes = 'lost'
    expect(await bench.put('a', 'created', { ifNoneMatch: '*' })).toBe('primary')
    await landAll(bench)
    await bench.recover()
    expect(await bench.text('a')).toBe('created')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('created')
  })

  it('of a version that is settling is not let go while a dead process is waited for', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.put('a', 'v2')
    await bench.recover()
    bench.primary.time += WINDOW_MS - 1
    await bench.crash()
    bench.primary.time += 1
    await bench.drain()
    expect(bench.mode('a')).toBe('busy')
    await settled(bench)
  })
})

describe('an entry that takes its time', () => {
  it('keeps no other waiting', async () => {
    const bench = await FailoverBench.open({ writeBehind: true })
    let pass = (): void => {}
    const passing = new Promise<void>(resolve => {
      pass = resolve
    })
    bench.primary.onMutation = (_op, key) => (key === 'slow' ? passing : undefined)
    await bench.put('slow', 'v1')
    const draining = bench.drain()
    await turns()
    for (const name of ['new', 'newer']) {
      await bench.put(name, 'v1')
      await turns()
      expect(await bench.atPrimary(name)).toBe('v1')
    }
    // What is put to its own key meanwhile is not forgotten.
    await bench.put('slow', 'v2')
    expect(await bench.atPrimary('slow')).toBeNull()
    pass()
    await draining
    expect(await bench.atPrimary('slow')).toBe('v2')
    expect(bench.mode('slow')).toBe('quiet')
  })
})

describe('a put that only the object store may acknowledge', () => {
  const durable = { durability: 'primary' } as const

  it('to a key that an unanswered request may still touch is done again when that one lands', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.recover()
    expect(bench.mode('a')).toBe('wary')
    expect(await bench.put('a', 'v2', durable)).toBe('primary')
    await landAll(bench)
    expect(await bench.atPrimary('a')).toBe('v1')
    expect(await bench.text('a')).toBe('v2')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it('to any key while a dead process is waited for is done again as well', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'silent'
    bench.put('a', 'ghost').catch(() => {})
    await turns()
    await bench.crash()
    bench.primary.writes = 'none'
    expect(await bench.put('a', 'v2', durable)).toBe('primary')
    await landAll(bench)
    expect(await bench.text('a')).toBe('v2')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it('to a key with a version on its way waits until the object store holds that one', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    await bench.put('a', 'v1')
    bench.primary.writes = 'none'
    await bench.failover.context.availability.probe()
    const putting = bench.put('a', 'v2', durable)
    await turns()
    expect(await bench.atPrimary('a')).toBeNull()
    await bench.drain()
    expect(await putting).toBe('primary')
    expect(await bench.atPrimary('a')).toBe('v2')
    expect(bench.mode('a')).toBe('quiet')
  })

  it('to a key that is settling is acknowledged once the object store holds it, and kept', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'late'
    await bench.put('a', 'v1')
    await bench.put('a', 'v2')
    await bench.recover()
    expect(bench.mode('a')).toBe('busy')
    const putting = bench.put('a', 'v3', durable)
    await turns()
    await bench.drain()
    expect(await putting).toBe('primary')
    expect(await bench.atPrimary('a')).toBe('v3')
    await landAll(bench)
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('v3')
  })

  it('fails at once while the object store is away, and when that is not back in time; nothing is stored', async () => {
    const bench = await FailoverBench.open({ firstAnswerMs: 100 })
    bench.primary.writes = 'refused'
    await bench.put('a', 'v1')
    await expect(bench.put('a', 'v2', durable)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
    bench.primary.writes = 'none'
    await bench.failover.context.availability.probe()
    await expect(bench.put('a', 'v3', durable)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
    await bench.drain()
    expect(await bench.atPrimary('a')).toBe('v1')
  })

  it('is decided by its condition at the end of the wait', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    await bench.put('a', 'v1')
    const etag = (await bench.store.head(parseKey('a'))).etag
    await expect(bench.put('a', 'x', { ...durable, ifNoneMatch: '*' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    bench.primary.writes = 'none'
    await bench.failover.context.availability.probe()
    const first = bench.put('a', 'v2', { ...durable, ifMatch: etag })
    await turns()
    await bench.drain()
    expect(await first).toBe('primary')
    await expect(bench.put('a', 'v3', { ...durable, ifMatch: etag })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    expect(await bench.atPrimary('a')).toBe('v2')
  })
})

describe('writes that overlap', () => {
  it('leave the version of a slow put that the object store never answered, and is acknowledged last', async () => {
    const bench = await FailoverBench.open({ firstAnswerMs: 50 })
    bench.primary.writes = 'silent'
    const slow = bench.put('a', 'slow')
    await turns()
    bench.primary.writes = 'none'
    expect(await bench.put('a', 'quick')).toBe('primary')
    bench.primary.writes = 'refused'
    expect(await slow).toBe('journal')
    expect(await bench.text('a')).toBe('slow')
    bench.primary.endSilence()
    await bench.recover()
    await landAll(bench)
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('slow')
  })

  it('are in order where a put is on its way and another is journaled', async () => {
    const bench = await FailoverBench.open()
    let release = (): void => {}
    bench.primary.onMutation = () => {
      bench.primary.onMutation = undefined
      return new Promise(resolve => {
        release = resolve
      })
    }
    const direct = bench.put('a', 'direct')
    await turns()
    bench.primary.writes = 'refused'
    expect(await bench.put('a', 'journaled')).toBe('journal')
    bench.primary.writes = 'none'
    release()
    expect(await direct).toBe('primary')
    // The one that was acknowledged by a row came after the one that was on its way when the row was made.
    expect(await bench.text('a')).toBe('journaled')
    await bench.recover()
    expect(await bench.text('a')).toBe('journaled')
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('journaled')
  })

  it.each(['the same', 'another'])(
    'keep a put that arrives while its key is being replicated, in %s process',
    async where => {
      const bench = await FailoverBench.open()
      bench.primary.writes = 'refused'
      await bench.put('a', 'v1')
      const writer = where === 'another' ? await bench.another() : bench
      let second: Promise<unknown> | undefined
      bench.primary.onMutation = (_, key) => {
        if (key !== 'a' || second !== undefined) return
        second = writer.put('a', 'v2')
        return turns()
      }
      await bench.recover()
      await second
      expect(await bench.text('a')).toBe('v2')
      bench.primary.onMutation = undefined
      await bench.drain()
      expect(await bench.text('a')).toBe('v2')
      await settled(bench)
      expect(await bench.atPrimary('a')).toBe('v2')
    },
  )

  it('keep the order of a journaled version and one put when the object store is healthy again', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    await bench.put('a', 'v1')
    bench.primary.writes = 'none'
    expect(bench.writesOpen).toBe(false)
    expect(await bench.put('a', 'v2')).toBe('journal')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('v2')
  })

  it('end in the last of many on one key, whatever they were', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'v0')
    bench.primary.writes = 'refused'
    for (let i = 1; i <= 100; i++) await bench.put('a', `v${i}`)
    await bench.put('b', 'x')
    await bench.store.delete(parseKey('b'))
    await bench.store.delete(parseKey('c'))
    await bench.put('c', 'y')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('v100')
    expect(await bench.atPrimary('b')).toBeNull()
    expect(await bench.atPrimary('c')).toBe('y')
    await settled(bench)
  })
})

describe('a write that the object store takes after a newer one was acknowledged', () => {
  /** What a caller began on the quiet key `a`, and where it stands still: its request has not been carried out. */
  const overtaken: Record<string, (bench: FailoverBench) => Promise<unknown>> = {
    put: bench => bench.put('a', 'overtaken'),
    delete: bench => bench.store.delete(parseKey('a')),
    copy: bench => bench.store.copy(parseKey('source'), parseKey('a')),
    deleteMany: bench => bench.store.deleteMany([parseKey('a')]),
  }

  /** Begins the write, and journals a newer version past it. @returns what lets the write go on to its end */
  async function overtake(bench: FailoverBench, kind: string): Promise<() => Promise<unknown>> {
    await bench.put('a', 'v0')
    await bench.put('source', 'overtaken')
    let release = (): void => {}
    bench.primary.onMutation = () => {
      bench.primary.onMutation = undefined
      return new Promise(resolve => {
        release = resolve
      })
    }
    const writing = overtaken[kind]?.(bench)
    await turns()
    bench.primary.writes = 'refused'
    expect(await bench.put('a', 'newer')).toBe('journal')
    bench.primary.writes = 'none'
    return () => {
      release()
      return Promise.resolve(writing)
    }
  }

  it.each(Object.keys(overtaken))(
    'does not come back when the journal lets the newer one go: %s',
    async kind => {
      const bench = await FailoverBench.open()
      const goOn = await overtake(bench, kind)
      let seen: string | null | undefined
      bench.journal.travel = async (key, next) => {
        if (key !== 'a' || next !== undefined || seen !== undefined) return
        // The newer one was just seen at the primary, and its row is about to go.
        seen = ''
        await goOn()
        seen = await bench.text('a')
      }
      await bench.recover()
      expect(seen).toBe('newer')
      expect(await bench.text('a')).toBe('newer')
      await settled(bench)
      expect(await bench.atPrimary('a')).toBe('newer')
    },
  )

  it.each(['put', 'delete'])('and after its caller gave it up, is undone at once: %s', async kind => {
    const bench = await FailoverBench.open({ firstAnswerMs: 20 })
    const goOn = await overtake(bench, kind)
    while (bench.store.writer.attempts.running > 0 && bench.journal.get('a' as Key)?.unknown === undefined) {
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await bench.put('a', 'newest')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('newest')
    expect(bench.mode('a')).toBe('busy')
    await goOn()
    await bench.store.writer.attempts.followed()
    expect(await bench.text('a')).toBe('newest')
    await bench.drain()
    expect(await bench.atPrimary('a')).toBe('newest')
    await settled(bench)
  })
})

describe('a put of content that comes once', () => {
  it('is kept here though its answer comes while it is being written, after its caller stopped waiting', async () => {
    const bench = await FailoverBench.open({ firstAnswerMs: 20 })
    let answer = (): void => {}
    bench.primary.onMutation = () => {
      bench.primary.onMutation = undefined
      return new Promise(resolve => {
        answer = resolve
      })
    }
    for (const name of ['write', 'hold'] as const) {
      const keep = (bench.spool[name] as ((...args: unknown[]) => Promise<never>) | undefined)?.bind(
        bench.spool,
      )
      if (keep === undefined) continue
      Object.assign(bench.spool, {
        [name]: async (...args: unknown[]) => {
          answer()
          await turns()
          return keep(...args)
        },
      })
    }
    async function* once(): AsyncGenerator<Buffer> {
      yield Buffer.from('comes once')
    }
    const stat = await bench.store.put(parseKey('a'), await openSource(once()), { attributes })
    expect(stat).toMatchObject({ pending: true, size: 10 })
    expect(await bench.text('a')).toBe('comes once')
    await bench.recover()
    await settled(bench)
    expect(await bench.atPrimary('a')).toBe('comes once')
  })
})

describe('somebody else', () => {
  it('who wrote before our version was acknowledged is overwritten, as if nothing had been away', async () => {
    const bench = await FailoverBench.open()
    await putForeign(bench, 'a', 'theirs', 'host2')
    bench.primary.time = Date.now() + 60_000
    bench.primary.writes = 'refused'
    await bench.put('a', 'ours')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('ours')
    expect(bench.journal.conflicts()).toEqual([])
  })

  it('who wrote after it stands, and our version is kept', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    await bench.put('a', 'ours')
    bench.primary.time += 10_000
    await putForeign(bench, 'a', 'theirs', 'host2')
    await bench.recover()
    expect(await bench.text('a')).toBe('theirs')
    const [conflict] = bench.journal.conflicts()
    expect(conflict).toMatchObject({ key: 'a', loser: 'ours', size: 4 })
    expect(bench.spool.files.get(conflict?.file ?? '')?.toString()).toBe('ours')
  })

  it('who wrote earlier by its stamp but reached the bucket later loses, and its version is kept', async () => {
    const bench = await FailoverBench.open()
    const early = new StampClock({ host: 'host2', now: () => 5 }).next()
    bench.primary.writes = 'refused'
    await bench.put('a', 'ours')
    const source = await openSource(Buffer.from('theirs'))
    await bench.primary.inner.put(parseKey('a'), source, { attributes, stamp: early })
    await bench.recover()
    expect(await bench.text('a')).toBe('ours')
    const [conflict] = bench.journal.conflicts()
    expect(conflict).toMatchObject({ key: 'a', loser: 'theirs' })
    expect(bench.spool.files.get(conflict?.file ?? '')?.toString()).toBe('theirs')
  })

  it('who reached the bucket in the second in which ours was acknowledged is not lost to the date being cut', async () => {
    const bench = await FailoverBench.open()
    const second = 1_700_000_000_000
    const early = new StampClock({ host: 'host2', now: () => 5 }).next()
    const { primary } = bench
    const look = primary.look.bind(primary)
    primary.look = async key => {
      const seen = await look(key)
      return seen.object === undefined
        ? seen
        : { ...seen, object: { ...seen.object, lastModified: new Date(second) } }
    }
    primary.time = second + 400
    primary.writes = 'refused'
    await bench.put('a', 'ours')
    // Later in the same second.
    const source = await openSource(Buffer.from('theirs'))
    await primary.inner.put(parseKey('a'), source, { attributes, stamp: early })
    await bench.recover()
    expect(await bench.text('a')).toBe('ours')
    expect(bench.journal.conflicts()).toMatchObject([{ key: 'a', loser: 'theirs' }])
  })

  it('who puts while we delete wins', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    bench.primary.writes = 'refused'
    await bench.store.delete(parseKey('a'))
    bench.primary.time += 10_000
    await putForeign(bench, 'a', 'theirs', 'host2')
    await bench.recover()
    expect(await bench.text('a')).toBe('theirs')
    expect(bench.mode('a')).toBe('quiet')
  })
})

describe('an entry that cannot be replicated', () => {
  it('is parked with its reason while the others go on, and goes when it can', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    for (const name of ['a', 'poison', 'z']) await bench.put(name, name)
    bench.primary.fate = (op, key) => (op === 'put' && key === 'poison' ? 'forbidden' : 'none')
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('a')
    expect(await bench.atPrimary('z')).toBe('z')
    expect(bench.journal.get('poison' as Key)?.parked).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(bench.failover.context.totals.totals).toMatchObject({ parked: 1, pending: 1 })
    expect(await bench.text('poison')).toBe('poison')
    expect(bench.writesOpen).toBe(false)
    await bench.put('poison', 'newer')
    bench.primary.fate = undefined
    await bench.drain()
    expect(await bench.atPrimary('poison')).toBe('newer')
    await settled(bench)
  })

  it.each([
    ['missing', 'v1', undefined],
    ['shorter', 'v1', Buffer.from('v')],
    ['of other bytes', 'v1', Buffer.from('v9')],
    ['missing in its file', 'v1 of a file', undefined],
    ['shorter in its file', 'v1 of a file', Buffer.from('v')],
    ['of other bytes in its file', 'v1 of a file', Buffer.from('v9 of a file')],
  ])('since its bytes are %s, is parked, and never read as an older version', async (_, text, bytes) => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'v0')
    bench.primary.writes = 'refused'
    await bench.put('a', text)
    const place = text === 'v1' ? bench.journal.held : bench.spool.files
    const [file = ''] = place.keys()
    if (bytes === undefined) place.delete(file)
    else place.set(file, bytes)
    await expect(bench.text('a')).rejects.toMatchObject({ code: 'INTEGRITY' })
    await bench.recover()
    expect(bench.journal.get('a' as Key)?.parked).toMatchObject({ code: 'INTEGRITY' })
    await expect(bench.text('a')).rejects.toMatchObject({ code: 'INTEGRITY' })
    expect(await bench.atPrimary('a')).toBe('v0')
  })
})

describe('a refusal', () => {
  it("of one object is the caller's to see", async () => {
    const bench = await FailoverBench.open()
    bench.primary.fate = (op, key) => (op === 'put' && key === 'a' ? 'forbidden' : 'none')
    await expect(bench.put('a', 'x')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(await bench.put('b', 'x')).toBe('primary')
    expect(bench.mode('a')).toBe('quiet')
  })

  it('of everything is an outage', async () => {
    const bench = await FailoverBench.open()
    bench.primary.fate = () => 'forbidden'
    expect(await bench.put('a', 'x')).toBe('journal')
    expect(bench.writesOpen).toBe(true)
    bench.primary.fate = undefined
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('x')
  })

  const UUID = '00000000-0000-4000-8000-000000000000'
  const b = parseKey('b')
  const asked: Record<string, (bench: FailoverBench) => Promise<unknown>> = {
    get: ({ store }) => store.get(a),
    head: ({ store }) => store.head(a),
    'conditional get': ({ store }) => store.get(a, { ifMatch: UUID }),
    'create-only put': bench => bench.put('a', 'x', { ifNoneMatch: '*' }),
    'put on an ETag of the store': bench => bench.put('a', 'x', { ifMatch: 'etag' }),
    'put on an ETag of ours': bench => bench.put('a', 'x', { ifMatch: UUID }),
    'put of content that comes once': async ({ store }) => {
      const stream = new Blob(['x']).stream()
      return store.put(a, await openSource(stream), { attributes, ifNoneMatch: '*' })
    },
    'put on the disk of the store': bench => bench.put('a', 'x', { durability: 'primary' }),
    'delete on an ETag of the store': ({ store }) => store.delete(a, { ifMatch: 'etag' }),
    'delete on an ETag of ours': ({ store }) => store.delete(a, { ifMatch: UUID }),
    copy: ({ store }) => store.copy(a, b),
    'copy on an ETag of ours': ({ store }) => store.copy(a, b, { sourceIfMatch: UUID }),
    'copy over an ETag of ours': ({ store }) => store.copy(a, b, { ifMatch: UUID }),
    'create-only copy': ({ store }) => store.copy(a, b, { ifNoneMatch: '*' }),
  }
  for (const [what, ask] of Object.entries(asked)) {
    for (const fault of ['forbidden', 'locked'] as const) {
      it(`of everything (${fault}) is an outage to the first ${what} as well`, async () => {
        const bench = await FailoverBench.open()
        await bench.put('a', 'v0')
        bench.primary.fate = () => fault
        const code = fault === 'locked' ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED'
        const first = await ask(bench).catch((error: unknown) => error)
        expect(first).toMatchObject({ code: 'UNAVAILABLE', retryable: true, cause: { code } })
        await expect(ask(bench)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
        expect(bench.mode('a')).toBe('quiet')
      })
    }
  }

  it('of everything is an outage where an older local file has a say in the condition', async () => {
    for (const fault of ['forbidden', 'locked'] as const) {
      const old = new MemoryStore()
      await old.put(a, await openSource(Buffer.from('old')), { attributes })
      const bench = await FailoverBench.open({ legacy: { store: old, holds: key => key === a } })
      bench.primary.fate = () => fault
      for (const put of [
        () => bench.put('a', 'x', { ifNoneMatch: '*' }),
        () => bench.store.delete(a, { ifMatch: 'etag' }),
      ]) {
        await expect(put()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      }
    }
  })
})

describe('processes of one folder', () => {
  it('have one owner of the replication, and a replaced one changes nothing any more', async () => {
    const first = await FailoverBench.open({ staleMs: 0 })
    first.primary.writes = 'refused'
    await first.put('a', 'v1')
    first.primary.writes = 'none'
    const second = await first.another()
    let takeOver: Promise<void> | undefined
    first.primary.onMutation = (_, key) => {
      if (key !== 'a' || takeOver !== undefined) return
      // The owner stands still in the middle of a request, and another process takes its place.
      takeOver = second.drain()
      return takeOver
    }
    await first.recover()
    expect(second.failover.replicator.ownership.epoch).toBeDefined()
    expect(first.failover.replicator.ownership.check()).toBe(false)
    expect(await first.atPrimary('a')).toBe('v1')
    // What the first still had on its way is waited for.
    expect(first.mode('a')).toBe('busy')
    first.primary.time += WINDOW_MS
    await second.drain()
    expect(second.mode('a')).toBe('quiet')
  })

  it("see each other's acknowledged files at once", async () => {
    const first = await FailoverBench.open()
    const second = await first.another()
    first.primary.writes = 'refused'
    first.primary.reads = 'refused'
    await first.put('a', 'v1')
    expect(await second.text('a')).toBe('v1')
    await second.store.delete(parseKey('a'))
    expect(await first.text('a')).toBeNull()
  })
})

describe('a process that has stood still while another one took the replication over', () => {
  it.each(['put', 'delete'])('sends nothing of what it was about to: %s', async kind => {
    const bench = await FailoverBench.open(
      { beatMs: 5, staleMs: 20 },
      new FaultyPrimary({ conditionalPut: false, conditionalDelete: false }),
    )
    await bench.put('a', 'v0')
    bench.primary.writes = 'refused'
    if (kind === 'put') await bench.put('a', 'a version of some length')
    else await bench.store.delete(a)
    bench.primary.writes = 'none'
    await bench.failover.context.availability.probe()
    let goOn = (): void => {}
    const stood = new Promise<void>(resolve => {
      goOn = resolve
    })
    // What comes last before the request: the bytes are read, the object is looked at.
    const { spool, primary } = bench
    const open = spool.open.bind(spool)
    if (kind === 'put') {
      spool.open = async (file, key) => {
        const opened = await open(file, key)
        return { ...opened, read: (offset, length) => stood.then(() => opened.read(offset, length)) }
      }
    }
    if (kind === 'delete') primary.travel = () => stood
    const draining = bench.drain()
    await turns()
    spool.open = open
    primary.travel = undefined
    const other = await bench.another()
    await vi.waitFor(async () => {
      await other.drain()
      expect(other.failover.replicator.ownership.epoch).toBeDefined()
    })
    primary.time += WINDOW_MS
    await other.drain()
    await other.drain()
    expect(bench.mode('a')).toBe('quiet')
    expect(await other.put('a', 'newest')).toBe('primary')
    const sent = (primary.counts['put'] ?? 0) + (primary.counts['delete'] ?? 0)
    goOn()
    await draining
    expect((primary.counts['put'] ?? 0) + (primary.counts['delete'] ?? 0)).toBe(sent)
    expect(await bench.atPrimary('a')).toBe('newest')
  })
})

describe('a put that its caller gives up', () => {
  it('is told as that, also where the object store fails in the same moment', async () => {
    const bench = await FailoverBench.open()
    const stop = new AbortController()
    bench.primary.onMutation = () => {
      stop.abort()
      bench.primary.writes = 'refused'
    }
    const put = bench.put('a', 'v1', { signal: stop.signal })
    await expect(put).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await bench.atPrimary('a')).toBeNull()
  })
})

describe('a removal of many', () => {
  it('leaves no key out of which another process has just changed what is known', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'v1')
    await bench.put('b', 'v1')
    // Busy when it is looked at first, and brought to the object store by another process in that moment.
    const { journal } = bench
    const row = { target: bench.primary.target, unknown: { signedAt: 0, deletes: false } }
    await journal.commit(a, undefined, row)
    const get = journal.get.bind(journal)
    let asked = 0
    journal.get = key => {
      const found = get(key)
      if (key === a && ++asked === 1) journal.rows.delete(a)
      return found
    }
    expect(await bench.store.deleteMany([a, parseKey('b')])).toEqual({ deleted: 2, failed: [] })
    expect(await bench.text('a')).toBeNull()
    expect(await bench.text('b')).toBeNull()
  })
})

describe('a listing', () => {
  it('whose pages straddle an outage and its end misses nothing that it does not say it misses', async () => {
    const bench = await FailoverBench.open()
    const names = Array.from({ length: 30 }, (_, i) => `k${String(i).padStart(2, '0')}`)
    for (const name of names) if (Number(name.slice(1)) % 3 !== 0) await bench.put(name, 'x')
    bench.primary.writes = 'refused'
    for (const name of names) if (Number(name.slice(1)) % 3 === 0) await bench.put(name, 'y')
    bench.primary.reads = 'none'
    const found: string[] = []
    const complete: boolean[] = []
    let startAfter: string | undefined
    for (let number = 0; ; number++) {
      if (number === 2) bench.primary.reads = 'refused'
      if (number === 4) await bench.recover()
      const page = await bench.store.list({ startAfter, limit: 4 })
      found.push(...page.objects.map(object => object.key))
      complete.push(page.complete)
      startAfter = page.next
      if (startAfter === undefined) break
    }
    expect(new Set(found).size).toBe(found.length)
    expect([...found].sort()).toEqual(found)
    expect(complete.slice(0, 2)).toEqual([true, true])
    expect(complete.slice(2, 4)).toEqual([false, false])
    for (const name of names.slice(0, 8)) expect(found).toContain(name)
    const missing = names.filter(name => !found.includes(name))
    expect(missing.every(name => Number(name.slice(1)) % 3 !== 0)).toBe(true)
  })

  it('rolls up what is left, and only that', async () => {
    const bench = await FailoverBench.open()
    for (const name of ['a/1', 'a/2', 'b/1', 'c']) await bench.put(name, 'x')
    bench.primary.writes = 'refused'
    await bench.store.delete(parseKey('a/1'))
    await bench.store.delete(parseKey('b/1'))
    await bench.put('d/1', 'y')
    const page = await bench.store.list({ delimiter: '/' })
    expect(page.prefixes).toEqual(['a/', 'd/'])
    expect(page.objects.map(object => object.key)).toEqual(['c'])
    expect(page.complete).toBe(true)
  })

  it('asks again for what reached the primary while its page was on its way', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    await bench.put('a', 'v1')
    const { store } = bench.primary
    const list = store.list.bind(store)
    store.list = async options => {
      const page = await list(options)
      store.list = list
      await bench.recover()
      return page
    }
    const page = await bench.store.list()
    expect(page.objects.map(object => object.key)).toEqual(['a'])
    expect(page.complete).toBe(true)
  })
})

describe('a listing during whose page the journal has been drained', () => {
  /** Has something happen between the primary's page and the second look into the journal. */
  function afterItsPage(bench: FailoverBench, happens: () => Promise<void>): void {
    const { store } = bench.primary
    const list = store.list.bind(store)
    store.list = async options => {
      const page = await list(options)
      store.list = list
      await happens()
      return page
    }
  }

  it('tells no deleted file where the object store went away before it could be asked again', async () => {
    const bench = await FailoverBench.open()
    for (const name of ['a', 'b', 'c']) await bench.put(name, 'x')
    bench.primary.writes = 'refused'
    for (const name of ['a', 'b']) await bench.store.delete(parseKey(name))
    afterItsPage(bench, async () => {
      await bench.recover()
      bench.primary.reads = 'refused'
    })
    const page = await bench.store.list()
    expect(page.objects.map(object => object.key)).toEqual(['c'])
    expect(page.complete).toBe(false)
  })

  it('asks after many keys at once', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    const names = Array.from({ length: 100 }, (_, i) => `k${String(i).padStart(3, '0')}`)
    for (const name of names) await bench.put(name, 'x')
    let asking = 0
    let most = 0
    afterItsPage(bench, async () => {
      await bench.recover()
      bench.primary.travel = async () => {
        most = Math.max(most, ++asking)
        await turns()
        asking--
      }
    })
    const page = await bench.store.list()
    expect(page.objects.map(object => object.key)).toEqual(names)
    expect(page.complete).toBe(true)
    expect(most).toBeGreaterThan(4)
  })
})

describe('the bounds of the spool', () => {
  it('are kept under concurrent puts, before anything is acknowledged', async () => {
    const bench = await FailoverBench.open({ maxBytes: 1000 })
    bench.primary.writes = 'refused'
    await bench.put('first', 'x')
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => bench.put(`k${i}`, 'x'.repeat(100))),
    )
    const refused = results.filter(result => result.status === 'rejected')
    expect(refused).toHaveLength(91)
    for (const result of refused) expect(StorageError.is(result.reason, 'NO_SPACE')).toBe(true)
    expect(bench.failover.context.totals.totals).toMatchObject({ pending: 10, pendingBytes: 901 })
    await bench.recover()
    expect(bench.failover.context.totals.totals).toMatchObject({ pending: 0, pendingBytes: 0 })
    expect(await bench.put('again', 'x'.repeat(900))).toBe('primary')
  })
})

describe('a copy', () => {
  it('of a file whose newest bytes are here is of those', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    bench.primary.writes = 'refused'
    await bench.put('a', 'new')
    bench.primary.reads = 'refused'
    await bench.store.copy(parseKey('a'), parseKey('b'))
    expect(await bench.text('b')).toBe('new')
    await expect(bench.store.copy(parseKey('unknown'), parseKey('c'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    await bench.recover()
    expect(await bench.atPrimary('b')).toBe('new')
  })
})
