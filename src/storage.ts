import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { Encoding } from './core/compression.js'
import type { ErrorCode, StorageError } from './core/errors.js'
import type { ByteRange, ResolvedRange } from './core/range.js'
import type { Content } from './core/source.js'
import type { Archive, Condition, ThawTier } from './core/store.js'
import type { FailoverEvents } from './failover/events.js'
import type { InspectionActivity, InspectionStatus, QuarantinedEvent, RejectedEvent } from './inspection.js'

export type { Encoding } from './core/compression.js'
export type { Archive, ThawTier } from './core/store.js'
export type {
  AwayEvent,
  BackEvent,
  ConflictEvent,
  DrainedEvent,
  JournaledEvent,
  ParkedEvent,
} from './failover/events.js'

export type * from './inspection.js'

/** What every call takes. */
export interface CallOptions {
  /** Ends the call with `ABORTED`. */
  signal?: AbortSignal | undefined
  /** Ends the call with `TIMEOUT` after this many milliseconds. */
  timeoutMs?: number | undefined
}

export interface UploadOptions extends CallOptions, Condition {
  /** A media type. Unless given: what the content's first bytes prove, else what the key's extension says. */
  contentType?: string | undefined
  /** The name a person gave the file: any Unicode. Served by `Content-Disposition` (RFC 6266). */
  fileName?: string | undefined
  contentDisposition?: string | undefined
  cacheControl?: string | undefined
  /** How the content is already encoded, such as `gzip`; stored and served as it is. */
  contentEncoding?: string | undefined
  /** Bytes that the content must have, else `INVALID_ARGUMENT` and nothing is stored. */
  size?: number | undefined
  /** Hex SHA-256 that the content must have, else `INVALID_ARGUMENT` and nothing is stored. */
  sha256?: string | undefined
  /** Names are lower-case tokens, values any Unicode; S3's 2 KB hold them and a little of ours. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** At most ten names and values, by which lifecycle rules and people sort files. */
  tags?: Readonly<Record<string, string>> | undefined
  /** One of S3's storage classes, or of the server's own; `UNSUPPORTED` where the store has none but `STANDARD`. */
  storageClass?: string | undefined
  /**
   * Whether to store the content compressed; readers get the content itself all the same. `auto`: by gzip, where its
   * first bytes do not prove a format that is compressed already, and at least a twentieth is saved. An encoding: by
   * that, where anything is saved (`zstd`: `UNSUPPORTED` in versions of Node.js without it). The first MiB decides.
   * False unless given; and what comes with a `contentEncoding` is encoded already.
   */
  compress?: false | 'auto' | Encoding | undefined
  /** After how many seconds the file is gone by itself, unless {@link Storage.keepFile} keeps it: 1 to 100 years. */
  expiresInSeconds?: number | undefined
  /** When the file is gone by itself; in place of `expiresInSeconds`. */
  expiresAt?: Date | undefined
  /** Bytes that the content may have, else `TOO_LARGE` and nothing is stored. */
  maxBytes?: number | undefined
  /** Called as bytes reach their destination. */
  onProgress?: ((progress: { sentBytes: number; totalBytes?: number }) => void) | undefined
  /** `primary`: `UNAVAILABLE` unless the object store itself holds it; else the local disk may take it. */
  durability?: 'any' | 'primary' | undefined
  /**
   * What becomes of `ifMatch` or `ifNoneMatch` while the object store, which alone can decide it, is away:
   * `reject` (the default) fails with `UNAVAILABLE`; `accept` takes the upload, and it becomes a conflict if the
   * condition turns out not to hold.
   */
  onUnknown?: 'reject' | 'accept' | undefined
}

/** A copy carries what its source carries, but for what is given here. */
export interface CopyFileOptions extends CallOptions, Condition {
  contentType?: string | undefined
  fileName?: string | undefined
  contentDisposition?: string | undefined
  cacheControl?: string | undefined
  metadata?: Readonly<Record<string, string>> | undefined
  tags?: Readonly<Record<string, string>> | undefined
  storageClass?: string | undefined
  expiresInSeconds?: number | undefined
  /** Null: the copy does not expire, also where its source does. */
  expiresAt?: Date | null | undefined
}

