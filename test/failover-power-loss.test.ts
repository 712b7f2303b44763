import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import type { PutOptions, Store } from '../src/core/store.js'
import { sweepSpool } from '../src/failover/spool-sweep.js'
import { removeNamed } from '../src/failover/unnamed-files.js'
import type { Root } from '../src/stores/local/root.js'
import { WINDOW_MS } from './support/failover-bench.js'
import { type Fault, FaultyPrimary } from './support/faulty-primary.js'
import { dice, Machine } from './support/machine.js'
import type { Loss, ModelFiles } from './support/model-files.js'
import { OpenedFolder } from './support/opened-folder.js'

const attributes = { contentType: 'text/plain', metadata: {} }
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'

/** What a scenario does, one after the other; each is acknowledged, or is what the power loss met. */
type Act =
  | { readonly put: string; readonly bytes: string; readonly options?: Partial<PutOptions> }
  /** A put of a stream that is sent to the bucket, which says nothing. */
  | { readonly stream: string; readonly bytes: string }
  | { readonly remove: string }
  /** Somebody else's write, past this host. Its stamp is older, or newer, than all of ours. */
  | { readonly foreign: string; readonly bytes: string; readonly stamp: 'older' | 'newer' }
  /** What becomes of writes from now on; `refused` takes reads along. */
  | { readonly writes: Fault }
  /** The replication does what is due. */
  | 'drain'
  /** The settle window passes, and what waited for it is done. */
  | 'settle'
  /** Late requests are carried out. */
  | 'land'

interface Scenario {
  readonly name: string
  /** Files that were in the folder before the bucket was configured. */
  readonly legacy?: Readonly<Record<string, string>>
  readonly before?: readonly Act[]
  readonly acts: readonly Act[]
}

const AWAY = { writes: 'refused' } as const
const BACK = { writes: 'none' } as const

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'puts that are journaled and replicated',
    acts: [
      AWAY,
      { put: 'a/1', bytes: 'one' },
      { put: 'b', bytes: 'two'.repeat(30_000) },
      BACK,
      'drain',
      'settle',
    ],
  },
  {
    name: 'an overwrite that is journaled twice',
    before: [{ put: 'a', bytes: 'old' }, AWAY],
    acts: [{ put: 'a', bytes: 'new' }, { put: 'a', bytes: 'newest' }, BACK, 'drain', 'settle'],
  },
  {
    name: 'deletes that are journaled, and a key that is written again',
    before: [{ put: 'a', bytes: 'old' }, { put: 'b', bytes: 'kept' }, AWAY],
    acts: [{ remove: 'a' }, { remove: 'b' }, { put: 'b', bytes: 'again' }, BACK, 'drain', 'settle'],
  },
  {
    name: 'the take-over of an upload that is under way',
    before: [{ put: 'a', bytes: 'old' }],
    acts: [
      { writes: 'late' },
      { stream: 'a', bytes: 'new'.repeat(100_000) },
      BACK,
      'drain',
      'land',
      'settle',
    ],
  },
  {
    name: 'writes whose answers are lost',
    before: [{ put: 'b', bytes: 'old' }],
    acts: [
      { writes: 'lost' },
      { put: 'a', bytes: 'one' },
      { put: 'a', bytes: 'two' },
      { remove: 'b' },
      BACK,
      'drain',
      'settle',
    ],
  },
  {
    name: 'the settling of what late requests have undone',
    before: [{ writes: 'late' }, { put: 'a', bytes: 'v1' }, { remove: 'b' }, AWAY, { put: 'a', bytes: 'v2' }],
    acts: [{ put: 'b', bytes: 'b2' }, BACK, 'drain', 'land', 'settle', { put: 'a', bytes: 'v3' }],
  },
  {
    name: 'a conflict that somebody else wins',
    before: [AWAY, { put: 'a', bytes: 'ours' }, { foreign: 'a', bytes: 'theirs', stamp: 'newer' }],
    acts: [BACK, 'drain', 'settle'],
  },
  {
    name: 'a conflict that we win',
    before: [AWAY, { put: 'a', bytes: 'ours' }, { foreign: 'a', bytes: 'theirs', stamp: 'older' }],
    acts: [BACK, 'drain', 'settle'],
  },
  {
    name: 'a create-only put that is accepted unseen, and loses',
    before: [{ foreign: 'a', bytes: 'theirs', stamp: 'older' }, AWAY],
    acts: [
      { put: 'a', bytes: 'ours', options: { ifNoneMatch: '*', onUnknown: 'accept' } },
      BACK,
      'drain',
      'settle',
    ],
  },
  {
    name: 'files from before, overwritten and deleted',
    legacy: { a: 'from before', b: 'from before too' },
    before: [AWAY],
    acts: [{ put: 'a', bytes: 'new' }, { remove: 'b' }, BACK, 'drain', 'settle'],
  },
  {
    name: 'writes to a bucket that works',
    acts: [
      { put: 'a', bytes: 'one' },
      { put: 'a', bytes: 'two' },
      { remove: 'a' },
      { put: 'b', bytes: 'three' },
    ],
  },
]

