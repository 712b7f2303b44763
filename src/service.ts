import { EventEmitter } from 'node:events'
import { completeConfig, loadConfig, type StorageConfig } from './config.js'
import { type Attributes, parseAttributes, parseTags } from './core/attributes.js'
import { chooseContentType, PROOF_BYTES } from './core/content-type.js'
import { StorageError } from './core/errors.js'
import { encodeKey, type Key, parseKey, parsePrefix } from './core/key.js'
import { type LimitedLogger, limitLines } from './core/limited-logger.js'
import { type Logger, silentLogger } from './core/logger.js'
import { type Content, openSource, type Source } from './core/source.js'
import { parseStorageClass } from './core/storage-class.js'
import type { Store } from './core/store.js'
import { changeStorageClass, setTagsOf, tagsOf, thawObject } from './service/ageing.js'
import {
  checkCloseOptions,
  checkCondition,
  checkEncodings,
  checkMaxBytes,
  checkOptions,
  checkReadOptions,
  checkServiceOptions,
  checkString,
  checkWord,
  parseSha256,
} from './service/arguments.js'
import { type Backend, givenBackend, openBackend } from './service/backend.js'
import { Calls, closedError } from './service/calls.js'
import { clamav } from './service/clamav.js'
import { compressUpload, parseCompression, type Upload, UploadProgress } from './service/compressing.js'
import { copyObject, deleteMoved } from './service/copying.js'
import { Deletion, givenKeys } from './service/deletion.js'
import { erasingOf, parseErasedPrefix } from './service/erasure/arguments.js'
import { parseCopyExpiry, parseExpiry } from './service/expiry/expiry.js'
import { Health, isFallback } from './service/health.js'
import { type InspectedOrigin, Inspector } from './service/inspecting.js'
import { listing, storePages } from './service/listing.js'
import { StoredFile } from './service/opened-file.js'
import { presignInspected, presignRequest } from './service/presign.js'
import { purgeVersions } from './service/purge.js'
import { QuarantineDesk } from './service/quarantine-desk.js'
import { parseLimits, QuotaAdministration } from './service/quotas/administration.js'
import type { Quotas } from './service/quotas/quotas.js'
import { openContent } from './service/reading.js'
import { fileStat, uploadResult } from './service/results.js'
import { PrefixScope, type ScopeQuotas } from './service/scope.js'
import { parseScopePrefix } from './service/scope-prefix.js'
import { Tally } from './service/tally.js'
import { storeGzipped, type UploadCompressedOptions } from './service/upload-compressed.js'
import { readerOf, restoreVersion, versionListing } from './service/versions.js'
import type {
  CallOptions,
  CopyFileOptions,
  DeleteReport,
  EraseOptions,
  EraseReceipt,
  ErasingStorage,
  ExpiryReport,
  FileStat,
  FileVersion,
  ImportReport,
  Inspect,
  KeyList,
  ListFilesOptions,
  Listing,
  ListVersionsOptions,
  LocatedFile,
  OpenedFile,
  OpenOptions,
  OwedErasure,
  PresignUrlOptions,
  Problem,
  PurgeReport,
  PurgeVersionsOptions,
  Quarantine,
  QuotaLimits,
  QuotaUsage,
  ReadOptions,
  RestoreOptions,
  Scope,
  SignedAccess,
  StatOptions,
  Storage,
  StorageActivity,
  StorageEvents,
  StorageLifecycle,
  StorageMetrics,
  StorageQuotas,
  StorageStatus,
  ThawFileOptions,
  UploadOptions,
  UploadResult,
  VersionedStorage,
  VersionsOf,
} from './storage.js'

export interface StorageServiceOptions {
  /** The configuration in code: what is given counts, defaults for the rest. Read from the environment unless given. */
  readonly config?: Partial<StorageConfig> | undefined
  /** A pino logger, or anything of its shape. Silent unless given. */
  readonly logger?: Logger | undefined
  /** Whether a storage folder that is not there yet may be made; true unless given. */
  readonly create?: boolean | undefined
  /** What the time is, in milliseconds since the epoch, by which files expire: for tests. `Date.now` unless given. */
  readonly now?: (() => number) | undefined
  /** A store of one's own in place of the configured one, such as a `MemoryStore` in tests. It is closed with the service. */
  readonly store?: Store | undefined
  /**
   * Judges content before it is stored, in the place of what `CLAMD_ADDRESS` names. All of it, whichever way it comes;
   * copies within the store, and files that were in the storage folder before, are not judged.
   */
  readonly inspect?: Inspect | undefined
}

