import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { diskFiles, systemCode } from '../../stores/local/files.js'
import { storageError } from '../../stores/local/io-error.js'
import { Lease } from '../../stores/local/lease.js'
import type { LedgerInspection } from '../../stores/local/ledger.js'
import { isKnownDead, ownPidSpace } from '../../stores/local/process-id.js'
import { livingProcesses } from '../../stores/local/processes.js'
import { openRoot, type Root } from '../../stores/local/root.js'
import { readId, restoreId } from '../../stores/local/root-files.js'
import { Check } from './check.js'
import { checkEntries } from './entries.js'
import { checkExpiry } from './expiry.js'
import type { About, FsckSummary } from './findings.js'
import { checkDisplaced, checkStaging, checkTree } from './folder-files.js'
import { type ProbedLedger, probeLedger } from './ledger-probe.js'
import { checkQuarantine } from './quarantine.js'
import { checkQuotas } from './quotas.js'
import { rebuildLedger } from './rebuild.js'
import { type FsckListener, Reporter } from './reporter.js'
import { checkRows } from './rows.js'
import { checkHeldBytes, checkSpoolFiles } from './spool-files.js'

export interface FsckOptions extends FsckListener {
  readonly config: Pick<StorageConfig, 'localStoragePath' | 'ledgerPath'>
  /** Mends what can be mended without a doubt; otherwise nothing is changed. */
  readonly repair?: boolean | undefined
  /** Makes a new ledger from the files in the folder, where there is none that can be read. */
  readonly rebuild?: boolean | undefined
  /** Reads every byte, and compares it with its SHA-256. */
  readonly hash?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly internals?: { readonly probe?: URL; readonly graceMs?: number } | undefined
}

/** A process that has removed a row removes its file within this. Milliseconds. */
const GRACE_MS = 5_000

const NOTHING: LedgerInspection = {
  id: undefined,
  counted: { count: 0, bytes: 0 },
  kept: { count: 0, bytes: 0 },
  corrected: undefined,
}

/** Where the parts of a store lie. */
export interface StorePlace {
  readonly path: string
  readonly ownPath: string
  readonly ledgerPath: string
  /** Whether the ledger lies where it does unless told otherwise: inside the folder that it belongs to. */
  readonly isInside: boolean
}

/**
 * Holds ledger, files and journal of a storage folder against each other. Safe beside processes that use the folder:
 * what may be changing is looked at again before it is a finding, and a repair is a commit on the condition that
 * nothing has changed. Memory does not grow with the store.
 *
 * @returns what it came to; each finding goes to `onFinding` as it is made
 * @throws StorageError `CONFIG_INVALID` if there is no store, or another machine or container has it;
 *   `INVALID_ARGUMENT` for a rebuild of a ledger that can be read; `UNAVAILABLE` for one beside another process
 */
export async function runFsck(options: FsckOptions): Promise<FsckSummary> {
  try {
    return await run(options)
  } catch (error) {
    throw systemCode(error) === undefined ? error : storageError(error, 'fsck')
  }
}

async function run(options: FsckOptions): Promise<FsckSummary> {
  const reporter = new Reporter(options, options.repair === true)
  const place = await placeOf(options.config)
  // Taken before the ledger is touched: two machines at one ledger damage it.
  const pids = ownPidSpace()
  const lease = await Lease.acquire(join(place.ownPath, 'lease'), pids)
  try {
    const read = await soundLedger(place, options, reporter)
    if (read === undefined) return reporter.counts
    const { ledgerPath } = options.config
    const root = await openRoot({ path: place.path, ledgerPath, create: false })
    try {
      await checkAll(root, read, options, reporter)
      reporter.counts.complete = true
    } finally {
      await root.close()
    }
    return reporter.counts
  } finally {
    const living = await livingProcesses(diskFiles, place.ownPath, id => isKnownDead(id, pids))
    await lease.release(living.length === 0)
  }
}

async function placeOf({ localStoragePath, ledgerPath }: FsckOptions['config']): Promise<StorePlace> {
  const asked = resolve(localStoragePath)
  const ownPath = await realpath(join(asked, '.holdfast')).catch(() => undefined)
  if (ownPath === undefined) {
    throw new StorageError({
      code: 'CONFIG_INVALID',
      op: 'fsck',
      store: 'local',
      message: `no store at ${asked}`,
    })
  }
  const path = await realpath(asked)
  return {
    path,
    ownPath: join(path, '.holdfast'),
    ledgerPath: ledgerPath === undefined ? join(path, '.holdfast', 'ledger') : resolve(ledgerPath),
    isInside: ledgerPath === undefined,
  }
}

