import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Key, parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import type { Root } from '../src/stores/local/root.js'
import { LocalStore } from '../src/stores/local/store.js'
import { dice, Machine } from './support/machine.js'
import type { Loss, ModelFiles } from './support/model-files.js'

/** What a scenario does, one after the other; each is acknowledged, or is what the power loss met. */
type Act =
  | { readonly put: string; readonly bytes: string }
  | { readonly remove: string }
  | { readonly copy: string; readonly to: string }
  /** Lets what was gathered be committed. */
  | 'flush'
  /** The same, while the next acts go on. */
  | 'flush meanwhile'

interface Scenario {
  readonly name: string
  /** Files that were there before the store. */
  readonly planted?: Readonly<Record<string, string>>
  readonly before?: readonly Act[]
  readonly acts: readonly Act[]
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'a new object', acts: [{ put: 'folder/a', bytes: 'one' }, 'flush', { put: 'b', bytes: 'two' }] },
  {
    name: 'an overwrite',
    before: [{ put: 'folder/a', bytes: 'old' }, 'flush'],
    acts: [{ put: 'folder/a', bytes: 'new' }, 'flush'],
  },
  {
    name: 'overwrites that overtake their placing',
    before: [{ put: 'a', bytes: 'zero' }, 'flush'],
    acts: [{ put: 'a', bytes: 'one' }, { put: 'a', bytes: 'two' }, { put: 'a', bytes: 'three' }, 'flush'],
  },
  {
    name: 'overwrites in a new folder',
    acts: [
      { put: 'new/deep/a', bytes: 'one' },
      { put: 'new/deep/a', bytes: 'two' },
      { put: 'new/deep/a', bytes: 'three' },
      'flush meanwhile',
      { put: 'b', bytes: 'four' },
    ],
  },
  {
    name: 'a removal',
    before: [{ put: 'folder/deep/a', bytes: 'one' }, { put: 'folder/b', bytes: 'two' }, 'flush'],
    acts: [{ remove: 'folder/deep/a' }, 'flush', { remove: 'folder/b' }],
  },
  {
    name: 'removed and written again',
    before: [{ put: 'a', bytes: 'one' }, 'flush'],
    acts: [
      { remove: 'a' },
      { put: 'a', bytes: 'two' },
      { remove: 'a' },
      { put: 'a', bytes: 'three' },
      'flush',
    ],
  },
  {
    name: 'keys that cannot both be paths',
    acts: [
      { put: 'a/b', bytes: 'one' },
      { put: 'a', bytes: 'two' },
      'flush',
      { remove: 'a/b' },
      { put: 'a', bytes: '3' },
      'flush',
    ],
  },
  {
    name: 'a copy',
    before: [{ put: 'a', bytes: 'one' }],
    acts: [{ copy: 'a', to: 'b' }, 'flush', { copy: 'b', to: 'a' }, 'flush'],
  },
  {
    name: 'adoption',
    planted: { 'old/x.txt': 'was there', 'old/y.txt': 'was there too', z: '' },
    acts: [{ put: 'old/x.txt', bytes: 'new' }, { remove: 'old/y.txt' }, 'flush'],
  },
]

/** The same with every other write too large for the ledger. */
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

/** What every key must hold: one value, or one of two where the power went during a change. */
type Expected = Map<string, Set<string | undefined>>

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'

let folder: string
let runs = 0

beforeAll(async () => {
  // The ledger's real disk is not what is tested here: where there is one in memory, it is faster.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-power-'))
})
afterAll(async () => rm(folder, { recursive: true }))

describe.each([...SCENARIOS, ...SCENARIOS.map(mixed)])('the power goes during $name', scenario => {
  // Every step where nothing survives by luck; of the luckier losses and the second ones a sample, or all by hand.
  it.each<[string, number, (seed: number) => Loss]>([
    ['what was not synced is lost', 1, () => 'drop'],
    ['all of it happens to survive', 4, () => 'keep'],
    ['some of it happens to survive', 2, seed => dice(seed)],
  ])('and %s', async (_, stride, lossOf) => {
    for (let cut = 0; await loseAt(scenario, cut, lossOf(cut)); cut += LONG ? 1 : stride);
  })

  it('and again during the recovery', async () => {
    for (let cut = 2; ; cut += LONG ? 2 : 6) {
      let again = LONG ? 0 : cut % 7
      while (await loseAt(scenario, cut, 'drop', again)) again += LONG ? 3 : 13
      if (!(await loseAt(scenario, cut, 'drop'))) break
    }
  })
})