let folder: string
let runs = 0
let losses = 0

beforeAll(async () => {
  // The ledger's real disk is not what is tested here: where there is one in memory, it is faster.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-failover-power-'))
})
afterAll(async () => {
  process.stdout.write(`the power went ${losses} times\n`)
  await rm(folder, { recursive: true })
})

/** The same with every other content too large for the ledger. */
function mixed(scenario: Scenario): Scenario {
  let count = 0
  const enlarge = (act: Act): Act =>
    typeof act === 'object' && 'put' in act && count++ % 2 === 0
      ? { ...act, bytes: act.bytes.padEnd(70_000, '.') }
      : act
  return {
    ...scenario,
    name: `${scenario.name}, large and small`,
    before: scenario.before?.map(enlarge) ?? [],
    acts: scenario.acts.map(enlarge),
  }
}

describe.each([...(LONG ? SCENARIOS : []), ...SCENARIOS.map(mixed)])(
  'the power goes during $name',
  scenario => {
    it.each<[string, number, (seed: number) => Loss]>([
      ['what was not synced is lost', 1, () => 'drop'],
      // As after kill -9: the system's memory survives.
      ['all of it survives', 3, () => 'keep'],
      ['some of it happens to survive', 5, seed => dice(seed)],
    ])('and %s', async (_, stride, lossOf) => {
      for (let cut = 0; await loseAt(scenario, cut, lossOf(cut)); cut += LONG ? 1 : stride);
    })

    it('and again while what it left is brought to the bucket', async () => {
      for (let cut = 3; ; cut += LONG ? 2 : 17) {
        let again = LONG ? 0 : cut % 7
        while (await loseAt(scenario, cut, 'drop', again)) again += LONG ? 3 : 23
        if (!(await loseAt(scenario, cut, 'drop'))) break
      }
    })
  },
)

/** What is known of a key: the values that it may have, and what was acknowledged in the folder alone. */
class Known {
  readonly values = new Map<string, Set<string | undefined>>()
  /** Keys whose last change was acknowledged from the disk, and not yet brought to the bucket. */
  readonly here = new Set<string>()
  /** Values that must not be lost, whoever wins. */
  readonly contested = new Map<string, Set<string>>()

  of(key: string): Set<string | undefined> {
    return this.values.get(key) ?? new Set([undefined])
  }
}

