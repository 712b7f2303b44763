import { describe, expect, onTestFinished, test } from 'vitest'
import { newSeed } from '../src/operations/fault-proxy/random.js'
import type { FaultPhase } from '../src/testing/fault-proxy.js'
import { openBucket } from './support/bucket.js'
import type { BucketAccess } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { describeReal } from './support/real-server.js'
import { startServer } from './support/server.js'
import { type Round, Soak } from './support/soak.js'

// Work that goes on while the store comes and goes. HOLDFAST_TEST_SOAK_SECONDS and HOLDFAST_TEST_SEED choose.

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const SOAK_SECONDS = Number(process.env['HOLDFAST_TEST_SOAK_SECONDS'] ?? (LONG ? 300 : 10))
const ROUND_SECONDS = 30
const SOAK_RATE = 50
/** For the work, and for a slow machine to catch up. */
const PATIENCE_MS = (SOAK_SECONDS * 3 + 600) * 1000
const FLAPPED_OPERATIONS = 5000
const FLAPPED_RATE = LONG ? 100 : 300

const cli = useCli()

function seedOf(what: string): number {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? newSeed())
  console.info(`${what}: seed ${seed}`)
  return seed
}

function expectFlawless({ figures, compared }: Round): void {
  expect(compared.findings).toEqual([])
  expect(compared.differences).toEqual({ lost: 0, resurrected: 0, shadowed: 0, partial: 0 })
  expect(compared.refused).toEqual({})
  expect(figures.failed).toBe(0)
  expect(compared.acknowledged).toBe(figures.acknowledged)
  expect(compared.acknowledged).toBeGreaterThan(0)
}

function tell(what: string, { figures, compared, convergeMs }: Round): void {
  const { operations, acknowledged, local, longestStallMs, longestStallOf } = figures
  console.info(
    `${what}: ${operations} operations, ${acknowledged} writes acknowledged (${local} here), longest stall ${Math.round(longestStallMs)} ms (${longestStallOf}), converged in ${Math.round(convergeMs)} ms, ${compared.objects} objects compared, ${JSON.stringify(compared.unread)} unread`,
  )
}

async function soak(access: BucketAccess, seconds: number): Promise<void> {
  const seed = seedOf('soak')
  const soaking = await Soak.open({ access, seed, main: cli.main, rate: SOAK_RATE })
  const end = performance.now() + seconds * 1000
  do {
    const leftMs = end - performance.now()
    const round = await soaking.round(Math.max(5000, Math.min(leftMs, ROUND_SECONDS * 1000)))
    tell('round', round)
    expectFlawless(round)
    await soaking.sweep()
    expect(soaking.storage.getStatus()).toMatchObject({ pending: 0, parked: 0, conflicts: 0 })
    expect(soaking.spooled()).toEqual([])
  } while (performance.now() < end)
  const most = (of: (taken: (typeof soaking.taken)[number]) => number): number =>
    Math.max(...soaking.taken.map(of))
  const rss = most(taken => taken.rssBytes)
  const open = most(taken => taken.descriptors)
  const disk = most(taken => taken.diskBytes)
  console.info(
    `at most ${Math.round(rss / 1e6)} MB of memory, ${open} descriptors, ${Math.round(disk / 1e6)} MB of disk; at first ${Math.round((soaking.taken[0]?.rssBytes ?? 0) / 1e6)} MB`,
  )
  // The runner itself takes a good part of it.
  expect(rss).toBeLessThan(900 * 1e6)
  expect(open).toBeLessThan(1000)
  // What two rounds may have waiting, and the ledger.
  expect(disk).toBeLessThan(500 * 1e6)
}

describe('a storage in use', () => {
  test(
    'while the store comes and goes every few seconds loses nothing, and gets on',
    async () => {
      const seed = seedOf('flapping')
      const access = await startServer(cli)
      const soaking = await Soak.open({ access, seed, main: cli.main, rate: FLAPPED_RATE })
      const calm: FaultPhase = { rules: [], minMs: 1000, maxMs: LONG ? 5000 : 2000 }
      const phases: FaultPhase[] = [
        { ...calm, rules: [{ fault: { kind: 'refuse' } }] },
        calm,
        { ...calm, rules: [{ fault: { kind: 'hang' } }] },
        calm,
        { ...calm, rules: [{ fault: { kind: 'lose-answer' }, rate: 0.5, of: 'writes' }] },
        calm,
      ]
      let operations = 0
      let local = 0
      // A machine that is slow does not get to its rate, and needs longer.
      while (operations < FLAPPED_OPERATIONS) {
        const leftMs = ((FLAPPED_OPERATIONS - operations) / FLAPPED_RATE) * 1000
        const round = await soaking.round(Math.max(leftMs, 5000), phases)
        tell('flapping', round)
        expectFlawless(round)
        operations += round.figures.operations
        local += round.figures.local
      }
      expect(local).toBeGreaterThan(0)
      expect(soaking.spooled()).toEqual([])
    },
    PATIENCE_MS,
  )

  test(
    'through all weathers is right at the end of each round, and takes no more than it may',
    async () => {
      await soak(await startServer(cli), SOAK_SECONDS)
    },
    PATIENCE_MS,
  )
})

if (LONG) {
  describeReal('a storage in use, over a real server', server => {
    test(
      'through all weathers is right at the end of each round, and takes no more than it may',
      async () => {
        const bucket = await openBucket(server)
        onTestFinished(() => bucket.remove())
        await soak({ ...server, bucket: bucket.bucket }, SOAK_SECONDS)
      },
      PATIENCE_MS,
    )
  })
}
