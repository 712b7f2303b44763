import { activeProvider, completeConfig, loadConfig, type StorageConfig } from '../../config.js'
import { concurrently } from '../../core/concurrently.js'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import { silentLogger } from '../../core/logger.js'
import type { ListedObject, Store, StorePage } from '../../core/store.js'
import { type Backend, openBackend } from '../../service/backend.js'
import { holdsStore } from '../../stores/local/root-files.js'
import { paceOf } from '../pace.js'
import { deleteUnchanged } from './delete-unchanged.js'
import { Failures } from './failures.js'
import { nameOf } from './open-side.js'
import { Patience } from './patience.js'
import { parseSelection } from './selection.js'
import type { MigrateOptions, MigrationReport, ObjectFailure, TwoStoresOptions } from './types.js'

/** What works on the storage folder and the bucket of one configuration, while services use both. */
export interface LiveOptions extends Omit<TwoStoresOptions, 'from' | 'to' | 'bandwidth'> {
  /** Only tell what would be done. */
  dryRun?: boolean | undefined
}

/** What giving up the folder's own copies came to. */
export interface CutoverReport {
  readonly dryRun: boolean
  /** Copies that were, or would be, removed: the bucket holds the very same. */
  readonly removed: number
  readonly removedBytes: number
  /** Files that stay, because the bucket has nothing or another under their key. */
  readonly left: number
  readonly failed: number
  readonly failures: readonly ObjectFailure[]
  readonly seconds: number
}

/** Whether a bucket is configured, with a storage folder beside it that is one of ours. */
export function hasNet(config: StorageConfig): boolean {
  return activeProvider(config) !== 'local' && holdsStore(config.localStoragePath)
}

/**
 * Brings the files that a storage folder holds from before its bucket there, while services go on with both: they read
 * the bucket, and the folder where that has nothing. A delete or an overwrite is never undone by it. The copies in the
 * folder stay, until {@link cutover}. What the bucket has under a key already is what is read, and stays.
 *
 * @throws StorageError `CONFIG_INVALID` if no bucket with a storage folder is configured; what the bucket answers that is given up
 */
export async function migrateLive(options: MigrateOptions = {}): Promise<MigrationReport> {
  refuseUnfit(options)
  const { dryRun = false, signal, onObject } = options
  return withFolder(options, async ({ config, legacy, handOver }, each) => {
    const done = {
      copied: 0,
      copiedBytes: 0,
      unchanged: 0,
      kept: 0,
      verified: 0,
      verifiedBytes: 0,
      vanished: 0,
    }
    void countAhead(legacy, options)
    const ended = await each(async ({ key, size }) => {
      const how = await handOver(key, { bring: !dryRun, signal })
      if (how === 'gone') done.vanished++
      else if (how === 'shadowed') {
        done.kept++
        onObject?.({ key, size, action: 'kept' })
      } else {
        if (how !== 'absent') {
          done.verified++
          done.verifiedBytes += size
        }
        if (how === 'same') done.unchanged++
        else {
          done.copied++
          done.copiedBytes += size
          onObject?.({ key, size, action: 'copied' })
        }
      }
    })
    const [from, to] = await Promise.all([
      nameOf({ kind: 'folder', path: config.localStoragePath, plain: false }),
      nameOf({ kind: 'bucket', config, prefix: '' }),
    ])
    const none = { replaced: 0, changed: 0, unsettled: 0, deleted: 0, links: 0 }
    return { from, to, dryRun, ...done, ...none, ...ended }
  })
}

