import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { inherited } from '../src/failover/journal.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import { type Fault, FaultyPrimary, type Ghost } from './support/faulty-primary.js'
import { randomFrom } from './support/random.js'

const NAMES = ['a', 'b/1', 'b/2', 'c']
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20_000 : 1000
const STEPS = 60

type Value = string | null

/** What was taken on a condition that nobody could decide: it lasts if the object store had `over`. */
interface Accepted {
  readonly value: Value
  readonly over: Value
}

/** What the operations so far allow each key to hold: one value, or several after a write that ended in doubt. */
class Known {
  readonly #values = new Map<string, Set<Value>>()
  readonly #accepted = new Map<string, Accepted>()

  of(name: string): Set<Value> {
    const accepted = this.#accepted.get(name)
    return accepted === undefined ? this.#sure(name) : new Set([...this.#sure(name), accepted.value])
  }

  /** What it can hold in the end, once every condition was decided. */
  inTheEnd(name: string): Set<Value> {
    const sure = this.#sure(name)
    const accepted = this.#accepted.get(name)
    if (accepted === undefined || !sure.has(accepted.over)) return sure
    return sure.size === 1 ? new Set([accepted.value]) : this.of(name)
  }

  acknowledge(name: string, value: Value): void {
    this.#values.set(name, new Set([value]))
    this.#accepted.delete(name)
  }

  doubt(name: string, value: Value): void {
    this.#values.set(name, new Set([...this.#sure(name), value]))
  }

  /** A value is taken that is to follow `over`, if that is what the object store has. */
  accept(name: string, value: Value, over: Value): void {
    this.#values.set(name, this.of(name))
    this.#accepted.set(name, { value, over })
  }

  /** A value follows one that was accepted, and is still in doubt. */
  follow(name: string, value: Value): void {
    const accepted = this.#accepted.get(name)
    expect(accepted, `${name} was accepted`).toBeDefined()
    if (accepted !== undefined) this.#accepted.set(name, { ...accepted, value })
  }

  #sure(name: string): Set<Value> {
    return this.#values.get(name) ?? new Set([null])
  }
}

/** Every request may meet any fault, and every operation of any kind meets a store in any state. */
class Storm {
  readonly random: () => number
  readonly known = new Known()
  readonly bench: FailoverBench
  readonly log: string[] = []
  /** What was taken on a condition, and may have become a conflict. */
  readonly accepted = new Set<Value>()
  #badness = 0
  #silent = false
  #versions = 0

  constructor(seed: number, bench: FailoverBench) {
    this.random = randomFrom(seed)
    this.bench = bench
    bench.primary.fate = op => this.#fate(op)
  }

  async step(): Promise<void> {
    const name = this.#pick(NAMES)
    const { bench } = this
    switch (this.#pick(STEP_KINDS)) {
      case 'put':
        return this.#mutate(name, `v${++this.#versions}`, {})
      case 'create':
        return this.#mutate(name, `c${++this.#versions}`, { ifNoneMatch: '*' }, null)
      case 'replace':
        return this.#replace(name)
      case 'delete':
        return this.#mutate(name, null, {})
      case 'get':
        return this.#read(name)
      case 'list':
        return this.#list()
      case 'copy':
        return this.#copy(name, this.#pick(NAMES))
      case 'sweep':
        return this.#sweep([name, this.#pick(NAMES)])
      case 'drain':
        this.#note('drain')
        await bench.failover.context.availability.probe()
        return bench.drain()
      case 'land':
        return this.#land()
      case 'wait':
        bench.primary.time += this.#pick([1, WINDOW_MS / 3, WINDOW_MS])
        return this.#note(`time ${bench.primary.time}`)
      case 'weather':
        this.#badness = this.#pick([0, 0, 0.2, 0.6, 1])
        return this.#note(`badness ${this.#badness}`)
      case 'crash':
        return this.#crash(name)
      case 'restart':
        this.#note('restart')
        await bench.store.close()
        return bench.start()
    }
  }

