import { randomBytes } from 'node:crypto'
import { access, constants, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { RESERVED_PREFIX } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { filesystemOf } from '../../stores/local/filesystem-type.js'
import { openRoot } from '../../stores/local/root.js'
import { holdsStore, replaceFile } from '../../stores/local/root-files.js'
import { faultOf } from './examination.js'
import { type Check, fault, good, notice, type Verdict } from './findings.js'
import { median, milliseconds } from './times.js'

/** The storage folder under examination. */
export interface FolderPatient {
  readonly config: StorageConfig
  readonly path: string
  readonly ledgerPath: string
}

/** Whether the folder can hold what nobody else has. */
export const FOLDER_CHECKS: readonly Check<FolderPatient>[] = [
  { check: 'folder', area: 'folder', examine: examineFolder },
  { check: 'filesystem', area: 'folder', needs: ['folder'], examine: examineFilesystem },
  { check: 'space', area: 'folder', needs: ['folder'], examine: examineSpace },
  { check: 'durable', area: 'folder', needs: ['folder', 'space'], examine: examineWrites },
  { check: 'ledger', area: 'folder', needs: ['folder', 'filesystem', 'durable'], examine: examineLedger },
]

/** The folder of a configuration. */
export function folderPatient(config: StorageConfig): FolderPatient {
  const path = resolve(config.localStoragePath)
  const ledgerPath =
    config.ledgerPath === undefined ? join(path, RESERVED_PREFIX, 'ledger') : resolve(config.ledgerPath)
  return { config, path, ledgerPath }
}

/** Where it is, or will be: the nearest folder that exists. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await access(at)
      return at
    } catch {
      if (dirname(at) === at) return at
    }
  }
}

async function examineFolder({ path }: FolderPatient): Promise<Verdict> {
  const at = await nearest(path)
  const found = await stat(at)
  if (!found.isDirectory()) {
    return fault(
      `${at} is a file, and should be a folder.`,
      'Set LOCAL_STORAGE_PATH to a folder.',
      'CONFIG_INVALID',
    )
  }
  const isReadOnly = await access(at, constants.W_OK | constants.X_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? 'EACCES',
  )
  if (isReadOnly !== undefined) {
    return fault(
      isReadOnly === 'EROFS'
        ? `${at} is on a filesystem that is mounted read-only.`
        : `This user may not write to ${at}.`,
      isReadOnly === 'EROFS'
        ? 'Mount it for writing; if the system made it read-only itself, see to the disk (dmesg).'
        : 'Make the folder belong to the user that runs Holdfast.',
      'PERMISSION_DENIED',
    )
  }
  if (at !== path)
    return notice(`${path} does not exist yet.`, 'It is made by the first upload, or by holdfast serve.')
  return good(`${path} is there and can be written to.`)
}

async function examineFilesystem({ path, ledgerPath }: FolderPatient): Promise<Verdict> {
  const folder = await filesystemOf(await nearest(path))
  const ledger = await filesystemOf(await nearest(ledgerPath))
  if (ledger.kind === 'network') {
    return fault(
      `The ledger lies on ${ledger.name}: its locks and memory map need a local disk.`,
      'Set HOLDFAST_LEDGER_PATH to a folder on a local disk.',
      'CONFIG_INVALID',
    )
  }
  if (folder.kind === 'network') {
    return notice(
      `Files lie on ${folder.name}, which is as durable as the server behind it.`,
      'For uploads that must outlive an outage, a local disk is better.',
    )
  }
  const passing = [folder, ledger].find(found => found.kind === 'passing')
  if (passing?.kind === 'passing') {
    return notice(
      `The storage folder lies on ${passing.name}: what is acknowledged there is lost with this container or at the next boot.`,
      'Mount a volume there.',
    )
  }
  return good('The storage folder is on a disk of this machine.')
}

const MIN_FREE_BYTES = 64 * 1024 * 1024
const MIN_FREE_FILES = 1000

async function examineSpace({ config, path, ledgerPath }: FolderPatient): Promise<Verdict> {
  const isNet = activeProvider(config) !== 'local'
  const wanted = Math.max(MIN_FREE_BYTES, isNet ? config.spoolReserveBytes : 0)
  let least = Number.POSITIVE_INFINITY
  for (const folder of new Set([await nearest(path), await nearest(ledgerPath)])) {
    const { bavail, bsize, files, ffree } = await statfs(folder)
    const free = bavail * bsize
    least = Math.min(least, free)
    if (free < wanted) {
      return fault(
        `The disk of ${folder} has ${mebibytes(free)} free.`,
        isNet
          ? `Uploads during an outage need more than the reserve of ${mebibytes(wanted)} (HOLDFAST_SPOOL_RESERVE_BYTES): free some space, or give the disk more.`
          : 'Free some space, or give the disk more.',
        'NO_SPACE',
      )
    }
    // Filesystems without such a bound say 0.
    if (files > 0 && ffree < MIN_FREE_FILES) {
      return fault(
        `The filesystem of ${folder} can hold only ${ffree} more files (inodes).`,
        'Remove small files, or make the filesystem anew with more inodes.',
        'NO_SPACE',
      )
    }
  }
  return good(`${mebibytes(least)} are free.`)
}

function mebibytes(bytes: number): string {
  const mebi = bytes / 1024 / 1024
  return mebi < 10_240 ? `${Math.floor(mebi)} MiB` : `${Math.floor(mebi / 1024)} GiB`
}

const ROUNDS = 5
const WRITE_BYTES = 4096
/** A disk that takes longer for one small file will be felt by everybody. */
const SLOW_MS = 100

/** Writes as uploads do: a file, synced, renamed, and its folder synced. */
async function examineWrites({ path }: FolderPatient): Promise<Verdict> {
  const folder = await nearest(path)
  const times: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      await writeDurably(folder)
      times.push(performance.now() - start)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return fault(
        `Nothing can be written to ${folder}: ${code === 'EDQUOT' ? "this user's quota is used up" : 'the disk is full'}.`,
        'Free some space, or give the disk more.',
        'NO_SPACE',
      )
    }
    if (code === 'EIO') {
      return fault(
        `The disk of ${folder} reports errors (EIO).`,
        'Save what is on it, and replace it: dmesg and smartctl tell more.',
        'UNAVAILABLE',
      )
    }
    return fault(
      `A file in ${folder} cannot be made durable (${code}).`,
      "See to the folder's filesystem and rights.",
      'UNAVAILABLE',
    )
  }
  const typical = median(times)
  const says = `A file of 4 KiB is made durable in ${milliseconds(typical)}.`
  if (typical < SLOW_MS) return good(says)
  return notice(says, 'An upload during an outage takes at least as long. A faster disk (SSD) helps.')
}

async function writeDurably(folder: string): Promise<void> {
  const path = join(folder, `.holdfast-doctor-${randomBytes(6).toString('hex')}`)
  try {
    await replaceFile(path, randomBytes(WRITE_BYTES))
  } finally {
    await rm(path, { force: true })
  }
}

async function examineLedger({ config, path }: FolderPatient): Promise<Verdict | undefined> {
  const { ledgerPath } = config
  if (!holdsStore(path)) return undefined
  try {
    const root = await openRoot({ path, ledgerPath, create: false, logger: silentLogger })
    const problems = root.problems.filter(({ code }) => code !== 'PASSING_STORAGE')
    const others = await root.others()
    await root.close()
    const [problem] = problems
    if (problem !== undefined) return notice(problem.message, 'holdfast fsck looks into the folder.')
    return good(
      others.length === 0
        ? 'The ledger can be read.'
        : `The ledger can be read; ${others.length === 1 ? 'process' : 'processes'} ${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} it open.`,
    )
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return faultOf(error)
  }
}
