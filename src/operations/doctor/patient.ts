import { randomUUID } from 'node:crypto'
import type { StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { internalKey, type Key } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { bucketOptions, makeS3Store } from '../../service/s3-backend.js'
import { type Address, addressOf } from '../../stores/s3/address.js'
import { S3Client } from '../../stores/s3/client.js'
import type { S3Store } from '../../stores/s3/store.js'
import { Bucket, type BucketSetup } from '../bucket.js'

/** Longest wait for a connection or an answer, whatever is configured: an examination is to come to its end. */
const PATIENCE_MS = 10_000
/** The smallest part that S3 knows: an upload in parts is tried out at the least cost. */
const PART_BYTES = 5 * 1024 * 1024

/** A bucket under examination. */
export class BucketPatient {
  readonly config: StorageConfig
  readonly address: Address
  readonly store: S3Store
  /** For requests that the store itself never makes. */
  readonly client: S3Client
  readonly signal: AbortSignal | undefined
  readonly deadlineMs: number
  /** Its clock less ours, in milliseconds, once it was heard. */
  skewMs: number | undefined
  /** What its keys begin with. */
  readonly prefix = internalKey(`doctor/${randomUUID()}/`)
  readonly #written = new Set<Key>()
  #first: Promise<unknown> | undefined
  #setup: Promise<BucketSetup> | undefined

  /** @throws StorageError `CONFIG_INVALID` */
  constructor(provider: 's3' | 'minio', config: StorageConfig, signal: AbortSignal | undefined) {
    const options = bucketOptions(config)
    this.deadlineMs = Math.min(PATIENCE_MS, config.objectStorageConnectTimeoutMs)
    const deadlines = {
      connectMs: this.deadlineMs,
      firstByteMs: Math.min(PATIENCE_MS, config.objectStorageFirstByteTimeoutMs),
      idleMs: Math.min(PATIENCE_MS, config.objectStorageIdleTimeoutMs),
      completeMs: PATIENCE_MS * 3,
    }
    // What a second try would get over is not what this is to find.
    const retry = { attempts: 1 }
    this.config = config
    this.signal = signal
    this.address = addressOf(options)
    this.store = makeS3Store(provider, { ...config, objectStoragePartBytes: PART_BYTES }, silentLogger, {
      deadlines,
      retry,
    })
    this.client = new S3Client({ ...options, deadlines, retry }, silentLogger)
  }

  /** A key that nobody else uses; what is under it is removed in the end. */
  readonly scratch = (name: string): Key => {
    const key = `${this.prefix}${name}` as Key
    this.#written.add(key)
    return key
  }

  /** What the first signed request to the bucket fails with; undefined if it is answered. Asked once. */
  async firstAnswer(): Promise<unknown> {
    this.#first ??= this.store.probe({ signal: this.signal }).then(
      () => undefined,
      (error: unknown) => error,
    )
    return this.#first
  }

  /** How the bucket is set up, as far as these credentials may see it. Asked once. */
  setup(): Promise<BucketSetup> {
    this.#setup ??= setupOf(this.config)
    return this.#setup
  }

  /** Removes what was written, its versions as well, as far as that may be done. */
  async leave(): Promise<void> {
    try {
      for (const key of this.#written) await this.store.delete(key).catch(() => {})
      // With the markers that the deletes have left, where the bucket keeps versions; a server without them says so.
      const { versions } = await this.store.versions.list({ prefix: this.prefix })
      if (versions.length > 0) await this.store.versions.remove(versions)
    } catch (error) {
      if (!StorageError.is(error)) throw error
    } finally {
      await this.store.close()
      await this.client.close()
    }
  }
}

async function setupOf(config: StorageConfig): Promise<BucketSetup> {
  const bucket = new Bucket(config)
  try {
    return await bucket.setup()
  } finally {
    await bucket.close()
  }
}