  /** Ends the storm: everything lands or cannot any more, and everything is replicated. */
  async clear(): Promise<void> {
    this.#badness = 0
    const { bench } = this
    for (let round = 0; round < 3; round++) {
      while (bench.primary.ghosts.length > 0) await this.#land()
      await bench.recover()
      bench.primary.time += WINDOW_MS
    }
    await bench.recover()
    expect([...bench.journal.rows.values()]).toEqual([])
    const conflicts = bench.journal.conflicts()
    for (const { file, loser } of conflicts) {
      expect(loser).toBe('ours')
      expect([...this.accepted]).toContain(String(bench.spool.files.get(file)))
    }
    expect(bench.spool.kept).toBe(conflicts.length)
    for (const name of NAMES) {
      const found = await bench.atPrimary(name)
      expect([...this.known.inTheEnd(name)], `${name} at the end`).toContain(found)
      expect(await bench.text(name)).toBe(found)
    }
  }

  #fate(op: string): Fault {
    if (this.#silent) return op === 'put' || op === 'delete' ? 'silent' : 'none'
    if (this.random() >= this.#badness) return 'none'
    return op === 'put' || op === 'delete' ? this.#pick(WRITE_FAULTS) : this.#pick(['refused', 'late'])
  }

  /** @param over the value that the condition is for */
  async #mutate(
    name: string,
    value: Value,
    given: { ifMatch?: string; ifNoneMatch?: '*' },
    over: Value = null,
  ): Promise<void> {
    const conditional = given.ifMatch !== undefined || given.ifNoneMatch !== undefined
    const accepts = conditional && value !== null && this.random() < 0.5
    const condition = accepts ? { ...given, onUnknown: 'accept' as const } : given
    const { bench } = this
    const row = bench.journal.get(parseKey(name))
    try {
      let isHere = row?.state !== undefined
      if (value === null) await bench.store.delete(parseKey(name), condition)
      else isHere = (await bench.put(name, value, condition)) === 'journal'
      this.#note(`${value ?? 'delete'} -> ${name} ${JSON.stringify(condition)}`)
      const isTaken = conditional && isHere && row?.state === undefined
      if (isTaken) this.known.accept(name, value, over)
      else {
        if (conditional) expect([...this.known.of(name)]).toContain(over)
        if (conditional && isHere && inherited(row) !== undefined) this.known.follow(name, value)
        else this.known.acknowledge(name, value)
      }
      if (conditional && isHere) this.accepted.add(value)
    } catch (error) {
      if (!StorageError.is(error) || !conditional) throw error
      this.#note(`${value ?? 'delete'} -> ${name} ${JSON.stringify(condition)}: ${error.code}`)
      if (error.code === 'ALREADY_EXISTS') {
        expect([...this.known.of(name)].some(known => known !== null)).toBe(true)
      } else if (error.code !== 'PRECONDITION_FAILED') {
        expect(accepts).toBe(false)
        expect(['UNAVAILABLE', 'TIMEOUT']).toContain(error.code)
        this.known.doubt(name, value)
      }
    }
  }

