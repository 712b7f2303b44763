import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseKey } from '../../core/key.js'
import type { StoredObject } from './metadata.js'
import { verifierFor, verifyBytes } from './verify.js'

const bytes = Buffer.from('0123456789'.repeat(100))

function stored(init: Partial<StoredObject> & { etag?: string; sha256?: string } = {}): StoredObject {
  const { etag = '', sha256, ...rest } = init
  const stat = {
    key: parseKey('a'),
    size: bytes.length,
    etag,
    lastModified: new Date(),
    contentType: 'a/b',
    metadata: {},
    ...(sha256 !== undefined && { sha256 }),
  }
  return { stat, parts: undefined, encryption: undefined, tagCount: 0, ...rest }
}

/** Whether the bytes pass, given whole and in pieces of every awkward size; undefined if nothing is compared. */
function passes(object: StoredObject, content: Buffer): boolean | undefined {
  const results = new Set<boolean | undefined>([
    verifierFor(object) === undefined ? undefined : verifyBytes(object, content) === undefined,
  ])
  for (const size of [1, 99, 100, 101, 1000]) {
    const verifier = verifierFor(object)
    for (let at = 0; at < content.length; at += size) verifier?.update(content.subarray(at, at + size))
    results.add(verifier?.matches())
  }
  expect(results.size).toBe(1)
  return [...results][0]
}

function composite(size: number): string {
  const digests: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    digests.push(hash('md5', bytes.subarray(at, at + size), 'buffer'))
  }
  return `${hash('md5', Buffer.concat(digests), 'hex')}-${digests.length}`
}

describe('a verifier', () => {
  const other = Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')])

  it.each([
    ['the SHA-256', { sha256: hash('sha256', bytes, 'hex'), etag: 'anything' }],
    ['an MD5 ETag', { etag: hash('md5', bytes, 'hex') }],
    ['an MD5 ETag under SSE-S3', { etag: hash('md5', bytes, 'hex'), encryption: 'AES256' }],
    ['a composite ETag of whole parts', { etag: composite(100), parts: '100' }],
    ['a composite ETag with a rest', { etag: composite(300), parts: '300' }],
    ['a composite ETag of one part', { etag: composite(1000), parts: '1000+' }],
  ])('compares %s', (_, init) => {
    expect(passes(stored(init), bytes)).toBe(true)
    expect(passes(stored(init), other)).toBe(false)
    expect(passes(stored(init), bytes.subarray(1))).toBe(false)
  })

  it.each([
    ['an ETag under a KMS key', { etag: hash('md5', bytes, 'hex'), encryption: 'aws:kms' }],
    ['an ETag under a customer key', { etag: hash('md5', bytes, 'hex'), encryption: 'customer' }],
    ['a composite ETag of unknown parts', { etag: composite(100) }],
    ['any other ETag', { etag: 'abc' }],
  ])('compares nothing for %s', (_, init) => {
    expect(passes(stored(init), other)).toBeUndefined()
  })
})
