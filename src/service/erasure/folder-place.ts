import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Store } from '../../core/store.js'
import type { QuarantinedFile } from '../../inspection.js'
import { ifThere } from '../../stores/local/bytes.js'
import { systemCode } from '../../stores/local/files.js'
import type { Root } from '../../stores/local/root.js'
import { displacedName, MAX_DISPLACED_NAME } from '../../stores/local/tree.js'
import { storePages } from '../listing.js'
import { QuarantineStore } from '../quarantine.js'
import { isInScope, isOlder, type Pass } from './pass.js'

/** How long the removal of a file by another process is waited for. Milliseconds. */
const WAIT_MS = 5000
const LOOK_MS = 20

/**
 * Removes local objects, and waits until their files are gone.
 *
 * @returns why something is left; undefined if nothing is
 */
export async function eraseObjects(root: Root, store: Store, pass: Pass): Promise<string | undefined> {
  let left: string | undefined
  for await (const key of keysOf(store, pass)) {
    pass.met(key)
    const reason = await eraseObject(root, store, key, pass)
    left = reason ?? left
  }
  return left
}

async function* keysOf(store: Store, { scope, signal }: Pass): AsyncGenerator<Key, void, void> {
  if (scope.key !== undefined) {
    yield scope.key
    return
  }
  for await (const page of storePages(store, { prefix: scope.prefix, signal })) {
    for (const { key } of page.objects) yield key
    if (!page.complete) {
      const message = 'The files of the folder are not all known yet.'
      throw new StorageError({ code: 'UNAVAILABLE', op: 'erase', store: 'local', message })
    }
  }
}

async function eraseObject(root: Root, store: Store, key: Key, pass: Pass): Promise<string | undefined> {
  const { signal } = pass
  const stat = await store.head(key, { signal }).catch(error => {
    if (StorageError.is(error, 'NOT_FOUND') || StorageError.is(error, 'INTEGRITY')) return undefined
    throw error
  })
  if (stat !== undefined && !pass.isFirst && !isOlder(stat, pass.bound)) return undefined
  if (!pass.dryRun) {
    try {
      const condition = stat !== undefined && !pass.isFirst ? { ifMatch: stat.etag } : {}
      await pass.removing(key, () => store.delete(key, { signal, ...condition }))
    } catch (error) {
      // Somebody has written to it since: that stays.
      if (!StorageError.is(error, 'PRECONDITION_FAILED')) throw error
    }
    if (!(await isRemoved(root, key, signal))) return 'Another process has not removed a file yet.'
  }
  if (stat === undefined) return undefined
  const { size, sha256, writeId: id, path } = stat
  await pass.told({
    key,
    where: 'folder',
    size,
    ...(id !== undefined && { id }),
    ...(sha256 !== undefined && { sha256 }),
    ...(path !== undefined && { path }),
  })
  return undefined
}

/** Waits until nothing is left to be done for earlier versions of a key. */
async function isRemoved(root: Root, key: Key, signal: AbortSignal | undefined): Promise<boolean> {
  const end = performance.now() + WAIT_MS
  for (;;) {
    await root.placer.flush()
    const work = root.ledger.get(key)?.row.work
    if (work === undefined) return true
    if (performance.now() > end) return false
    throwIfAborted(signal, 'erase', key)
    await sleep(LOOK_MS)
  }
}

/** Removes what inspection has held back. */
export async function eraseQuarantine(root: Root, pass: Pass): Promise<void> {
  const settings = { maxBytes: 0, maxAgeMs: undefined, now: () => Date.now() }
  const quarantine = await QuarantineStore.open(root, settings, root.logger)
  const gone = async ({ id, key, size, sha256, path }: QuarantinedFile): Promise<void> => {
    if (!isInScope(pass.scope, key)) return
    pass.met(key)
    await pass.told({ key, where: 'quarantine', id, size, sha256, path })
  }
  // A process may have been killed on it.
  if (!pass.dryRun) for await (const found of quarantine.finishGoing()) await gone(quarantine.seen(found))
  for (const found of quarantine.all()) {
    const file = quarantine.seen(found)
    if (!isInScope(pass.scope, file.key) || (!pass.isFirst && file.at.getTime() > pass.bound.at)) continue
    if (pass.dryRun || (await quarantine.remove(file.id))) await gone(file)
  }
}

/** Removes files that were moved out of the way of objects: their names end with what the key becomes in one. */
export async function eraseDisplaced(root: Root, pass: Pass): Promise<void> {
  const { scope } = pass
  const folder = join(root.ownPath, 'displaced')
  const start = displacedName(scope.prefix)
  const whole = start.slice(-MAX_DISPLACED_NAME)
  for (const entry of await root.files.readFolder(folder)) {
    const name = entry.name.toString()
    const [, of] = /^[0-9a-f-]{36}-(.*)$/.exec(name) ?? []
    if (of === undefined || entry.kind !== 'file') continue
    if (scope.key === undefined ? !of.startsWith(start) : of !== whole) continue
    const path = join(folder, name)
    const { size } = await root.files.lstat(path).catch(error => {
      if (systemCode(error) === 'ENOENT') return { size: 0 }
      throw error
    })
    if (!pass.dryRun) await ifThere(root.files.unlink(path))
    await pass.told({ key: scope.key ?? of, where: 'displaced', size, path })
  }
  if (!pass.dryRun) await root.bytes.syncFolder(folder)
}
