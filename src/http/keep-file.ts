import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Key } from '../core/key.js'
import { sendJson, withoutAbility } from './answer.js'
import { quoteEtag } from './conditions.js'
import type { Context } from './context.js'

/** `POST /uploads/<key>?keep`: ends a file's expiry. Answered with 200 and what `statFile` tells. */
export async function keepFile(
  { storage }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  if (storage.keepFile === undefined) throw withoutAbility(key, 'keeps no files that were to expire')
  const stat = await storage.keepFile(key)
  sendJson(request, response, 200, stat, { etag: quoteEtag(stat.etag) })
}
