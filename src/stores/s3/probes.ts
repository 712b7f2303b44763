import { hash, randomUUID } from 'node:crypto'
import { StorageError } from '../../core/errors.js'
import { internalKey, type Key } from '../../core/key.js'
import type { S3Client } from './client.js'
import { s3CodeOf, unprovenAnswer } from './errors.js'
import { formatEtag } from './etag.js'
import type { EtagStyle, Feature, ProfileData } from './profile.js'
import { keyPath, readFields, readWritten } from './requests.js'
import { canonicalQuery, sha256Hex } from './sigv4.js'
import { fetchTags } from './tags.js'

/** How each feature is tried out. Every trial works on an object of its own, which it removes. */
export const probes: { readonly [F in Feature]: (client: S3Client) => Promise<ProfileData[F]> } = {
  conditionalPut: client =>
    withProbe(client, async probe => {
      const etag = await probe.put('a')
      if (await probe.accepts({ ifNoneMatch: '*' })) return false
      const style = await probe.styleOf(etag, condition => probe.accepts(condition))
      if (style === false) return false
      const onNothing = await withProbe(client, absent =>
        absent.accepts({ ifMatch: formatEtag(etag, style) }),
      )
      return onNothing ? false : style
    }),

  conditionalComplete: client =>
    withProbe(client, async probe => {
      const etag = await probe.put('a')
      return probe.withPart(async complete => {
        if (await complete({ ifNoneMatch: '*' })) return false
        return probe.styleOf(etag, complete)
      })
    }),

  conditionalDelete: client =>
    withProbe(client, async probe => {
      const etag = await probe.put('a')
      return probe.styleOf(etag, async ({ ifMatch = '' }) => {
        const call = {
          op: PROBE,
          method: 'DELETE',
          path: probe.path,
          headers: ['if-match', ifMatch],
        } as const
        if (!(await accepted(client.send(call, answer => answer.status === 204)))) return false
        // Some answer 204 and have not looked at the condition; some have, and answer so all the same.
        return !(await probe.exists())
      })
    }),

  copySourceIfMatch: client =>
    withProbe(client, async probe => {
      const etag = await probe.put('a')
      return withProbe(client, target =>
        probe.styleOf(etag, ({ ifMatch = '' }) => {
          const call = {
            op: PROBE,
            method: 'PUT',
            path: target.path,
            headers: [
              'x-amz-copy-source',
              `/${client.bucket}/${probe.key}`,
              'x-amz-copy-source-if-match',
              ifMatch,
            ],
          } as const
          return accepted(
            client.send(call, answer => Boolean(readFields(call, answer, 'CopyObjectResult')['ETag'])),
          )
        }),
      )
    }),

  keepsUnderscores: client =>
    withProbe(client, async ({ key, path, put }) => {
      const name = 'x-amz-meta-under_score'
      await put('a', [name, 'kept'])
      return client.send(
        { op: PROBE, key, method: 'HEAD', path },
        answer => answer.headers.get(name) === 'kept',
      )
    }),

  copiesTags: client =>
    assumed(
      true,
      withProbe(client, async probe => {
        await probe.put('a', TAGGED)
        return withProbe(client, async ({ key, path }) => {
          const source = ['x-amz-copy-source', `/${client.bucket}/${probe.key}`]
          const headers = [...source, 'x-amz-metadata-directive', 'REPLACE']
          const call = { op: PROBE, key, method: 'PUT', path, headers } as const
          await client.send(call, answer => readFields(call, answer, 'CopyObjectResult'))
          return 'tagged' in (await fetchTags(client, key, { op: PROBE }))
        })
      }),
    ),

  multipartTags: client =>
    assumed(
      true,
      withProbe(client, probe =>
        probe.withPart(async complete => {
          await complete({})
          return 'tagged' in (await fetchTags(client, probe.key, { op: PROBE }))
        }, TAGGED),
      ),
    ),

  etagIsMd5: client => withProbe(client, async probe => (await probe.put('a')) === hash('md5', 'a', 'hex')),
}

/** All that there is to find out. */
export const FEATURES = Object.keys(probes) as Feature[]

const PROBE = 'probe'
const TAGGED = ['x-amz-tagging', 'tagged=yes']

/** A condition as it is sent. */
interface Condition {
  readonly ifMatch?: string
  readonly ifNoneMatch?: '*'
}

/** An object to try things out on. */
interface ProbeObject {
  readonly key: Key
  readonly path: string
  /** Writes the object. @returns its ETag */
  put(text: string, headers?: readonly string[]): Promise<string>
  /** Whether a conditional PUT is taken. */
  accepts(condition: Condition): Promise<boolean>
  exists(): Promise<boolean>
  /** Begins an upload of one part, which `work` can try to complete; aborts what is left of it. */
  withPart<T>(
    work: (complete: (condition: Condition) => Promise<boolean>) => Promise<T>,
    headers?: readonly string[],
  ): Promise<T>
  /** The style in which the right ETag is taken and a wrong one is not; false if there is none. */
  styleOf(etag: string, accepts: (condition: Condition) => Promise<boolean>): Promise<false | EtagStyle>
}

