import { StorageError } from '../../core/errors.js'
import type { StampClock } from '../../core/stamp.js'
import type { Store } from '../../core/store.js'
import type { Root } from '../../stores/local/root.js'
import type { S3Store } from '../../stores/s3/store.js'
import { Deletion } from '../deletion.js'
import { storePages } from '../listing.js'
import { eraseInBucket } from './bucket-place.js'
import { eraseDisplaced, eraseObjects, eraseQuarantine } from './folder-place.js'
import type { Eraser, Pass } from './pass.js'

/** Erases what a storage folder holds that is the net of no bucket. */
export function folderEraser(root: Root, store: Store): Eraser {
  return {
    target: undefined,
    bound: () => boundOf(root.clock),
    run: async pass => {
      await eraseQuarantine(root, pass)
      const left = await eraseObjects(root, store, pass)
      await eraseDisplaced(root, pass)
      return left
    },
  }
}

/**
 * Erases what a bucket without a net holds.
 *
 * @param folder the storage folder, if there is one all the same: inspection holds files back in it
 */
export function bucketEraser(store: S3Store, folder: () => Promise<Root | undefined>): Eraser {
  return {
    target: undefined,
    bound: () => {
      const at = Math.max(Date.now(), store.heardTime)
      return { at, stamp: { time: at, sequence: 0, host: '' } }
    },
    run: async pass => {
      const root = await folder()
      if (root !== undefined) {
        await eraseQuarantine(root, pass)
        if (!pass.dryRun) await root.ledger.scrub()
      }
      await deleteAll(store, pass)
      return eraseInBucket(store, pass, () => true)
    },
  }
}

function boundOf(clock: StampClock): ReturnType<Eraser['bound']> {
  return { at: Date.now(), stamp: clock.next() }
}

async function deleteAll(store: S3Store, pass: Pass): Promise<void> {
  const { scope, signal, dryRun, told } = pass
  if (scope.key !== undefined) {
    const stat = await store.head(scope.key, { signal }).catch(error => {
      if (StorageError.is(error, 'NOT_FOUND')) return undefined
      throw error
    })
    if (stat === undefined) return
    if (!dryRun) await store.delete(scope.key, { signal })
    const { key, size, etag, sha256, writeId: id } = stat
    const known = { ...(sha256 !== undefined && { sha256 }), ...(id !== undefined && { id }) }
    if (stat.versionId === undefined) await told({ key, where: 'bucket', size, etag, ...known })
    return
  }
  const versioning = await store.versions.versioning({ signal }).catch(() => 'off')
  const deletion = new Deletion(store, signal)
  for await (const { objects } of storePages(store, { prefix: scope.prefix, signal })) {
    for (const { key, size, etag } of objects) {
      if (!dryRun) await deletion.add(key)
      if (versioning !== 'on') await told({ key, where: 'bucket', size, etag })
    }
  }
  const [failed] = (await deletion.finish()).failed
  if (failed !== undefined) throw failed.error
}
