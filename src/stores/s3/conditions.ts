import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Condition, ObjectStat, OperationOptions } from '../../core/store.js'
import type { S3Context } from './context.js'
import { formatEtag } from './etag.js'
import { headObject } from './head.js'

/** A write's condition, in the words of the endpoint. */
export interface WriteConditions {
  /** Headers for the request that publishes the object. */
  readonly headers: readonly string[]
  /** Called once it turns out that the content needs more than one request. @throws `UNSUPPORTED` */
  requireMultipart(): Promise<void>
}

/**
 * Translates a condition on a write for this endpoint. S3 has no "unless it is this ETag" for writes: it
 * becomes a condition on what is there now, which holds as long as nobody changes it in between.
 *
 * @param feature what publishes the object: a PUT, unless it is known already that the content needs more than one request
 * @throws StorageError `UNSUPPORTED` where the endpoint ignores such conditions; `PRECONDITION_FAILED`
 */
export async function writeConditions(
  context: S3Context,
  key: Key,
  condition: Condition & OperationOptions,
  feature: 'conditionalPut' | 'conditionalComplete' | 'conditionalCopy',
): Promise<WriteConditions> {
  const style = await context.profile.ask(feature)
  if (style === false) throw unsupported(key, feature === 'conditionalComplete')
  const headers: string[] = []
  let { ifMatch, ifNoneMatch } = condition
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    const current = await currentEtag(context, key, condition.signal)
    if (current === ifNoneMatch || (ifMatch !== undefined && current !== ifMatch))
      throw conditionFailed('put', key, { ifMatch: current })
    if (current === undefined) ifNoneMatch = '*'
    else {
      ifMatch = current
      ifNoneMatch = undefined
    }
  }
  if (ifMatch !== undefined) headers.push('if-match', formatEtag(ifMatch, style))
  if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch)
  return {
    headers,
    async requireMultipart() {
      if (feature !== 'conditionalComplete' && (await context.profile.ask('conditionalComplete')) === false)
        throw unsupported(key, true)
    },
  }
}

async function currentEtag(
  context: S3Context,
  key: Key,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return (await headObject(context, key, { signal })).etag
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

function unsupported(key: Key, multipart: boolean): StorageError {
  const what = multipart ? 'multipart uploads' : 'writes'
  return new StorageError({
    code: 'UNSUPPORTED',
    op: 'put',
    key,
    store: 's3',
    message: `This server ignores conditions (ifMatch, ifNoneMatch) on ${what}; nothing was sent.${multipart ? ' What fits in one part (OBJECT_STORAGE_PART_BYTES) goes in one request, without that.' : ''}`,
  })
}

/**
 * Decides what a condition that did not hold means: where an earlier try of the same write was applied and its
 * answer lost, the write itself stands in its own way, and has succeeded.
 */
export async function settleCondition(
  context: S3Context,
  key: Key,
  writeId: string,
  error: unknown,
  options: Condition & OperationOptions,
): Promise<ObjectStat> {
  const refused = StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND')
  if (!refused) throw error
  const stat = await headObject(context, key, { signal: options.signal }).catch((other: unknown) => {
    if (StorageError.is(other, 'NOT_FOUND')) return undefined
    throw other
  })
  if (stat?.writeId === writeId) return stat
  throw conditionFailed(error.op, key, options, error.cause)
}

/** The error for a condition that did not hold. */
export function conditionFailed(op: string, key: Key, condition: Condition, cause?: unknown): StorageError {
  const exists = condition.ifNoneMatch === '*'
  return new StorageError({
    code: exists ? 'ALREADY_EXISTS' : 'PRECONDITION_FAILED',
    op,
    key,
    store: 's3',
    message: exists
      ? 'There is an object under this key already.'
      : 'The object is not the one that the condition names.',
    cause,
  })
}
