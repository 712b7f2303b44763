import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import { type Created, FailoverModel, type ModelFault, type Version } from './support/failover-model.js'
import { FaultyPrimary } from './support/faulty-primary.js'

const NAMES = ['a', 'b/1', 'b/2']
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 100_000 : 1_000

interface State {
  readonly model: FailoverModel
  fault: ModelFault
  versions: number
}

type Step = fc.AsyncCommand<State, FailoverBench>

class SetFault implements Step {
  readonly fault: ModelFault
  constructor(fault: ModelFault) {
    this.fault = fault
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    state.fault = this.fault
    bench.primary.writes = this.fault
    bench.primary.reads = this.fault
  }
  toString = (): string => `fault(${this.fault})`
}

class Mutate implements Step {
  readonly name: string
  readonly kind: 'put' | 'delete'
  constructor(name: string, kind: 'put' | 'delete') {
    this.name = name
    this.kind = kind
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    const open = bench.writesOpen
    if (this.kind === 'put') {
      const version = `v${++state.versions}`
      expect(await bench.put(this.name, version)).toBe(
        state.model.mutate(this.name, version, state.fault, open),
      )
    } else {
      await bench.store.delete(parseKey(this.name))
      state.model.mutate(this.name, null, state.fault, open)
    }
    expect(bench.mode(this.name)).toBe(state.model.mode(this.name))
  }
  toString = (): string => `${this.kind}(${this.name})`
}

class Create implements Step {
  readonly name: string
  readonly accepts: boolean
  constructor(name: string, accepts: boolean) {
    this.name = name
    this.accepts = accepts
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    const open = bench.writesOpen
    const version = `c${++state.versions}`
    const created = await create(bench, this.name, version, this.accepts)
    expect(created).toBe(state.model.create(this.name, version, state.fault, open, this.accepts))
    expect(bench.mode(this.name)).toBe(state.model.mode(this.name))
  }
  toString = (): string => `create(${this.name}${this.accepts ? ', accept' : ''})`
}

class Read implements Step {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    const closed = bench.failover.context.availability.reads.open
    expect(await read(bench, this.name)).toBe(state.model.read(this.name, closed ? 'refused' : state.fault))
  }
  toString = (): string => `get(${this.name})`
}

class List implements Step {
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    const found: string[] = []
    let complete = true
    let startAfter: string | undefined
    do {
      const page = await bench.store.list({ startAfter, limit: this.limit })
      found.push(...page.objects.map(object => object.key))
      complete &&= page.complete
      startAfter = page.next
    } while (startAfter !== undefined)
    const away = state.fault !== 'none' || bench.failover.context.availability.reads.open
    expect(complete).toBe(!away)
    const expected = NAMES.filter(name => {
      if (away && state.model.mode(name) !== 'busy') return false
      return state.model.read(name, 'none') !== null
    })
    expect(found).toEqual(expected)
  }
  toString = (): string => `list(${this.limit})`
}

class Recover implements Step {
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    state.fault = 'none'
    await bench.recover()
    for (const name of NAMES) {
      state.model.settle(name)
      state.model.replicate(name)
      state.model.settle(name)
      expect(bench.mode(name)).toBe(state.model.mode(name))
      expect(await bench.atPrimary(name)).toBe(state.model.truth(name))
    }
  }
  toString = (): string => 'recover()'
}

class Land implements Step {
  readonly name: string
  readonly index: number
  constructor(name: string, index: number) {
    this.name = name
    this.index = index
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    const { ghosts, time } = bench.primary
    const own = ghosts.filter(ghost => ghost.key === this.name)
    const ghost = own[this.index]
    if (ghost === undefined) return
    ghosts.splice(ghosts.indexOf(ghost), 1)
    const landed = state.model.land(this.name, this.index)
    expect(landed).toBe(time < ghost.signedAt + WINDOW_MS)
    if (landed) await ghost.land()
  }
  toString = (): string => `land(${this.name}, ${this.index})`
}

