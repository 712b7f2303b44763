import { setImmediate as turn } from 'node:timers/promises'
import pLimit from 'p-limit'
import { expect, test } from 'vitest'
import { parseAttributes } from '../src/core/attributes.js'
import { StorageError } from '../src/core/errors.js'
import { type Key, parseKey } from '../src/core/key.js'
import { silentLogger } from '../src/core/logger.js'
import { openSource } from '../src/core/source.js'
import type { ListOptions, ObjectStat, OperationOptions, Store, StorePage } from '../src/core/store.js'
import { MemoryTables, type Tables } from '../src/service/memory-tables.js'
import { QuotaStore } from '../src/service/quotas/quota-store.js'
import { Quotas } from '../src/service/quotas/quotas.js'
import { MemoryStore } from '../src/stores/memory.js'
import { Random } from '../src/testing/conformance-random.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const RUNS = LONG ? 3000 : 60
/** Runs at once: most of a run is waiting for another process's commit or count. */
const AT_ONCE = 100
const MAX_SIZE = 60
const LIMITS = [
  ['a/', { maxBytes: 300, maxFiles: 8 }],
  ['a/b/', { maxBytes: 150 }],
] as const
const KEYS = ['a/1', 'a/2', 'a/3', 'a/4', 'a/b/1', 'a/b/2', 'a/b/3', 'a/c/1', 'x', 'ab/1'].map(key =>
  parseKey(key),
)

/** What happens to all processes alike. */
class World {
  readonly truth = new MemoryStore()
  readonly ledger = new MemoryTables()
  readonly dead = new Set<string>()
  readonly random: Random
  /** Nobody can ask the store for what it holds; what is written waits elsewhere, and counts all the same. */
  isAway = false
  /** How often in a hundred an operation fails, before or after it took effect. */
  faults = 0
  processes = 0
  readonly living = new Set<Process>()

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  async taken(prefix: string): Promise<{ bytes: number; files: number }> {
    const { objects } = await this.truth.list({ prefix })
    return { bytes: objects.reduce((sum, { size }) => sum + size, 0), files: objects.length }
  }
}

const unavailable = (code: 'UNAVAILABLE' | 'TIMEOUT', op: string): StorageError =>
  new StorageError({ code, op, message: 'A fault.' })

/** A process: from its death on nothing that it began goes on. */
class Process {
  readonly store: Store
  readonly quotas: Quotas
  readonly #world: World
  readonly #name: string
  readonly #atStore = new Set<Promise<unknown>>()
  #isDying = false
  #tellDeath = (): void => {}
  readonly died = new Promise<void>(resolve => {
    this.#tellDeath = resolve
  })

  constructor(world: World) {
    this.#world = world
    this.#name = `p${++world.processes}`
    const bare = this.#bareStore()
    this.quotas = new Quotas({
      ledger: this.#mortalLedger(),
      store: bare,
      processId: this.#name,
      isDead: id => world.dead.has(id),
      hasOthers: async () => false,
      recountMs: 0,
      lateMs: 0,
      logger: silentLogger,
    })
    this.store = new QuotaStore(bare, this.quotas, true)
    this.#world.living.add(this)
  }

  /** Nothing of it goes on; what reached the store by then is done before anybody knows of its death. */
  async die(): Promise<void> {
    this.#isDying = true
    await Promise.allSettled(this.#atStore)
    this.#world.dead.add(this.#name)
    this.#world.living.delete(this)
    this.quotas.stop()
    this.#tellDeath()
  }

  /** Some turns of the event loop, in which others go on; for ever, if this process has died by then. */
  async #pause(): Promise<void> {
    for (let turns = this.#world.random.below(4); turns > 0; turns--) await turn()
    if (this.#isDying) await new Promise(() => {})
  }

  async #reaching<T>(call: Promise<T>): Promise<T> {
    this.#atStore.add(call)
    try {
      return await call
    } finally {
      this.#atStore.delete(call)
    }
  }

  #mortalLedger(): Tables {
    const { ledger } = this.#world
    return {
      table: name => ledger.table(name),
      commit: async (conditions, write) => {
        await this.#pause()
        const version = await this.#reaching(ledger.commit(conditions, write))
        await this.#pause()
        return version
      },
    }
  }

  #bareStore(): Store {
    const world = this.#world
    const { truth, random } = world
    const faulty = async <T>(op: string, call: () => Promise<T>): Promise<T> => {
      await this.#pause()
      const fate = random.below(100)
      if (fate < world.faults) throw unavailable('UNAVAILABLE', op)
      const result = await this.#reaching(call())
      await this.#pause()
      if (fate < 2 * world.faults) throw unavailable('TIMEOUT', op)
      return result
    }
    const asked = async (op: string): Promise<void> => {
      await this.#pause()
      if (world.isAway) throw unavailable('UNAVAILABLE', op)
    }
    return {
      kind: 's3',
      capabilities: truth.capabilities,
      put: async (key, source, options) => {
        const whole = await openSource(await source.read(0, 2 * MAX_SIZE))
        return faulty('put', () => truth.put(key, whole, options))
      },
      get: key => truth.get(key),
      head: async (key: Key, options?: OperationOptions): Promise<ObjectStat> => {
        await asked('head')
        const stat = await truth.head(key, options)
        await this.#pause()
        return stat
      },
      delete: (key, options) => faulty('delete', () => truth.delete(key, options)),
      list: async (options: ListOptions = {}): Promise<StorePage> => {
        await this.#pause()
        const page = await truth.list({ ...options, limit: 1 + random.below(4) })
        await this.#pause()
        return world.isAway
          ? { ...page, objects: page.objects.filter(() => random.below(2) === 0), complete: false }
          : page
      },
      copy: (from, to, options) => faulty('copy', () => truth.copy(from, to, options)),
      deleteMany: (keys, options) =>
        faulty('deleteMany', async () => {
          for (const key of keys) await truth.delete(key, options)
          return { deleted: keys.length, failed: [] }
        }),
      close: async () => {},
    }
  }
}