export interface OpenOptions extends ReadOptions {
  /**
   * Encodings that the caller undoes itself: a file that is stored in one of them comes as it is stored, and
   * {@link OpenedFile.encoding} says so; but not a `range` of it. None unless given.
   */
  acceptEncodings?: readonly Encoding[] | undefined
}

export interface StatOptions extends CallOptions {
  /** The version to tell of, where the bucket keeps them; the current one unless given. */
  versionId?: string | undefined
}

/** How a file comes back from an archive. */
export interface ThawFileOptions extends CallOptions {
  /** How long it can be read from then on: whole days from 1; 7 unless given. */
  days?: number | undefined
  /** How soon it is wanted: minutes, hours or up to two days, and the sooner the dearer. The store's own choice unless given. */
  tier?: ThawTier | undefined
}

export interface ReadOptions extends CallOptions, Condition {
  /** The version to read, where the bucket keeps them; the current one unless given. It takes no condition. */
  versionId?: string | undefined
  /** A part of the object: `{ start, end? }` (inclusive) or `{ last }` bytes. */
  range?: ByteRange | undefined
}

/**
 * What a listing tells of a file: the part of a {@link FileStat} that every store knows without asking again. Of a file
 * that is stored compressed it tells the size of what is stored.
 */
export interface ListedFile {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Identifies these bytes; without quotes. */
  readonly etag: string
  readonly lastModified: Date
  /** Absent for `STANDARD`. */
  readonly storageClass?: string
  /** Whether the primary is still to receive it. */
  readonly pending: boolean
}

/** How the store holds a file that was compressed by {@link UploadOptions.compress}. */
export interface StoredCompressed {
  readonly encoding: Encoding
  /** Bytes. */
  readonly size: number
  /** Lower-case hex, of these bytes. */
  readonly sha256?: string
}

/** What is known of a file. Size and SHA-256 are those of the content, also where it is stored compressed. */
export interface FileStat extends ListedFile {
  readonly contentType: string
  readonly fileName?: string
  readonly contentDisposition?: string
  readonly cacheControl?: string
  readonly contentEncoding?: string
  /** Lower-case hex; absent where it was not known when the object was written. */
  readonly sha256?: string
  readonly versionId?: string
  /** When the file is gone by itself; absent where it is not. */
  readonly expiresAt?: Date
  readonly metadata: Readonly<Record<string, string>>
  /** How many tags it has, as far as the store tells that with the file; absent if none. {@link Storage.getFileTags} tells them. */
  readonly tagCount?: number
  /**
   * Present where the file is in an archive, as its storage class says: only a `thawed` one can be read (others are
   * `ARCHIVED`), and that `until` the time given.
   */
  readonly archive?: Archive
  /** Present where the file is stored compressed; what it is read as is not. */
  readonly compressed?: StoredCompressed
  /**
   * Present where the object store is away and this is told from a copy in the read cache: when the object store last
   * had it. Somebody who does not use this storage folder may have changed or deleted it since.
   */
  readonly confirmedAt?: Date
}

/** What every upload's result tells. Failures throw, so `success` is always true. */
export interface Written {
  readonly success: true
  readonly key: string
  /** `OBJECT_STORAGE_PUBLIC_URL/<key>` if set; else the provider's URL, or `/uploads/<key>` on local. */
  readonly url: string
  readonly size: number
  readonly etag: string
  /** Lower-case hex; absent only after a copy of an object whose hash nobody recorded. */
  readonly sha256?: string
  readonly contentType: string
  readonly versionId?: string
  /** When it is gone by itself; absent where it is not. */
  readonly expiresAt?: Date
  /** Present where it is stored compressed. */
  readonly compressed?: StoredCompressed
}

/** Where an upload went: the object store. */
export interface WrittenRemotely {
  readonly fallback: false
  readonly provider: 's3' | 'minio'
  readonly bucket: string
}

/** Where an upload went: the local disk. */
export interface WrittenLocally {
  /** True where an object store is the default or was meant. */
  readonly fallback: boolean
  readonly provider: 'local'
  /** Where the bytes lie. */
  readonly path?: string
}

export type UploadResult = Written & (WrittenRemotely | WrittenLocally)

