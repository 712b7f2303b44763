import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseKey } from '../src/core/key.js'
import { LedgerJournal } from '../src/failover/ledger-journal.js'
import { describeUnless } from './support/describe.js'
import { ATTRIBUTES, deadProcess, Patient, rot, spool, TARGET } from './support/fsck.js'
import { randomFrom } from './support/random.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const ROUNDS = LONG ? 200 : 6

/** Something that happens to one file, and what must be said of it. */
interface Damage {
  readonly on: 'tree' | 'objects' | 'spool' | 'nothing'
  readonly codes: readonly string[]
  /** Whether the bytes are still there, and must be read as before once repaired. */
  readonly isHarmless: boolean
  do(path: string, patient: Patient, round: number): void
}

const overwrite = (path: string, bytes: Buffer): void => {
  rmSync(path)
  writeFileSync(path, bytes)
}

const DAMAGES: readonly Damage[] = [
  { on: 'tree', codes: ['OBJECT_MISSING'], isHarmless: false, do: path => rmSync(path) },
  {
    on: 'tree',
    codes: ['OBJECT_EDITED'],
    isHarmless: false,
    do: path => overwrite(path, Buffer.from('edited')),
  },
  { on: 'tree', codes: ['OBJECT_ROTTEN'], isHarmless: false, do: rot },
  { on: 'tree', codes: ['OBJECT_MOVED'], isHarmless: true, do: path => overwrite(path, readFileSync(path)) },
  { on: 'objects', codes: ['OBJECT_MISSING'], isHarmless: false, do: path => rmSync(path) },
  {
    on: 'objects',
    codes: ['OBJECT_DAMAGED'],
    isHarmless: false,
    do: path => overwrite(path, Buffer.from('x')),
  },
  {
    on: 'objects',
    codes: ['OBJECT_MOVED'],
    isHarmless: true,
    do: path => overwrite(path, readFileSync(path)),
  },
  { on: 'spool', codes: ['SPOOL_MISSING'], isHarmless: false, do: path => rmSync(path) },
  { on: 'spool', codes: ['SPOOL_SHORT'], isHarmless: false, do: path => truncateSync(path, 1) },
  { on: 'spool', codes: ['SPOOL_ROTTEN'], isHarmless: false, do: rot },
  {
    on: 'spool',
    codes: ['SPOOL_MISSING', 'FILE_UNNAMED'],
    isHarmless: false,
    do: path => renameSync(path, `${path}.elsewhere`),
  },
  {
    on: 'nothing',
    codes: ['FILE_UNNAMED'],
    isHarmless: true,
    do: (_, { own }, round) => {
      mkdirSync(join(own, 'objects', 'zz'), { recursive: true })
      writeFileSync(join(own, 'objects', 'zz', `stray-${round}`), 'stray')
    },
  },
  {
    on: 'nothing',
    codes: ['FILE_CUT_OFF'],
    isHarmless: true,
    do: (_, { own }, round) => {
      mkdirSync(join(own, 'objects', 'yy'), { recursive: true })
      mkdirSync(join(own, 'claims'), { recursive: true })
      writeFileSync(join(own, 'claims', `${deadProcess()}~yy`), '')
      writeFileSync(join(own, 'objects', 'yy', `cut-off-${round}`), 'cut off')
    },
  },
  {
    on: 'nothing',
    codes: ['FILE_UNKNOWN'],
    isHarmless: true,
    do: (_, { path }, round) => writeFileSync(join(path, `stranger-${round}`), 'x'),
  },
]

