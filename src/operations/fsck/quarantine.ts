import { diskBytes, QuarantineTable } from '../../stores/local/quarantine-table.js'
import { type Check, type Problem, TOGETHER } from './check.js'
import { type ByteCodes, judgeBytes } from './entries.js'

const CODES: ByteCodes = ['QUARANTINE_MISSING', 'QUARANTINE_MISSING', 'QUARANTINE_ROTTEN']
/** A process that takes a file out of the quarantine is done within this. Milliseconds. */
const PAUSE_MS = 1000

/** Holds the rows of the quarantine against the files with their bytes, and against their sum. */
export async function checkQuarantine(check: Check): Promise<void> {
  const table = new QuarantineTable(check.root.ledger)
  for (let after: string | undefined; ; ) {
    const page = table.page(after, TOGETHER)
    for (const { id } of page) await checkRow(check, table, id)
    after = page.at(-1)?.id
    if (page.length < TOGETHER) break
  }
  await checkSum(check, table)
}

/** Only what is wrong twice is a finding. */
async function checkRow(check: Check, table: QuarantineTable, id: string): Promise<void> {
  check.throwIfAborted()
  if ((await judge(check, table, id)) === undefined) return
  await check.pause(PAUSE_MS)
  const problem = await judge(check, table, id)
  if (problem !== undefined) await check.report(problem)
}

async function judge(check: Check, table: QuarantineTable, id: string): Promise<Problem | undefined> {
  const found = table.get(id)
  if (found === undefined) return undefined
  const { key, file, going } = found.row
  if (going === true) {
    const message = `File ${id} in quarantine was being removed by a process that did not finish.`
    const mend = async (): Promise<boolean> => {
      await check.bytes.remove(file)
      await table.remove(id)
      return true
    }
    return { code: 'QUARANTINE_GOING', key, message, mend }
  }
  const problem = await judgeBytes(check, key, found.row, CODES)
  return problem && { ...problem, message: `Of file ${id} in quarantine: ${problem.message}` }
}

/** The sum and the rows change in one commit; counted is in pages, beside which others commit. */
async function checkSum(check: Check, table: QuarantineTable): Promise<void> {
  const isRight = (): boolean => {
    const counted = table.count()
    const kept = table.sum()
    return counted.files === kept.files && counted.bytes === kept.bytes
  }
  if (isRight()) return
  await check.pause(PAUSE_MS)
  if (isRight()) return
  const { files, bytes } = table.count()
  const message = `The quarantine has ${files} files that take ${bytes} bytes of the disk, in blocks of ${diskBytes(1)}; the sum that is kept says ${table.sum().files} and ${table.sum().bytes}.`
  await check.report({ code: 'QUARANTINE_SUM', message, mend: () => table.correctSum() })
}
