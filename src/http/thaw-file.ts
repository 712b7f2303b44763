import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError, shown } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { STANDARD } from '../core/storage-class.js'
import type { FileStat, ThawTier } from '../storage.js'
import { sendError, sendJson, withoutAbility } from './answer.js'
import type { Context } from './context.js'
import { splitTarget } from './target.js'
import { archiveHeaders } from './upload-headers.js'

/** `GET` and `HEAD /uploads/<key>?thaw`: how a file stands in an archive. */
export async function tellThaw(
  { storage }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  const stat = await storage.statFile(key)
  sendJson(request, response, 200, standing(stat), archiveHeaders(stat))
}

/**
 * `POST /uploads/<key>?thaw&days=&tier=`: asks for an archived file to be made readable. Answered as {@link tellThaw} does,
 * with 202 (RFC 9110, section 15.3.3) until it is, and 200 where it can be read already.
 */
export async function thawFile(
  { storage }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  if (storage.thawFile === undefined) throw withoutAbility(key, 'has no archives')
  const query = new URLSearchParams(splitTarget(request.url ?? '').query)
  const tier = (query.get('tier') || undefined) as ThawTier | undefined
  const stat = await storage.thawFile(key, { days: daysOf(query.get('days')), tier })
  const isReadable = stat.archive === undefined || stat.archive.state === 'thawed'
  sendJson(request, response, isReadable ? 200 : 202, standing(stat), archiveHeaders(stat))
}

/**
 * Answers a read of a file that is in an archive: 409, with whether it is on its way out. When it will be there nobody
 * says, so there is no `Retry-After`.
 */
export async function answerArchived(
  { storage, settings }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  const stat = await storage.statFile(key)
  const { archive, storageClass = STANDARD } = stat
  const message =
    archive?.state === 'thawing'
      ? `The file is in an archive (${storageClass}) and is being thawed; it can be read when that is done.`
      : `The file is in an archive (${storageClass}) and can be read after it was thawed; POST to its "?thaw" asks for that.`
  const error = new StorageError({ code: 'ARCHIVED', op: 'http', key, message })
  sendError(request, response, error, settings.logger, {
    headers: archiveHeaders(stat),
    detail: { storageClass, archive },
  })
}

function standing({ key, storageClass = STANDARD, archive }: FileStat): object {
  return { key, storageClass, archive }
}

function daysOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  const message = `Invalid days ${shown(text)}; accepted: a whole number of days from 1.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message })
}
