import { DueIndex, type ExpiringWrite } from '../../service/expiry/due-index.js'
import { type Check, TOGETHER } from './check.js'

/** Both tables change in one commit, and are looked up one after the other. Milliseconds. */
const PAUSE_MS = 200

/** Holds the writes that expire against the list of them by time. What is wrong twice is a finding. */
export async function checkExpiry(check: Check): Promise<void> {
  const index = new DueIndex(check.root.ledger)
  for (let after: Buffer | undefined; ; ) {
    const page = index.page(after, TOGETHER)
    for (const { write } of page.filter(({ isListed }) => !isListed)) await judgeWrite(check, index, write)
    after = page.at(-1)?.name
    if (page.length < TOGETHER) break
  }
  for (let after: Buffer | undefined; ; ) {
    const page = index.timesPage(after, TOGETHER)
    for (const { name } of page.filter(({ isStale }) => isStale)) await judgeTime(check, index, name)
    after = page.at(-1)?.name
    if (page.length < TOGETHER) break
  }
}

async function judgeWrite(check: Check, index: DueIndex, { key, writeId }: ExpiringWrite): Promise<void> {
  await check.pause(PAUSE_MS)
  const write = index.get(key, writeId)
  if (write === undefined || index.isListed(write)) return
  const message = `It expires at ${new Date(write.due).toISOString()}, and is not on the list by time.`
  await check.report({ code: 'EXPIRY_UNLISTED', key, message, mend: () => index.list(write) })
}

async function judgeTime(check: Check, index: DueIndex, name: Buffer): Promise<void> {
  await check.pause(PAUSE_MS)
  const entry = index.time(name)
  if (entry === undefined || !entry.isStale) return
  const { key } = entry
  const message = 'The list of what expires by time has it, and nothing of it expires then.'
  await check.report({ code: 'EXPIRY_STALE', key, message, mend: () => index.unlist(name, key) })
}