async function* pieces(random: Random, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0; ) {
    const length = 1 + random.below(left)
    left -= length
    yield Buffer.alloc(length)
    await turn()
  }
}

async function act(world: World, store: Store): Promise<void> {
  const { random } = world
  const key = KEYS[random.below(KEYS.length)] as Key
  const other = KEYS[random.below(KEYS.length)] as Key
  const size = random.below(MAX_SIZE + 1)
  const attributes = parseAttributes({})
  switch (random.below(8)) {
    case 0:
      return void (await store.delete(key))
    case 1:
      return void (await store.copy?.(key, other))
    case 2:
      return void (await store.deleteMany?.(KEYS.filter(() => random.below(3) === 0)))
    case 3: {
      const source = await openSource(pieces(random, size))
      return void (await store.put(key, source, { attributes }))
    }
    case 4: {
      const source = await openSource(Buffer.alloc(size))
      return void (await store.put(key, source, { attributes, ifNoneMatch: '*' }))
    }
    default: {
      const source = await openSource(Buffer.alloc(size))
      return void (await store.put(key, source, { attributes }))
    }
  }
}

/** Acts until it has, or its process has died. */
async function acting(world: World, process: Process): Promise<void> {
  const done = act(world, process.store).catch(error => {
    if (!StorageError.is(error)) throw error
  })
  await Promise.race([done, process.died])
}

async function counting(world: World, process: Process): Promise<void> {
  const done = process.quotas.recount(LIMITS[world.random.below(LIMITS.length)]?.[0] ?? '')
  await Promise.race([done, process.died])
}

/** Where nobody is at work: the counters are right, or too high and known to be. */
async function check(world: World, { quotas }: Process, prefix: string, when: string): Promise<void> {
  const row = quotas.book.get(prefix)
  const message = `${when}: ${prefix} ${JSON.stringify(row)}`
  const { bytes = 0, files = 0, heldBytes, heldFiles, recountAt, count } = row ?? {}
  const taken = await world.taken(prefix)
  expect({ heldBytes, heldFiles }, message).toEqual({ heldBytes: 0, heldFiles: 0 })
  if (recountAt === undefined && count === undefined) expect({ bytes, files }, message).toEqual(taken)
  expect(bytes, message).toBeGreaterThanOrEqual(taken.bytes)
  expect(files, message).toBeGreaterThanOrEqual(taken.files)
}

async function run(seed: number): Promise<void> {
  const world = new World(seed)
  const { random } = world
  const put = async (key: Key): Promise<void> => {
    await world.truth.put(key, await openSource(Buffer.alloc(random.below(20))), {
      attributes: parseAttributes({}),
    })
  }
  for (const key of KEYS) if (random.below(2) === 0) await put(key)
  const first = new Process(world)
  for (const [prefix, limits] of LIMITS) await first.quotas.declare(prefix, limits)
  const processes = [first, new Process(world), new Process(world)]
  for (let round = 0; round < 12; round++) {
    world.faults = random.below(3) === 0 ? 10 : 0
    world.isAway = random.below(5) === 0
    const actions = Array.from({ length: 10 }, () => {
      const at = random.below(processes.length)
      return acting(world, processes[at] as Process)
    })
    if (random.below(3) === 0) actions.push(counting(world, processes[0] as Process))
    if (random.below(4) === 0) {
      await turn()
      const victim = random.below(processes.length)
      await processes[victim]?.die()
      processes[victim] = new Process(world)
    }
    await Promise.all(actions)
    for (const [prefix, { maxBytes }] of LIMITS) {
      const { bytes } = await world.taken(prefix)
      expect(bytes, `seed ${seed}, round ${round}`).toBeLessThanOrEqual(maxBytes + MAX_SIZE)
      if (world.ledger.table('quota-keys').count() > 0) continue
      await check(world, processes[0] as Process, prefix, `seed ${seed}, round ${round}`)
    }
  }
  world.faults = 0
  world.isAway = false
  for (const { quotas } of world.living) await quotas.close()
  const last = new Process(world)
  await last.quotas.lookAfter()
  for (const [prefix] of LIMITS) {
    await check(world, last, prefix, `seed ${seed}, at the end`)
    if (last.quotas.book.get(prefix)?.recountAt === undefined) continue
    while ((await last.quotas.recount(prefix)) === 'elsewhere');
    await check(world, last, prefix, `seed ${seed}, counted`)
  }
  expect(last.quotas.book.tables.keys.range(Buffer.alloc(0), undefined, 100), `seed ${seed}`).toEqual([])
  await last.quotas.close()
}

test(`of ${RUNS} random runs with faults, outages and deaths the counters come out right`, async () => {
  const first = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 1e9))
  process.stdout.write(`seed ${first}\n`)
  const seeds = Array.from({ length: RUNS }, (_, i) => first + i)
  await pLimit(AT_ONCE).map(seeds, seed => run(seed))
})
