import { randomUUID } from 'node:crypto'
import type { Tags } from '../../core/attributes.js'
import { StorageError, shown } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import type { Source } from '../../core/source.js'
import { StampClock } from '../../core/stamp.js'
import type {
  Capabilities,
  CopyOptions,
  DeleteManyResult,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectStat,
  OpenObject,
  OperationOptions,
  PresignOptions,
  PutOptions,
  Store,
  StorePage,
  ThawOptions,
} from '../../core/store.js'
import type { Versions } from '../../core/versions.js'
import { type Address, addressOf, urlOf } from './address.js'
import { S3Client } from './client.js'
import type { S3Context } from './context.js'
import { copyObject } from './copy.js'
import { deleteMany, deleteObject } from './delete.js'
import { getObject } from './get.js'
import { headObject } from './head.js'
import { listObjects } from './list.js'
import type { S3Options } from './options.js'
import { MAX_PART_BYTES, MIN_PART_BYTES } from './parts.js'
import { presignObject } from './presign.js'
import { probeBucket } from './probe.js'
import { Profile, type ProfileData } from './profile.js'
import { putObject } from './put.js'
import { removeSurplusVersions } from './surplus-versions.js'
import { fetchTags, setTags } from './tags.js'
import { thawObject } from './thaw.js'
import { FEATURES } from './trials.js'
import { bytesOfUpload, listUnfinishedUploads, type UnfinishedUpload } from './unfinished-uploads.js'
import { abortOrphans, endUpload } from './uploads.js'
import { versionsOf } from './versions.js'

const DEFAULT_PART_BYTES = 8 * 1024 * 1024

/** S3's own limit (S3 API, "CopyObject"), and parts as large as is handy, since no byte of them comes here. */
const COPY_LIMITS = { wholeBytes: 5 * 1024 ** 3, partBytes: 512 * 1024 * 1024 }

/** One bucket of Amazon S3, or of a server that speaks its protocol. */
export class S3Store implements Store {
  readonly kind = 's3'
  /** As the configuration names the server. */
  readonly provider: 's3' | 'minio'
  readonly bucket: string
  readonly #context: S3Context
  /** Where those who get a URL reach the bucket. */
  readonly #publicAddress: Address