/** @returns whether the power went, rather than all being done before */
async function loseAt(scenario: Scenario, cut: number, loss: Loss, cutAgain?: number): Promise<boolean> {
  const machine = new Machine(folder, runs++)
  const { files } = machine
  const primary = new FaultyPrimary()
  primary.time = Date.now()
  primary.onMutation = () => files.step()
  primary.travel = () => files.step()
  const known = new Known()
  for (const [key, text] of Object.entries(scenario.legacy ?? {})) {
    files.plant(key, Buffer.from(text))
    known.values.set(key, new Set([text]))
  }
  let opened = await open(machine, primary)
  await perform(opened, primary, scenario.before ?? [], known)
  files.cutPower(cut)
  const first = opened
  let lost = await machine.goesDuring(() => perform(first, primary, scenario.acts, known))
  opened.failover.context.availability.close()
  await machine.restart(loss)
  if (cutAgain !== undefined && lost) {
    files.cutPower(cutAgain)
    let second: OpenedFolder | undefined
    lost = await machine.goesDuring(async () => {
      second = await open(machine, primary)
      await perform(second, primary, [BACK, 'drain', 'settle'], known)
    })
    second?.failover.context.availability.close()
    await machine.restart(loss)
  }
  try {
    opened = await open(machine, primary)
    await check(opened, primary, known)
    expect(await unnamedFiles(opened)).toEqual([])
    const once = stateOf(opened)
    await opened.close()
    // Recovering what is recovered changes nothing.
    opened = await open(machine, primary)
    expect(stateOf(opened)).toEqual(once)
    await converge(opened, primary, known)
    await opened.close()
  } catch (error) {
    throw new Error(`cut at step ${cut}, then ${cutAgain}: ${(error as Error).message}`, { cause: error })
  }
  await machine.remove()
  if (lost) losses++
  return lost
}

async function open(machine: Machine, primary: FaultyPrimary): Promise<OpenedFolder> {
  const opened = await OpenedFolder.open(await machine.openRoot(), primary)
  await sweepSpool(opened.root, opened.journal, new AbortController().signal)
  return opened
}

/** Files that the sweep should have removed: of uploads that the power loss met before they were acknowledged. */
async function unnamedFiles({ root, journal }: OpenedFolder): Promise<string[]> {
  const objects = '.holdfast/objects/'
  const paths = Object.entries(filesOf(root)).filter(
    ([path, what]) => path.startsWith(objects) && what !== 'folder',
  )
  const names = new Set(paths.map(([path]) => path.slice(objects.length)))
  await removeNamed(root.ledger, journal, names)
  return [...names]
}

async function perform(
  opened: OpenedFolder,
  primary: FaultyPrimary,
  acts: readonly Act[],
  known: Known,
): Promise<void> {
  const { store, failover } = opened
  for (const act of acts) {
    if (act === 'drain' || act === 'settle') {
      known.here.clear()
      if (act === 'settle') primary.time += WINDOW_MS
      await opened.drain()
    } else if (act === 'land') {
      await land(primary)
    } else if ('writes' in act) {
      primary.writes = act.writes
      primary.reads = act.writes === 'refused' ? 'refused' : 'none'
      if (act.writes === 'none') await failover.context.availability.probe()
    } else if ('foreign' in act) {
      await putForeign(primary, act.foreign, act.bytes, act.stamp)
      const values = [...known.of(act.foreign), act.bytes]
      known.values.set(act.foreign, new Set(values))
      known.contested.set(act.foreign, new Set(values.filter(value => value !== undefined)))
    } else if ('remove' in act) {
      await acknowledge(known, act.remove, undefined, () => store.delete(parseKey(act.remove)))
    } else {
      const name = 'put' in act ? act.put : act.stream
      const bytes = Buffer.from(act.bytes)
      const source = await openSource('put' in act ? bytes : chunks(bytes))
      const options = { attributes, ...('put' in act ? act.options : {}) }
      await acknowledge(known, name, act.bytes, async () => {
        const stat = await store.put(parseKey(name), source, options)
        if (stat.pending === true) known.here.add(name)
      })
    }
  }
}

/** Until it is acknowledged, it may or may not have come to be. */
async function acknowledge(
  known: Known,
  name: string,
  value: string | undefined,
  write: () => Promise<unknown>,
): Promise<void> {
  const values = known.of(name)
  values.add(value)
  known.values.set(name, values)
  known.here.delete(name)
  await write()
  const contested = known.contested.get(name)
  if (contested === undefined) known.values.set(name, new Set([value]))
  else if (value !== undefined) contested.add(value)
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
}

