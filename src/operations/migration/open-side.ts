import { existsSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { type Logger, silentLogger } from '../../core/logger.js'
import type { Store } from '../../core/store.js'
import { attachedTo, refuseWhileDetaching } from '../../failover/attachment.js'
import { LedgerJournal } from '../../failover/ledger-journal.js'
import { withExpiry } from '../../service/expiry/with-expiry.js'
import { openRoot, type Root } from '../../stores/local/root.js'
import { holdsStore } from '../../stores/local/root-files.js'
import { LocalStore } from '../../stores/local/store.js'
import { MemoryStore } from '../../stores/memory.js'
import type { UploadLog } from '../../stores/s3/upload-log.js'
import type { Location } from './location.js'
import { PlainFiles } from './plain-files.js'
import type { Side } from './side.js'
import { StoreSide } from './store-side.js'

/** Parts of one large object that are on their way at once: enough for a server that is far away. */
const PARTS_AT_ONCE = 6

/** What a side is opened for. */
export type Role = 'source' | 'target'

interface OpenOptions {
  readonly role: Role
  /** A target that is not there yet: it may be made, counts as empty, or is a mistake. */
  readonly absent: 'make' | 'empty' | 'refuse'
  readonly uploads?: UploadLog | undefined
  readonly logger?: Logger | undefined
}

/** The name of a place as it is shown: without secrets, and the same for the same place however it was named. */
export async function nameOf(location: Location): Promise<string> {
  switch (location.kind) {
    case 'store':
      return `a ${location.store.kind} store`
    case 'bucket': {
      const { objectStorageBucket: bucket, objectStorageRegion: region } = location.config
      const endpoint = location.config.objectStorageEndpoint
      const at = endpoint === undefined ? `region=${region}` : `endpoint=${new URL(endpoint).origin}`
      return `s3://${bucket}/${location.prefix}?${at}`
    }
    case 'folder':
      return `${location.plain ? 'dir' : 'file'}:${await realPath(location.path)}`
  }
}

/**
 * Opens a place as one side.
 *
 * @throws StorageError `CONFIG_INVALID` if it is not there or of another kind than was said, or for a folder that does
 *   not hold all that it seems to; `UNAVAILABLE` while something waits in the folder that a bucket has as its net
 */
export async function openSide(location: Location, options: OpenOptions): Promise<Side> {
  switch (location.kind) {
    case 'store':
      return storeSide(location.store)
    case 'bucket':
      if (options.role === 'source') await refuseWaiting(location.config)
      return bucketSide(location.config, location.prefix, options)
    case 'folder':
      return folderSide(location, options)
  }
}

function storeSide(store: Store, name = `a ${store.kind} store`): Side {
  return new StoreSide({
    name,
    kind: 'store',
    store,
    isLocal: store.kind !== 's3',
    hasOwnWriteIds: store.kind === 'local',
    verifiesReads: store.kind === 's3',
    // It is its owner's to close.
    close: async () => {},
  })
}

async function bucketSide(config: StorageConfig, prefix: string, options: OpenOptions): Promise<Side> {
  const { makeS3Store } = await import('../../service/s3-backend.js')
  const provider = activeProvider(config)
  const { uploads, logger = silentLogger } = options
  const store = makeS3Store(provider === 'minio' ? 'minio' : 's3', config, logger, {
    uploads,
    concurrency: PARTS_AT_ONCE,
  })
  let asksForTags = true
  return new StoreSide({
    name: await nameOf({ kind: 'bucket', config, prefix }),
    kind: 'bucket',
    store,
    prefix,
    isLocal: false,
    hasOwnWriteIds: false,
    verifiesReads: true,
    // One more is read meanwhile.
    heldBytes: (PARTS_AT_ONCE + 1) * config.objectStoragePartBytes,
    tags: async (key, { signal }) => {
      if (!asksForTags) return undefined
      try {
        const tags = await store.getTags(key, { signal })
        return Object.keys(tags).length === 0 ? undefined : tags
      } catch (error) {
        if (!StorageError.is(error) || !UNREAD.has(error.code)) throw error
        // A server that knows no tags, or lets nobody read them, says so to every question.
        if (error.code !== 'NOT_FOUND') asksForTags = false
        return undefined
      }
    },
    close: async () => {
      await store.close()
    },
    finish: async () => {
      if (uploads !== undefined && (await uploads.orphans()).length > 0) await store.abortOrphans()
    },
  })
}

async function folderSide(
  location: Extract<Location, { kind: 'folder' }>,
  { role, absent, logger }: OpenOptions,
): Promise<Side> {
  const { path, plain, ledgerPath } = location
  const isOurs = holdsStore(path)
  const create = role === 'target' && absent === 'make'
  if (role === 'target' && absent === 'empty' && !existsSync(path)) {
    return storeSide(new MemoryStore(), await nameOf(location))
  }
  if (plain || (!isOurs && !create)) {
    if (isOurs) {
      const message = `${path} is a storage folder, and not all that is in it lies there as a file: name it without "dir:".`
      throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', store: 'local', message })
    }
    if (!create) await requireFolder(path)
    return new PlainFiles(await realPath(path))
  }
  const root = await openRoot({ path, ledgerPath, create, logger })
  try {
    refuseWhileDetaching(root)
    refuseAttached(root)
    const store = await LocalStore.open(root, { logger })
    // Files that were there before are objects too, and a listing is complete when they are known.
    await Promise.all([store.recovered, store.adopted])
    // What was kept expires no more, and what is to expire at the target has to be known there.
    const backend = withExpiry(
      {
        provider: 'local',
        store,
        root,
        spillFolder: root.tmpPath,
        probe: async () => {},
        problems: () => [],
        close: async () => {
          await store.close()
          await root.close()
        },
      },
      { logger: logger ?? silentLogger, now: Date.now },
    )
    return new StoreSide({
      name: `file:${root.path}`,
      kind: 'folder',
      store: backend.store,
      isLocal: true,
      hasOwnWriteIds: true,
      verifiesReads: false,
      close: () => backend.close(),
    })
  } catch (error) {
    await root.close()
    throw error
  }
}

const UNREAD: ReadonlySet<string> = new Set(['PERMISSION_DENIED', 'UNSUPPORTED', 'NOT_FOUND'])

/** A folder that is a bucket's net holds what waits for that, and files from before: not all that its users see. */
function refuseAttached(root: Root): void {
  const target = attachedTo(root)
  if (target === undefined) return
  const message = `The storage folder ${root.path} is the net of ${target}, and does not hold all files by itself. Name the bucket; or part the two first ("holdfast detach").`
  throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', store: 'local', message })
}

/** What waits in the folder of a bucket is not in the bucket yet: a copy of that alone would lack it. */
async function refuseWaiting({ localStoragePath: path, ledgerPath }: StorageConfig): Promise<void> {
  if (!holdsStore(path)) return
  const root = await openRoot({ path, ledgerPath, create: false })
  try {
    const waiting = attachedTo(root) === undefined ? 0 : new LedgerJournal(root.ledger).size()
    if (waiting === 0) return
    const message = `In the storage folder ${path}, ${waiting} uploads or deletes wait for the bucket: bring them there first ("holdfast spool drain").`
    throw new StorageError({ code: 'UNAVAILABLE', op: 'open', message, retryable: false })
  } finally {
    await root.close()
  }
}

async function requireFolder(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) {
    await readdir(path)
    return
  }
  const message = `${path} ${there === undefined ? 'is not there' : 'is no folder'}.`
  throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', store: 'local', message })
}

/** The real path of a folder, also of one that is still to be made. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    return dirname(path) === path ? path : join(await realPath(dirname(path)), basename(path))
  }
}
