import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  NoSuchKey,
  S3Client,
} from '@aws-sdk/client-s3'
import pLimit from 'p-limit'
import type { Content } from './events.js'

/** Where the bucket is, and who may use it. */
export interface BucketAddress {
  readonly endpoint: string | undefined
  readonly region: string
  readonly bucket: string
  readonly pathStyle: boolean
  /** AWS's default chain unless given. */
  readonly credentials:
    | {
        readonly accessKeyId: string
        readonly secretAccessKey: string
        readonly sessionToken?: string | undefined
      }
    | undefined
}

const AT_ONCE = 16
const ATTEMPTS = 8

/** A bucket as Amazon's own client sees it: none of the code that is under test stands in between. */
export class PlainBucket {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(address: BucketAddress) {
    const { endpoint, region, bucket, pathStyle, credentials } = address
    this.#bucket = bucket
    this.#client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      maxAttempts: ATTEMPTS,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && {
        credentials: {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
        },
      }),
    })
  }

  /** Every key below the prefix. */
  async *keys(prefix: string): AsyncGenerator<string> {
    let token: string | undefined
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ContinuationToken: token }),
      )
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key
      token = page.NextContinuationToken
    } while (token !== undefined)
  }

  /** What is under a key, read to its end; undefined if there is nothing. */
  async read(key: string): Promise<Content | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }))
      const hash = createHash('sha256')
      let size = 0
      for await (const piece of Body as AsyncIterable<Uint8Array>) {
        hash.update(piece)
        size += piece.length
      }
      return { size, sha256: hash.digest('hex') }
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw error
    }
  }

  /** Calls `work` for each key, a few at once. */
  async each(keys: Iterable<string>, work: (key: string) => Promise<void>): Promise<void> {
    const limit = pLimit(AT_ONCE)
    await Promise.all(Array.from(keys, key => limit(() => work(key))))
  }

  /** Removes all that is below the prefix: objects, their older versions, and unfinished uploads. */
  async removeAll(prefix: string): Promise<void> {
    await this.#abortUploads(prefix)
    const keys: string[] = []
    for await (const key of this.keys(prefix)) keys.push(key)
    await this.each(keys, key => this.#remove(key))
    await this.#removeVersions(prefix, () => true)
  }

  /** Removes one object and its older versions. */
  async removeOne(key: string): Promise<void> {
    await this.#remove(key)
    await this.#removeVersions(key, other => other === key)
  }

  close(): void {
    this.#client.destroy()
  }

  async #remove(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }))
  }

  async #abortUploads(prefix: string): Promise<void> {
    const page = await allowed(
      this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix })),
    )
    for (const { Key, UploadId } of page?.Uploads ?? []) {
      await allowed(
        this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId })),
      )
    }
  }

  /** In a bucket with versioning a delete leaves the versions, which cost as before. */
  async #removeVersions(prefix: string, isMeant: (key: string | undefined) => boolean): Promise<void> {
    let after: Place | undefined = {}
    // Page by page, and not until none is left: a server may say that it removes, and not do it.
    while (after !== undefined) {
      const asked: ListObjectVersionsCommand = new ListObjectVersionsCommand({
        Bucket: this.#bucket,
        Prefix: prefix,
        ...after,
      })
      const page: ListObjectVersionsCommandOutput | undefined = await allowed(this.#client.send(asked))
      const all = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])]
      for (const { Key, VersionId } of all.filter(({ Key }) => isMeant(Key))) {
        await allowed(this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key, VersionId })))
      }
      after = page?.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined
    }
  }
}

/** Where a listing of versions goes on. */
interface Place {
  readonly KeyMarker?: string | undefined
  readonly VersionIdMarker?: string | undefined
}

/** What not every account may do, and not every server can, is left out. */
async function allowed<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch {
    return undefined
  }
}