/** An opened file. Read it once, by one of the four ways, or close it. */
export interface OpenedFile extends AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly stat: FileStat
  /** Where the bytes lie in the object, if a range was asked for. */
  readonly range?: ResolvedRange
  /** Present where the bytes are the compressed ones, of which `stat.compressed` tells. */
  readonly encoding?: Encoding
  stream(): ReadableStream<Uint8Array>
  nodeStream(): Readable
  /** @throws StorageError `TOO_LARGE` before reading more than `maxBytes` */
  bytes(options?: { maxBytes?: number | undefined }): Promise<Buffer>
  close(): Promise<void>
}

export interface ListFilesOptions extends CallOptions {
  /** The start of the keys to list; `''` for all. A string prefix, not a folder. */
  prefix?: string | undefined
  /** Rolls up what lies between the prefix and this string, usually `'/'`. */
  delimiter?: string | undefined
  /** A page's `cursor`, to go on after it. */
  cursor?: string | undefined
  /** Keys and prefixes a page, 1 to 1000; 1000 unless given. */
  limit?: number | undefined
}

export interface ListPage {
  readonly files: readonly ListedFile[]
  readonly prefixes: readonly string[]
  /** Absent on the last page. */
  readonly cursor?: string
  /** Whether nothing that exists is missing, in this page and those before it. */
  readonly complete: boolean
}

/** Iterate it for files, or its `pages()`. Nothing is asked before the first step. */
export interface Listing extends AsyncIterable<ListedFile> {
  pages(): AsyncIterable<ListPage>
}

export type KeyList = readonly string[] & { readonly complete: boolean }

export interface DeleteReport {
  readonly deleted: number
  readonly failed: readonly { readonly key: string; readonly error: StorageError }[]
}

export interface PresignUrlOptions {
  /** `GET` unless given. */
  method?: 'GET' | 'PUT' | undefined
  /** 1 to 604800 (seven days); 3600 unless given. */
  expiresInSeconds?: number | undefined
  /** GET: the type to answer with. PUT: the type that must be sent. */
  contentType?: string | undefined
  /** GET: the name to save under. */
  fileName?: string | undefined
  /** GET: `attachment` (the default with a `fileName`) or `inline`. */
  disposition?: 'inline' | 'attachment' | undefined
  /**
   * The bucket's own URL in any case. It works only while the bucket does, and an upload through it passes the
   * journal by. False unless given; no other than usual on local storage.
   */
  direct?: boolean | undefined
}

/** A file that a client can read at its bucket by itself. */
export interface LocatedFile {
  /** As the bucket has just told it. */
  readonly stat: FileStat
  /**
   * Signs a URL of the bucket that answers with these headers.
   * @returns undefined if the file is to be served from here by now
   */
  url(answer: {
    readonly expiresInSeconds: number
    readonly contentType: string
    readonly contentDisposition: string
  }): Promise<string | undefined>
}

export interface StorageMetrics {
  readonly provider: 's3' | 'minio' | 'local'
  readonly bucket?: string
  readonly totalSizeBytes: number
  readonly totalSizeMb: number
  readonly fileCount: number
}

/** Something an operator should know or mend. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** A `notice` leaves the state healthy, a `warning` makes it degraded, an `error` down. */
  readonly severity: 'notice' | 'warning' | 'error'
}

/** Copies of files of the object store that are kept on the local disk. */
export interface CacheStatus {
  readonly files: number
  /** Of the disk. */
  readonly bytes: number
  /** What they may take: `LOCAL_CACHE_MAX_BYTES`. */
  readonly maxBytes: number
  /** Reads of this process that took the bytes from a copy. */
  readonly hits: number
}

/** Whether the object store takes requests that read, or that write. */
export interface BreakerStatus {
  /** True while it takes none: then nobody is sent there, and it is asked in the background. */
  readonly open: boolean
  readonly since?: Date
  /** Why: the error that opened it, or the newest answer to a question. */
  readonly code?: ErrorCode
  readonly message?: string
  /** When it is asked again; absent while a question is on its way. */
  readonly nextProbeAt?: Date
}

/** How what waits is brought to the object store, by this process; of a folder's processes one does at a time. */
export interface ReplicationStatus {
  /** Averages over the last minute, or since it began where that is less. */
  readonly operationsPerSecond: number
  readonly bytesPerSecond: number
  /** An estimate from these; absent where nothing waits, or nothing moves. */
  readonly secondsLeft?: number
}