async function putForeign(
  primary: FaultyPrimary,
  name: string,
  text: string,
  age: 'older' | 'newer',
): Promise<void> {
  const time = primary.time + (age === 'older' ? -3_600_000 : 3_600_000)
  const source = await openSource(Buffer.from(text))
  await primary.inner.put(parseKey(name), source, {
    attributes,
    stamp: { time, sequence: 1, host: 'another' },
  })
}

/** Later than the window, no bucket takes a request. */
async function land(primary: FaultyPrimary): Promise<void> {
  for (const ghost of primary.ghosts.splice(0)) {
    if (primary.time < ghost.signedAt + WINDOW_MS) await ghost.land()
  }
}

/** What was acknowledged is read, also where the bucket cannot be asked; and never half of it. */
async function check(opened: OpenedFolder, primary: FaultyPrimary, known: Known): Promise<void> {
  primary.onMutation = undefined
  primary.travel = undefined
  primary.writes = 'refused'
  primary.reads = 'refused'
  for (const [name, values] of known.values) {
    const text = await textOf(opened.store, name)
    if (text === 'away') {
      expect(known.here.has(name), `${name} is away`).toBe(false)
      continue
    }
    expect([...values].includes(text), `${name} is ${text?.slice(0, 9)} while away`).toBe(true)
  }
  expect(opened.root.problems.filter(({ code }) => code !== 'PASSING_STORAGE')).toEqual([])
}

/** Everything comes to the bucket, and nothing else is left. */
async function converge(opened: OpenedFolder, primary: FaultyPrimary, known: Known): Promise<void> {
  const { failover, journal, store, spool, local } = opened
  primary.writes = 'none'
  primary.reads = 'none'
  await failover.context.availability.probe()
  const seen = new Map<string, string | undefined>()
  if (primary.ghosts.every(ghost => primary.time >= ghost.signedAt + WINDOW_MS)) {
    for (const name of known.values.keys()) seen.set(name, await textOf(store, name))
  }
  for (let round = 0; round < 3; round++) {
    await opened.drain()
    await land(primary)
    primary.time += WINDOW_MS
  }
  await opened.drain()
  expect(journal.scan({ limit: 100 })).toEqual([])
  const conflicts = new Map<string, string[]>()
  for (const { key, file, size } of journal.conflicts()) {
    const opened = await spool.open(file, key)
    const text = (await opened.read(0, size)).toString()
    await opened.close()
    conflicts.set(key, [...(conflicts.get(key) ?? []), text])
  }
  for (const [name, values] of known.values) {
    const text = await textOf(store, name)
    expect([...values].includes(text), `${name} is ${text?.slice(0, 9)} in the end`).toBe(true)
    // A file from before that was never overwritten stays where it is.
    const fromBefore = (await textOf(local, name)) !== undefined
    expect(await textOf(primary.inner, name)).toBe(fromBefore ? undefined : text)
    const contested = known.contested.get(name)
    if (contested === undefined) {
      if (seen.has(name)) expect(text, `${name} changed after it was read`).toBe(seen.get(name))
      expect(conflicts.has(name)).toBe(false)
    } else {
      for (const value of contested) expect([text, ...(conflicts.get(name) ?? [])]).toContain(value)
    }
  }
}

/** @returns `away` where the bucket would have to be asked, and cannot */
async function textOf(store: Store, name: string): Promise<string | undefined> {
  try {
    return (await (await store.get(parseKey(name))).body.bytes()).toString()
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    if (StorageError.is(error, 'UNAVAILABLE')) return 'away'
    throw error
  }
}

function stateOf({ root, journal }: OpenedFolder): unknown {
  return { rows: journal.scan({ limit: 100 }), conflicts: journal.conflicts(), files: filesOf(root) }
}

function filesOf(root: Root): Record<string, string> {
  const dump = (root.files as ModelFiles).dump()
  return Object.fromEntries(
    Object.entries(dump).filter(([path, what]) => !(path.startsWith('.holdfast/tmp/') && what === 'folder')),
  )
}
