import { createHash, type Hash, hash } from 'node:crypto'
import type { StoredObject } from './metadata.js'
import { type PartPlan, parsePartPlan, partBytes } from './parts.js'

/** Checks the bytes of a whole object, given in order, against what is recorded of them. */
export interface Verifier {
  update(chunk: Buffer): void
  /** Whether the bytes are the recorded ones. */
  matches(): boolean
  /** What is compared. */
  readonly by: 'SHA-256' | 'MD5 ETag'
}

/**
 * How a whole object's bytes can be checked: by the SHA-256 in its metadata, by an ETag that is their MD5, or by
 * a composite ETag whose parts are known. Undefined where there is nothing but the length.
 */
export function verifierFor(stored: StoredObject): Verifier | undefined {
  const { stat, encryption } = stored
  if (stat.sha256 !== undefined) return new DigestVerifier('sha256', stat.sha256, 'SHA-256')
  // With a KMS or customer key, an ETag is no MD5 (S3 API, "Object", ETag).
  if (encryption !== undefined && encryption !== 'AES256') return undefined
  if (/^[0-9a-f]{32}$/.test(stat.etag)) return new DigestVerifier('md5', stat.etag, 'MD5 ETag')
  const plan = parsePartPlan(stored.parts)
  if (plan === undefined || !/^[0-9a-f]{32}-\d{1,5}$/.test(stat.etag)) return undefined
  return new CompositeVerifier(plan, stat.etag)
}

/** Checks bytes that are all in hand, without a copy. */
export function verifyBytes(stored: StoredObject, bytes: Buffer): Verifier | undefined {
  const { sha256 } = stored.stat
  if (sha256 !== undefined && hash('sha256', bytes, 'hex') === sha256) return undefined
  const verifier = verifierFor(stored)
  verifier?.update(bytes)
  return verifier === undefined || verifier.matches() ? undefined : verifier
}

class DigestVerifier implements Verifier {
  readonly by
  readonly #hash: Hash
  readonly #expected: string

  constructor(algorithm: string, expected: string, by: Verifier['by']) {
    this.#hash = createHash(algorithm)
    this.#expected = expected
    this.by = by
  }

  update(chunk: Buffer): void {
    this.#hash.update(chunk)
  }

  matches(): boolean {
    return this.#hash.digest('hex') === this.#expected
  }
}

/** The MD5 of the parts' MD5s, and their number (S3 API, "Checking object integrity", ETag of multipart uploads). */
class CompositeVerifier implements Verifier {
  readonly by = 'MD5 ETag'
  readonly #plan: PartPlan
  readonly #expected: string
  readonly #digests: Buffer[] = []
  #part = createHash('md5')
  #left: number

  constructor(plan: PartPlan, expected: string) {
    this.#plan = plan
    this.#expected = expected
    this.#left = partBytes(plan, 1)
  }

  update(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      if (this.#left === 0) this.#endPart()
      const piece = rest.length <= this.#left ? rest : rest.subarray(0, this.#left)
      this.#part.update(piece)
      this.#left -= piece.length
      rest = rest.subarray(piece.length)
    }
  }

  matches(): boolean {
    this.#endPart()
    return `${hash('md5', Buffer.concat(this.#digests), 'hex')}-${this.#digests.length}` === this.#expected
  }

  #endPart(): void {
    this.#digests.push(this.#part.digest())
    this.#part = createHash('md5')
    this.#left = partBytes(this.#plan, this.#digests.length + 1)
  }
}
