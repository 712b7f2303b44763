import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { StampClock } from '../src/core/stamp.js'
import type { GetOptions } from '../src/core/store.js'
import { CacheFolder } from './support/cache-folder.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'
import type { Fault } from './support/faulty-primary.js'

const NAMES = ['a', 'b/1', 'b/2']
const RUNS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 10_000 : 300
const attributes = { contentType: 'text/plain', metadata: {} }

/** The name of a version; null where there is no file. */
type Version = string | null

/** What this host knows of a key, by what it has acknowledged and what the store has told it since. */
interface Known {
  version: Version
  /** Whether a copy must be there: it was read to its end, and nothing has happened to it. */
  copied: boolean
}

/**
 * Processes of one folder, the second without a cache of its own, and somebody else who uses the same bucket.
 * Operations come one after the other.
 */
class World {
  readonly folder: CacheFolder
  readonly benches: readonly FailoverBench[]
  readonly known = new Map<string, Known>(NAMES.map(name => [name, { version: null, copied: false }]))
  /** What busy keys were acknowledged to hold. */
  readonly acknowledged = new Map<string, Version>()
  versions = 0

  constructor(folder: CacheFolder, benches: readonly FailoverBench[]) {
    this.folder = folder
    this.benches = benches
  }

  static async open(): Promise<World> {
    const folder = await CacheFolder.make()
    const bench = await FailoverBench.open(folder.benchOptions())
    await folder.idle()
    const other = await bench.another(folder.benchOptions({ maxBytes: 0 }))
    return new World(folder, [bench, other, await bench.another(folder.benchOptions())])
  }

  get primary() {
    return this.bench(0).primary
  }

  bench(process: number): FailoverBench {
    return this.benches[process] as FailoverBench
  }

  keeps(process: number): boolean {
    return process !== 1
  }

  isAway(process: number): boolean {
    return this.primary.reads !== 'none' || this.bench(process).failover.context.availability.reads.open
  }

  of(name: string): Known {
    return this.known.get(name) as Known
  }

  next(): string {
    return `version ${++this.versions}`
  }

  /** A mutation was acknowledged. */
  mutated(name: string, version: Version): void {
    this.acknowledged.set(name, version)
    this.known.set(name, { version, copied: false })
  }

  /** Copies go with the rows, however the rows go. */
  settleRows(before: ReadonlySet<string>): void {
    for (const name of before) {
      if (this.bench(0).mode(name) === 'quiet') this.of(name).copied = false
    }
  }

  /** What a reader may get. */
  async allowed(process: number, name: string): Promise<(Version | 'away')[]> {
    const mode = this.bench(0).mode(name)
    if (mode === 'busy') return [this.acknowledged.get(name) ?? null]
    if (!this.isAway(process)) return [await this.bench(0).atPrimary(name)]
    const { version, copied } = this.of(name)
    if (mode === 'wary' || !this.keeps(process) || version === null) return ['away']
    return copied ? [version] : [version, 'away']
  }

  /** The store has told a process what it holds. */
  told(process: number, name: string, version: Version, readToItsEnd: boolean): void {
    if (this.bench(0).mode(name) !== 'quiet' || this.isAway(process)) return
    const known = this.of(name)
    const same = known.version === version
    this.known.set(name, {
      version,
      copied: version !== null && ((same && known.copied) || (readToItsEnd && this.keeps(process))),
    })
  }
}

async function read(bench: FailoverBench, name: string, options?: GetOptions): Promise<Version | 'away'> {
  try {
    const object = await bench.store.get(parseKey(name), options)
    return (await object.body.bytes()).toString()
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return null
    if (StorageError.is(error, 'UNAVAILABLE') || StorageError.is(error, 'TIMEOUT')) return 'away'
    throw error
  }
}

type Step = fc.AsyncCommand<World, World>

function step(name: string, run: (world: World) => Promise<void>, check?: (world: World) => boolean): Step {
  return {
    check: world => check?.(world) ?? true,
    run: async world => {
      await run(world)
      await world.folder.idle()
    },
    toString: () => name,
  }
}

const rowsOf = (world: World): Set<string> => new Set(world.bench(0).journal.rows.keys())

