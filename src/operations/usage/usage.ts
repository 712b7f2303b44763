import pLimit from 'p-limit'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { silentLogger } from '../../core/logger.js'
import { makeS3Store } from '../../service/s3-backend.js'
import type { Storage } from '../../storage.js'
import type { S3Store } from '../../stores/s3/store.js'
import { versioningOf } from '../versioning.js'
import { eachInRanges, type Position, type RangePage, type RangeReader } from './key-ranges.js'
import type { PriceTable } from './prices.js'
import { type UsageItem, type UsageReport, UsageTally } from './tally.js'

export interface UsageOptions {
  /** The start of the keys; `''` for all. */
  readonly prefix: string
  /** How many segments of a key, behind the prefix, make a group; 1 unless given. */
  readonly depth?: number | undefined
  readonly prices?: PriceTable | undefined
  /** Ranges of a bucket's keys that are listed at once; 4 unless given. */
  readonly concurrency?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told, page by page, how much was counted. */
  readonly onProgress?: ((counted: { files: number; bytes: number }) => void) | undefined
}

/** Uploads whose parts are asked for at once. */
const ASKED_TOGETHER = 8

/**
 * Adds up what the files of a local storage take.
 *
 * @throws StorageError `UNAVAILABLE` if the listing cannot be complete
 */
export async function usageOfFiles(
  storage: Pick<Storage, 'list'>,
  options: UsageOptions,
): Promise<UsageReport> {
  const { prefix, signal } = options
  const count = counter(options)
  for await (const page of storage.list({ prefix, signal }).pages()) {
    if (!page.complete) {
      const message =
        'The listing is incomplete while the store is away; a part of the usage would be no answer.'
      throw new StorageError({ code: 'UNAVAILABLE', op: 'usage', message })
    }
    count.add(page.files.map(file => ({ ...file, kind: 'file' })))
  }
  return count.report()
}

/**
 * Adds up what the configured bucket holds, as the bucket itself has it: files, and what no reader sees and the bill has
 * all the same, which is old versions, delete markers and unfinished uploads. What waits here to be brought there is not in it.
 *
 * @throws StorageError as the bucket answers
 */
export async function usageOfBucket(config: StorageConfig, options: UsageOptions): Promise<UsageReport> {
  const { prefix, concurrency = 4, signal } = options
  const provider = activeProvider(config) === 'minio' ? 'minio' : 's3'
  const store = makeS3Store(provider, config, silentLogger, {})
  try {
    const count = counter(options)
    const notCounted: UsageReport['notCounted'][number][] = []
    const versioning = await unlessDenied(() => versioningOf(store, signal))
    if (versioning === undefined) notCounted.push('oldVersions')
    const reader = readerOf(store, prefix, versioning === 'on' || versioning === 'suspended', signal)
    await eachInRanges(reader, prefix, concurrency, items => count.add(items))
    const uploads = await unlessDenied(() => addUploads(store, prefix, signal, item => count.add([item])))
    if (uploads === undefined) notCounted.push('unfinishedUploads')
    return { ...count.report(), notCounted }
  } finally {
    await store.close()
  }
}

function counter({ prefix, depth = 1, prices, onProgress }: UsageOptions): {
  add: (items: readonly UsageItem[]) => void
  report: () => UsageReport
} {
  const tally = new UsageTally({ at: new Date(), prefix, depth, prices })
  return {
    add: items => {
      let bytes = 0
      for (const item of items) {
        tally.add(item)
        bytes += item.size
      }
      onProgress?.({ files: items.length, bytes })
    },
    report: () => tally.report(),
  }
}

/** How the bucket is listed. */
function readerOf(
  store: S3Store,
  prefix: string,
  withVersions: boolean,
  signal: AbortSignal | undefined,
): RangeReader<UsageItem> {
  const names = async (below: string, after: string): Promise<readonly string[]> => {
    const { objects, prefixes } = await store.list({
      prefix: below,
      delimiter: '/',
      startAfter: after,
      signal,
    })
    return [...objects.map(({ key }) => key), ...prefixes].sort(byCodeUnits)
  }
  return {
    names,
    page: withVersions ? after => versionsPage(store, prefix, after, signal) : filesPage,
  }

  async function filesPage({ key }: Position): Promise<RangePage<UsageItem>> {
    const { objects, next } = await store.list({ prefix, startAfter: key, signal })
    return {
      items: objects.map(({ key, size, lastModified, storageClass }) => ({
        key,
        kind: 'file',
        size,
        lastModified,
        storageClass,
      })),
      next: next === undefined ? undefined : { key: next },
    }
  }
}

/** Only which comes first counts here. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function versionsPage(
  store: S3Store,
  prefix: string,
  { key, versionId = '' }: Position,
  signal: AbortSignal | undefined,
): Promise<RangePage<UsageItem>> {
  const after = key === '' ? undefined : { key, versionId }
  const { versions, next } = await store.versions.list({ prefix, after, signal })
  return {
    items: versions.map(version => ({
      ...version,
      kind: version.isDeleteMarker ? 'delete-marker' : version.isLatest ? 'file' : 'old-version',
    })),
    next,
  }
}

/** What is asked beside the files themselves; undefined where these credentials may not. */
async function unlessDenied<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (StorageError.is(error, 'PERMISSION_DENIED')) return undefined
    throw error
  }
}

/** Multipart uploads that were begun and never ended, with what their parts take. */
async function addUploads(
  store: S3Store,
  prefix: string,
  signal: AbortSignal | undefined,
  add: (item: UsageItem) => void,
): Promise<true> {
  const limit = pLimit(ASKED_TOGETHER)
  const asking = new Set<Promise<void>>()
  for await (const upload of store.unfinishedUploads(prefix, { signal })) {
    const { key, begunAt: lastModified } = upload
    const asked = limit(async () => {
      const size = await store.bytesOfUpload(upload, { signal })
      add({ key, kind: 'unfinished-upload', size, lastModified })
    })
    const done = asked.finally(() => asking.delete(done))
    done.catch(() => {})
    asking.add(done)
    // No more than a page of them waits at any time.
    if (asking.size >= 1000) await Promise.race(asking)
  }
  await Promise.all(asking)
  return true
}