class Wait implements Step {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    bench.primary.time += this.ms
    state.model.now += this.ms
  }
  toString = (): string => `wait(${this.ms})`
}

class Restart implements Step {
  readonly how: 'clean' | 'crash'
  constructor(how: 'clean' | 'crash') {
    this.how = how
  }
  check = (): boolean => true
  async run(state: State, bench: FailoverBench): Promise<void> {
    if (this.how === 'crash') {
      // Only a process that has ever sent a mutation can have left one on its way.
      const doubt = bench.journal.processes().length > 0 || bench.journal.owner()?.holder === bench.processId
      await bench.crash()
      if (doubt) state.model.crash()
    } else {
      await bench.store.close()
      await bench.start()
    }
  }
  toString = (): string => `restart(${this.how})`
}

async function read(bench: FailoverBench, name: string): Promise<Version | 'away'> {
  try {
    return await bench.text(name)
  } catch (error) {
    if (StorageError.is(error, 'UNAVAILABLE') || StorageError.is(error, 'TIMEOUT')) return 'away'
    throw error
  }
}

async function create(
  bench: FailoverBench,
  name: string,
  version: string,
  accepts: boolean,
): Promise<Created> {
  try {
    return await bench.put(name, version, { ifNoneMatch: '*', onUnknown: accepts ? 'accept' : 'reject' })
  } catch (error) {
    if (StorageError.is(error, 'ALREADY_EXISTS')) return 'exists'
    if (StorageError.is(error, 'UNAVAILABLE') || StorageError.is(error, 'TIMEOUT')) return 'away'
    throw error
  }
}

const name = fc.constantFrom(...NAMES)
const commands = fc.commands(
  [
    fc.constantFrom<ModelFault>('none', 'refused', 'lost', 'late').map((fault): Step => new SetFault(fault)),
    name.map((key): Step => new Mutate(key, 'put')),
    name.map((key): Step => new Mutate(key, 'put')),
    name.map((key): Step => new Mutate(key, 'delete')),
    fc.tuple(name, fc.boolean()).map(([key, accepts]): Step => new Create(key, accepts)),
    name.map((key): Step => new Read(key)),
    fc.integer({ min: 1, max: 4 }).map((limit): Step => new List(limit)),
    fc.constant<Step>(new Recover()),
    fc.tuple(name, fc.nat(2)).map(([key, index]): Step => new Land(key, index)),
    fc.constantFrom(1, WINDOW_MS / 2, WINDOW_MS).map((ms): Step => new Wait(ms)),
    fc.constantFrom<'clean' | 'crash'>('clean', 'crash').map((how): Step => new Restart(how)),
  ],
  { maxCommands: 30, size: 'max' },
)

describe('failover, against the rule', () => {
  it.each([
    ['with conditional writes', {}],
    ['without', { conditionalPut: false, conditionalDelete: false, conditionalMultipart: false }],
  ])('behaves as the model after every step, and converges: %s', async (_, capabilities) => {
    await fc.assert(
      fc.asyncProperty(commands, async steps => {
        const bench = await FailoverBench.open({}, new FaultyPrimary(capabilities))
        const model = new FailoverModel(bench.primary.time, WINDOW_MS)
        await fc.asyncModelRun(
          () => ({ model: { model, fault: 'none' as ModelFault, versions: 0 }, real: bench }),
          steps,
        )
        // In the end every request has landed or cannot any more, and the primary holds what was acknowledged.
        const acknowledged = new Map(NAMES.map(key => [key, model.outcome(key)]))
        await bench.recover()
        bench.primary.time += WINDOW_MS
        await bench.drain()
        await bench.drain()
        expect([...bench.journal.rows.keys()]).toEqual([])
        for (const key of NAMES) model.replicate(key)
        expect(bench.journal.conflicts().length).toBe(model.conflicts)
        expect(bench.spool.kept).toBe(model.conflicts)
        for (const [key, version] of acknowledged) expect(await bench.atPrimary(key)).toBe(version)
      }),
      { numRuns: RUNS / 2 },
    )
  })
})
