import type { S3Client } from './client.js'
import { trials } from './trials.js'

/**
 * What an endpoint can do that S3-compatible servers differ in. Nothing of it is assumed: each is tried out in
 * the bucket itself, below `.holdfast/probe/`, when it is first needed.
 */
export interface ProfileData {
  /** PUT honours If-Match and If-None-Match; `bare` where it wants the ETag without quotes. */
  readonly conditionalPut?: false | EtagStyle
  /** CompleteMultipartUpload does. */
  readonly conditionalComplete?: false | EtagStyle
  /** DELETE honours If-Match. */
  readonly conditionalDelete?: false | EtagStyle
  /** CopyObject honours x-amz-copy-source-if-match. */
  readonly copySourceIfMatch?: false | EtagStyle
  /** CopyObject honours If-Match and If-None-Match, on what is replaced. */
  readonly conditionalCopy?: false | EtagStyle
  /** Metadata names keep `_`; servers that see headers as CGI variables make it `-`. */
  readonly keepsUnderscores?: boolean
  /** CopyObject takes the source's tags along, or those that it is given. */
  readonly copiesTags?: boolean
  /** An upload in parts keeps the tags that it was begun with. */
  readonly multipartTags?: boolean
  /** The ETag of a small object is the MD5 of its bytes. */
  readonly etagIsMd5?: boolean
}

/** How an ETag stands in If-Match: quoted as RFC 9110 has it, or bare. */
export type EtagStyle = 'quoted' | 'bare'

export type Feature = keyof ProfileData

/** The profile of one endpoint and bucket: kept in memory, and as plain data for who wants to store it. */
export class Profile {
  readonly #client: S3Client
  readonly #known: { -readonly [F in Feature]?: ProfileData[F] }
  readonly #asking = new Map<Feature, Promise<unknown>>()

  constructor(client: S3Client, known: ProfileData = {}) {
    this.#client = client
    this.#known = { ...known }
  }

  /** What is known so far; undefined where it was not needed yet. */
  known<F extends Feature>(feature: F): ProfileData[F] | undefined {
    return this.#known[feature]
  }

  /**
   * What the endpoint does, tried out now if it is not known.
   *
   * @throws StorageError what keeps the trial from an answer; the next question tries again
   */
  async ask<F extends Feature>(feature: F): Promise<Exclude<ProfileData[F], undefined>> {
    const known = this.#known[feature]
    if (known !== undefined) return known as Exclude<ProfileData[F], undefined>
    let asking = this.#asking.get(feature) as Promise<ProfileData[F]> | undefined
    if (asking === undefined) {
      asking = trials[feature](this.#client).finally(() => this.#asking.delete(feature))
      this.#asking.set(feature, asking)
    }
    const found = await asking
    this.#known[feature] = found
    return found as Exclude<ProfileData[F], undefined>
  }

  toJSON(): ProfileData {
    return { ...this.#known }
  }
}
