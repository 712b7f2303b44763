import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { removalsOf, syncFolders } from '../../failover/removals.js'
import { filesIn, folderOf, isCutOff, lookAt, removeFile } from '../../failover/spool-sweep.js'
import { removeNamed } from '../../failover/unnamed-files.js'
import { ifThere } from '../../stores/local/bytes.js'
import type { FolderClaims } from '../../stores/local/claims.js'
import { systemCode } from '../../stores/local/files.js'
import type { Root } from '../../stores/local/root.js'
import { makeOwnFolder } from '../../stores/local/root-files.js'
import type { Check } from './check.js'

/** Names held in memory at a time; the ledger is gone through once for each so many. */
const NAMES = 100_000

/** Looks for files in `.holdfast/objects` that nothing in the ledger names. */
export async function checkSpoolFiles(check: Check): Promise<void> {
  const { root, reporter } = check
  const objects = join(root.ownPath, 'objects')
  let names = new Set<string>()
  for (const { name, kind } of await root.files.readFolder(objects)) {
    check.throwIfAborted()
    if (kind !== 'folder') {
      const message = 'It is no folder of files, and Holdfast did not put it there.'
      await check.report({ code: 'FILE_UNKNOWN', path: join(objects, name.toString()), message })
      continue
    }
    const files = await filesIn(root, name.toString())
    for (const file of files) names.add(file)
    reporter.step(files.length)
    if (names.size < NAMES) continue
    await judge(check, names)
    names = new Set()
  }
  await judge(check, names)
  await forgetMarks(check)
}

/** Looks for bytes in the ledger itself that nothing in it speaks of. */
export async function checkHeldBytes(check: Check): Promise<void> {
  const { root, journal, options } = check
  for (let after: string | undefined; ; ) {
    const page = root.ledger.bytesPage(after, NAMES)
    after = page.at(-1)
    const ids = new Set(page)
    await removeNamed(root.ledger, journal, ids, options.signal)
    for (const id of ids) await reportBytes(check, id)
    if (page.length < NAMES) return
  }
}

/** Bytes and what speaks of them come and go in one commit: what nobody speaks of now, nobody ever will. */
async function reportBytes(check: Check, id: string): Promise<void> {
  const { root } = check
  const content = root.ledger.bytesOf(id)
  if (content.length === 0) return
  await check.report({
    code: 'BYTES_UNNAMED',
    message: `The ledger holds ${content.length} bytes (${id}) that nothing in it speaks of.`,
    mend: async () => {
      const draft = join(root.tmpPath, randomUUID())
      await root.bytes.writeUnsynced(draft, content, draft)
      await root.bytes.sync(draft, draft)
      await keep(root, draft, id.replace(':', '-'))
      await syncKept(root)
      await root.ledger.commit([], () => root.ledger.removeBytes(id))
      return true
    },
  })
}

/** @param names files that were listed before; changed */
async function judge(check: Check, names: Set<string>): Promise<void> {
  const { root, journal, options } = check
  await removeNamed(root.ledger, journal, names, options.signal)
  // The marks of the folders are read after the files, and the rows after the marks: see Claims.
  let claims = await leaveOutLiving(check, names)
  if (names.size === 0) return
  // A row is gone before its file is.
  await check.pause(options.graceMs)
  claims = await leaveOutLiving(check, names)
  await removeNamed(root.ledger, journal, names, options.signal)
  // So that no power loss brings back a row that named one of them.
  if (options.repair && names.size > 0) await root.ledger.barrier()
  for (const file of names) await reportFile(check, file, claims)
  if (options.repair && names.size > 0) await syncKept(root)
}

/** Leaves out the files of folders that a living process writes into. @returns the marks */
async function leaveOutLiving({ root, reporter }: Check, names: Set<string>): Promise<FolderClaims> {
  const claims = await root.claims.read(id => root.isDead(id))
  for (const file of names) {
    if (claims.living.has(folderOf(file)) && names.delete(file)) reporter.counts.unjudged++
  }
  return claims
}

async function reportFile(check: Check, file: string, claims: FolderClaims): Promise<void> {
  const { root } = check
  const stat = await lookAt(root, file)
  if (stat === undefined) return
  const path = join(root.ownPath, 'objects', file)
  const isReplaced = removalsOf(root.ledger).get(Buffer.from(file)) !== undefined
  if (isReplaced || isCutOff(file, stat, claims)) {
    const when = isReplaced ? 'removed' : 'acknowledged'
    await check.report({
      code: 'FILE_CUT_OFF',
      path,
      message: `A process died before it ${when} these ${stat.size} bytes; nothing names them.`,
      mend: async () => {
        await removeFile(root, file)
        return true
      },
    })
    return
  }
  await check.report({
    code: 'FILE_UNNAMED',
    path,
    message: `Nothing in the ledger names these ${stat.size} bytes, and no upload that was cut off explains them: they may be what is left of an entry that was lost.`,
    mend: async () => (await keep(root, path, file.replace('/', '-'))) !== undefined,
  })
}

/** When every file of theirs is judged and removed, nobody needs the marks of the dead any more. */
async function forgetMarks({ root, options }: Check): Promise<void> {
  if (!options.repair) return
  const { living, dead } = await root.claims.read(id => root.isDead(id))
  await syncFolders(root, dead.keys())
  for (const [folder, { marks }] of dead) if (!living.has(folder)) await root.claims.forget(marks)
}

const KEPT = 'lost+found'

/**
 * Moves a file to `.holdfast/lost+found`, where nothing is ever removed.
 *
 * @returns its path there; undefined if the file is gone
 */
export async function keep(
  root: Pick<Root, 'ownPath' | 'files'>,
  path: string,
  name: string,
): Promise<string | undefined> {
  const folder = join(root.ownPath, KEPT)
  await makeOwnFolder(folder)
  let to = join(folder, name)
  const isTaken = await root.files.lstat(to).then(
    () => true,
    () => false,
  )
  if (isTaken) to += `.${randomBytes(4).toString('hex')}`
  return (await ifThere(root.files.rename(path, to))) ? to : undefined
}

/** Makes durable that files were moved there. */
export async function syncKept({ files, ownPath }: Pick<Root, 'ownPath' | 'files'>): Promise<void> {
  await files.fsyncFolder(join(ownPath, KEPT)).catch(error => {
    if (systemCode(error) !== 'ENOENT') throw error
  })
  await files.fsyncFolder(ownPath)
}