/** @returns whether the power went, rather than all being done before */
async function loseAt(scenario: Scenario, cut: number, loss: Loss, cutAgain?: number): Promise<boolean> {
  const machine = new Machine(folder, runs++)
  const { files } = machine
  for (const [path, text] of Object.entries(scenario.planted ?? {})) files.plant(path, Buffer.from(text))

  const expected: Expected = new Map()
  for (const [key, text] of Object.entries(scenario.planted ?? {})) expected.set(key, new Set([text]))
  let opened = await openModel(machine)
  await perform(opened, scenario.before ?? [], expected)
  files.cutPower(cut)
  const first = opened
  let lost = await machine.goesDuring(() => perform(first, scenario.acts, expected))
  await machine.restart(loss)
  if (cutAgain !== undefined && lost) {
    files.cutPower(cutAgain)
    lost = await machine.goesDuring(async () => {
      const { root, store } = await openModel(machine)
      await store.recovered
      await store.adopted
      await root.placer.flush()
    })
    await machine.restart(loss)
  }

  opened = await openModel(machine)
  await check(opened, files, expected, loss)
  const once = files.dump()
  const rows = rowsOf(opened.root)
  await opened.store.close()
  await opened.root.close()
  // Recovering what is recovered changes nothing.
  opened = await openModel(machine)
  await check(opened, files, expected, loss)
  expect(withoutProcesses(files.dump())).toEqual(withoutProcesses(once))
  expect(rowsOf(opened.root)).toEqual(rows)
  await opened.store.close()
  await opened.root.close()
  await machine.remove()
  return lost
}

interface Opened {
  readonly root: Root
  readonly store: LocalStore
}

async function openModel(machine: Machine): Promise<Opened> {
  const root = await machine.openRoot()
  return { root, store: await LocalStore.open(root) }
}

async function perform({ root, store }: Opened, acts: readonly Act[], expected: Expected): Promise<void> {
  for (const act of acts) {
    if (act === 'flush') {
      await root.placer.flush()
      continue
    }
    if (act === 'flush meanwhile') {
      root.placer.flush().catch(() => {})
      continue
    }
    const [key, value] = await outcomeOf(store, act)
    // Until it is acknowledged, it may or may not have come to be.
    const states = expected.get(key) ?? new Set([undefined])
    states.add(value)
    expected.set(key, states)
    if ('put' in act) {
      await store.put(parseKey(act.put), await openSource(Buffer.from(act.bytes)), {
        attributes: { contentType: 'text/plain', metadata: {} },
      })
    } else if ('copy' in act) await store.copy(parseKey(act.copy), parseKey(act.to))
    else await store.delete(parseKey(act.remove))
    expected.set(key, new Set([value]))
  }
}

async function outcomeOf(
  store: LocalStore,
  act: Exclude<Act, string>,
): Promise<[string, string | undefined]> {
  if ('put' in act) return [act.put, act.bytes]
  if ('copy' in act) return [act.to, await textOf(store, parseKey(act.copy))]
  return [act.remove, undefined]
}

async function textOf(store: LocalStore, key: Key): Promise<string | undefined> {
  try {
    return (await (await store.get(key)).body.bytes()).toString()
  } catch (error) {
    if ((error as { code?: string }).code === 'NOT_FOUND') return undefined
    throw error
  }
}

async function check(
  { root, store }: Opened,
  files: ModelFiles,
  expected: Expected,
  loss: Loss,
): Promise<void> {
  await store.recovered
  await store.adopted
  const held = new Map<string, string>()
  for (const [key, states] of expected) {
    const text = await textOf(store, parseKey(key))
    expect([...states].includes(text), `${key} is ${text?.slice(0, 9)}`).toBe(true)
    if (text !== undefined) held.set(key, text)
  }
  const page = await store.list()
  expect(page.complete).toBe(true)
  expect(page.objects.map(object => object.key)).toEqual([...held.keys()].sort())
  const bytes = [...held.values()].reduce((sum, text) => sum + text.length, 0)
  expect(await store.metrics()).toEqual({ count: held.size, bytes })
  await root.placer.flush()
  expect(root.ledger.pendingKeys()).toEqual([])
  // Nothing is left over: each file is an object's, and nothing was taken for a stranger.
  const left = Object.entries(withoutProcesses(files.dump())).filter(([, what]) => what !== 'folder')
  expect(left.map(([path]) => path).filter(path => path.startsWith('.holdfast/tmp/'))).toEqual([])
  expect(left).toHaveLength(held.size)
  if (loss !== 'drop') return
  for (const [key, text] of held) {
    const path = (await store.head(parseKey(key))).path ?? ''
    const what = files.dump()[path.slice(root.path.length + 1)]
    expect(what?.slice(what.indexOf(':') + 1) === text, key).toBe(true)
  }
}

function rowsOf(root: Root): unknown[] {
  return [...root.ledger.range(Buffer.alloc(0))]
}

function withoutProcesses(dump: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dump).filter(([path, what]) => !(path.startsWith('.holdfast/tmp/') && what === 'folder')),
  )
}