async function withProbe<T>(client: S3Client, work: (probe: ProbeObject) => Promise<T>): Promise<T> {
  const key = internalKey(`probe/${randomUUID()}`)
  const path = keyPath(client, key)
  /** Versions that were made, which a plain DELETE would leave behind a marker in a versioned bucket. */
  const versions = new Set<string | undefined>([undefined])
  const put = async (text: string, headers: readonly string[] = []): Promise<string> => {
    const body = Buffer.from(text)
    const call = { op: PROBE, key, method: 'PUT', path, headers, body, payloadHash: sha256Hex(body) } as const
    const written = await client.send(call, answer => readWritten(call, answer))
    versions.add(written.versionId)
    return written.etag
  }
  const probe: ProbeObject = {
    key,
    path,
    put,
    accepts: condition => accepted(put('b', conditionHeaders(condition))),
    exists: () => {
      const call = { op: PROBE, key, method: 'HEAD', path, expected: [404] } as const
      return client.send(call, answer => answer.status !== 404)
    },
    withPart: async (work, headers = []) => {
      const begin = { op: PROBE, key, method: 'POST', path, query: 'uploads=', headers } as const
      const { UploadId: id = '' } = await client.send(begin, answer =>
        readFields(begin, answer, 'InitiateMultipartUploadResult'),
      )
      try {
        const body = Buffer.from('c')
        const query = canonicalQuery([
          ['partNumber', '1'],
          ['uploadId', id],
        ])
        const part = {
          op: PROBE,
          key,
          method: 'PUT',
          path,
          query,
          body,
          payloadHash: sha256Hex(body),
        } as const
        const { etag } = await client.send(part, answer => readWritten(part, answer))
        return await work(condition => accepted(completeProbe(client, key, path, id, etag, condition)))
      } finally {
        const abort = {
          op: PROBE,
          key,
          method: 'DELETE',
          path,
          query: canonicalQuery([['uploadId', id]]),
        } as const
        await client.send(abort, () => {}).catch(() => {})
      }
    },
    styleOf: async (etag, accepts) => {
      const wrong = etag.replace(/[0-9a-f]/g, c => (c === '0' ? '1' : '0'))
      for (const style of ['quoted', 'bare'] as const) {
        if (await accepts({ ifMatch: formatEtag(wrong, style) })) return false
        if (await accepts({ ifMatch: formatEtag(etag, style) })) return style
      }
      return false
    },
  }
  try {
    return await work(probe)
  } finally {
    for (const version of versions) {
      const query = version === undefined ? '' : canonicalQuery([['versionId', version]])
      await client.send({ op: PROBE, key, method: 'DELETE', path, query }, () => {}).catch(() => {})
    }
  }
}

async function completeProbe(
  client: S3Client,
  key: Key,
  path: string,
  uploadId: string,
  etag: string,
  condition: Condition,
): Promise<void> {
  const body = Buffer.from(
    `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;${etag}&quot;</ETag></Part></CompleteMultipartUpload>`,
  )
  const call = {
    op: PROBE,
    key,
    method: 'POST',
    path,
    query: canonicalQuery([['uploadId', uploadId]]),
    headers: conditionHeaders(condition),
    body,
    payloadHash: sha256Hex(body),
    slow: true,
  } as const
  await client.send(call, answer => {
    if (!readFields(call, answer, 'CompleteMultipartUploadResult')['ETag']) {
      throw unprovenAnswer(call, answer.status, 'it has no ETag')
    }
  })
}

function conditionHeaders({ ifMatch, ifNoneMatch }: Condition): string[] {
  if (ifNoneMatch !== undefined) return ['if-none-match', ifNoneMatch]
  return ifMatch === undefined ? [] : ['if-match', ifMatch]
}

/** Whether a trial was taken: a refusal of its condition, or of conditions altogether, is no error. */
async function accepted(trial: Promise<unknown>): Promise<boolean> {
  try {
    return (await trial) !== false
  } catch (error) {
    const refused = ['PRECONDITION_FAILED', 'NOT_FOUND', 'UNSUPPORTED', 'INVALID_ARGUMENT']
    if (StorageError.is(error) && (refused.includes(error.code) || s3CodeOf(error) === 'NoSuchUpload'))
      return false
    throw error
  }
}

/** What a trial finds, or what is assumed where these credentials may not make it. */
async function assumed<T>(value: T, trial: Promise<T>): Promise<T> {
  try {
    return await trial
  } catch (error) {
    if (StorageError.is(error, 'PERMISSION_DENIED') || StorageError.is(error, 'UNSUPPORTED')) return value
    throw error
  }
}