/** The room on the local disk for what waits. */
export interface SpoolStatus {
  /** Bytes that waiting uploads take, and those that are kept until no late request can undo them. */
  readonly usedBytes: number
  /** `HOLDFAST_SPOOL_MAX_BYTES`; absent where there is no such limit. */
  readonly maxBytes?: number
  /** Free bytes of the disk, as of a few seconds ago; absent until they were asked for. */
  readonly freeBytes?: number
  /** `HOLDFAST_SPOOL_RESERVE_BYTES`: free bytes that are left alone. */
  readonly reserveBytes: number
  /** Whether the space that removals on a full disk need is held ready. */
  readonly ballast: boolean
}

/** How the net under an object store stands. */
export interface FailoverReport {
  readonly reads: BreakerStatus
  readonly writes: BreakerStatus
  readonly replication: ReplicationStatus
  readonly spool: SpoolStatus
}

/** The state of the service as its memory has it; nothing is asked, so that it may be called often. */
export interface StorageStatus {
  readonly service: 'storage'
  readonly enabled: boolean
  readonly provider: 's3' | 'minio' | 'local'
  readonly bucket: string | null
  /** True while uploads go to local storage though object storage was meant. */
  readonly fallbackMode: boolean
  /**
   * `starting` until the store was first used; `healthy`; `degraded`: it works, with a problem to mend, such as
   * an object store that is away; `draining`: what it missed is being brought to it; `down`: the store's last
   * answer, or silence, says that it cannot be used.
   */
  readonly state: 'starting' | 'healthy' | 'degraded' | 'draining' | 'down' | 'closed'
  /** Acknowledged operations that the object store has not been seen to hold. */
  readonly pending: number
  readonly pendingBytes: number
  /** When the oldest of them was acknowledged. */
  readonly oldestPendingAt?: Date
  /** Keys that only wait until no late request can undo what the object store holds; not counted as pending. */
  readonly settling: number
  /** Pending operations that wait for a person, and are tried again hourly. */
  readonly parked: number
  /** Files of which two versions exist, because somebody else changed them during an outage. */
  readonly conflicts: number
  /** How the net stands; absent where there is none. */
  readonly failover?: FailoverReport
  /** The read cache, where there is one. As of its last count, and what this process did since. */
  readonly cache?: CacheStatus
  /** Absent where uploads are not inspected. */
  readonly inspection?: InspectionStatus
  /** Absent where there is no quota. */
  readonly quotas?: QuotasStatus
  /** Files that are noted in this storage folder to expire; absent where there are none. */
  readonly expiry?: {
    readonly files: number
    /** When the first is seen to. In the past where the object store is away, or does not let it go. */
    readonly nextAt: Date
  }
  /** The last look through the local files by lifecycle rules, of any process; absent before the first. */
  readonly lifecycle?: {
    readonly startedAt: Date
    readonly endedAt: Date
    /** What went, and what was to go and could not. */
    readonly files: number
    readonly bytes: number
    readonly failed: number
  }
  readonly problems: readonly Problem[]
  readonly configuration: {
    readonly OBJECT_STORAGE_ENABLED: boolean
    readonly OBJECT_STORAGE_PROVIDER: string
    readonly OBJECT_STORAGE_BUCKET: string
    readonly OBJECT_STORAGE_ENDPOINT?: string
    readonly LOCAL_STORAGE_PATH: string
  }
}

