import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { StorageError, shown, throwIfAborted } from '../../core/errors.js'
import { isKey, type Key } from '../../core/key.js'
import { type Adopter, adoption } from './adopt.js'
import { type FileStat, sameIdentity } from './files.js'
import { failure } from './io-error.js'
import type { Root } from './root.js'
import type { Row } from './row.js'
import { type Walked, walk } from './walk.js'

/** What an import came to. */
export interface ImportReport {
  readonly imported: number
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Takes files that lie in the storage folder for objects, in place: one file, or all below a folder. A file
 * that has an object's name but not its bytes becomes that object's new version.
 *
 * @param path a file or folder, absolute or below the storage folder; all of it unless given
 * @param admit says why a file is not to be taken; undefined if it may be
 * @returns how many were taken, and what was passed over and why
 * @throws StorageError `INVALID_ARGUMENT` if the path is not in the folder, or not there
 */
export async function adoptPath(
  root: Root,
  adopter: Adopter,
  path?: string,
  signal?: AbortSignal,
  admit?: Admit,
): Promise<ImportReport> {
  const skipped: { path: string; reason: string }[] = []
  let imported = 0
  for await (const found of await filesAt(root, path)) {
    throwIfAborted(signal, 'import')
    const reason =
      'reason' in found ? found.reason : await importFile(root, adopter, found.key as Key, found.stat, admit)
    if (reason === undefined) imported++
    else if (reason !== KNOWN) skipped.push({ path: 'key' in found ? found.key : found.path, reason })
  }
  return { imported, skipped }
}

const KNOWN = 'known'

/** Says why a file, of a key and at a path, is not to be taken; undefined if it may be. */
export type Admit = (key: Key, path: string) => Promise<string | undefined>

async function filesAt(
  root: Root,
  path: string | undefined,
): Promise<AsyncIterable<Walked> | Iterable<Walked>> {
  if (path === undefined) return walk(root, '')
  const full = isAbsolute(path) ? resolve(path) : resolve(root.path, path)
  const inside = relative(root.path, full)
  const key = inside.split(sep).join('/')
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw failure(
      'INVALID_ARGUMENT',
      'import',
      undefined,
      `${shown(path)} is not in the storage folder ${root.path}.`,
    )
  }
  if (key === '') return walk(root, '')
  const stat = await root.files.lstat(full).catch(() => undefined)
  if (stat === undefined || !isKey(key) || (await root.files.realpath(full)) !== full) {
    throw failure(
      'INVALID_ARGUMENT',
      'import',
      undefined,
      `${shown(path)} is no file or folder below ${root.path} that can be imported.`,
    )
  }
  if (stat.kind === 'folder') return walk(root, `${key}/`)
  if (stat.kind !== 'file') return [{ path: key, reason: 'it is not a regular file' }]
  return [{ key, stat: { ...stat, ...root.identityOf(stat) } }]
}

/** @returns why the file was not imported; undefined if it was */
async function importFile(
  root: Root,
  adopter: Adopter,
  key: Key,
  stat: FileStat,
  admit: Admit | undefined,
): Promise<string | undefined> {
  const found = root.ledger.get(key)
  try {
    if (found === undefined) {
      if (adopter.waitFor(key, stat) > 0) return 'it is still being written'
      const refusal = await admit?.(key, join(root.path, key))
      if (refusal !== undefined) return refusal
      const [done] = await adopter.commit([adoption(key, stat)])
      return done === true ? undefined : 'it was changed meanwhile'
    }
    const { object, work } = found.row
    if (object !== undefined && sameIdentity(object.identity, stat)) return KNOWN
    // Looked at once more, after the row: what was found may have been replaced since.
    const now = await adopter.look(key)
    if (now === undefined || (await isItsOwn(root, key, found.row, now))) return KNOWN
    if (object !== undefined && object.at !== 'tree') return 'an object of this name is kept elsewhere'
    if (object === undefined || work !== undefined)
      return 'an object of this name is being written or removed'
    const refusal = await admit?.(key, join(root.path, key))
    if (refusal !== undefined) return refusal
    const changed = await adopter.reconcile('import', key, found, join(root.path, key), now)
    return changed ? undefined : 'it was changed meanwhile'
  } catch (error) {
    if (StorageError.is(error, 'UNAVAILABLE') && error.op !== 'inspect') return 'it is still being written'
    throw error
  }
}

/** Whether a file at a key's path is a version of the object, put there by whoever does the row's work. */
async function isItsOwn(root: Root, key: string, { object, work }: Row, stat: FileStat): Promise<boolean> {
  const versions = work?.garbage.map(({ identity }) => identity) ?? []
  if (object !== undefined) versions.push(object.identity)
  if (versions.some(identity => sameIdentity(identity, stat))) return true
  // A file of bytes in the ledger is known to its maker alone.
  const inline = work?.garbage.filter(garbage => garbage.inline).map(({ writeId }) => writeId) ?? []
  if (work?.inline === true && object !== undefined) inline.push(object.writeId)
  const { tree } = root.placer
  const contents = inline.map(writeId => root.ledger.bytesOf(writeId))
  return (await tree.findBytes(tree.path(key), contents)) !== undefined
}
