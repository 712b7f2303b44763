import { hash } from 'node:crypto'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { DeleteManyResult, DeleteOptions, OperationOptions } from '../../core/store.js'
import type { S3Call } from './client.js'
import type { S3Context } from './context.js'
import { answerError, s3CodeOf, unprovenAnswer } from './errors.js'
import { formatEtag } from './etag.js'
import { keyPath, readAnswer } from './requests.js'
import { sha256Hex } from './sigv4.js'
import { escapeXml } from './xml.js'

/**
 * Removes an object (S3 API, "DeleteObject").
 *
 * @returns true, since S3 does not tell whether there was one; false where a server says that there was none
 */
export async function deleteObject(
  context: S3Context,
  key: Key,
  options: DeleteOptions = {},
): Promise<boolean> {
  const { ifMatch, signal } = options
  let headers: string[] = []
  if (ifMatch !== undefined) {
    const style = await context.profile.ask('conditionalDelete')
    if (style === false) {
      throw new StorageError({
        code: 'UNSUPPORTED',
        op: 'delete',
        key,
        store: 's3',
        message: 'This server ignores conditions (ifMatch) on deletes; nothing was sent.',
      })
    }
    headers = ['if-match', formatEtag(ifMatch, style)]
  }
  const call: S3Call = {
    op: 'delete',
    key,
    method: 'DELETE',
    path: keyPath(context.client, key),
    headers,
    signal,
    mutates: true,
  }
  try {
    await context.client.send(call, answer => {
      if (answer.status !== 204) throw unprovenAnswer(call, answer.status, 'a delete is answered with 204')
    })
    return true
  } catch (error) {
    if (ifMatch === undefined && s3CodeOf(error) === 'NoSuchKey') return false
    throw error
  }
}

/** Keys in one request, and requests under way (S3 API, "DeleteObjects"). */
const BATCH = 1000
const BATCHES_UNDER_WAY = 4
const SINGLES_UNDER_WAY = 16

/** XML has no way to write these, so such keys are deleted one by one. */
const UNWRITABLE = /[\uFFFE\uFFFF]/

/**
 * Removes many objects, a thousand a request. Each failure is reported with its key.
 *
 * @throws StorageError `UNAVAILABLE` once closed, or the signal's: some objects may then be gone
 */
export async function deleteMany(
  context: S3Context,
  keys: readonly Key[],
  options: OperationOptions = {},
): Promise<DeleteManyResult> {
  context.client.enter('delete', undefined, options.signal)
  const failed: { key: string; error: Error }[] = []
  const fail = (key: string, error: unknown): void => {
    failed.push({ key, error: error instanceof Error ? error : new Error(String(error)) })
  }
  const singles = keys.filter(key => UNWRITABLE.test(key))
  const rest = singles.length === 0 ? keys : keys.filter(key => !UNWRITABLE.test(key))
  const batches: (readonly Key[])[] = []
  for (let at = 0; at < rest.length; at += BATCH) batches.push(rest.slice(at, at + BATCH))
  await eachOf(batches, BATCHES_UNDER_WAY, async batch => {
    try {
      await deleteBatch(context, batch, options, fail)
    } catch (error) {
      if (StorageError.is(error, 'UNSUPPORTED')) singles.push(...batch)
      else for (const key of batch) fail(key, error)
    }
  })
  await eachOf(singles, SINGLES_UNDER_WAY, key =>
    deleteObject(context, key, options).then(
      () => {},
      error => fail(key, error),
    ),
  )
  throwIfAborted(options.signal, 'delete')
  return { deleted: keys.length - failed.length, failed }
}

async function deleteBatch(
  context: S3Context,
  keys: readonly Key[],
  options: OperationOptions,
  fail: (key: string, error: unknown) => void,
): Promise<void> {
  const { client } = context
  const objects = keys.map(key => `<Object><Key>${escapeXml(key)}</Key></Object>`)
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}<Quiet>true</Quiet></Delete>`,
  )
  const call = {
    op: 'delete',
    method: 'POST',
    path: client.address.bucketPath,
    query: 'delete=',
    // Servers older than the newer checksums insist on this one (RFC 1864).
    headers: ['content-type', 'application/xml', 'content-md5', hash('md5', body, 'base64')],
    body,
    payloadHash: sha256Hex(body),
    signal: options.signal,
    mutates: true,
    slow: true,
    maxAnswerBytes: 8 * 1024 * 1024,
  } as const
  const errors = await client.send(call, answer => {
    const found: { key: string; error: Error }[] = []
    let fields: Record<string, string> = {}
    readAnswer(call, answer, 'DeleteResult', (name, text, depth) => {
      if (depth === 2) fields[name] = text
      else if (depth === 1) {
        const { Key: key = '', Code: code = '' } = fields
        fields = {}
        if (name !== 'Error' || code === 'NoSuchKey') return
        const context = { op: 'delete', key }
        const status = STATUS_OF[code] ?? 400
        found.push({
          key,
          error: answerError(context, { status, headers: answer.headers }, { code, message: '' }),
        })
      }
    })
    return found
  })
  for (const { key, error } of errors) fail(key, error)
}

/** An error within a 200 has no status of its own. */
const STATUS_OF: Readonly<Record<string, number>> = { AccessDenied: 403, InternalError: 500, SlowDown: 503 }

async function eachOf<T>(
  items: readonly T[],
  underWay: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++] as T)
  }
  await Promise.all(Array.from({ length: Math.min(underWay, items.length) }, worker))
}
