import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseTags, type Tags } from '../core/attributes.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { SignedAccess } from '../storage.js'
import { sendJson, sendText, withoutAbility } from './answer.js'
import { isConditionalWrite } from './conditions.js'
import type { Context } from './context.js'
import { readJson, takeBody } from './take-body.js'

/** `GET` and `HEAD /uploads/<key>?tags`: the tags of a file, as a JSON object of names and values. */
export async function readTags(
  { storage }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
): Promise<void> {
  if (storage.getFileTags === undefined) throw withoutAbility(key, 'has no tags')
  if (signed !== undefined) throw notTheBearers(key)
  sendJson(request, response, 200, await storage.getFileTags(key))
}

/** `PUT /uploads/<key>?tags`: gives a file the tags in the body, as {@link readTags} answers them, in place of all it had. */
export async function replaceTags(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
): Promise<void> {
  if (signed !== undefined) throw notTheBearers(key)
  refuseConditions(request, key)
  const tags = await takeBody(context, request, response, key, async body => tagsOf(await readJson(body)))
  if (tags !== undefined) await setTags(context, request, response, key, tags)
}

/** `DELETE /uploads/<key>?tags`: takes all tags from a file, and leaves the file. */
export async function removeTags(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  refuseConditions(request, key)
  await setTags(context, request, response, key, {})
}

async function setTags(
  { storage }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  tags: Tags,
): Promise<void> {
  if (storage.setFileTags === undefined) throw withoutAbility(key, 'has no tags')
  await storage.setFileTags(key, tags)
  sendText(request, response, 204, '', {})
}

function tagsOf(value: unknown): Tags {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return parseTags(value as Tags, 'http')
  const message = 'Invalid tags; accepted: a JSON object of names and values, such as {"purpose":"chat"}.'
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message })
}

/** Conditions name a version of the file, which its tags are no part of. */
function refuseConditions({ headers }: IncomingMessage, key: Key): void {
  if (!isConditionalWrite(headers)) return
  const message = 'Tags have no versions, and a change of them takes no conditions.'
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', key, message })
}

/** A signed URL is for the file. */
function notTheBearers(key: Key): StorageError {
  const message = 'A signed URL is good for the file, and not for its tags.'
  return new StorageError({ code: 'PERMISSION_DENIED', op: 'http', key, message })
}
