import { describe, expect, it } from 'vitest'
import { type Key, parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { MemoryStore } from '../src/stores/memory.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import type { Fault } from './support/faulty-primary.js'

// Conditions of callers who take an unknown answer for a yes: onUnknown: 'accept'.

const attributes = { contentType: 'text/plain', metadata: {} }
const CREATE = { ifNoneMatch: '*', onUnknown: 'accept' } as const
const FAULTS: Fault[] = ['refused', 'lost', 'late', 'locked']

const replacing = (ifMatch: string) => ({ ifMatch, onUnknown: 'accept' }) as const

async function etagOf(bench: FailoverBench, name: string): Promise<string> {
  return (await bench.store.head(parseKey(name))).etag
}

/** Lets everything that waits for nothing but its turn go on. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

async function landAll(bench: FailoverBench): Promise<void> {
  for (const ghost of bench.primary.ghosts.splice(0)) await ghost.land()
}

/** What lies under the key in the end, and what is kept as conflicts. */
async function outcome(bench: FailoverBench, name = 'a'): Promise<{ is: string | null; lost: string[] }> {
  await bench.recover()
  bench.primary.time += WINDOW_MS
  await bench.drain()
  expect([...bench.journal.rows.values()]).toEqual([])
  const lost = bench.journal.conflicts().map(({ file }) => String(bench.spool.files.get(file)))
  expect(bench.spool.kept).toBe(lost.length)
  return { is: await bench.atPrimary(name), lost }
}

/** A failover over a file from before, as a migration from a local folder leaves it. */
async function withLegacy(text: string): Promise<{ bench: FailoverBench; old: MemoryStore; etag: string }> {
  const old = new MemoryStore()
  const { etag } = await old.put(parseKey('a'), await openSource(Buffer.from(text)), { attributes })
  const there = new Set<Key>([parseKey('a')])
  const store = new Proxy(old, {
    get(target, name) {
      if (name === 'delete') {
        return (key: Key) => {
          there.delete(key)
          return target.delete(key)
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const bench = await FailoverBench.open({ legacy: { store, holds: key => there.has(key) } })
  return { bench, old, etag }
}

describe('a condition whose unknown answer is accepted, in an outage that nobody has noticed', () => {
  it.each(FAULTS)('takes a file that is to be new: %s', async fault => {
    const bench = await FailoverBench.open()
    bench.primary.fate = () => fault
    expect(await bench.put('a', 'new', CREATE)).toBe('journal')
    expect(await bench.text('a')).toBe('new')
    bench.primary.fate = undefined
    expect(await outcome(bench)).toEqual({ is: 'new', lost: [] })
  })

  it.each(FAULTS)('takes a replacement of what the object store alone knows: %s', async fault => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    const etag = await etagOf(bench, 'a')
    bench.primary.fate = () => fault
    expect(await bench.put('a', 'new', replacing(etag))).toBe('journal')
    expect(await bench.text('a')).toBe('new')
    bench.primary.fate = undefined
    expect(await outcome(bench)).toEqual({ is: 'new', lost: [] })
  })

  it('takes it though the answer of the attempt alone is missing, which was carried out', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    const etag = await etagOf(bench, 'a')
    bench.primary.writes = 'lost'
    expect(await bench.put('a', 'new', replacing(etag))).toBe('journal')
    expect(await bench.atPrimary('a')).toBe('new')
    expect(await outcome(bench)).toEqual({ is: 'new', lost: [] })
  })

  it('takes it from an object store that says nothing, and lets that decide when it speaks', async () => {
    const bench = await FailoverBench.open({ firstAnswerMs: 20 })
    await bench.put('a', 'old')
    bench.primary.writes = 'silent'
    expect(await bench.put('a', 'new', CREATE)).toBe('journal')
    bench.primary.endSilence()
    await turns()
    expect(await outcome(bench)).toEqual({ is: 'old', lost: ['new'] })
  })

  it('is still refused where the caller does not accept it', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    const etag = await etagOf(bench, 'a')
    bench.primary.fate = () => 'refused'
    await expect(bench.put('a', 'new', { ifMatch: etag })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const only = { ...replacing(etag), durability: 'primary' } as const
    await expect(bench.put('a', 'new', only)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    bench.primary.fate = undefined
    expect(await outcome(bench)).toEqual({ is: 'old', lost: [] })
  })

  it('is still decided where the object store answers', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    await expect(bench.put('a', 'new', CREATE)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await bench.put('b', 'other')
    const other = await etagOf(bench, 'b')
    const put = bench.put('a', 'new', replacing(other))
    await expect(put).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  })

  it('asks no object store that is known to be away for reads', async () => {
    const bench = await FailoverBench.open()
    await bench.put('a', 'old')
    const etag = await etagOf(bench, 'a')
    bench.failover.context.availability.reads.trip(bench.primary.trouble('head', 'refused'))
    await turns()
    const asked = bench.primary.counts['head']
    expect(await bench.put('a', 'new', replacing(etag))).toBe('journal')
    await expect(bench.put('b', 'new', { ifMatch: etag })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(bench.primary.counts['head']).toBe(asked)
  })
})

describe('a put whose condition an upload that was acknowledged meanwhile refuses', () => {
  /** A put that the object store is silent to, while another one comes first. */
  async function overtaken(fault: 'applied' | 'late') {
    const bench = await FailoverBench.open({ firstAnswerMs: 200 })
    let answer = (): void => {}
    bench.primary.travel = () =>
      new Promise(resolve => {
        answer = resolve
      })
    bench.primary.writes = fault === 'applied' ? 'lost' : 'silent'
    const slow = bench.put('a', 'slow', CREATE).catch((error: unknown) => error)
    await turns()
    bench.primary.travel = undefined
    bench.primary.writes = 'refused'
    for (let i = 0; i < 2; i++) await bench.put(`other-${i}`, 'x')
    expect(bench.writesOpen).toBe(true)
    expect(await bench.put('a', 'first', CREATE)).toBe('journal')
    return { bench, slow, answer: () => answer() }
  }

  it('is told of neither success nor failure, where it may yet be carried out', async () => {
    const { bench, slow } = await overtaken('late')
    bench.primary.reads = 'refused'
    expect(await slow).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(bench.journal.get(parseKey('a'))?.unknown?.put).toBeDefined()
    await landAll(bench)
    bench.primary.endSilence()
    expect(await outcome(bench)).toEqual({ is: 'slow', lost: ['first'] })
  })

  it('has succeeded where the object store says so', async () => {
    const { bench, slow, answer } = await overtaken('applied')
    answer()
    expect(await slow).toBe('primary')
    expect(await outcome(bench)).toEqual({ is: 'slow', lost: ['first'] })
  })

  it('is refused where nothing of it was sent', async () => {
    const bench = await FailoverBench.open()
    bench.primary.writes = 'refused'
    bench.primary.reads = 'refused'
    expect(await bench.put('a', 'first', CREATE)).toBe('journal')
    await expect(bench.put('a', 'second', CREATE)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect(await outcome(bench)).toEqual({ is: 'first', lost: [] })
  })
})

describe('what rests on a condition that is not decided yet', () => {
  /** A file that the object store has, and one that was to be new, put while that could not be known. */
  async function undecided(there: string | undefined, fault: Fault = 'refused') {
    const bench = await FailoverBench.open()
    if (there !== undefined) await bench.put('a', there)
    bench.primary.fate = () => fault
    await bench.put('a', 'one', CREATE)
    return { bench, etag: await etagOf(bench, 'a'), back: () => (bench.primary.fate = undefined) }
  }

  it('as a replacement of that very upload stands or falls with it', async () => {
    const { bench, etag, back } = await undecided('there')
    await bench.put('a', 'two', { ifMatch: etag })
    await bench.put('a', 'three', { ifMatch: await etagOf(bench, 'a') })
    back()
    expect(await outcome(bench)).toEqual({ is: 'there', lost: ['three'] })
  })

  it.each(FAULTS)('stands, also where the first of them was carried out: %s', async fault => {
    const { bench, etag, back } = await undecided(undefined, fault)
    await bench.put('a', 'two', { ifMatch: etag })
    await bench.put('a', 'three', { ifMatch: await etagOf(bench, 'a') })
    back()
    expect(await outcome(bench)).toEqual({ is: 'three', lost: [] })
  })

  it('stands where one of them was brought to the object store without an answer', async () => {
    const { bench, etag, back } = await undecided(undefined)
    await bench.put('a', 'two', { ifMatch: etag })
    back()
    await bench.failover.context.availability.probe()
    bench.primary.writes = 'lost'
    await bench.drain()
    expect(await bench.atPrimary('a')).toBe('two')
    await bench.put('a', 'three', { ifMatch: await etagOf(bench, 'a') })
    expect(await outcome(bench)).toEqual({ is: 'three', lost: [] })
  })

  it('as a delete of that very upload deletes nothing else', async () => {
    const { bench, etag, back } = await undecided('there')
    await bench.store.delete(parseKey('a'), { ifMatch: etag })
    expect(await bench.text('a')).toBeNull()
    back()
    expect(await outcome(bench)).toEqual({ is: 'there', lost: [] })
  })

  it.each(FAULTS)('as a delete of that very upload deletes that: %s', async fault => {
    const { bench, etag, back } = await undecided(undefined, fault)
    await bench.store.delete(parseKey('a'), { ifMatch: etag })
    await landAll(bench)
    back()
    expect(await outcome(bench)).toEqual({ is: null, lost: [] })
  })

  it('is decided once, and stands when a late request undoes it', async () => {
    const bench = await FailoverBench.open()
    bench.primary.fate = () => 'late'
    const strict = { durability: 'primary' } as const
    await expect(bench.put('a', 'strict', strict)).rejects.toMatchObject({ code: 'TIMEOUT' })
    await bench.put('a', 'one', CREATE)
    bench.primary.fate = undefined
    await bench.recover()
    expect(await bench.atPrimary('a')).toBe('one')
    await landAll(bench)
    expect(await bench.atPrimary('a')).toBe('strict')
    expect(await outcome(bench)).toEqual({ is: 'one', lost: [] })
  })
})

describe('a condition on a file from before the object store', () => {
  it.each([false, true])(
    'does not take an upload that is to be new for the first: noticed %s',
    async noticed => {
      const { bench, old } = await withLegacy('old')
      bench.primary.fate = () => 'refused'
      if (noticed) for (let i = 0; i < 2; i++) await bench.put(`other-${i}`, 'x')
      await expect(bench.put('a', 'new', CREATE)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
      bench.primary.fate = undefined
      expect(await outcome(bench)).toEqual({ is: null, lost: [] })
      expect((await old.head(parseKey('a'))).size).toBe(3)
      expect(await bench.text('a')).toBe('old')
    },
  )

  it.each([false, true])('takes its replacement, and finds that it was that: noticed %s', async noticed => {
    const { bench, etag } = await withLegacy('old')
    bench.primary.fate = () => 'refused'
    if (noticed) for (let i = 0; i < 2; i++) await bench.put(`other-${i}`, 'x')
    expect(await bench.put('a', 'new', replacing(etag))).toBe('journal')
    bench.primary.fate = undefined
    expect(await outcome(bench)).toEqual({ is: 'new', lost: [] })
  })
})
