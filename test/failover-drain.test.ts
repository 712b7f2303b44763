import { afterEach, expect, it, vi } from 'vitest'
import { type Key, parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { FailoverBench } from './support/failover-bench.js'

const COUNT = 600
const attributes = { contentType: 'text/plain', metadata: {} }
const keys = Array.from({ length: COUNT }, (_, i) => parseKey(`k/${i}`))
const textOf = (key: string): string => `content of ${key}`

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A failover with all keys journaled, and its primary back. */
async function spooled(): Promise<FailoverBench> {
  const bench = await FailoverBench.open()
  bench.primary.writes = 'refused'
  for (const key of keys) await bench.put(key, textOf(key))
  expect(bench.journal.size()).toBe(COUNT)
  bench.primary.writes = 'none'
  for (const name of Object.keys(bench.primary.counts)) bench.primary.counts[name] = 0
  return bench
}

/** Puts past this host, under a newer stamp than all of its own. */
async function putForeign(bench: FailoverBench, key: Key, text: string): Promise<void> {
  const stamp = { time: bench.primary.time + 60_000, sequence: 1, host: 'other' }
  await bench.primary.inner.put(key, await openSource(Buffer.from(text)), { attributes, stamp })
}

async function expectAll(bench: FailoverBench): Promise<void> {
  expect([...bench.journal.rows.keys()]).toEqual([])
  expect(bench.spool.kept).toBe(0)
  for (const key of keys) expect(await bench.atPrimary(key)).toBe(textOf(key))
}

it('finds most of many entries that lie together by listing them', async () => {
  const bench = await spooled()
  await bench.recover()
  await expectAll(bench)
  const { put = 0, head = 0, list = 0 } = bench.primary.counts
  expect(put).toBeLessThan(COUNT + 10)
  expect(list).toBeGreaterThan(0)
  expect(head).toBeLessThan(COUNT / 10)
})

it('waits for no company that cannot come, though others are being asked for alone', async () => {
  const bench = await spooled()
  const { store } = bench.primary
  const [put, head] = [store.put.bind(store), store.head.bind(store)]
  let answered = 0
  let allAnswered = (): void => {}
  const last = new Promise<void>(resolve => {
    allAnswered = resolve
  })
  vi.spyOn(store, 'put').mockImplementation(async (key, source, options) => {
    const stat = await put(key, source, options)
    if (key.startsWith('k/') && ++answered === COUNT) setImmediate(allAnswered)
    return stat
  })
  vi.spyOn(store, 'head').mockImplementation(async (key, options) => {
    if (key.startsWith('k/')) await last
    return head(key, options)
  })
  // No time passes.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  await bench.recover()
  await expectAll(bench)
})

it('asks for few entries one by one', async () => {
  const bench = await FailoverBench.open()
  bench.primary.writes = 'refused'
  for (const key of keys.slice(0, 8)) await bench.put(key, textOf(key))
  await bench.recover()
  expect(bench.journal.size()).toBe(0)
  expect(bench.primary.counts).not.toHaveProperty('list')
})

it('believes no success that neither a listing nor a look confirms', async () => {
  const bench = await spooled()
  const { store } = bench.primary
  const put = store.put.bind(store)
  const lied = new Set<string>()
  vi.spyOn(store, 'put').mockImplementation(async (key, source, options) => {
    if (Number(key.slice(2)) % 3 !== 0 || lied.has(key)) return put(key, source, options)
    lied.add(key)
    return { key, size: source.size ?? 0, etag: 'lie', lastModified: new Date(), ...options.attributes }
  })
  await bench.recover()
  expect(lied.size).toBe(COUNT / 3)
  await expectAll(bench)
})

it('lets an object stand that somebody else put there before it was listed', async () => {
  const bench = await spooled()
  const { store } = bench.primary
  const list = store.list.bind(store)
  let theirs: Key | undefined
  let listed = false
  vi.spyOn(store, 'list').mockImplementation(async options => {
    if (!listed) {
      listed = true
      theirs = (await bench.primary.inner.list({ startAfter: options?.startAfter, limit: 1 })).objects[0]?.key
      if (theirs !== undefined) await putForeign(bench, theirs, 'theirs')
    }
    return list(options)
  })
  await bench.recover()
  expect(bench.journal.size()).toBe(0)
  expect(await bench.atPrimary(theirs ?? '')).toBe('theirs')
  expect(bench.journal.conflicts().map(({ key, loser }) => ({ key, loser }))).toEqual([
    { key: theirs, loser: 'ours' },
  ])
})

it('needs no listing: one that shows nothing, or fails, is made up for by asking one by one', async () => {
  for (const listing of ['empty', 'failing']) {
    const bench = await spooled()
    vi.spyOn(bench.primary.store, 'list').mockImplementation(async () => {
      if (listing === 'failing') throw bench.primary.trouble('list', 'forbidden')
      return { objects: [], prefixes: [], complete: true }
    })
    await bench.recover()
    await expectAll(bench)
  }
})

it('lists little where the keys lie far apart', async () => {
  const bench = await spooled()
  for (const key of keys) {
    for (let i = 0; i < 12; i++) await putForeign(bench, parseKey(`${key}-${i}`), 'theirs')
  }
  await bench.recover()
  await expectAll(bench)
  expect(bench.primary.counts['list']).toBeLessThan(6)
})

it('sends no more than so many at once, and nothing once the primary is away again', async () => {
  const bench = await spooled()
  let sending = 0
  let most = 0
  let sent = 0
  bench.primary.onMutation = async () => {
    most = Math.max(most, ++sending)
    await new Promise(resolve => setImmediate(resolve))
    sending--
    if (++sent === 100) bench.primary.writes = 'refused'
  }
  await bench.recover()
  expect(most).toBe(32)
  expect(bench.writesOpen).toBe(true)
  expect(sent).toBeLessThan(150)
  expect(bench.journal.size()).toBeGreaterThan(COUNT - 101)
  bench.primary.onMutation = undefined
  await bench.recover()
  await expectAll(bench)
})
