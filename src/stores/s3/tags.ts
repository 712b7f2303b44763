import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { S3Context } from './context.js'
import type { StoredObject } from './metadata.js'
import { keyPath, readAnswer } from './requests.js'

type Tags = Readonly<Record<string, string>>

/**
 * The tags of an object (S3 API, "GetObjectTagging"), which neither GET nor HEAD tells. Where they may not be
 * read, and nothing says that there are any, there are none.
 */
export async function readTags(
  context: S3Context,
  key: Key,
  stored: StoredObject,
  signal: AbortSignal | undefined,
): Promise<Tags | undefined> {
  const call = {
    op: 'copy',
    key,
    method: 'GET',
    path: keyPath(context.client, key),
    query: 'tagging=',
    signal,
  } as const
  const tags: Record<string, string> = Object.create(null)
  try {
    await context.client.send(call, answer => {
      let name = ''
      let value = ''
      readAnswer(call, answer, 'Tagging', (element, text, depth) => {
        if (depth === 3 && element === 'Key') name = text
        else if (depth === 3 && element === 'Value') value = text
        else if (depth === 2 && element === 'Tag') tags[name] = value
      })
    })
  } catch (error) {
    const unread = ['PERMISSION_DENIED', 'UNSUPPORTED', 'NOT_FOUND']
    if (stored.tagCount > 0 || !StorageError.is(error) || !unread.includes(error.code)) throw error
  }
  return Object.keys(tags).length === 0 ? undefined : tags
}
