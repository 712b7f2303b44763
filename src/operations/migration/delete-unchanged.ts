import { StorageError } from '../../core/errors.js'
import type { ListedObject } from '../../core/store.js'
import type { Side } from './side.js'

/**
 * Removes an object if it is still the one that was seen: by a condition where the store has them, else by asking first.
 *
 * @returns false if it is another by now, or gone
 */
export async function deleteUnchanged(
  side: Pick<Side, 'delete' | 'head'>,
  { key, etag }: ListedObject,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await side.delete(key, { ifMatch: etag, signal }).catch(async error => {
      if (!StorageError.is(error, 'UNSUPPORTED')) throw error
      if ((await side.head(key, { signal })).etag !== etag) throw changed(key)
      await side.delete(key, { signal })
    })
    return true
  } catch (error) {
    if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND')) return false
    throw error
  }
}

function changed(key: string): StorageError {
  const message = 'The object is another by now.'
  return new StorageError({ code: 'PRECONDITION_FAILED', op: 'delete', key, message })
}
