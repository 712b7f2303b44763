import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { CacheFolder } from './support/cache-folder.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import { type Fault, FaultyPrimary } from './support/faulty-primary.js'
import { randomFrom } from './support/random.js'

const NAMES = ['a', 'b', 'c']
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 1200
const WORKERS = 6
const OPERATIONS = 12

/** A write or a read, with the moments of its begin and its end; a write without an end was not acknowledged. */
interface Span {
  readonly value: string | null
  readonly begin: number
  end: number
}

/** What operations that overlap may see: the rules of a register that each key must look like. */
class History {
  readonly writes: Span[] = [{ value: null, begin: 0, end: 0 }]
  readonly reads: Span[] = []
  /** Moments in which there must have been nothing, since a file was created then. */
  readonly creations: { readonly begin: number; readonly end: number }[] = []
  /** Of writes that were refused for what was there. */
  readonly refused = new Set<string | null>()
  /** Of writes that were taken before anybody could tell what was there. */
  readonly accepted = new Set<string | null>()

  /** Values that a reader of this span may get: of writes that had begun, and that no later one had replaced. */
  allowed(read: { readonly begin: number; readonly end: number }): (string | null)[] {
    return this.writes
      .filter(write => write.begin < read.end)
      .filter(write => !this.writes.some(other => write.end < other.begin && other.end < read.begin))
      .map(write => write.value)
  }

  /**
   * Two writes of which each was seen when both had been acknowledged: only the later of them may be. A write that
   * nobody answers is made again, so until it is acknowledged it may show, and go, and come again. Deletes are all
   * alike and left out.
   */
  contradiction(): string | undefined {
    const values = this.writes.filter(write => write.value !== null)
    const lastSeen = (value: string | null): number =>
      Math.max(-1, ...this.reads.filter(read => read.value === value).map(read => read.begin))
    const seen = new Map(values.map(write => [write, lastSeen(write.value)]))
    for (const [a, aSeen] of seen) {
      for (const [b, bSeen] of seen) {
        const both = Math.max(a.end, b.end)
        if (a !== b && aSeen > both && bSeen > both) return `${a.value} and ${b.value}`
      }
    }
    return undefined
  }
}

class Race {
  readonly random: () => number
  readonly histories = new Map(NAMES.map(name => [name, new History()]))
  readonly benches: FailoverBench[]
  badness = 0
  #clock = 0
  #versions = 0

  constructor(seed: number, benches: FailoverBench[]) {
    this.random = randomFrom(seed)
    this.benches = benches
    const { primary } = benches[0] as FailoverBench
    primary.fate = op => this.#fate(op)
    primary.onMutation = () => this.#pause()
    primary.travel = () => this.#pause()
    for (const { journal } of benches) journal.travel = () => this.#pause()
  }

