import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseAttributes } from '../../core/attributes.js'
import { parseKey } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { openSource } from '../../core/source.js'
import { MemoryStore } from '../../stores/memory.js'
import { MemoryTables } from '../memory-tables.js'
import { QuotaAdministration } from './administration.js'
import { Quotas } from './quotas.js'
import { NOBODY, type QuotaRow } from './rows.js'

const PREFIX = 'rooms/42/'

let truth: MemoryStore
let ledger: MemoryTables
let dead: Set<string>
/** Of each listing to come, whether it is complete; those after the last are. */
let completeness: boolean[]
const opened: Quotas[] = []

beforeEach(async () => {
  truth = new MemoryStore()
  ledger = new MemoryTables()
  dead = new Set()
  completeness = []
  for (let i = 0; i < 4; i++) {
    const source = await openSource(Buffer.alloc(10))
    await truth.put(parseKey(`${PREFIX}${i}`), source, { attributes: parseAttributes({}) })
  }
})
afterEach(async () => {
  for (const quotas of opened.splice(0)) await quotas.close()
})

/** Listings of two objects a page; what is not complete shows none. */
function open(processId: string): Quotas {
  const store = Object.create(truth) as MemoryStore
  store.list = async options => {
    const page = await truth.list({ ...options, limit: 2 })
    return completeness.shift() === false ? { ...page, objects: [], complete: false } : page
  }
  const quotas = new Quotas({
    ledger,
    store,
    processId,
    isDead: id => dead.has(id),
    hasOthers: async () => false,
    recountMs: 0,
    lateMs: 0,
    logger: silentLogger,
  })
  opened.push(quotas)
  return quotas
}

it('counts again what another began while the store was away, and left', async () => {
  completeness = [false]
  const first = open('first')
  const declared = first.declare(PREFIX, {}, { onProgress: () => first.stop() })
  await expect(declared).rejects.toMatchObject({ code: 'ABORTED' })
  expect(first.book.get(PREFIX)?.count).toMatchObject({ by: NOBODY, files: 0 })
  const second = open('second')
  await second.recount(PREFIX)
  expect(second.book.get(PREFIX)?.recountAt).toBe(0)
  await second.lookAfter()
  const { bytes, files, recountAt } = second.book.get(PREFIX) as QuotaRow
  expect({ bytes, files, recountAt }).toEqual({ bytes: 40, files: 4, recountAt: undefined })
})

it('does not take a store for away that was so when it counted before', async () => {
  const quotas = open('ours')
  const administration = new QuotaAdministration(
    async () => quotas,
    () => false,
  )
  await quotas.declare(PREFIX, {})
  completeness = [false]
  await expect(administration.recount(PREFIX)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const theirs = { by: 'theirs', after: '', bytes: 0, files: 0, begunAt: 0 }
  await quotas.book.transact(tx => tx.setQuota(PREFIX, { ...(tx.quota(PREFIX) as QuotaRow), count: theirs }))
  const recounted = administration.recount(PREFIX)
  await new Promise(resolve => setTimeout(resolve, 100))
  dead.add('theirs')
  expect(await recounted).toMatchObject({ bytes: 40, files: 4 })
})