  /** The process dies, perhaps with a request on its way that nobody has noted. */
  async #crash(name: string): Promise<void> {
    const value = this.random() < 0.5 ? null : `x${++this.#versions}`
    if (this.random() < 0.7) {
      this.#silent = true
      let acknowledged = false
      const operation = value === null ? this.bench.store.delete(parseKey(name)) : this.bench.put(name, value)
      operation.then(
        () => {
          acknowledged = true
        },
        () => {},
      )
      for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
      this.#silent = false
      this.#note(`${value ?? 'delete'} -> ${name}, dying${acknowledged ? '' : ', unacknowledged'}`)
      if (acknowledged) this.known.acknowledge(name, value)
      else this.known.doubt(name, value)
    }
    this.#note('crash')
    await this.bench.crash()
  }

  async #replace(name: string): Promise<void> {
    try {
      const { stat, body } = await this.bench.store.get(parseKey(name))
      const over = (await body.bytes()).toString()
      const value = this.random() < 0.3 ? null : `r${++this.#versions}`
      await this.#mutate(name, value, { ifMatch: stat.etag }, over)
    } catch (error) {
      if (!isAway(error) && !StorageError.is(error, 'NOT_FOUND')) throw error
    }
  }

  async #copy(from: string, to: string): Promise<void> {
    let value: string | null = null
    try {
      value = await this.bench.text(from)
      if (value === null) return
      await this.bench.store.copy(parseKey(from), parseKey(to))
      this.#note(`copy ${from} (${value}) -> ${to}`)
    } catch (error) {
      if (!isAway(error)) throw error
      // It may have been done all the same.
      if (value !== null) for (const copied of [...this.known.of(from)]) this.known.doubt(to, copied)
      return
    }
    expect([...this.known.of(from)]).toContain(value)
    if (this.known.of(from).size === 1) this.known.acknowledge(to, value)
    else for (const other of this.known.of(from)) this.known.doubt(to, other)
  }

  async #sweep(names: readonly string[]): Promise<void> {
    const { failed } = await this.bench.store.deleteMany([...new Set(names)].map(name => parseKey(name)))
    this.#note(`sweep ${names}`)
    expect(failed).toEqual([])
    for (const name of names) this.known.acknowledge(name, null)
  }

  async #read(name: string): Promise<void> {
    try {
      const value = await this.bench.text(name)
      expect([...this.known.of(name)], `get ${name}`).toContain(value)
    } catch (error) {
      if (!isAway(error)) throw error
    }
  }

  async #list(): Promise<void> {
    const found = new Set<string>()
    let complete = true
    let startAfter: string | undefined
    const limit = 1 + Math.floor(this.random() * 4)
    do {
      const page = await this.bench.store.list({ startAfter, limit })
      for (const { key } of page.objects) found.add(key)
      complete &&= page.complete
      startAfter = page.next
    } while (startAfter !== undefined)
    for (const name of NAMES) {
      const known = this.known.of(name)
      if (found.has(name))
        expect(
          [...known].some(value => value !== null),
          `${name} listed`,
        ).toBe(true)
      else if (complete) expect([...known], `${name} not listed`).toContain(null)
    }
  }

  async #land(): Promise<void> {
    const { primary } = this.bench
    const ghost: Ghost | undefined = primary.ghosts[Math.floor(this.random() * primary.ghosts.length)]
    if (ghost === undefined) return
    primary.ghosts.splice(primary.ghosts.indexOf(ghost), 1)
    if (primary.time >= ghost.signedAt + WINDOW_MS) return
    this.#note(`land ${ghost.kind} ${ghost.key}`)
    await ghost.land()
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T
  }

  #note(what: string): void {
    this.log.push(what)
  }
}

const WRITE_FAULTS = ['refused', 'lost', 'late'] as const
const STEP_KINDS = [
  'put',
  'put',
  'put',
  'create',
  'replace',
  'delete',
  'delete',
  'get',
  'get',
  'list',
  'copy',
  'sweep',
  'drain',
  'drain',
  'land',
  'land',
  'wait',
  'weather',
  'weather',
  'crash',
  'restart',
] as const

function isAway(error: unknown): boolean {
  return StorageError.is(error, 'UNAVAILABLE') || StorageError.is(error, 'TIMEOUT')
}

describe('failover, in a storm', () => {
  it.each([
    ['with conditional writes', {}],
    ['without', { conditionalPut: false, conditionalDelete: false, conditionalMultipart: false }],
  ])('serves what was acknowledged last, and converges to it: %s', async (_, capabilities) => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const bench = await FailoverBench.open({}, new FaultyPrimary(capabilities))
        const storm = new Storm(seed, bench)
        try {
          for (let step = 0; step < STEPS; step++) await storm.step()
          await storm.clear()
        } catch (error) {
          throw new Error(`${error}\n${storm.log.join('\n')}`, { cause: error })
        }
      }),
      { numRuns: RUNS / 2 },
    )
  })
})