  /**
   * Opens nothing: the first operation connects.
   *
   * @param profile what an earlier store found out about this endpoint and bucket
   * @throws StorageError `CONFIG_INVALID`
   */
  constructor(options: S3Options, profile?: ProfileData) {
    const logger = options.logger ?? silentLogger
    const { partSize = DEFAULT_PART_BYTES, concurrency = 2, connections = 64 } = options
    checkWhole('partSize', partSize, MIN_PART_BYTES, MAX_PART_BYTES)
    checkWhole('concurrency', concurrency, 1, 1024)
    checkWhole('connections', connections, 1, 65_535)
    const client = new S3Client(options, logger)
    const stamps = options.stamps ?? new StampClock({ host: randomUUID().replaceAll('-', '').slice(0, 16) })
    this.provider = options.provider ?? 's3'
    this.bucket = options.bucket
    this.#publicAddress = options.publicEndpoint
      ? addressOf({ ...options, endpoint: options.publicEndpoint })
      : client.address
    this.#context = {
      client,
      profile: new Profile(client, profile),
      partSize,
      concurrency,
      copyLimits: COPY_LIMITS,
      nextStamp: typeof stamps === 'function' ? stamps : () => stamps.next(),
      uploads: options.uploads,
      logger,
    }
  }

  /**
   * What the endpoint can do. What servers differ in is taken as possible until it was tried, which
   * {@link learn} does, and else the first operation that needs it.
   */
  get capabilities(): Capabilities {
    const { profile } = this.#context
    return {
      conditionalPut: profile.known('conditionalPut') !== false,
      conditionalMultipart: profile.known('conditionalComplete') !== false,
      conditionalDelete: profile.known('conditionalDelete') !== false,
      presign: true,
      tags: true,
      storageClasses: true,
      versions: true,
      lifecycle: true,
    }
  }

  put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    return putObject(this.#context, key, source, options)
  }

  get(key: Key, options?: GetOptions): Promise<OpenObject> {
    return getObject(this.#context, key, options)
  }

  head(key: Key, options?: OperationOptions): Promise<ObjectStat> {
    return headObject(this.#context, key, options)
  }

  /**
   * What is under the key; absence is no error here. `time` is a moment of the store's own clock before which
   * the question was certainly not answered: what it was last heard to be when the question was asked.
   */
  async look(
    key: Key,
    options?: OperationOptions,
  ): Promise<{ object: ObjectStat | undefined; time: number }> {
    const time = this.#context.client.heardTime
    try {
      return { object: await this.head(key, options), time }
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return { object: undefined, time }
      throw error
    }
  }

  /** Milliseconds since the epoch as requests are signed with: this machine's clock, corrected if the store refused it. */
  now(): number {
    return this.#context.client.now()
  }

  /** What the store's own clock was last heard to be: milliseconds since the epoch, 0 before its first answer. */
  get heardTime(): number {
    return this.#context.client.heardTime
  }

  delete(key: Key, options?: DeleteOptions): Promise<boolean> {
    return deleteObject(this.#context, key, options)
  }

  list(options?: ListOptions): Promise<StorePage> {
    return listObjects(this.#context, options)
  }

  copy(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat> {
    return copyObject(this.#context, from, to, options)
  }

  presign(key: Key, options: PresignOptions): Promise<string> {
    return presignObject(this.#context.client, this.#publicAddress, key, options)
  }

  deleteMany(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult> {
    return deleteMany(this.#context, keys, options)
  }

  getTags(key: Key, options?: OperationOptions): Promise<Tags> {
    return fetchTags(this.#context.client, key, { op: 'tags', signal: options?.signal })
  }

  setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void> {
    return setTags(this.#context.client, key, tags, { op: 'tags', signal: options?.signal })
  }

  thaw(key: Key, options: ThawOptions): Promise<ObjectStat> {
    return thawObject(this.#context, key, options)
  }

  /** Removes versions that one write has made more than once, in a bucket that keeps versions. @returns how many */
  removeSurplusVersions(key: Key, options?: OperationOptions): Promise<number> {
    return removeSurplusVersions(this.#context, key, options)
  }

  /** The versions of objects, as far as the bucket keeps them. */
  get versions(): Versions {
    return versionsOf(this.#context)
  }

  /** All multipart uploads under way below a prefix, whoever has begun them. */
  unfinishedUploads(prefix: string, options?: OperationOptions): AsyncIterable<UnfinishedUpload> {
    return listUnfinishedUploads(this.#context, prefix, options)
  }

  /** How many bytes the parts of such an upload have. */
  bytesOfUpload(upload: UnfinishedUpload, options?: OperationOptions): Promise<number> {
    return bytesOfUpload(this.#context, upload, options)
  }

  /** Ends such an upload, and removes its parts (S3 API, "AbortMultipartUpload"); one that has ended is no failure. */
  endUpload(upload: UnfinishedUpload, options?: OperationOptions): Promise<void> {
    return endUpload(this.#context, upload, options)
  }

  /** Ends requests under way within a few seconds; later operations reject with `UNAVAILABLE`. */
  close(): Promise<void> {
    return this.#context.client.close()
  }

  /** The object's own URL, unsigned: it can be read with it only where the bucket is public. */
  objectUrl(key: Key): string {
    return urlOf(this.#publicAddress, key)
  }

  /** Scheme, host and port of the URLs that this store gives out. */
  get publicOrigin(): string {
    return this.#publicAddress.origin
  }

  /**
   * Aborts multipart uploads that processes which are gone have left behind, as far as the upload log knows.
   *
   * @throws StorageError what the log throws
   */
  abortOrphans(): Promise<{ aborted: number; failed: number }> {
    return abortOrphans(this.#context)
  }

  /**
   * Checks that the bucket can be used with these credentials.
   *
   * @throws StorageError that names what is wrong: `UNAUTHENTICATED`, `PERMISSION_DENIED`, `NO_SUCH_BUCKET`,
   *   `CLOCK_SKEW`, `CONFIG_INVALID` for another region (naming it), `UNAVAILABLE`, `TIMEOUT`, `THROTTLED`
   */
  probe(options?: OperationOptions): Promise<void> {
    return probeBucket(this.#context.client, options)
  }

  /** Tries out all that servers differ in, so that {@link capabilities} is exact. */
  async learn(): Promise<Capabilities> {
    const { profile } = this.#context
    await Promise.all(FEATURES.map(feature => profile.ask(feature)))
    return this.capabilities
  }

  /** What was found out so far, to give to a later store for the same endpoint and bucket. */
  get profile(): ProfileData {
    return this.#context.profile.toJSON()
  }
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new StorageError({
    code: 'CONFIG_INVALID',
    op: 'config',
    store: 's3',
    message: `Invalid ${name} ${shown(value)}; accepted: a whole number from ${min} to ${max}.`,
  })
}