const DEFAULT_DRAIN_MS = 5000

/**
 * The storage of an application: local files, Amazon S3, MinIO or another S3-compatible server behind one API.
 *
 * Making one touches nothing; the first call (or {@link ready}) opens the store. A store that could not be
 * opened is tried again by the next call.
 */
export class StorageService
  extends EventEmitter<StorageEvents>
  implements Storage, VersionedStorage, ErasingStorage, StorageLifecycle
{
  readonly config: StorageConfig
  /** What may lie below prefixes, and what does. */
  readonly quotas: StorageQuotas
  readonly #logger: LimitedLogger
  readonly #now: () => number
  readonly #openBackend: () => Promise<Backend>
  readonly #health: Health
  readonly #calls: Calls
  readonly #tally = new Tally()
  readonly #inspector: Inspector | undefined
  #desk: QuarantineDesk | undefined
  readonly #scopeQuotas: ScopeQuotas
  #backend: Backend | undefined
  #opening: Promise<Backend> | undefined
  #closing: Promise<{ pending: number }> | undefined
  #drained = false

  /** @throws StorageError `CONFIG_INVALID` that names every wrong setting, `INVALID_ARGUMENT` for other wrong options */
  constructor(options: StorageServiceOptions = {}) {
    super()
    checkServiceOptions(options)
    this.config = options.config === undefined ? loadConfig() : completeConfig(options.config)
    this.#logger = limitLines(options.logger ?? silentLogger)
    const { store, create = true, now = Date.now } = options
    this.#now = now
    const logger = this.#logger
    this.#openBackend =
      store === undefined
        ? () => openBackend(this.config, { logger, listener: this.#health, create, now })
        : async () => givenBackend(store, { logger, now })
    this.#health = new Health(this.config, this, logger, () => this.#inspector)
    const inspect = options.inspect ?? configuredInspect(this.config)
    if (inspect !== undefined) {
      const { inspectTimeoutMs: timeoutMs, inspectOnFailure: onFailure } = this.config
      this.#inspector = new Inspector(inspect, { timeoutMs, onFailure }, this.#health, logger)
    }
    this.quotas = new QuotaAdministration(
      () => this.#openQuotas(),
      () => this.#calls.running > 0,
    )
    this.#scopeQuotas = {
      declare: (prefix, limits, options) => this.#declareQuota(prefix, limits, options),
      usage: (prefix, options) => this.#usage(prefix, options),
    }
    this.#calls = new Calls((op, error, startedAt) => {
      this.#tally.record(op, error, startedAt)
      this.#health.record(op, error)
    })
  }

  ready(options?: CallOptions): Promise<void> {
    return this.#calls.run('ready', options, async signal => {
      const backend = await this.#open()
      await Promise.all([backend.probe(signal), this.#inspector?.look(backend)])
      const grave = backend.problems().find(problem => problem.severity === 'error')
      if (grave !== undefined) throw unusable(grave)
    })
  }

  uploadFile(content: Content, key: string, options: UploadOptions | string = {}): Promise<UploadResult> {
    return this.uploadMade(content, key, typeof options === 'string' ? { contentType: options } : options)
  }

  /**
   * @internal {@link uploadFile}, of content that was made of something else
   * @param origin what it was made of, which is inspected in its place
   */
  uploadMade(
    content: Content,
    key: string,
    given: UploadOptions,
    origin?: InspectedOrigin,
  ): Promise<UploadResult> {
    return this.#calls.run('put', given, async signal => {
      const parsed = parseKey(key, 'put')
      checkCondition('put', given)
      checkWord('put', 'durability', given.durability, ['any', 'primary'])
      checkWord('put', 'onUnknown', given.onUnknown, ['reject', 'accept'])
      const sha256 = parseSha256(given.sha256)
      const expiresAt = parseExpiry('put', given, this.#now())
      const parsedAttributes = parseAttributes(given)
      const stated = expiresAt === undefined ? parsedAttributes : { ...parsedAttributes, expiresAt }
      const compression = parseCompression(given)
      const inspector = this.#inspector
      const progress =
        compression === undefined && inspector === undefined
          ? undefined
          : new UploadProgress(given.onProgress)
      const source = await openSource(content, {
        size: given.size,
        maxBytes: given.maxBytes,
        signal,
        onProgress: progress === undefined ? given.onProgress : progress.ofContent,
      })
      let plain: Upload | undefined
      let stored: Upload | undefined
      try {
        const attributes =
          given.contentType === undefined
            ? await withProvenType(stated, given.fileName ?? parsed, source)
            : stated
        const backend = await this.#open()
        plain = { source, attributes, sha256 }
        if (inspector !== undefined && progress !== undefined)
          plain = await inspector.pass(plain, { key: parsed, backend, progress, signal, given, origin })
        const { spillFolder } = backend
        stored =
          compression === undefined || progress === undefined
            ? plain
            : await compressUpload(plain, { compression, progress, spillFolder, signal })
        const { ifMatch, ifNoneMatch, durability, onUnknown } = given
        const stat = await backend.store.put(parsed, stored.source, {
          attributes: stored.attributes,
          sha256: stored.sha256,
          ifMatch,
          ifNoneMatch,
          durability,
          onUnknown,
          signal,
        })
        return uploadResult(backend, this.config, stat)
      } finally {
        const made = stored?.source
        if (made !== undefined && made !== source) await made.close()
        const kept = plain?.source
        if (kept !== undefined && kept !== source && kept !== made) await kept.close()
        await source.close()
      }
    })
  }

  async downloadFile(
    key: string,
    options: ReadOptions & { maxBytes?: number | undefined } = {},
  ): Promise<Buffer | null> {
    try {
      return await this.#calls.run('get', options, async signal => {
        const parsed = parseKey(key, 'get')
        checkReadOptions(options)
        checkMaxBytes('get', options.maxBytes)
        const { range, ifMatch, ifNoneMatch, versionId } = options
        const reader = readerOf(await this.#open(), 'get', versionId, options)
        const { object } = await openContent(reader, parsed, { range, ifMatch, ifNoneMatch, signal })
        return object.body.bytes(options.maxBytes)
      })
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return null
      throw error
    }
  }

  openFile(key: string, options: OpenOptions = {}): Promise<OpenedFile> {
    return this.#calls.run('get', options, async signal => {
      const parsed = parseKey(key, 'get')
      checkReadOptions(options)
      const { range, ifMatch, ifNoneMatch, acceptEncodings, versionId } = options
      checkEncodings('get', acceptEncodings)
      const reader = readerOf(await this.#open(), 'get', versionId, options)
      const given = { range, ifMatch, ifNoneMatch, signal }
      const { object, encoding } = await openContent(reader, parsed, given, acceptEncodings)
      return new StoredFile({ ...object, stat: fileStat(object.stat), encoding })
    })
  }

  statFile(key: string, options?: StatOptions): Promise<FileStat> {
    return this.#calls.run('head', options, async signal => {
      const parsed = parseKey(key, 'head')
      const reader = readerOf(await this.#open(), 'head', options?.versionId)
      return fileStat(await reader.head(parsed, { signal }))
    })
  }

  async fileExists(key: string, options?: CallOptions): Promise<boolean> {
    try {
      await this.statFile(key, options)
      return true
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return false
      throw error
    }
  }

  deleteFile(key: string, options: CallOptions & { ifMatch?: string | undefined } = {}): Promise<boolean> {
    return this.#calls.run('delete', options, async signal => {
      const parsed = parseKey(key, 'delete')
      checkCondition('delete', { ifMatch: options.ifMatch })
      const { store } = await this.#open()
      return store.delete(parsed, { ifMatch: options.ifMatch, signal })
    })
  }

  deleteFiles(keys: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<DeleteReport> {
    const call = async (signal: AbortSignal | undefined): Promise<DeleteReport> => {
      const given = givenKeys(keys, signal)
      const { store } = await this.#open()
      const deletion = new Deletion(store, signal)
      for await (const key of given) await deletion.add(key)
      return deletion.finish()
    }
    return this.#calls.run('delete', options, call, firstFailure)
  }

  deletePrefix(prefix: string, options?: CallOptions): Promise<DeleteReport> {
    const call = async (signal: AbortSignal | undefined): Promise<DeleteReport> => {
      const parsed = parsePrefix(prefix, 'delete')
      if (parsed === '') {
        const message =
          "Invalid prefix '': deleting everything takes more than an empty string; accepted: the start of the keys to delete."
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'delete', message })
      }
      const { store } = await this.#open()
      const deletion = new Deletion(store, signal)
      for await (const page of storePages(store, { prefix: parsed, signal })) {
        if (!page.complete) {
          const message = `The listing of ${parsed} is incomplete while the store is away; nothing more was deleted.`
          throw new StorageError({ code: 'UNAVAILABLE', op: 'delete', message })
        }
        for (const object of page.objects) await deletion.add(object.key)
      }
      return deletion.finish()
    }
    return this.#calls.run('delete', options, call, firstFailure)
  }

  copyFile(from: string, to: string, options: CopyFileOptions = {}): Promise<UploadResult> {
    return this.#calls.run('copy', options, async signal => {
      const source = parseKey(from, 'copy')
      const target = parseKey(to, 'copy')
      checkCondition('copy', options)
      const backend = await this.#open()
      const expiresAt = parseCopyExpiry('copy', options, this.#now())
      const copy = await copyObject(backend.store, source, target, { ...options, expiresAt }, signal)
      return uploadResult(backend, this.config, copy)
    })
  }

  moveFile(from: string, to: string, options: CopyFileOptions = {}): Promise<UploadResult> {
    return this.#calls.run('move', options, async signal => {
      const source = parseKey(from, 'move')
      const target = parseKey(to, 'move')
      if (source === target) {
        const message = `A file cannot be moved onto itself (${source}); accepted: another key.`
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'move', key: source, message })
      }
      checkCondition('move', options)
      const backend = await this.#open()
      const { store } = backend
      const expiresAt = parseCopyExpiry('move', options, this.#now())
      const before = await store.head(source, { signal })
      const copy = await copyObject(store, source, target, { ...options, expiresAt }, signal, before)
      await deleteMoved(store, source, before.etag, signal)
      return uploadResult(backend, this.config, copy)
    })
  }

  keepFile(key: string, options?: CallOptions): Promise<FileStat> {
    return this.#calls.run('keep', options, async signal => {
      const parsed = parseKey(key, 'keep')
      const backend = await this.#open()
      return fileStat(await backend.keep(parsed, { signal }))
    })
  }

  getFileTags(key: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return this.#calls.run('tags', options, async signal => {
      const parsed = parseKey(key, 'tags')
      return tagsOf((await this.#open()).store, parsed, { signal })
    })
  }

  setFileTags(key: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void> {
    return this.#calls.run('tags', options, async signal => {
      const parsed = parseKey(key, 'tags')
      const given = parseTags(tags, 'tags')
      return setTagsOf((await this.#open()).store, parsed, given, { signal })
    })
  }

  setStorageClass(
    key: string,
    storageClass: string,
    options: CallOptions & { ifMatch?: string | undefined } = {},
  ): Promise<FileStat> {
    return this.#calls.run('class', options, async signal => {
      const parsed = parseKey(key, 'class')
      const to = parseStorageClass(storageClass, 'class')
      const { ifMatch } = options
      checkCondition('class', { ifMatch })
      return fileStat(await changeStorageClass((await this.#open()).store, parsed, to, ifMatch, signal))
    })
  }

  thawFile(key: string, options: ThawFileOptions = {}): Promise<FileStat> {
    return this.#calls.run('thaw', options, async signal => {
      const parsed = parseKey(key, 'thaw')
      return fileStat(await thawObject((await this.#open()).store, parsed, options, signal))
    })
  }

  list(options: ListFilesOptions = {}): Listing {
    return listing(options, (op, call) =>
      this.#calls.run(op, options, async signal => call((await this.#open()).store, signal)),
    )
  }

  async listFiles(prefix = '', options: CallOptions = {}): Promise<KeyList> {
    checkOptions('list', options)
    const keys: string[] = []
    let complete = true
    for await (const page of this.list({ ...options, prefix }).pages()) {
      for (const file of page.files) keys.push(file.key)
      complete = page.complete
    }
    return Object.assign(keys, { complete })
  }

  urlFor(key: string): string {
    return `/uploads/${encodeKey(parseKey(key, 'urlFor'))}`
  }

  generatePresignedUrl(key: string, options: number | PresignUrlOptions = {}): Promise<string> {
    const given = typeof options === 'number' ? { expiresInSeconds: options } : options
    return this.#calls.run('presign', undefined, async () => {
      const parsed = parseKey(key, 'presign')
      const request = presignRequest(given)
      const backend = await this.#open()
      const { store } = backend
      if (this.#inspector !== undefined && request.method === 'PUT')
        return presignInspected(backend, parsed, request)
      if (store.presign === undefined) {
        throw new StorageError({
          code: 'UNSUPPORTED',
          op: 'presign',
          message: `The ${store.kind} store signs no URLs.`,
        })
      }
      return store.presign(parsed, request)
    })
  }

  getStorageMetrics(options: CallOptions & { prefix?: string | undefined } = {}): Promise<StorageMetrics> {
    return this.#calls.run('list', options, async signal => {
      const prefix = parsePrefix(options.prefix === undefined ? '' : options.prefix)
      const backend = await this.#open()
      let { count, bytes } = { count: 0, bytes: 0 }
      if (prefix === '' && backend.metrics !== undefined) {
        ;({ count, bytes } = await backend.metrics())
      } else {
        for await (const page of storePages(backend.store, { prefix, signal })) {
          count += page.objects.length
          for (const object of page.objects) bytes += object.size
        }
      }
      const totals = { totalSizeBytes: bytes, totalSizeMb: bytes / 1024 / 1024, fileCount: count }
      return backend.provider === 'local'
        ? { provider: 'local', ...totals }
        : { provider: backend.provider, bucket: this.config.objectStorageBucket, ...totals }
    })
  }

  scope(prefix: string, limits?: QuotaLimits): Scope {
    return new PrefixScope(this, this.#scopeQuotas, parseScopePrefix(prefix), parseLimits(limits))
  }

  listVersions(of: VersionsOf, options?: ListVersionsOptions): AsyncIterable<FileVersion> {
    return versionListing(of, options, step =>
      this.#calls.run('list', options, async signal => step(await this.#open(), signal)),
    )
  }

  restoreVersion(key: string, options: RestoreOptions = {}): Promise<UploadResult> {
    return this.#calls.run('restore', options, async signal => {
      const parsed = parseKey(key, 'restore')
      const backend = await this.#open()
      const stat = await restoreVersion(backend, parsed, options.versionId, { signal })
      return uploadResult(backend, this.config, stat)
    })
  }

  purgeVersions(of: VersionsOf, options: PurgeVersionsOptions = {}): Promise<PurgeReport> {
    return this.#calls.run('purge', options, async signal =>
      purgeVersions(await this.#open(), of, options, signal),
    )
  }

  /** The files that inspection holds back; for operators. Also where nothing is inspected any more. */
  get quarantine(): Quarantine {
    this.#desk ??= new QuarantineDesk({
      run: (op, options, call) => this.#calls.run(op, options, call),
      open: () => this.#open(),
      resultOf: (backend, stat) => uploadResult(backend, this.config, stat),
    })
    return this.#desk
  }

  eraseFile(key: string, options: EraseOptions = {}): Promise<EraseReceipt> {
    return this.#calls.run('erase', options, async signal => {
      const parsed = parseKey(key, 'erase')
      const backend = await this.#open()
      return erasingOf(backend).erase({ key: parsed, prefix: parsed }, options, signal)
    })
  }

  erasePrefix(prefix: string, options: EraseOptions = {}): Promise<EraseReceipt> {
    return this.#calls.run('erase', options, async signal => {
      const parsed = parseErasedPrefix(prefix)
      const backend = await this.#open()
      return erasingOf(backend).erase({ key: undefined, prefix: parsed }, options, signal)
    })
  }

  async *erasures(options?: CallOptions): AsyncGenerator<OwedErasure, void, void> {
    yield* await this.#calls.run('erase', options, async () => erasingOf(await this.#open()).receipts())
  }

  giveUpErasure(id: string, options?: CallOptions): Promise<EraseReceipt> {
    return this.#calls.run('erase', options, async () => erasingOf(await this.#open()).giveUp(id))
  }

  forgetErasure(id: string, options?: CallOptions): Promise<void> {
    return this.#calls.run('erase', options, async () => erasingOf(await this.#open()).forget(id))
  }

  getStatus(): StorageStatus {
    return this.#health.status()
  }

  getActivity(): StorageActivity {
    const failover = this.#backend?.activity?.()
    const inspection = this.#inspector?.activity
    const removed = this.#backend?.expired()
    return {
      operations: this.#tally.operations,
      ...(failover !== undefined && { failover }),
      ...(inspection !== undefined && { inspection }),
      ...(removed !== undefined && { expiry: { removed } }),
    }
  }

  async close(options: { drainMs?: number | undefined } = {}): Promise<{ pending: number }> {
    checkCloseOptions(options)
    this.#closing ??= this.#close(options.drainMs ?? DEFAULT_DRAIN_MS)
    return this.#closing
  }

  async #close(drainMs: number): Promise<{ pending: number }> {
    const left = await this.#calls.close(drainMs)
    if (left > 0) this.#logger.warn({ calls: left }, 'Closing with calls still under way')
    this.#drained = true
    try {
      const backend = this.#backend ?? (await this.#opening?.catch(() => undefined))
      const pending = backend?.failover?.().pending ?? 0
      await this.#inspector?.close()
      await backend?.close()
      return { pending }
    } finally {
      this.#health.closed()
      this.#logger.flush()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /**
   * Takes files that lie in the storage folder without being known as objects: those under `path` (a file or a
   * folder in it), or all. Only on local storage, else `UNSUPPORTED`.
   */
  importFiles(path?: string, options?: CallOptions): Promise<ImportReport> {
    return this.#calls.run('import', options, async signal => {
      checkString('import', 'path', path, 'a path')
      const backend = await this.#open()
      if (backend.importFiles !== undefined) return backend.importFiles(path, signal, this.#admission(signal))
      const message = 'Only local storage has files to import; the configured provider is an object store.'
      throw new StorageError({ code: 'UNSUPPORTED', op: 'import', message })
    })
  }

  /**
   * Removes what has expired at once, where it would be removed soon. Expired files are gone for readers in any case.
   */
  removeExpired(options?: CallOptions): Promise<ExpiryReport> {
    return this.#calls.run('expire', options, async () => (await this.#open()).sweepExpired())
  }

  /**
   * What a signed URL of this service (its path and query) grants; undefined if it is none, was altered, has
   * run out, or is for another method. A `GET` URL grants `HEAD` too.
   */
  async verifySignedUrl(method: string, pathAndQuery: string): Promise<SignedAccess | undefined> {
    return (await this.#open()).verifySignedUrl?.(method, pathAndQuery)
  }

  /**
   * Where a client can read a file by itself: at the bucket, which has just said that it holds it, with nothing newer
   * here. Undefined where the file is to be served from here, or there is none.
   */
  locateFile(key: string, options?: CallOptions): Promise<LocatedFile | undefined> {
    // Nothing is told of the store's health: a read follows where this comes to nothing.
    return this.#calls.run('presign', options, async signal => {
      const parsed = parseKey(key, 'head')
      return (await this.#open()).locate?.(parsed, signal)
    })
  }

  /** Judges files that lie in the storage folder; undefined where nothing is inspected. */
  #admission(signal: AbortSignal | undefined) {
    const inspector = this.#inspector
    if (inspector === undefined) return undefined
    return async (key: Key, path: string): Promise<string | undefined> => {
      const source = await openSource({ path }, { signal })
      try {
        const attributes = await withProvenType(parseAttributes({}), key, source)
        return await inspector.admit(key, source, { attributes }, signal)
      } finally {
        await source.close()
      }
    }
  }

  #declareQuota(prefix: string, limits: QuotaLimits, options: CallOptions | undefined): Promise<void> {
    const { signal: given, timeoutMs } = options ?? {}
    return this.#calls.run('quota', { signal: given, timeoutMs }, async signal => {
      await (await this.#openQuotas()).declare(prefix, limits, { signal, isBusy: this.#calls.running > 1 })
    })
  }

  /** What lies below a prefix: as its quota has it, or by listing where it has none. */
  async #usage(prefix: string, options: CallOptions | undefined): Promise<QuotaUsage> {
    const known = (await this.#open()).quotas === undefined ? undefined : await this.quotas.get(prefix)
    if (known !== undefined) return known
    let [bytes, files, exact] = [0, 0, true]
    for await (const page of this.list({ ...options, prefix }).pages()) {
      files += page.files.length
      for (const { size } of page.files) bytes += size
      exact = page.complete
    }
    return { prefix, bytes, files, reservedBytes: 0, reservedFiles: 0, exact }
  }

  async #openQuotas(): Promise<Quotas> {
    const { quotas } = await this.#open()
    if (quotas !== undefined) return quotas
    const message =
      'Quotas are kept in the storage folder, and without OBJECT_STORAGE_FALLBACK a bucket has none.'
    throw new StorageError({ code: 'UNSUPPORTED', op: 'quota', message })
  }

  #open(): Promise<Backend> {
    // A call that outlived the close must not open again what nobody would close.
    if (this.#drained) return Promise.reject(closedError('open'))
    if (this.#backend !== undefined) return Promise.resolve(this.#backend)
    this.#opening ??= this.#openBackend()
      .then(backend => {
        this.#backend = backend
        this.#health.opened(backend)
        this.#inspector?.opened(backend)
        const fields = { provider: backend.provider, fallback: isFallback(this.config) }
        this.#logger.info(fields, 'Storage service initialized')
        return backend
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }
}

/** The attributes with the content type that the content itself, or its name, tells. */
async function withProvenType(stated: Attributes, name: string, source: Source): Promise<Attributes> {
  return { ...stated, contentType: await chooseContentType(name, await source.read(0, PROOF_BYTES)) }
}

/** The inspector that the settings name, if they do. */
function configuredInspect({ clamdAddress, clamdAction, clamdTooLarge }: StorageConfig): Inspect | undefined {
  if (clamdAddress === undefined) return undefined
  return clamav({ address: clamdAddress, action: clamdAction, tooLarge: clamdTooLarge })
}

/** The error of a store that cannot take anything until a person has mended it. */
function unusable({ code, message }: Problem): StorageError {
  return new StorageError({
    code: code === 'SPOOL_FULL' ? 'NO_SPACE' : 'UNAVAILABLE',
    op: 'ready',
    store: 'local',
    message,
  })
}

/** What a report of deletions tells of the store. */
function firstFailure(report: DeleteReport): StorageError | undefined {
  return report.failed.find(({ error }) => error.store !== undefined)?.error
}

const SINGLETON = Symbol.for('holdfast.storage')

/** The process's one storage, made from the environment when first asked for; shared by every copy of this package. */
export function getStorageService(): StorageService {
  const holder = globalThis as { [SINGLETON]?: StorageService }
  holder[SINGLETON] ??= new StorageService()
  return holder[SINGLETON]
}

/** The specification's free function: {@link Storage.generatePresignedUrl} on the process's one storage. */
export function generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string> {
  return getStorageService().generatePresignedUrl(key, options)
}

/**
 * The specification's free function: stores the file at `path` as a gzip file, `<key>.gz` of type `application/gzip`, in
 * the process's one storage. Readers get the gzip file; {@link UploadOptions.compress} is for those who want the content.
 *
 * @throws `INVALID_ARGUMENT` where there is no such file, and what {@link Storage.uploadFile} throws
 */
export function uploadCompressed(
  path: string,
  key: string,
  options?: UploadCompressedOptions,
): Promise<UploadResult> {
  return storeGzipped(getStorageService(), path, key, options)
}

/** The specification's free function: {@link Storage.getStorageMetrics} on the process's one storage. */
export function getStorageMetrics(
  options?: CallOptions & { prefix?: string | undefined },
): Promise<StorageMetrics> {
  return getStorageService().getStorageMetrics(options)
}
