import { expect, it } from 'vitest'
import { MemoryTables } from '../memory-tables.js'
import { begin, extend, settle } from './accounts.js'
import type { KeyRow, QuotaRow, Work } from './rows.js'
import { type QuotaTables, Transaction } from './transaction.js'

const PREFIX = 'rooms/42/'
const KEY = `${PREFIX}shared`
const ENDING = { key: KEY, id: 'ours', outcome: 3 }

async function tablesWith(work: Work): Promise<{ ledger: MemoryTables; tables: QuotaTables }> {
  const ledger = new MemoryTables()
  const tables: QuotaTables = {
    quotas: ledger.table('quotas'),
    keys: ledger.table('quota-keys'),
    settled: ledger.table('quota-settled'),
  }
  const quota: QuotaRow = { bytes: 0, files: 0, heldBytes: work.bytes, heldFiles: work.files, countedAt: 1 }
  const row: KeyRow = { base: -1, works: [work] }
  await ledger.commit([], version => {
    tables.quotas.put(Buffer.from(PREFIX), quota, version)
    tables.keys.put(Buffer.from(KEY), row, version)
  })
  return { ledger, tables }
}

/** The same tables, where another process commits right after each row that is read first of its table. */
function interrupted(tables: QuotaTables, between: (table: 'quotas' | 'keys') => void): QuotaTables {
  const watched = <V>(name: 'quotas' | 'keys', table: QuotaTables[typeof name]): V =>
    new Proxy(table, {
      get: (target, property) => {
        const value = Reflect.get(target, property)
        if (property !== 'get') return typeof value === 'function' ? value.bind(target) : value
        return (key: Buffer) => {
          const found = target.get(key)
          between(name)
          return found
        }
      },
    }) as V
  return { ...tables, quotas: watched('quotas', tables.quotas), keys: watched('keys', tables.keys) }
}

for (const [name, operation] of [
  ['ends a work', (tx: Transaction) => void settle(tx, ENDING)],
  ['reserves more', (tx: Transaction) => extend(tx, 'put', KEY, 'ours', 7)],
] as const) {
  for (const table of ['quotas', 'keys'] as const) {
    it(`loses no work that another process begins while it ${name} (after the ${table})`, async () => {
      const work = { id: 'ours', process: 'we', bytes: 3, files: 1, prefixes: [PREFIX] }
      const { ledger, tables } = await tablesWith(work)
      let isCommitted = false
      const other = (): void => {
        if (isCommitted) return
        isCommitted = true
        const tx = new Transaction(tables)
        const theirs = { op: 'put', key: KEY, id: 'theirs', process: 'they', size: 5 }
        begin(tx, { ...theirs, base: -1, isPresumed: true, mark: 0 })
        void tx.commit(ledger)
      }
      const tx = new Transaction(interrupted(tables, read => read === table && other()))
      operation(tx)
      expect(isCommitted).toBe(true)
      if (!(await tx.commit(ledger))) {
        const again = new Transaction(tables)
        operation(again)
        expect(await again.commit(ledger)).toBe(true)
      }
      const { works = [] } = tables.keys.get(Buffer.from(KEY))?.value ?? {}
      expect(works.map(({ id }) => id)).toEqual(['ours', 'theirs'])
      const held = works.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(tables.quotas.get(Buffer.from(PREFIX))?.value.heldBytes).toBe(held)
    })
  }
}
