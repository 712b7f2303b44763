import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { parseAttributes } from '../../core/attributes.js'
import { StorageError } from '../../core/errors.js'
import { parseKey } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { openSource } from '../../core/source.js'
import type { PutOptions, Store } from '../../core/store.js'
import { MemoryStore } from '../../stores/memory.js'
import { MemoryTables } from '../memory-tables.js'
import { heldBy } from './accounts.js'
import { QuotaStore } from './quota-store.js'
import { Quotas } from './quotas.js'

const PREFIX = 'rooms/42/'
const LATE_MS = 160_000
const options: PutOptions = { attributes: parseAttributes({}) }
const exceeded = expect.objectContaining({ code: 'QUOTA_EXCEEDED' })
const bytes = (length: number) => openSource(Buffer.alloc(length))

let truth: MemoryStore
let ledger: MemoryTables
let dead: Set<string>
const opened: Quotas[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  truth = new MemoryStore()
  ledger = new MemoryTables()
  dead = new Set()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const quotas of opened.splice(0)) await quotas.close()
})

function open(processId: string, put: Store['put'] = (...args) => truth.put(...args)): [QuotaStore, Quotas] {
  const able = ['get', 'head', 'delete', 'list', 'close'] as const
  const calls = Object.fromEntries(able.map(name => [name, truth[name].bind(truth)]))
  const store = { kind: 's3', capabilities: truth.capabilities, ...calls, put } as unknown as Store
  const quotas = new Quotas({
    ledger,
    store,
    processId,
    isDead: id => dead.has(id),
    hasOthers: async () => false,
    recountMs: 0,
    lateMs: LATE_MS,
    logger: silentLogger,
  })
  opened.push(quotas)
  return [new QuotaStore(store, quotas, true), quotas]
}

/** A process whose uploads are on their way for as long as the test likes. */
function openSlow(processId: string): { store: QuotaStore; arrive: () => Promise<void> } {
  const underWay: (() => Promise<unknown>)[] = []
  const [store, quotas] = open(processId, async (key, source, options) => {
    const whole = await source.read(0, 1000)
    underWay.push(async () => truth.put(key, await openSource(whole), options))
    return new Promise(() => {})
  })
  return {
    store,
    arrive: async () => {
      quotas.stop()
      for (const land of underWay) await land()
    },
  }
}

it('keeps room for what a request of a dead process may still bring, until it cannot come any more', async () => {
  const [store, quotas] = open('living')
  await quotas.declare(PREFIX, { maxBytes: 100 })
  const slow = openSlow('slow')
  for (const name of ['a', 'b']) {
    void slow.store.put(parseKey(`${PREFIX}${name}`), await bytes(30), options)
  }
  await vi.waitFor(() => expect(heldBy(quotas.book.get(PREFIX) as never)).toEqual({ bytes: 60, files: 2 }))
  dead.add('slow')
  await quotas.lookAfter()
  await expect(store.put(parseKey(`${PREFIX}c`), await bytes(41), options)).rejects.toEqual(exceeded)
  await store.put(parseKey(`${PREFIX}c`), await bytes(40), options)
  await quotas.settled()
  await slow.arrive()
  // Counted before the time: what may come then is still held.
  await quotas.recount(PREFIX)
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 100, files: 3 })
  vi.setSystemTime(1_000_000 + 2 * LATE_MS)
  await quotas.lookAfter()
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 100, files: 3, late: undefined })
})

it('counts once more after each such time, and not only after the first', async () => {
  const [, quotas] = open('living')
  await quotas.declare(PREFIX, {})
  const first = openSlow('first')
  void first.store.put(parseKey(`${PREFIX}a`), await bytes(10), options)
  await vi.waitFor(() => expect(quotas.book.get(PREFIX)?.heldBytes).toBe(10))
  dead.add('first')
  await quotas.lookAfter()
  vi.setSystemTime(1_000_000 + LATE_MS / 2)
  const second = openSlow('second')
  void second.store.put(parseKey(`${PREFIX}b`), await bytes(20), options)
  await vi.waitFor(() => expect(quotas.book.get(PREFIX)?.heldBytes).toBe(20))
  dead.add('second')
  await quotas.lookAfter()
  vi.setSystemTime(1_000_000 + LATE_MS * 1.2)
  await quotas.lookAfter()
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 0, late: [{ bytes: 20, files: 1 }] })
  await second.arrive()
  vi.setSystemTime(1_000_000 + LATE_MS * 2)
  await quotas.lookAfter()
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 20, files: 1, late: undefined })
})

it('does not forget it where others worked on the key, and ended later', async () => {
  const [store, quotas] = open('living', async (key, source, options) => {
    await entered
    return truth.put(key, source, options)
  })
  await quotas.declare(PREFIX, {})
  let enter = (): void => {}
  const entered = new Promise<void>(resolve => {
    enter = resolve
  })
  const slow = openSlow('slow')
  const key = parseKey(`${PREFIX}shared`)
  void slow.store.put(key, await bytes(50), options)
  const living = store.put(key, await bytes(10), options)
  await vi.waitFor(() => expect(quotas.book.get(PREFIX)?.heldBytes).toBe(60))
  dead.add('slow')
  await quotas.lookAfter()
  enter()
  await living
  await quotas.settled()
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 10, files: 1, late: [{ bytes: 40, files: 0 }] })
})

it('holds nothing for a removal without an answer, and counts again', async () => {
  const [store, quotas] = open('living')
  await store.put(parseKey(`${PREFIX}a`), await bytes(10), options)
  await quotas.declare(PREFIX, { maxBytes: 20 })
  truth.delete = () =>
    Promise.reject(new StorageError({ code: 'TIMEOUT', op: 'delete', message: 'No answer.' }))
  const [failing] = open('failing')
  await expect(failing.delete(parseKey(`${PREFIX}a`))).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(quotas.book.get(PREFIX)).toMatchObject({ bytes: 10, files: 1, late: [{ bytes: 0, files: 0 }] })
})
