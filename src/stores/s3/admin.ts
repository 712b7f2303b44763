import type { S3Client as AwsClient, CORSRule } from '@aws-sdk/client-s3'
import { type ErrorCode, StorageError } from '../../core/errors.js'
import { silentLogger } from '../../core/logger.js'
import type { Versioning } from '../../core/versions.js'
import { addressOf } from './address.js'
import { credentialSource } from './credentials.js'
import { DEFAULT_DEADLINES } from './deadlines.js'
import { codeOfS3 } from './errors.js'
import type { S3Options } from './options.js'

/** What administers a bucket is taken from the store's own options. */
export type AdminOptions = Pick<
  S3Options,
  'endpoint' | 'region' | 'bucket' | 'credentials' | 'forcePathStyle' | 'deadlines'
>

/** A rule that lets pages of other origins use the bucket (S3 API, "CORSRule"). */
export interface CorsRule {
  readonly id?: string | undefined
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly maxAgeSeconds?: number | undefined
}

/** A question is repeated once: whoever asks waits for it. */
const MAX_ATTEMPTS = 2

type Sdk = typeof import('@aws-sdk/client-s3')

/**
 * Sets up a bucket, with the AWS SDK's client: what is rare and not on the path of data. The SDK is loaded with the
 * first call, and one client serves one bucket: with its middleware cached, it would send requests to another
 * client's. Every method throws a StorageError: `PERMISSION_DENIED`, `NO_SUCH_BUCKET`, `UNAVAILABLE`, `TIMEOUT`, and
 * `UNSUPPORTED` where the server does not know what is asked.
 */
export class BucketAdmin {
  readonly bucket: string
  readonly #options: AdminOptions
  #opened: Promise<{ client: AwsClient; sdk: Sdk }> | undefined

  constructor(options: AdminOptions) {
    addressOf(options)
    this.#options = options
    this.bucket = options.bucket
  }

  /** Whether the bucket exists and these credentials may see it (S3 API, "HeadBucket"). */
  async exists(): Promise<boolean> {
    try {
      await this.#ask('bucketExists', (client, sdk) => client.send(new sdk.HeadBucketCommand(this.#named)))
      return true
    } catch (error) {
      if (StorageError.is(error, 'NO_SUCH_BUCKET')) return false
      throw error
    }
  }

  /**
   * Creates the bucket (S3 API, "CreateBucket"). One that these credentials own already is a success.
   *
   * @returns whether it was not there before, as far as the server tells
   * @throws StorageError `ALREADY_EXISTS` where somebody else owns it
   */
  async create(): Promise<boolean> {
    const { endpoint, region } = this.#options
    if (await this.exists()) return false
    // us-east-1 is the one region that must not be named (S3 API, "CreateBucket", LocationConstraint).
    const named = endpoint === undefined && region !== 'us-east-1'
    const location = { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } }
    return this.#ask('createBucket', async (client, sdk) => {
      try {
        await client.send(new sdk.CreateBucketCommand({ ...this.#named, ...(named && location) }))
        return true
      } catch (error) {
        if (nameOf(error) === 'BucketAlreadyOwnedByYou') return false
        throw error
      }
    })
  }