/** What the folder's own ledger holds, made anew if that is wanted and needed; undefined if it cannot be opened. */
async function soundLedger(
  place: StorePlace,
  options: FsckOptions,
  reporter: Reporter,
): Promise<LedgerInspection | undefined> {
  const { signal, internals, repair, rebuild } = options
  reporter.begin('ledger')
  const ledger = await probeLedger(place.ledgerPath, { signal, program: internals?.probe })
  const read = ledger.state === 'sound' ? ledger.read : NOTHING
  const problem = await judgeLedger(place, ledger)
  if (problem === undefined) {
    if (rebuild === true) throw notNeeded(place)
    return read
  }
  if (problem.code === 'ID_MISSING') {
    const id = read.id ?? ''
    await reporter.found(problem, async () => {
      await restoreId(place.ownPath, id)
      return true
    })
    return repair === true ? read : undefined
  }
  if (problem.code === 'LEDGER_FOREIGN') {
    await reporter.found(problem)
    return undefined
  }
  const mend = async (): Promise<boolean> => {
    await rebuildLedger(place, ledger, options, reporter)
    return true
  }
  await reporter.found(problem, mend, rebuild === true)
  if (rebuild !== true) return undefined
  const rebuilt = await probeLedger(place.ledgerPath, { signal, program: internals?.probe })
  return rebuilt.state === 'sound' ? rebuilt.read : undefined
}

/** What keeps the ledger from being opened as the folder's own. */
async function judgeLedger(place: StorePlace, ledger: ProbedLedger): Promise<About | undefined> {
  const { path, ownPath, ledgerPath, isInside } = place
  if (ledger.state === 'unreadable') {
    const message = `The ledger of ${path} cannot be read: ${ledger.why}. Bring it back from a backup, or have a new one made from the files by "holdfast fsck --rebuild".`
    return { code: 'LEDGER_UNREADABLE', path: ledgerPath, message }
  }
  const id = await readId(ownPath)
  const known = ledger.state === 'sound' ? ledger.read.id : undefined
  // A folder whose making was cut off is completed by whoever opens it.
  if (id !== undefined && (known === id.id || (known === undefined && id.isNew))) return undefined
  if (known === undefined) {
    const message = `The ledger of ${path} is missing: there is none in ${ledgerPath}. Bring it back, point HOLDFAST_LEDGER_PATH to it, or have a new one made from the files by "holdfast fsck --rebuild".`
    return { code: 'LEDGER_MISSING', path: ledgerPath, message }
  }
  if (id === undefined && isInside) {
    const message = `${join(ownPath, 'id')} does not hold the id of the store; the ledger in the folder does.`
    return { code: 'ID_MISSING', path: join(ownPath, 'id'), message }
  }
  const message = `The ledger in ${ledgerPath} belongs to another storage folder than ${path}. Point HOLDFAST_LEDGER_PATH to this folder's own, or, to have a new one made, to an empty folder.`
  return { code: 'LEDGER_FOREIGN', path: ledgerPath, message }
}

async function checkAll(
  root: Root,
  read: LedgerInspection,
  { repair, hash, signal, internals }: FsckOptions,
  reporter: Reporter,
): Promise<void> {
  reporter.counts.others = (await root.others()).length
  const graceMs = internals?.graceMs ?? GRACE_MS
  const check = new Check(root, reporter, {
    hash: hash === true,
    repair: repair === true,
    signal,
    graceMs,
  })
  const counted = read.counted.count - read.kept.count
  const bytes = read.counted.bytes - read.kept.bytes
  if (counted !== 0 || bytes !== 0) {
    await reporter.found(
      {
        code: 'USAGE_WRONG',
        message: `The ledger has ${read.counted.count} objects of ${read.counted.bytes} bytes, and the sum that is kept says ${read.kept.count} and ${read.kept.bytes}.`,
      },
      () => root.ledger.correctUsage({ count: counted, bytes }, read.corrected),
    )
  }
  reporter.begin('objects', read.counted.count)
  await checkRows(check)
  reporter.begin('journal', check.journal.size())
  await checkEntries(check)
  await checkQuarantine(check)
  await checkExpiry(check)
  await checkQuotas(check)
  reporter.begin('files')
  await checkSpoolFiles(check)
  await checkHeldBytes(check)
  await checkStaging(check)
  await checkDisplaced(check)
  await checkTree(check)
}

function notNeeded({ ledgerPath }: StorePlace): StorageError {
  const message = `The ledger in ${ledgerPath} can be read and is the folder's own; there is nothing to rebuild. --repair mends what can be mended in it.`
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'fsck', store: 'local', message })
}
