import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKey } from '../../core/key.js'
import { canonicalQuery, encodeQuery, Signer, sha256Hex, UNSIGNED_PAYLOAD } from './sigv4.js'

type Data = string | ArrayBuffer | ArrayBufferView

class Sha256 {
  readonly #hash
  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }
  update(data: Data): void {
    this.#hash.update(bytes(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

function bytes(data: Data): Uint8Array | string {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}

const text = fc.string({ unit: 'binary', maxLength: 24 })
const headerText = fc.string({ unit: fc.constantFrom(...' \t  aZ9-_./"\'=;,:+%~()é'), maxLength: 30 })
const headerName = fc
  .stringMatching(/^[a-z][a-z0-9!#$%&'*+.^_`|~-]{0,20}$/)
  .filter(name => !/^(host|authorization|date|x-amz-.*)$/.test(name))
const request = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'HEAD', 'POST', 'DELETE'),
  key: fc.oneof(
    text,
    fc.string({ unit: fc.constantFrom(...' !\'()*~%+&=?#/.;:@$,[]{}|\\^`"<>é€😀'), maxLength: 30 }),
  ),
  // The reference loses a parameter of the name __proto__.
  query: fc.dictionary(
    text.filter(name => name !== '__proto__'),
    text,
    { maxKeys: 6 },
  ),
  headers: fc.dictionary(
    fc.oneof(
      headerName,
      fc.constantFrom('user-agent', 'cache-control', 'proxy-x', 'sec-y', 'range', 'content-type'),
    ),
    headerText,
    { maxKeys: 6 },
  ),
  amzHeaders: fc.dictionary(
    headerName.map(name => `x-amz-meta-${name}`),
    headerText,
    { maxKeys: 4 },
  ),
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'auto'),
  secret: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }),
  token: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/), { nil: undefined }),
  time: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  body: fc.uint8Array({ maxLength: 64 }),
})

function reference(
  region: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
) {
  return new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
}

describe('Signer, against @smithy/signature-v4', () => {
  it('signs headers byte for byte alike', async () => {
    await fc.assert(
      fc.asyncProperty(request, async r => {
        const credentials = {
          accessKeyId: 'AKID',
          secretAccessKey: r.secret,
          ...(r.token && { sessionToken: r.token }),
        }
        const headers = { ...r.headers, ...r.amzHeaders }
        const path = `/bucket/${encodeKey(r.key)}`
        const payloadHash = sha256Hex(r.body)
        const expected = (await reference(r.region, credentials).sign(
          {
            method: r.method,
            protocol: 'https:',
            hostname: 'example.com',
            path,
            query: r.query,
            headers: { ...headers, host: 'example.com:9000', 'x-amz-content-sha256': payloadHash },
            body: r.body,
          } as Parameters<SignatureV4['sign']>[0] & { method: string },
          { signingDate: new Date(r.time) },
        )) as unknown as { headers: Record<string, string> }
        const signed = new Signer(r.region).sign(
          {
            method: r.method,
            host: 'example.com:9000',
            path,
            query: canonicalQuery(Object.entries(r.query)),
            headers: Object.entries(headers).flat(),
          },
          payloadHash,
          credentials,
          r.time,
        )
        const got = Object.fromEntries(pairs(signed))
        expect({ ...got, host: 'example.com:9000' }).toEqual(expected.headers)
      }),
      { numRuns: 3000 },
    )
  })

  it('presigns queries byte for byte alike', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.integer({ min: 1, max: 604_800 }), async (r, expiresIn) => {
        const credentials = {
          accessKeyId: 'AKID',
          secretAccessKey: r.secret,
          ...(r.token && { sessionToken: r.token }),
        }
        const path = `/bucket/${encodeKey(r.key)}`
        const query = Object.fromEntries(
          Object.entries(r.query).filter(([name]) => !name.toLowerCase().startsWith('x-amz-')),
        )
        const expected = await reference(r.region, credentials).presign(
          {
            method: r.method,
            protocol: 'https:',
            hostname: 'example.com',
            path,
            query,
            headers: { ...r.headers, host: 'example.com', 'x-amz-content-sha256': UNSIGNED_PAYLOAD },
          },
          { signingDate: new Date(r.time), expiresIn },
        )
        // The reference takes the payload hash from a header, which it then moves into the query.
        const { 'X-Amz-Signature': signature, ...wanted } = expected.query as Record<string, string>
        const got = new Signer(r.region).presign(
          { method: r.method, host: 'example.com', path, headers: Object.entries(r.headers).flat() },
          [...Object.entries(query), ['x-amz-content-sha256', UNSIGNED_PAYLOAD]],
          expiresIn,
          credentials,
          r.time,
        )
        expect(got).toBe(`${canonicalQuery(Object.entries(wanted))}&X-Amz-Signature=${signature}`)
      }),
      { numRuns: 3000 },
    )
  })

  it('derives another key for another day and another secret', () => {
    const signer = new Signer('us-east-1')
    const sign = (secretAccessKey: string, time: number) =>
      signer
        .sign(
          { method: 'GET', host: 'h', path: '/', query: '', headers: [] },
          UNSIGNED_PAYLOAD,
          { accessKeyId: 'a', secretAccessKey },
          time,
        )
        .at(-1)
    const day = 86_400_000
    const first = sign('one', 0)
    expect(sign('one', day)).not.toBe(first)
    expect(sign('two', 0)).not.toBe(first)
    expect(sign('one', 0)).toBe(first)
  })
})

describe('canonicalQuery', () => {
  it('encodes all but the unreserved characters and sorts by encoded name, then value', () => {
    expect(
      canonicalQuery([
        ['b', '/ +'],
        ['a', "!'()*"],
        ['a', '1'],
        ['uploads', ''],
      ]),
    ).toBe('a=%21%27%28%29%2A&a=1&b=%2F%20%2B&uploads=')
    expect(encodeQuery('AZaz09-_.~')).toBe('AZaz09-_.~')
  })
})

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1] as string]
}