  /**
   * Shuts the public out, whatever policies and ACLs say (S3 API, "PutPublicAccessBlock").
   *
   * @param refuseAcls also refuse uploads that come with a public ACL; else such an ACL has no effect
   */
  async blockPublicAccess(refuseAcls = true): Promise<void> {
    await this.#ask('blockPublicAccess', (client, sdk) =>
      client.send(
        new sdk.PutPublicAccessBlockCommand({
          ...this.#named,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: refuseAcls,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
      ),
    )
  }

  /** Whether the public is shut out, whatever policies and ACLs say (S3 API, "GetPublicAccessBlock"). */
  async isPublicAccessBlocked(): Promise<boolean> {
    const found = await this.#ask('publicAccess', (client, sdk) =>
      orNone(client.send(new sdk.GetPublicAccessBlockCommand(this.#named)), [
        'NoSuchPublicAccessBlockConfiguration',
      ]),
    )
    const block = found?.PublicAccessBlockConfiguration
    return (
      block?.IgnorePublicAcls === true &&
      block.BlockPublicPolicy === true &&
      block.RestrictPublicBuckets === true
    )
  }

  /** S3 API, "GetBucketVersioning". */
  async versioning(): Promise<Versioning> {
    const { Status } = await this.#ask('versioning', (client, sdk) =>
      client.send(new sdk.GetBucketVersioningCommand(this.#named)),
    )
    return Status === 'Enabled' ? 'on' : Status === 'Suspended' ? 'suspended' : 'off'
  }

  /** S3 API, "PutBucketVersioning". What was once on can only be suspended: the versions that there are stay. */
  async setVersioning(on: boolean): Promise<void> {
    await this.#ask('versioning', (client, sdk) =>
      client.send(
        new sdk.PutBucketVersioningCommand({
          ...this.#named,
          VersioningConfiguration: { Status: on ? 'Enabled' : 'Suspended' },
        }),
      ),
    )
  }

  /** S3 API, "GetBucketCors". */
  async cors(): Promise<CorsRule[]> {
    const found = await this.#ask('cors', (client, sdk) =>
      orNone(client.send(new sdk.GetBucketCorsCommand(this.#named)), ['NoSuchCORSConfiguration']),
    )
    return (found?.CORSRules ?? []).map(rule => ({
      id: rule.ID,
      origins: rule.AllowedOrigins ?? [],
      methods: rule.AllowedMethods ?? [],
      headers: rule.AllowedHeaders ?? [],
      exposedHeaders: rule.ExposeHeaders ?? [],
      maxAgeSeconds: rule.MaxAgeSeconds,
    }))
  }

  /** Replaces all rules (S3 API, "PutBucketCors"); none removes them ("DeleteBucketCors"). */
  async setCors(rules: readonly CorsRule[]): Promise<void> {
    await this.#ask('cors', async (client, sdk) => {
      if (rules.length === 0) await client.send(new sdk.DeleteBucketCorsCommand(this.#named))
      else {
        const CORSConfiguration = { CORSRules: rules.map(toSdk) }
        await client.send(new sdk.PutBucketCorsCommand({ ...this.#named, CORSConfiguration }))
      }
    })
  }

  /** Ends what the client holds open. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    opened?.client.destroy()
  }

  get #named(): { Bucket: string } {
    return { Bucket: this.bucket }
  }

  async #ask<T>(op: string, work: (client: AwsClient, sdk: Sdk) => Promise<T>): Promise<T> {
    try {
      this.#opened ??= this.#open()
      const { client, sdk } = await this.#opened
      return await work(client, sdk)
    } catch (error) {
      throw adminError(op, this.bucket, error)
    }
  }

  async #open(): Promise<{ client: AwsClient; sdk: Sdk }> {
    const { region, endpoint, forcePathStyle, credentials, deadlines } = this.#options
    const { connectMs, firstByteMs } = { ...DEFAULT_DEADLINES, ...deadlines }
    const source = credentialSource(credentials, silentLogger)
    const sdk = await import('@aws-sdk/client-s3')
    const client = new sdk.S3Client({
      region,
      ...(endpoint && { endpoint }),
      forcePathStyle: forcePathStyle ?? Boolean(endpoint),
      maxAttempts: MAX_ATTEMPTS,
      // Unless told, it waits for a silent server for ever.
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout: firstByteMs,
        throwOnRequestTimeout: true,
      },
      credentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await source.get()
        return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      },
      // Servers that are not AWS refuse the checksums that newer SDKs add unasked.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    return { client, sdk }
  }
}

function toSdk(rule: CorsRule): CORSRule {
  return {
    ...(rule.id !== undefined && { ID: rule.id }),
    AllowedOrigins: [...rule.origins],
    AllowedMethods: [...rule.methods],
    ...(rule.headers.length > 0 && { AllowedHeaders: [...rule.headers] }),
    ...(rule.exposedHeaders.length > 0 && { ExposeHeaders: [...rule.exposedHeaders] }),
    ...(rule.maxAgeSeconds !== undefined && { MaxAgeSeconds: rule.maxAgeSeconds }),
  }
}

/** What is there; undefined where the answer says by one of these names that there is nothing. */
async function orNone<T>(answer: Promise<T>, names: readonly string[]): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (names.includes(nameOf(error))) return undefined
    throw error
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function adminError(op: string, bucket: string, error: unknown): StorageError {
  if (StorageError.is(error)) return error
  const name = nameOf(error)
  const status = statusOf(error)
  return new StorageError({
    code: codeOf(name, status),
    op,
    store: 's3',
    message: `The object store answered ${status ?? 'nothing'} (${name}) to ${op} of the bucket ${bucket}.`,
    cause: error,
  })
}

function codeOf(name: string, status: number | undefined): ErrorCode {
  if (name === 'TimeoutError') return 'TIMEOUT'
  const known = name === 'BucketAlreadyExists' ? 'ALREADY_EXISTS' : codeOfS3(name)
  if (known !== undefined) return known
  switch (status) {
    // The answer to a HEAD has no document that would say so.
    case 404:
      return 'NO_SUCH_BUCKET'
    case 401:
    case 403:
      return 'PERMISSION_DENIED'
    case 405:
    case 501:
      return 'UNSUPPORTED'
    default:
      return status !== undefined && status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE'
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}
