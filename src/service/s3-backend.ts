import type { StorageConfig } from '../config.js'
import { StorageError } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import type { Problem } from '../storage.js'
import type { Root } from '../stores/local/root.js'
import { holdsStore } from '../stores/local/root-files.js'
import type { S3Options } from '../stores/s3/options.js'
import type { ProfileData } from '../stores/s3/profile.js'
import { S3Store } from '../stores/s3/store.js'
import type { PendingUpload, UploadLog } from '../stores/s3/upload-log.js'
import type { BareBackend } from './backend.js'
import { readProfile } from './endpoint-profile.js'
import { Erasing } from './erasure/erasing.js'
import { bucketEraser } from './erasure/plain-erasers.js'

/** Opens a bucket as the store, without a net. The network is not touched before the first operation. */
export async function openS3Backend(
  provider: 's3' | 'minio',
  config: StorageConfig,
  logger: Logger,
  create: boolean,
): Promise<BareBackend> {
  const uploads = new UploadRecord(config, logger, create)
  const store = makeS3Store(provider, config, logger, { uploads }, await readProfile(config))
  return {
    provider,
    store,
    versions: store.versions,
    erasing: new Erasing({
      eraser: bucketEraser(store, () => uploads.folder(false)),
      folder: undefined,
      logger,
    }),
    objectUrl: key => store.objectUrl(key),
    probe: async signal => {
      await store.probe({ signal })
      await abortOrphans(store, uploads, logger)
    },
    problems: () => uploads.problems(),
    folder: mayCreate => uploads.folder(mayCreate),
    close: async () => {
      await store.close()
      await uploads.close()
    },
  }
}

/** The configured bucket. @param profile what is known of its endpoint */
export function makeS3Store(
  provider: 's3' | 'minio',
  config: StorageConfig,
  logger: Logger,
  { deadlines, ...more }: Pick<S3Options, 'uploads' | 'stamps' | 'retry' | 'deadlines' | 'concurrency'>,
  profile?: ProfileData,
): S3Store {
  const bucket = bucketOptions(config)
  const options = {
    provider,
    publicEndpoint: config.objectStoragePublicEndpoint,
    ...bucket,
    deadlines: { ...bucket.deadlines, ...deadlines },
    connections: config.objectStorageConnections,
    partSize: config.objectStoragePartBytes,
    logger,
    ...more,
  }
  return new S3Store(options, profile)
}

/** The configured bucket, who asks for it, and how long for. */
export function bucketOptions(
  config: StorageConfig,
): Pick<S3Options, 'endpoint' | 'region' | 'bucket' | 'credentials' | 'forcePathStyle' | 'deadlines'> {
  const { objectStorageAccessKey: accessKeyId, objectStorageSecretKey: secretAccessKey } = config
  return {
    endpoint: config.objectStorageEndpoint,
    region: config.objectStorageRegion,
    bucket: config.objectStorageBucket,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, sessionToken: config.objectStorageSessionToken },
    forcePathStyle: config.objectStoragePathStyle,
    deadlines: {
      connectMs: config.objectStorageConnectTimeoutMs,
      firstByteMs: config.objectStorageFirstByteTimeoutMs,
      idleMs: config.objectStorageIdleTimeoutMs,
    },
  }
}

/** Ends the multipart uploads that a crash left behind. That they cannot be ended now is no reason not to start. */
async function abortOrphans(store: S3Store, uploads: UploadRecord, logger: Logger): Promise<void> {
  try {
    if (uploads.isMade) await store.abortOrphans()
  } catch (error) {
    if (!StorageError.is(error)) throw error
    logger.warn({ code: error.code }, `Unfinished multipart uploads were not cleared: ${error.message}`)
  }
}

/**
 * The list of multipart uploads under way, in the storage folder's ledger. The folder is opened only when an
 * upload in parts begins, or when there is one already: reading a bucket needs no folder.
 */
class UploadRecord implements UploadLog {
  readonly #config: StorageConfig
  readonly #logger: Logger
  readonly #create: boolean
  #root: Promise<Root> | undefined
  #problem: Problem | undefined

  constructor(config: StorageConfig, logger: Logger, create: boolean) {
    this.#config = config
    this.#logger = logger
    this.#create = create
  }

  /** Whether the storage folder has been made. */
  get isMade(): boolean {
    return holdsStore(this.#config.localStoragePath)
  }

  async begin(upload: PendingUpload): Promise<void> {
    const root = await this.#usable()
    await root?.uploads.begin(upload)
  }

  async end(uploadId: string): Promise<void> {
    const root = await this.#usable()
    await root?.uploads.end(uploadId)
  }

  async orphans(): Promise<readonly PendingUpload[]> {
    return (await this.#usable())?.uploads.orphans() ?? []
  }

  /** The folder; undefined where there is none, and none is to be made, or it cannot be used. */
  async folder(mayCreate: boolean): Promise<Root | undefined> {
    return mayCreate || this.isMade ? this.#usable() : undefined
  }

  problems(): readonly Problem[] {
    return this.#problem === undefined ? [] : [this.#problem]
  }

  async close(): Promise<void> {
    await (await this.#root?.catch(() => undefined))?.close()
  }

  /** The opened folder; undefined, and a problem in the status, where it cannot be used: uploads go on without the list. */
  async #usable(): Promise<Root | undefined> {
    try {
      this.#root ??= this.#open()
      const root = await this.#root
      this.#problem = undefined
      return root
    } catch (error) {
      this.#root = undefined
      if (!StorageError.is(error)) throw error
      if (this.#problem === undefined) this.#logger.warn({ code: error.code }, error.message)
      const message = `Multipart uploads that a crash leaves behind will not be found: ${error.message}`
      this.#problem = { code: 'NO_UPLOAD_LOG', message, severity: 'warning' }
      return undefined
    }
  }

  async #open(): Promise<Root> {
    const { openRoot } = await import('../stores/local/root.js')
    const { localStoragePath: path, ledgerPath } = this.#config
    return openRoot({ path, ledgerPath, create: this.#create, logger: this.#logger })
  }
}