test(`random damage is reported, and no repair takes what is whole (${ROUNDS} rounds)`, {
  timeout: 600_000 + ROUNDS * 15_000,
}, async () => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  process.stdout.write(`seed ${seed}\n`)
  for (let round = 0; round < ROUNDS; round++) {
    const random = randomFrom(seed + round)
    const pick = (below: number): number => Math.floor(random() * below)
    const patient = new Patient()
    const contents = new Map<string, string>()
    const paths = { tree: [] as string[], objects: [] as string[], spool: [] as string[], nothing: [''] }
    const keyOf = new Map<string, string>()
    for (let i = 0; i < 12; i++) {
      const key = i % 3 === 0 ? `${i}`.padEnd(280, 'n') : `rooms/${i}`
      contents.set(key, `${i}`.repeat(2 + pick(i % 4 === 0 ? 100_000 : 500)))
    }
    await patient.put(Object.fromEntries(contents))
    for (const key of contents.keys()) {
      const path = await patient.open(async (_root, store) => (await store.head(parseKey(key))).path ?? '')
      paths[path.includes('/objects/') ? 'objects' : 'tree'].push(path)
      keyOf.set(path, key)
    }
    for (let i = 0; i < 6; i++) {
      const path = await patient.journal(`spooled/${i}`, `${i}`.repeat(2 + pick(500)))
      paths.spool.push(path)
      keyOf.set(path, `spooled/${i}`)
    }
    const lost = new Set<string>()
    const expected: string[] = []
    for (let i = 0; i < 1 + pick(6); i++) {
      const damage = DAMAGES[pick(DAMAGES.length)]
      const candidates = paths[damage?.on ?? 'nothing']
      const path = candidates[pick(candidates.length)]
      if (damage === undefined || path === undefined) continue
      if (damage.on !== 'nothing') candidates.splice(candidates.indexOf(path), 1)
      damage.do(path, patient, i)
      expected.push(...damage.codes)
      const key = keyOf.get(path)
      if (!damage.isHarmless && key !== undefined) lost.add(key)
    }
    const why = `seed ${seed}, round ${round}`
    const found = await patient.check({ hash: true })
    expect([...found.codes].sort(), why).toEqual(expected.sort())
    const before = new Map(paths.spool.map(path => [path, readFileSync(path, 'utf8')]))
    await patient.check({ hash: true, repair: true })
    const left = await patient.check({ hash: true })
    expect(
      left.findings.filter(({ repair }) => repair !== undefined),
      why,
    ).toEqual([])
    const whole = [...contents.keys()].filter(key => !lost.has(key))
    expect(await patient.read(...whole), why).toEqual(whole.map(key => contents.get(key)))
    for (const [path, content] of before) expect(readFileSync(path, 'utf8'), why).toBe(content)
  }
})

describeUnless(LONG ? undefined : 'takes minutes; HOLDFAST_TEST_LONG=1 runs it', 'a large store', () => {
  test('of 100,000 objects and 100,000 entries is checked in bounded memory', {
    timeout: 900_000,
  }, async () => {
    const patient = new Patient()
    const COUNT = 100_000
    await patient.openBare(async root => {
      const journal = new LedgerJournal(root.ledger)
      let next = 0
      const work = async (): Promise<void> => {
        for (let i = next++; i < COUNT; i = next++) {
          const key = parseKey(`entries/${i}`)
          const state = { kind: 'delete', writeId: `w${i}`, stamp: root.clock.next(), at: 1 } as const
          await journal.commit(key, undefined, { target: TARGET, state })
        }
      }
      await Promise.all(Array.from({ length: 256 }, work))
      for (let i = 0; i < COUNT; i += 1000) {
        await root.ledger.writeAll(
          Array.from({ length: 1000 }, (_, j) => ({
            key: `objects/${i + j}`,
            expected: undefined,
            row: {
              object: {
                writeId: `o${i + j}`,
                lastModified: 1,
                attributes: ATTRIBUTES,
                at: 'objects' as const,
                identity: { dev: 0, ino: 1, size: 1, mtimeMs: 1 },
              },
            },
            usage: { count: 1, bytes: 1 },
          })),
        )
      }
      const { path } = await spool(root, parseKey('spooled'), 'one')
      const folder = join(path, '..')
      for (let i = 0; i < COUNT; i++) writeFileSync(join(folder, `stray-${i}`), '')
    })
    let most = 0
    const before = process.memoryUsage().rss
    let findings = 0
    const start = performance.now()
    const { summary } = await patient.check({
      onFinding: () => {
        if (++findings % 1000 === 0) most = Math.max(most, process.memoryUsage().rss)
      },
    })
    const seconds = (performance.now() - start) / 1000
    const grown = (most - before) / 2 ** 20
    process.stdout.write(`${findings} findings in ${seconds.toFixed(1)} s, ${grown.toFixed(0)} MiB more\n`)
    expect(summary).toMatchObject({ objects: COUNT, entries: COUNT, losses: COUNT, differences: COUNT + 1 })
    expect(grown).toBeLessThan(200)
  })
})
