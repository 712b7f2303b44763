import pLimit from 'p-limit'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { ObjectStat } from '../../core/store.js'
import type { ListedVersion, UnremovedVersion, Versions } from '../../core/versions.js'
import type { S3Store } from '../../stores/s3/store.js'
import { everyVersion } from '../versions.js'
import { isInScope, isOlder, type Pass } from './pass.js'

/** Versions of one request (S3 API, "DeleteObjects"). */
const BATCH = 1000
const CONCURRENCY = 16

/** What of a bucket an erasure needs. */
export type ErasableBucket = Pick<
  S3Store,
  'unfinishedUploads' | 'bytesOfUpload' | 'endUpload' | 'heardTime'
> & {
  readonly versions: Versions
}

/** What is known of a version that is to go. */
interface Doomed {
  readonly version: ListedVersion
  readonly stat: ObjectStat | undefined
}

/**
 * Removes what a bucket has kept of keys whose current objects are gone: old versions, delete markers and the parts of
 * unfinished uploads. A current object is never removed here, where no condition protects a newer one.
 *
 * @param isSettled whether nothing of a key is still on its way to the bucket
 * @returns why something is left; undefined if nothing is
 */
export async function eraseInBucket(
  bucket: ErasableBucket,
  pass: Pass,
  isSettled: (key: Key) => boolean,
): Promise<string | undefined> {
  const left = await eraseVersions(bucket.versions, pass, isSettled)
  await eraseUploads(bucket, pass)
  return left
}

async function eraseVersions(
  versions: Versions,
  pass: Pass,
  isSettled: (key: Key) => boolean,
): Promise<string | undefined> {
  const { scope, signal } = pass
  let left: string | undefined
  let ofKey: ListedVersion[] = []
  const finish = async (): Promise<void> => {
    const [first] = ofKey
    if (first === undefined) return
    pass.met(first.key)
    left = (await eraseKey(versions, pass, ofKey, isSettled(first.key))) ?? left
    ofKey = []
  }
  try {
    for await (const version of everyVersion(versions, scope, { signal })) {
      if (version.key !== ofKey[0]?.key) await finish()
      ofKey.push(version)
      // Of a key with so many, what is old goes at once; what is current stays until the end.
      if (ofKey.length > BATCH) ofKey = await eraseSome(versions, pass, ofKey, isSettled(version.key))
    }
    await finish()
  } catch (error) {
    // A server that keeps no versions has none of them to list.
    if (!StorageError.is(error, 'UNSUPPORTED')) throw error
  }
  return left
}

/** Removes the old contents among these. @returns what is to be seen to at the end of the key */
async function eraseSome(
  versions: Versions,
  pass: Pass,
  ofKey: readonly ListedVersion[],
  settled: boolean,
): Promise<ListedVersion[]> {
  if (!settled) return ofKey.slice(0, 1)
  const contents = ofKey.filter(({ isLatest, isDeleteMarker }) => !isLatest && !isDeleteMarker)
  const { unremoved, newer } = await removeOlder(versions, pass, contents, deletedOf(pass, ofKey))
  const [failed] = unremoved
  if (failed !== undefined) throw failed.error
  // One that stays tells at the end that there is one.
  return [...ofKey.filter(version => !contents.includes(version)), ...newer.slice(0, 1)]
}