  async worker(): Promise<void> {
    for (let i = 0; i < OPERATIONS; i++) {
      await this.#pause()
      const bench = this.#pick(this.benches)
      const name = this.#pick(NAMES)
      const kind = this.#pick([
        'put',
        'put',
        'create',
        'delete',
        'get',
        'get',
        'get',
        'drain',
        'weather',
      ] as const)
      if (kind === 'drain') {
        await bench.failover.context.availability.probe()
        void bench.drain()
      } else if (kind === 'weather') this.badness = this.#pick([0, 0, 0.3, 1])
      else if (kind === 'get') await this.#read(bench, name)
      else if (kind === 'create') await this.#create(bench, name, `c${++this.#versions}`)
      else await this.#write(bench, name, kind === 'put' ? `v${++this.#versions}` : null)
    }
  }

  async finish(): Promise<void> {
    this.badness = 0
    const [bench] = this.benches as [FailoverBench]
    bench.primary.onMutation = undefined
    bench.primary.travel = undefined
    bench.journal.travel = undefined
    for (let round = 0; round < 3; round++) {
      for (const ghost of bench.primary.ghosts.splice(0)) await ghost.land()
      for (const each of this.benches) {
        await each.failover.context.availability.probe()
        await each.drain()
      }
      bench.primary.time += WINDOW_MS
    }
    for (const each of this.benches) await each.recover()
    expect([...bench.journal.rows.values()]).toEqual([])
    const conflicts = bench.journal.conflicts()
    expect(bench.spool.kept).toBe(conflicts.length)
    for (const { key, file, loser } of conflicts) {
      expect(loser).toBe('ours')
      expect([...this.#history(key).accepted]).toContain(String(bench.spool.files.get(file)))
    }
    for (const [name, history] of this.histories) {
      const value = await bench.atPrimary(name)
      const last = { value, begin: ++this.#clock, end: ++this.#clock }
      expect(history.allowed(last), `${name} in the end`).toContain(value)
      history.reads.push(last)
      expect(history.contradiction(), name).toBeUndefined()
      for (const read of history.reads)
        expect(history.allowed(read), `a read of ${name}`).toContain(read.value)
      for (const creation of history.creations)
        expect(history.allowed(creation), `when ${name} was created`).toContain(null)
      for (const read of history.reads) expect([...history.refused]).not.toContain(read.value)
    }
  }

  /** Nothing is read from a copy that is not what the primary holds. */
  async checkCopies(): Promise<void> {
    const [bench] = this.benches as [FailoverBench]
    const held = new Map(
      await Promise.all(NAMES.map(async name => [name, await bench.atPrimary(name)] as const)),
    )
    bench.primary.fate = () => 'refused'
    for (const each of this.benches) {
      for (const name of NAMES) {
        const value = await each.text(name).catch(error => {
          if (!StorageError.is(error, 'UNAVAILABLE')) throw error
          return held.get(name)
        })
        expect(value, `the copy of ${name}`).toBe(held.get(name))
      }
    }
  }

  async #write(bench: FailoverBench, name: string, value: string | null): Promise<void> {
    const span: Span = { value, begin: ++this.#clock, end: Number.POSITIVE_INFINITY }
    this.#history(name).writes.push(span)
    if (value === null) await bench.store.delete(parseKey(name))
    else await bench.put(name, value)
    span.end = ++this.#clock
  }

  /** Puts what is to be new, if nobody can tell whether it is. */
  async #create(bench: FailoverBench, name: string, value: string): Promise<void> {
    const history = this.#history(name)
    const begin = ++this.#clock
    const span: Span = { value, begin, end: Number.POSITIVE_INFINITY }
    history.writes.push(span)
    try {
      const where = await bench.put(name, value, { ifNoneMatch: '*', onUnknown: 'accept' })
      const end = ++this.#clock
      // What the object store has decided stands; what was taken here may still turn out not to be the first.
      if (where === 'journal') history.accepted.add(value)
      else {
        span.end = end
        history.creations.push({ begin, end })
      }
    } catch (error) {
      if (StorageError.is(error, 'ALREADY_EXISTS')) history.refused.add(value)
      else if (!StorageError.is(error, 'UNAVAILABLE')) throw error
    }
  }

  async #read(bench: FailoverBench, name: string): Promise<void> {
    const begin = ++this.#clock
    try {
      const value = await bench.text(name)
      this.#history(name).reads.push({ value, begin, end: ++this.#clock })
    } catch (error) {
      if (!StorageError.is(error, 'UNAVAILABLE') && !StorageError.is(error, 'TIMEOUT')) throw error
    }
  }

  #fate(op: string): Fault {
    if (this.random() >= this.badness) return 'none'
    return op === 'put' || op === 'delete' ? this.#pick(['refused', 'lost', 'late']) : 'refused'
  }

  async #pause(): Promise<void> {
    for (let turns = Math.floor(this.random() * 4); turns > 0; turns--) {
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  #history(name: string): History {
    return this.histories.get(name) as History
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T
  }
}

describe('failover, raced', () => {
  it.each([
    ['one process', 1, {}, 'no copies'],
    ['two processes of one folder', 2, {}, 'no copies'],
    [
      'two processes, without conditional writes',
      2,
      { conditionalPut: false, conditionalDelete: false },
      'no copies',
    ],
    ['two processes with a read cache', 2, {}, 'copies'],
    ['two processes of which one has a read cache', 2, {}, 'copies in one'],
  ])(
    'makes every key look like one register, and converges to its last write: %s',
    async (_, count, capabilities, copies) => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async seed => {
          const folder = copies === 'no copies' ? undefined : await CacheFolder.make()
          const bench = await FailoverBench.open(folder?.benchOptions(), new FaultyPrimary(capabilities))
          const keeping = copies === 'copies in one' ? { maxBytes: 0 } : {}
          const benches = count === 2 ? [bench, await bench.another(folder?.benchOptions(keeping))] : [bench]
          await folder?.idle()
          const race = new Race(seed, benches)
          await Promise.all(Array.from({ length: WORKERS }, () => race.worker()))
          await race.finish()
          if (folder === undefined) return
          await folder.idle()
          await race.checkCopies()
          await folder.remove()
        }),
        { numRuns: RUNS / 4 },
      )
    },
  )
})