/** What would need the two stores for itself. */
function refuseUnfit({ verify, existing, bandwidth }: MigrateOptions): void {
  const what =
    verify === true
      ? 'verify'
      : bandwidth !== undefined
        ? 'bandwidth'
        : existing === 'replace'
          ? 'existing: replace'
          : undefined
  if (what === undefined) return
  const message = `While services use the folder and the bucket, there is no ${what}: the bucket is what is read. Name two stores (from, to), or leave it out.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'migrate', message })
}

/**
 * Removes from the folder the copies of which the bucket is proven to hold the very same: the same write, of the same
 * size and SHA-256. From then on the bucket alone is read for them.
 */
export async function cutover(options: LiveOptions = {}): Promise<CutoverReport> {
  const { dryRun = false, signal } = options
  return withFolder(options, async ({ legacy, handOver }, each) => {
    const done = { removed: 0, removedBytes: 0, left: 0 }
    void countAhead(legacy, options)
    const ended = await each(async object => {
      // The bucket itself is asked: whoever reads through the folder would be shown the copy.
      const how = await handOver(object.key, { bring: false, signal })
      if (how === 'absent' || how === 'shadowed') done.left++
      // A copy of what was written anew or deleted goes by that.
      if (how !== 'same' || (!dryRun && !(await deleteUnchanged(legacy, object, signal)))) return
      done.removed++
      done.removedBytes += object.size
    })
    return { dryRun, ...done, ...ended }
  })
}

interface Folder {
  readonly config: StorageConfig
  readonly legacy: Store
  readonly handOver: NonNullable<Backend['handOver']>
}

type Each = (see: (object: ListedObject) => Promise<void>) => Promise<{
  failed: number
  failures: readonly ObjectFailure[]
  seconds: number
}>

/** Opens the configured bucket with its folder, as the service does, and goes through the folder's own files. */
async function withFolder<T>(
  options: LiveOptions,
  work: (folder: Folder, each: Each) => Promise<T>,
): Promise<T> {
  const { signal, logger = silentLogger, onProgress } = options
  throwIfAborted(signal, 'migrate')
  const { concurrency, patienceMs } = paceOf('migrate', options)
  const config: StorageConfig = options.config === undefined ? loadConfig() : completeConfig(options.config)
  const selected = parseSelection(options)
  const listener = { changed: () => {}, wants: () => false, tell: () => {} }
  const backend = await openBackend(config, { logger, listener, create: false, now: Date.now })
  try {
    const { legacy, handOver } = backend
    if (legacy === undefined || handOver === undefined) throw noFolder(config)
    const each: Each = async see => {
      const started = performance.now()
      const failures = new Failures()
      const patience = new Patience(patienceMs, signal)
      await concurrently(filesOf(legacy, selected), concurrency, async object => {
        try {
          await patience.run(() => see(object))
          failures.succeeded()
        } catch (error) {
          if (!signal?.aborted && !StorageError.is(error, 'NOT_FOUND')) failures.add(object.key, error)
        }
        onProgress?.({ files: 1, bytes: object.size })
        return patience.lost === undefined && failures.hopeless === undefined && !signal?.aborted
      })
      throwIfAborted(signal, 'migrate')
      const trouble = patience.lost ?? failures.hopeless
      if (trouble !== undefined) throw trouble
      const seconds = (performance.now() - started) / 1000
      return { failed: failures.count, failures: failures.listed, seconds }
    }
    return await work({ config, legacy, handOver }, each)
  } finally {
    await backend.close()
  }
}

async function* filesOf(
  legacy: Store,
  { prefix, matches }: ReturnType<typeof parseSelection>,
): AsyncGenerator<ListedObject, void, void> {
  let startAfter: string | undefined
  do {
    const page: StorePage = await legacy.list({ prefix, startAfter })
    if (!page.complete) throw stillLooking()
    for (const object of page.objects) if (matches(object.key)) yield object
    startAfter = page.next
  } while (startAfter !== undefined)
}

async function countAhead(legacy: Store, { onTotal, ...options }: LiveOptions): Promise<void> {
  if (onTotal === undefined) return
  let [files, bytes] = [0, 0]
  try {
    for await (const { size } of filesOf(legacy, parseSelection(options))) {
      files++
      bytes += size
    }
    onTotal({ files, bytes })
  } catch {
    // Told by the work itself.
  }
}

function noFolder({ objectStorageEnabled }: StorageConfig): StorageError {
  const message = objectStorageEnabled
    ? 'The configured bucket has no storage folder beside it, whose files could be brought there. Name two stores: --from and --to.'
    : 'Object storage is off: there is no bucket to bring the files of the storage folder to. Switch it on, or name two stores: --from and --to.'
  return new StorageError({ code: 'CONFIG_INVALID', op: 'migrate', message })
}

function stillLooking(): StorageError {
  const message = 'The storage folder is still being looked through for files that were there before.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'migrate', message })
}