/** What the calls of one operation came to, since the service was made. */
export interface OperationActivity {
  /**
   * As errors name it in `op`: `put`, `get`, `head`, `delete`, `copy`, `move`, `list`, `presign`, `tags`, `class`, `thaw`,
   * `import`, `quarantine`, `release`, `ready`.
   */
  readonly operation: string
  readonly count: number
  /** How long they took in all. Of `get`: until there was something to read. */
  readonly seconds: number
  /** How many took up to so many seconds; each bound counts what those before it do. */
  readonly within: readonly { readonly seconds: number; readonly count: number }[]
  /** How they ended: `ok`, or the code of the error. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** What happened to the net under an object store, in this process, since the storage was opened. */
export interface FailoverActivity {
  /** Uploads and deletes that the local disk acknowledged in the place of the object store. */
  readonly fallbackUploads: number
  readonly fallbackUploadBytes: number
  readonly fallbackDeletes: number
  /** What this process brought to the object store. */
  readonly replicatedOperations: number
  readonly replicatedBytes: number
  /** Tries of that which failed, by the code of the error. */
  readonly replicationFailures: Readonly<Record<string, number>>
  /** How often the object store stopped to take reads or writes, and how often it took them again. */
  readonly breakers: Readonly<
    Record<'reads' | 'writes', { readonly opened: number; readonly closed: number }>
  >
}

/** Counters that only grow, for metrics. */
export interface StorageActivity {
  readonly operations: readonly OperationActivity[]
  /** Absent where there is no net. */
  readonly failover?: FailoverActivity
  /** Absent where uploads are not inspected. */
  readonly inspection?: InspectionActivity
  /** Expired files that this process has removed. Absent until the storage is open. */
  readonly expiry?: { readonly removed: number }
}

/** What a removal of expired files came to. */
export interface ExpiryReport {
  readonly removed: number
  /** Whether nothing is left that has expired: else the object store is away, or another process is at it. */
  readonly complete: boolean
}

/** What an import of files found in the storage folder came to. */
export interface ImportReport {
  readonly imported: number
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/** What a signed URL grants. */
export interface SignedAccess {
  readonly method: 'GET' | 'PUT'
  readonly key: string
  /** When the URL runs out. */
  readonly expiresAt: Date
  readonly contentType?: string
  readonly contentDisposition?: string
}

/**
 * What a `StorageService` emits. A listener that throws is logged, and breaks nothing. An event that nobody listens to
 * costs nothing.
 *
 * `away`, `back`: the object store stops to take reads or writes, or takes them again. `fallback`: the local disk has
 * acknowledged an upload or a delete in its place. `replicated`: one was brought to it, by this process. `drained`: it
 * holds everything again. `conflict`, `parked`: one of them waits for a person. `rejected`, `quarantined`: inspection
 * does not allow an upload.
 */
export interface StorageEvents extends FailoverEvents {
  state: [state: StorageStatus['state'], previous: StorageStatus['state']]
  rejected: [event: RejectedEvent]
  quarantined: [event: QuarantinedEvent]
  /** There is a problem that was not there before. */
  problem: [problem: Problem]
  /** A problem is gone. */
  resolved: [problem: Problem]
}

/**
 * What application code depends on. Every method rejects with a {@link StorageError}; every one takes a key as
 * {@link parseKey} does (`INVALID_KEY`), and while the store is away rejects with `UNAVAILABLE`, `TIMEOUT` or
 * `THROTTLED`, never `NOT_FOUND`.
 */
export interface Storage {
  /**
   * Stores content under a key, whole or not at all, replacing what was there.
   * @param options a string is the content type
   * @throws `INVALID_ARGUMENT`, `TOO_LARGE`, `ALREADY_EXISTS`, `PRECONDITION_FAILED`, `UNSUPPORTED`, `NO_SPACE`,
   *   `ABORTED`; `REJECTED` and `QUARANTINED` where uploads are inspected
   */
  uploadFile(content: Content, key: string, options?: UploadOptions | string): Promise<UploadResult>
  /**
   * The bytes of a file; null where there is none.
   * @throws `TOO_LARGE`, `INTEGRITY`, `RANGE_NOT_SATISFIABLE`, `PRECONDITION_FAILED`
   */
  downloadFile(key: string, options?: ReadOptions & { maxBytes?: number | undefined }): Promise<Buffer | null>
  /** Opens a file to stream it. @throws `NOT_FOUND`, `RANGE_NOT_SATISFIABLE`, `PRECONDITION_FAILED` */
  openFile(key: string, options?: OpenOptions): Promise<OpenedFile>
  /** @throws `NOT_FOUND` */
  statFile(key: string, options?: StatOptions): Promise<FileStat>
  fileExists(key: string, options?: CallOptions): Promise<boolean>
  /** @returns false only where it is known that there was none. @throws `PRECONDITION_FAILED` */
  deleteFile(key: string, options?: CallOptions & { ifMatch?: string | undefined }): Promise<boolean>
  /** Removes many files; a failure is reported and stops none of the others. */
  deleteFiles(keys: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<DeleteReport>
  /** Removes every file below a prefix. @throws `INVALID_ARGUMENT` for `''` */
  deletePrefix(prefix: string, options?: CallOptions): Promise<DeleteReport>
  /** Copies a file on the store's side. @throws `NOT_FOUND` and what {@link uploadFile} throws */
  copyFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>
  /** Copies, then removes the source if it is still the file that was copied. */
  moveFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>
  /**
   * Makes a file that was to expire last, as when the message that it is attached to is sent: also while the object
   * store is away, if it was uploaded through this storage folder. A file that does not expire stays as it is. The ETag
   * is another afterwards.
   *
   * @throws `NOT_FOUND`, also for a file that has expired
   */
  keepFile(key: string, options?: CallOptions): Promise<FileStat>
  /** The tags of a file. @throws `NOT_FOUND`, `UNSUPPORTED` */
  getFileTags(key: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>
  /**
   * Gives a file these tags in place of all it had; `{}` for none. Its content, ETag and time stay.
   * @throws `NOT_FOUND`, `INVALID_ARGUMENT`, `UNSUPPORTED`; `UNAVAILABLE` while the object store is away, unless the file waits for it here
   */
  setFileTags(key: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>
  /**
   * Brings a file to another storage class; nothing but its ETag and time changes. If it is replaced meanwhile, that
   * stands.
   * @throws `NOT_FOUND`, `PRECONDITION_FAILED` where it was replaced or is not the one that `ifMatch` names, `ARCHIVED`, `UNSUPPORTED`
   */
  setStorageClass(
    key: string,
    storageClass: string,
    options?: CallOptions & { ifMatch?: string | undefined },
  ): Promise<FileStat>
  /**
   * Asks for an archived file to be made readable for some days, which takes minutes to days: {@link FileStat.archive}
   * tells how far it is. Asking again does no harm; one that is readable already stays so for longer.
   * @throws `NOT_FOUND`, `UNSUPPORTED`; `ARCHIVED` where it cannot be had this fast now
   */
  thawFile(key: string, options?: ThawFileOptions): Promise<FileStat>
  /** All keys below a prefix, in UTF-8 byte order. For millions of files use {@link list}. */
  listFiles(prefix?: string, options?: CallOptions): Promise<KeyList>
  list(options?: ListFilesOptions): Listing
  /** The file's stable address, `/uploads/<encoded key>`: what an application stores. */
  urlFor(key: string): string
  /**
   * A URL that lets its bearer read (or write) one file for a while: of Holdfast's server if `HOLDFAST_PUBLIC_URL` is
   * set, which outlives an outage; else the bucket's own, if that works now.
   * @param options a number is seconds
   */
  generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string>
  /** Counts files and bytes: at once on local storage, by listing on S3. */
  getStorageMetrics(options?: CallOptions & { prefix?: string | undefined }): Promise<StorageMetrics>
  /**
   * The same storage confined to the keys below a prefix, which ends in `/`: keys given to it and told by it lack the
   * prefix, and no call of it reaches outside. Touches nothing.
   * @param limits make a quota for the prefix with the first upload: from then on whatever writes below it, in the scope
   *   or not, keeps to them. Without limits, what holds already holds.
   * @throws `INVALID_ARGUMENT`
   */
  scope(prefix: string, limits?: QuotaLimits): Scope
}

/** What may lie below a prefix. Files that are stored compressed count as they are stored. */
export interface QuotaLimits {
  readonly maxBytes?: number | undefined
  readonly maxFiles?: number | undefined
}

/** How a quota stands. */
export interface QuotaUsage extends QuotaLimits {
  readonly prefix: string
  readonly bytes: number
  readonly files: number
  /** What uploads under way may add. */
  readonly reservedBytes: number
  readonly reservedFiles: number
  /** False while it is to be counted anew, as something may have been missed, or the object store was away. */
  readonly exact: boolean
  /** When it was last counted by listing; absent where it was not yet. */
  readonly countedAt?: Date
}

/** How all quotas stand, as of a second ago, or where there are more than 1000, of one for every thousand. */
export interface QuotasStatus {
  readonly count: number
  /** Those of which 90 % or more is taken, or held for uploads. */
  readonly nearlyFull: number
  /** Those that are to be counted anew. */
  readonly inexact: number
  /** The 100 of which the largest share is taken, that one first. */
  readonly fullest: readonly QuotaUsage[]
}

/** The quotas of a storage. All that needs the storage folder: `UNSUPPORTED` for a bucket without one. */
export interface StorageQuotas {
  /** All of them, in UTF-8 byte order of their prefixes. */
  list(): AsyncIterable<QuotaUsage>
  /** How the quota of a prefix stands, at once; undefined where there is none. @throws `INVALID_ARGUMENT` */
  get(prefix: string): Promise<QuotaUsage | undefined>
  /**
   * Makes a quota, or gives it other limits: those given, and no others. What is there is counted first, and the limits
   * hold from then on. @throws `INVALID_ARGUMENT`
   */
  set(prefix: string, limits: QuotaLimits, options?: QuotaCountOptions): Promise<QuotaUsage>
  /** Ends a quota. @returns whether there was one. @throws `INVALID_ARGUMENT` */
  remove(prefix: string): Promise<boolean>
  /** Counts anew by listing. @throws `NOT_FOUND`; `UNAVAILABLE` while the object store is away */
  recount(prefix: string, options?: QuotaCountOptions): Promise<QuotaUsage>
}

export interface QuotaCountOptions extends Pick<CallOptions, 'signal'> {
  /** Called with how many files are counted. */
  onProgress?: ((progress: { files: number }) => void) | undefined
}

/**
 * A part of a storage: what has keys below {@link prefix}. Keys, prefixes and errors are told without it; `url` and
 * {@link Storage.urlFor} are the file's address all the same, outside of the scope, and `path` where its bytes lie.
 */
export interface Scope extends Storage {
  /** The start of the keys in it, from the whole storage's view; ends in `/`. */
  readonly prefix: string
  /** What it takes: at once where it has a quota, else by listing. */
  usage(options?: CallOptions): Promise<QuotaUsage>
}

/** Whose versions are meant: those of one file, or of every file whose key begins with a prefix (`''`: of all). */
export type VersionsOf = { readonly key: string } | { readonly prefix: string }

/** What a listing tells of one version. A delete marker has no content, and stands for that the file was deleted. */
export interface FileVersion extends Omit<ListedFile, 'pending'> {
  /** Names the version for ever; `null` for what was written while the bucket kept none. */
  readonly versionId: string
  /** Whether this is what the bucket has under the key now. */
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
  /** With {@link ListVersionsOptions.writers}; absent on a delete marker, which tells nothing of it. */
  readonly writtenBy?: 'holdfast' | 'others'
}

export interface ListVersionsOptions extends CallOptions {
  /** Also find out who wrote each version, which takes a request for each. False unless given. */
  writers?: boolean | undefined
}

export interface RestoreOptions extends CallOptions {
  /** The version to bring back; unless given, that of a deleted file which was current when it was deleted. */
  versionId?: string | undefined
}

export interface PurgeVersionsOptions extends CallOptions {
  /** Only what was replaced or deleted at least so long ago; 0 unless given. */
  olderThanSeconds?: number | undefined
  /** So many of a file's newest old versions stay; 0 unless given. */
  keep?: number | undefined
  /** Only count what would go. */
  dryRun?: boolean | undefined
  /** Called for each version that was removed, or would be; waited for. */
  onRemoved?: ((version: FileVersion) => unknown) | undefined
}

export interface PurgeReport {
  /** Versions and delete markers that were removed, or would be. */
  readonly removed: number
  /** What these versions have. */
  readonly bytes: number
  /** How many of those removed are delete markers. */
  readonly deleteMarkers: number
  readonly failed: readonly {
    readonly key: string
    readonly versionId: string
    readonly error: StorageError
  }[]
}

/**
 * The versions of files, where the bucket keeps them; else every method rejects with `UNSUPPORTED`, saying how to turn
 * them on. They are the bucket's alone: while it is away, `UNAVAILABLE`.
 */
export interface VersionedStorage {
  /** Versions in the order of the keys, of each key the newest first. Nothing is asked before the first step. */
  listVersions(of: VersionsOf, options?: ListVersionsOptions): AsyncIterable<FileVersion>
  /**
   * Makes an older version the current one: its content and all that it carries are written anew, if the file is
   * still as it was when this began. What was current stays as a version.
   * @throws `NOT_FOUND`, `PRECONDITION_FAILED`; `ALREADY_EXISTS` for a file that is there, and no `versionId`
   */
  restoreVersion(key: string, options?: RestoreOptions): Promise<UploadResult>
  /**
   * Removes old versions for good, and delete markers that nothing lies below any more. Never a current version, nor
   * anything of a file that the bucket is still to receive. A failure is reported and stops none of the others.
   */
  purgeVersions(of: VersionsOf, options?: PurgeVersionsOptions): Promise<PurgeReport>
}

/** One thing that an erasure has removed for good. */
export interface ErasedItem {
  readonly key: string
  /**
   * `bucket`: a version, or a delete marker where it has no size; `upload`: parts of an upload that was not completed;
   * `folder`: a local file, or its content in the ledger; `spool`: what waited for the bucket; `conflict`: the version
   * that lost against another; `quarantine`: what inspection held back; `cache`: a copy of what was read; `displaced`:
   * a file that was in the way of the object.
   */
  readonly where: 'bucket' | 'upload' | 'folder' | 'spool' | 'conflict' | 'quarantine' | 'cache' | 'displaced'
  readonly at: Date
  /** What names it there: a version, write, upload or conflict. */
  readonly id?: string
  /** Bytes, as stored. */
  readonly size?: number
  readonly etag?: string
  /** Lower-case hex, of the stored bytes. */
  readonly sha256?: string
  /** Where it lay on this machine. */
  readonly path?: string
}

export interface EraseOptions extends CallOptions {
  /** Remove nothing; only tell what is known to be there. */
  dryRun?: boolean | undefined
  /** Called for each thing that was removed, or would be; waited for. */
  onErased?: ((item: ErasedItem) => unknown) | undefined
}

/** What an erasure came to. */
export interface EraseReceipt {
  readonly id: string
  /** The endpoint and bucket that it was asked for, where there is a bucket and a storage folder. */
  readonly target?: string
  /** Exactly one of them. */
  readonly key?: string
  readonly prefix?: string
  readonly requestedAt: Date
  /** When nothing was left, or it was given up; absent while something is owed. */
  readonly finishedAt?: Date
  /** Things removed so far, and the bytes that they had. */
  readonly erased: number
  readonly bytes: number
  /** Why something is left, which goes by itself as soon as it can; absent where nothing is. */
  readonly owed?: string
  /** What nobody knows, as it was given up; absent where nothing is left for certain. */
  readonly unconfirmed?: string
}

/** An erasure that was not done at once, with what it has removed so far. */
export interface OwedErasure extends EraseReceipt {
  readonly items: AsyncIterable<ErasedItem>
}

/** Removing files so that nothing of them is left: for whoever has the right to be forgotten. */
export interface ErasingStorage {
  /**
   * Removes a file and all that there ever was under its key, wherever it lies: versions, delete markers, unfinished
   * uploads, what waits for the bucket, conflicts, copies, and what the ledger keeps of removed entries. What cannot be
   * done now is owed, and done later by whichever process has the storage folder open; what is written to the key
   * after this was called stays.
   * @throws `UNAVAILABLE` where it cannot be done now, and there is no storage folder to note it in
   */
  eraseFile(key: string, options?: EraseOptions): Promise<EraseReceipt>
  /** {@link eraseFile} for every key that begins with a prefix. @throws `INVALID_ARGUMENT` for `''` */
  erasePrefix(prefix: string, options?: EraseOptions): Promise<EraseReceipt>
  /** Erasures that are owed, and those finished since, until they are forgotten. An item that went at once was told then. */
  erasures(options?: CallOptions): AsyncIterable<OwedErasure>
  /**
   * Ends an erasure that a bucket owes which is in use no more, as after `holdfast detach` or a change of the settings: all of
   * it that lies in the storage folder goes, and the receipt says what is not known of the bucket.
   * @throws `NOT_FOUND`; `INVALID_ARGUMENT` for one that is finished, or that goes on by itself; `UNAVAILABLE` where
   *   something here cannot be erased now
   */
  giveUpErasure(id: string, options?: CallOptions): Promise<EraseReceipt>
  /** Forgets a finished erasure, which names the key, once its receipt is kept elsewhere. */
  forgetErasure(id: string, options?: CallOptions): Promise<void>
}

/** The service's own surface beside {@link Storage}. */
export interface StorageLifecycle extends EventEmitter<StorageEvents>, AsyncDisposable {
  /** Opens the store and proves that it answers. Optional: every call opens it. */
  ready(options?: CallOptions): Promise<void>
  getStatus(): StorageStatus
  /** What was done so far, from memory. */
  getActivity(): StorageActivity
  /** Waits up to `drainMs` (5000 unless given) for calls under way, then closes. */
  close(options?: { drainMs?: number | undefined }): Promise<{ pending: number }>
}

export type { ErrorCode }
