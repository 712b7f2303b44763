import { describe, expect, onTestFinished, test } from 'vitest'
import type { Finding } from '../src/operations/fsck/findings.js'
import { runFsck } from '../src/operations/fsck/fsck.js'
import type { QuotaRow } from '../src/service/quotas/rows.js'
import { StorageService } from '../src/service.js'
import { openRoot, type Root } from '../src/stores/local/root.js'
import { useFolder } from './support/failover-service.js'
import { PROBE } from './support/fsck.js'

// Damage planted in the tables of what expires and of quotas.

const PREFIX = 'rooms/42/'
const text = (content: string): Buffer => Buffer.from(content)

async function withStorage<T>(folder: string, use: (storage: StorageService) => Promise<T>): Promise<T> {
  const storage = new StorageService({ config: { localStoragePath: folder } })
  try {
    return await use(storage)
  } finally {
    await storage.close()
  }
}

async function damaged(folder: string, damage: (root: Root) => Promise<unknown>): Promise<void> {
  const root = await openRoot({ path: folder, create: false })
  await damage(root)
  await root.close()
}

async function check(folder: string, repair = false): Promise<Finding[]> {
  const findings: Finding[] = []
  const config = { localStoragePath: folder, ledgerPath: undefined }
  await runFsck({
    config,
    repair,
    onFinding: finding => void findings.push(finding),
    internals: { probe: PROBE },
  })
  return findings
}

/** Finds it, twice without changing anything, mends it, and finds nothing more. */
async function mended(folder: string, code: Finding['code']): Promise<void> {
  for (let times = 0; times < 2; times++) {
    expect(await check(folder)).toMatchObject([{ code, severity: 'difference', repaired: false }])
  }
  expect(await check(folder, true)).toMatchObject([{ code, repaired: true }])
  expect(await check(folder)).toEqual([])
}

describe('what expires', () => {
  async function expiring(): Promise<string> {
    const folder = await useFolder()
    await withStorage(folder, async storage => {
      for (const key of ['a', 'b']) await storage.uploadFile(text('x'), key, { expiresInSeconds: 3600 })
    })
    expect(await check(folder)).toEqual([])
    return folder
  }

  test('and is not on the list by time is put there, and removed when it is time', async () => {
    const folder = await expiring()
    await damaged(folder, root => {
      const times = root.ledger.table<string>('expiring-due')
      const [first] = times.range(Buffer.alloc(0), undefined, 1)
      return root.ledger.commit([], () => times.remove(Buffer.from(first?.key ?? '')))
    })
    await mended(folder, 'EXPIRY_UNLISTED')
    const now = (): number => Date.now() + 7_200_000
    const later = new StorageService({ config: { localStoragePath: folder }, now })
    onTestFinished(async () => void (await later.close()))
    expect(await later.removeExpired()).toMatchObject({ removed: 2 })
  })

  test('by the list alone is taken off it', async () => {
    const folder = await expiring()
    await damaged(folder, root => {
      const times = root.ledger.table<string>('expiring-due')
      return root.ledger.commit([], version => times.put(Buffer.from(`${'0'.repeat(11)}1none`), 'c', version))
    })
    await mended(folder, 'EXPIRY_STALE')
  })
})

describe('quotas', () => {
  async function counted(change: (row: QuotaRow) => QuotaRow): Promise<string> {
    const folder = await useFolder()
    await withStorage(folder, async storage => {
      await storage.uploadFile(text('outside'), 'rooms/421/a')
      const scope = storage.scope(PREFIX, { maxBytes: 100 })
      for (const key of ['a', 'b/c']) await scope.uploadFile(text('four'), key)
    })
    expect(await check(folder)).toEqual([])
    await damaged(folder, root => {
      const quotas = root.ledger.table<QuotaRow>('quotas')
      const row = quotas.get(Buffer.from(PREFIX))?.value as QuotaRow
      return root.ledger.commit([], version => quotas.put(Buffer.from(PREFIX), change(row), version))
    })
    return folder
  }

  test('that hold what nobody works with are corrected', async () => {
    const folder = await counted(row => ({ ...row, heldBytes: 90, heldFiles: 1 }))
    await mended(folder, 'QUOTA_RESERVED')
    await withStorage(folder, storage => storage.scope(PREFIX).uploadFile(Buffer.alloc(92), 'd'))
  })

  test('that have counted what is not there are counted again', async () => {
    const folder = await counted(row => ({ ...row, bytes: row.bytes + 5, files: row.files - 1 }))
    await mended(folder, 'QUOTA_WRONG')
    await withStorage(folder, async storage => {
      await expect
        .poll(() => storage.quotas.get(PREFIX), { timeout: 60_000 })
        .toMatchObject({ bytes: 8, files: 2, exact: true })
    })
    expect(await check(folder)).toEqual([])
  })
})