const steps = {
  weather: (fault: Fault) =>
    step(`weather(${fault})`, async ({ primary }) => {
      primary.reads = fault
      primary.writes = fault
    }),
  put: (process: number, name: string) =>
    step(`put(${process}, ${name})`, async world => {
      const version = world.next()
      await world.bench(process).put(name, version)
      world.mutated(name, version)
    }),
  remove: (process: number, name: string) =>
    step(`delete(${process}, ${name})`, async world => {
      await world.bench(process).store.delete(parseKey(name))
      world.mutated(name, null)
    }),
  removeAll: (process: number) =>
    step(`deleteMany(${process})`, async world => {
      const report = await world.bench(process).store.deleteMany(NAMES.map(name => parseKey(name)))
      expect(report.failed).toEqual([])
      for (const name of NAMES) world.mutated(name, null)
    }),
  copy: (process: number, from: string, to: string) =>
    step(`copy(${process}, ${from}, ${to})`, async world => {
      const expected = await world.allowed(process, from)
      // A copy onto itself whose answer is lost may have made another of what is read.
      if (from === to && world.primary.reads === 'lost') expected.push('away')
      const bench = world.bench(process)
      const done = await bench.store.copy(parseKey(from), parseKey(to)).then(
        () => true,
        error => {
          if (StorageError.is(error, 'NOT_FOUND')) {
            expect(expected).toContain(null)
            world.told(process, from, null, false)
          } else expect(expected).toContain('away')
          return false
        },
      )
      if (!done) return
      // A copy has the version's name, so what was copied is seen by what is there.
      const mode = bench.mode(to)
      const version = mode === 'busy' ? await read(bench, to) : await bench.atPrimary(to)
      expect(expected).toContain(version)
      if (from !== to) world.told(process, from, version, false)
      world.mutated(to, version)
    }),
  get: (process: number, name: string) =>
    step(`get(${process}, ${name})`, async world => {
      const allowed = await world.allowed(process, name)
      const got = await read(world.bench(process), name)
      expect(allowed, `${name} in process ${process}`).toContain(got)
      if (got !== 'away') world.told(process, name, got, true)
    }),
  range: (process: number, name: string) =>
    step(`range(${process}, ${name})`, async world => {
      const allowed = await world.allowed(process, name)
      const got = await read(world.bench(process), name, { range: { start: 3, end: 30 } })
      expect(allowed.map(version => (version === 'away' ? version : (version?.slice(3) ?? null)))).toContain(
        got,
      )
      const truth = await world.bench(0).atPrimary(name)
      if (got !== 'away') world.told(process, name, truth, false)
    }),
  head: (process: number, name: string) =>
    step(`head(${process}, ${name})`, async world => {
      const allowed = await world.allowed(process, name)
      const stat = await world
        .bench(process)
        .store.head(parseKey(name))
        .catch((error: StorageError) => error.code)
      if (stat === 'NOT_FOUND') expect(allowed).toContain(null)
      else if (typeof stat === 'string') expect(allowed).toContain('away')
      else expect(allowed.map(version => version?.length)).toContain(stat.size)
      if (typeof stat !== 'string' || stat === 'NOT_FOUND')
        world.told(process, name, await world.bench(0).atPrimary(name), false)
    }),
  foreign: (name: string, kind: 'put' | 'delete') =>
    step(
      `foreign ${kind}(${name})`,
      async world => {
        const { primary } = world
        if (kind === 'delete') await primary.inner.delete(parseKey(name))
        else {
          const stamp = new StampClock({ host: 'host2', now: () => 1 }).next()
          const source = await openSource(Buffer.from(world.next()))
          await primary.inner.put(parseKey(name), source, { attributes, stamp })
        }
      },
      world => world.bench(0).mode(name) === 'quiet',
    ),
  recover: (process: number) =>
    step(`recover(${process})`, async world => {
      const before = rowsOf(world)
      await world.bench(process).recover()
      world.settleRows(before)
    }),
  settle: () =>
    step('settle()', async world => {
      const before = rowsOf(world)
      world.primary.time += WINDOW_MS
      await world.bench(0).drain()
      world.settleRows(before)
    }),
  restart: (process: number, how: 'clean' | 'crash') =>
    step(`restart(${process}, ${how})`, async world => {
      const before = rowsOf(world)
      const bench = world.bench(process)
      if (how === 'crash') await bench.crash()
      else {
        await bench.store.close()
        await bench.start()
      }
      world.settleRows(before)
    }),
  rot: (offset: number) =>
    step(`rot(${offset})`, async world => {
      await world.folder.rot(offset)
      for (const known of world.known.values()) known.copied = false
    }),
}

const anyProcess = fc.nat(2)
const anyName = fc.constantFrom(...NAMES)
const commands = fc.commands(
  [
    fc.constantFrom<Fault>('none', 'none', 'refused', 'lost').map(steps.weather),
    fc.tuple(anyProcess, anyName).map(args => steps.put(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.put(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.remove(...args)),
    anyProcess.map(steps.removeAll),
    fc.tuple(anyProcess, anyName, anyName).map(args => steps.copy(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.get(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.get(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.get(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.range(...args)),
    fc.tuple(anyProcess, anyName).map(args => steps.head(...args)),
    fc.tuple(anyName, fc.constantFrom<'put' | 'delete'>('put', 'delete')).map(args => steps.foreign(...args)),
    anyProcess.map(steps.recover),
    anyProcess.map(steps.recover),
    fc.constant(null).map(steps.settle),
    fc
      .tuple(anyProcess, fc.constantFrom<'clean' | 'crash'>('clean', 'crash'))
      .map(args => steps.restart(...args)),
    fc.constantFrom(0, 5).map(steps.rot),
  ],
  { maxCommands: 40, size: 'max' },
)

describe('the read cache, against what may be read', () => {
  it('shows no copy of what a process without a cache saw replaced', async () => {
    const world = await World.open()
    const sequence = [
      steps.put(0, 'a'),
      steps.get(0, 'a'),
      steps.foreign('a', 'put'),
      steps.get(1, 'a'),
      steps.weather('lost'),
      steps.get(0, 'a'),
    ]
    try {
      for (const one of sequence) await one.run(world, world)
    } finally {
      await world.folder.remove()
    }
  })

  it('shows what the host knew last, and never what it knows to be gone', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async sequence => {
        const world = await World.open()
        try {
          await fc.asyncModelRun(() => ({ model: world, real: world }), sequence)
        } finally {
          await world.folder.remove()
        }
      }),
      { numRuns: RUNS },
    )
  })
})