async function eraseKey(
  versions: Versions,
  pass: Pass,
  ofKey: readonly ListedVersion[],
  settled: boolean,
): Promise<string | undefined> {
  const { signal } = pass
  if (!settled) return 'A request for the key may still be on its way to the bucket.'
  const contents = ofKey.filter(({ isDeleteMarker }) => !isDeleteMarker)
  const current = contents.find(({ isLatest }) => isLatest)
  const { unremoved, newer } = await removeOlder(
    versions,
    pass,
    contents.filter(version => version !== current),
    deletedOf(pass, ofKey),
  )
  const [failed] = unremoved
  if (failed !== undefined) return reasonOf(failed.error)
  if (current !== undefined) {
    const stat = await headOf(versions, current, signal)
    if (stat === undefined || isOlder(stat, pass.bound)) {
      if (!pass.dryRun) return 'The bucket still has a current object that is to go.'
      await tell(pass, { version: current, stat })
    }
    return undefined
  }
  // Below a marker nothing is left that would come back without it, unless it is newer.
  if (newer.length > 0) return undefined
  const markers = ofKey.filter(({ isDeleteMarker }) => isDeleteMarker)
  const [stuck] = await remove(
    versions,
    pass,
    markers.map(version => ({ version, stat: undefined })),
  )
  return stuck === undefined ? undefined : reasonOf(stuck.error)
}

/** What lies below a delete marker right after the request's own delete: it was there before, whatever its date says. */
function deletedOf({ isFirst }: Pass, ofKey: readonly ListedVersion[]): ReadonlySet<ListedVersion> {
  const marker = ofKey.findIndex(({ isDeleteMarker }) => isDeleteMarker)
  return new Set(isFirst && marker !== -1 ? ofKey.slice(marker) : [])
}

async function removeOlder(
  versions: Versions,
  pass: Pass,
  contents: readonly ListedVersion[],
  deleted: ReadonlySet<ListedVersion>,
): Promise<{ unremoved: readonly UnremovedVersion[]; newer: readonly ListedVersion[] }> {
  const limit = pLimit(CONCURRENCY)
  const known = await Promise.all(
    contents.map(version =>
      limit(async () => ({ version, stat: await headOf(versions, version, pass.signal) })),
    ),
  )
  const isGoing = ({ version, stat }: Doomed): boolean =>
    stat === undefined || deleted.has(version) || isOlder(stat, pass.bound)
  const unremoved = await remove(versions, pass, known.filter(isGoing))
  return { unremoved, newer: known.filter(doomed => !isGoing(doomed)).map(({ version }) => version) }
}

async function remove(
  versions: Versions,
  pass: Pass,
  doomed: readonly Doomed[],
): Promise<readonly UnremovedVersion[]> {
  const names = doomed.map(({ version }) => version)
  const unremoved =
    pass.dryRun || names.length === 0 ? [] : await versions.remove(names, { signal: pass.signal })
  const stuck = new Set(unremoved.map(({ versionId }) => versionId))
  for (const one of doomed) if (!stuck.has(one.version.versionId)) await tell(pass, one)
  return unremoved
}

function tell(pass: Pass, { version, stat }: Doomed): Promise<void> {
  const { key, versionId: id, isDeleteMarker, size, etag } = version
  const content = isDeleteMarker
    ? {}
    : { size, etag, ...(stat?.sha256 !== undefined && { sha256: stat.sha256 }) }
  return pass.told({ key, where: 'bucket', id, ...content })
}

/** @returns undefined for a version that is gone */
async function headOf(
  versions: Versions,
  { key, versionId }: ListedVersion,
  signal: AbortSignal | undefined,
): Promise<ObjectStat | undefined> {
  try {
    return await versions.head(key, versionId, { signal })
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

async function eraseUploads(bucket: ErasableBucket, pass: Pass): Promise<void> {
  const { scope, bound, signal } = pass
  try {
    for await (const upload of bucket.unfinishedUploads(scope.prefix, { signal })) {
      const { key, uploadId: id, begunAt } = upload
      if (!isInScope(scope, key) || begunAt.getTime() > bound.at) continue
      const size = await bucket.bytesOfUpload(upload, { signal })
      if (!pass.dryRun) await bucket.endUpload(upload, { signal })
      pass.met(key)
      await pass.told({ key, where: 'upload', id, size })
    }
  } catch (error) {
    if (!StorageError.is(error, 'UNSUPPORTED')) throw error
  }
}

/** Why something is left that an error has kept. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
