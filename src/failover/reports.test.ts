import { beforeEach, expect, test } from 'vitest'
import { StorageError } from '../core/errors.js'
import { silentLogger } from '../core/logger.js'
import { Breaker } from './breaker.js'
import { type ProcessReport, type ReportBoard, Reporter } from './reports.js'

class Board implements ReportBoard {
  readonly rows = new Map<string, ProcessReport>()
  posts = 0
  failing = false

  all(): { process: string; report: ProcessReport }[] {
    return Array.from(this.rows, ([process, report]) => ({ process, report }))
  }

  async post(process: string, report: ProcessReport | undefined): Promise<void> {
    this.posts++
    if (this.failing) throw new Error('the ledger takes nothing')
    if (report === undefined) this.rows.delete(process)
    else this.rows.set(process, report)
  }
}

let board: Board
let totals = { pending: 0, pendingBytes: 0, oldestAt: undefined, settling: 0, parked: 0, held: 0 }
let rate = { operations: 0, bytes: 0 }
let probed = Promise.resolve()
let writes: Breaker
let reporter: Reporter

const breaker = (): Breaker => new Breaker({ probe: () => probed, intervalMs: 3_600_000, onChange: () => {} })
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function tick(): Promise<void> {
  reporter.tick()
  await settled()
}

beforeEach(() => {
  board = new Board()
  totals = { ...totals, pending: 0 }
  rate = { operations: 0, bytes: 0 }
  probed = Promise.resolve()
  writes = breaker()
  reporter = new Reporter({
    board,
    processId: 'me/1',
    isDead: process => process.startsWith('dead'),
    availability: { reads: breaker(), writes },
    chronicle: {
      get rate() {
        return rate
      },
    },
    totals: {
      get totals() {
        return totals
      },
    },
    logger: silentLogger,
  })
})

const gone = new StorageError({ code: 'TIMEOUT', op: 'put', store: 's3', message: 'Nothing came.' })

test('who is well commits nothing', async () => {
  for (let i = 0; i < 10; i++) await tick()
  await reporter.close()
  expect(board.posts).toBe(0)
})

test('an outage is told once, and taken back once it is over', async () => {
  writes.trip(gone)
  for (let i = 0; i < 10; i++) await tick()
  expect(board.posts).toBe(1)
  expect(board.rows.get('me/1')).toMatchObject({
    writes: { code: 'TIMEOUT', message: 'Nothing came.', since: writes.openSince },
    operationsPerSecond: 0,
  })
  expect(board.rows.get('me/1')?.reads).toBeUndefined()
  await writes.probe()
  for (let i = 0; i < 10; i++) await tick()
  expect(board.posts).toBe(2)
  expect(board.rows.size).toBe(0)
})

test('the speed is told while something waits', async () => {
  totals = { ...totals, pending: 3 }
  rate = { operations: 12.34, bytes: 1000.4 }
  await tick()
  expect(board.rows.get('me/1')).toMatchObject({ operationsPerSecond: 12.3, bytesPerSecond: 1000 })
  totals = { ...totals, pending: 0 }
  await tick()
  expect(board.rows.size).toBe(0)
})

test('what could not be told is told with the next look', async () => {
  board.failing = true
  writes.trip(gone)
  await tick()
  board.failing = false
  await tick()
  expect(board.rows.has('me/1')).toBe(true)
  await reporter.close()
  expect(board.rows.size).toBe(0)
  await tick()
  expect(board.rows.size).toBe(0)
})

test('what the dead said last is removed', async () => {
  board.rows.set('dead/1', { operationsPerSecond: 0, bytesPerSecond: 0 })
  board.rows.set('alive/1', { operationsPerSecond: 0, bytesPerSecond: 0 })
  await reporter.sweep()
  expect([...board.rows.keys()]).toEqual(['alive/1'])
})
