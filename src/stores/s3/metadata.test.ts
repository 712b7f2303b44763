import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_METADATA_BYTES, OWN_METADATA_BYTES, parseAttributes } from '../../core/attributes.js'
import { parseKey } from '../../core/key.js'
import { AnswerHeaders } from './answer-headers.js'
import type { S3Context } from './context.js'
import { objectHeaders, readStoredObject } from './metadata.js'

const own = {
  writeId: '00000000-0000-4000-8000-000000000000',
  stamp: { time: 36 ** 10 - 1, sequence: 36 ** 10 - 1, host: 'zzzzzzzzzzzzzzzz' },
  sha256: 'f'.repeat(64),
  parts: '5368709120+',
}

const original = {
  encoding: 'zstd',
  size: Number.MAX_SAFE_INTEGER,
  sha256: '0123456789abcdef'.repeat(4),
} as const

function contextThat(keepsUnderscores: boolean): S3Context {
  return { profile: { ask: async () => keepsUnderscores } } as unknown as S3Context
}

/** What a server answers to a GET of what was put. */
function answered(headers: readonly string[], change = (name: string) => name): AnswerHeaders {
  return new AnswerHeaders(headers.map((text, i) => Buffer.from(i % 2 === 0 ? change(text) : text)))
}

const token = fc
  .stringMatching(/^[a-z0-9!#$%&'*+.^_`|~-]{1,12}$/)
  .filter(name => !name.startsWith('holdfast-'))
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter(value => !/[\p{Cc}\u2028\u2029]/u.test(value))
const attributes = fc.record(
  {
    contentType: fc.constantFrom('image/png', 'text/plain; charset=utf-8'),
    fileName: text.filter(name => name !== ''),
    contentDisposition: fc.constantFrom('inline', 'attachment; filename="a b"'),
    cacheControl: fc.constant('no-store'),
    contentEncoding: fc.constantFrom('gzip', 'br'),
    storageClass: fc.constant('STANDARD_IA'),
    metadata: fc.dictionary(token, text, { maxKeys: 5 }),
  },
  { requiredKeys: [] },
)

describe('object metadata', () => {
  it('comes back as it was given, also from a server that makes _ a -', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, fc.boolean(), fc.boolean(), async (input, keeps, isCompressed) => {
        const given = { ...parseAttributes(input), ...(isCompressed && { original }) }
        const headers = await objectHeaders(contextThat(keeps), given, own)
        const change = (name: string) => (keeps ? name : name.replaceAll('_', '-'))
        const { stat, parts } = readStoredObject(parseKey('a'), answered(headers, change), 1)
        const { key, size, etag, lastModified, writeId, stamp, sha256, ...carried } = stat
        expect({ ...carried, metadata: { ...carried.metadata } }).toEqual({
          ...given,
          metadata: { ...given.metadata },
        })
        expect({ writeId, stamp, sha256, parts }).toEqual(own)
      }),
      { numRuns: 1000 },
    )
  })

  it('of Holdfast itself fits in the room that is kept for it', async () => {
    const given = { ...parseAttributes({}), original }
    const headers = await objectHeaders(contextThat(true), given, own)
    let bytes = 0
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string
      if (name.startsWith('x-amz-meta-'))
        bytes += name.length - 'x-amz-meta-'.length + (headers[i + 1] as string).length
    }
    expect(bytes).toBeLessThanOrEqual(OWN_METADATA_BYTES)
    expect(OWN_METADATA_BYTES).toBeLessThan(MAX_METADATA_BYTES)
  })

  it('of others is taken as far as it can be read', () => {
    const { stat, parts } = readStoredObject(
      parseKey('a'),
      answered([
        'ETag',
        'W/"abc"',
        'X-Amz-Meta-Name',
        '=?UTF-8?Q?J=C3=BCrgen?=',
        'x-amz-meta-holdfast-sha256',
        'no hash',
        'x-amz-meta-holdfast-stamp',
        '!!',
        'x-amz-meta-holdfast-future',
        'unknown',
        'x-amz-storage-class',
        'STANDARD',
        'x-amz-version-id',
        'null',
        'content-encoding',
        'aws-chunked,gzip',
        'last-modified',
        'nonsense',
      ]),
      7,
    )
    expect(stat).toEqual({
      key: 'a',
      size: 7,
      etag: 'abc',
      lastModified: new Date(0),
      contentType: 'application/octet-stream',
      contentEncoding: 'gzip',
      metadata: expect.objectContaining({ name: 'Jürgen' }),
    })
    expect(Object.keys(stat.metadata)).toEqual(['name'])
    expect(parts).toBeUndefined()
  })
})
