import { StorageError } from '../../core/errors.js'
import { parsePrefix } from '../../core/key.js'
import type { Backend } from '../backend.js'
import type { Erasing } from './erasing.js'

/** @throws StorageError `INVALID_ARGUMENT` for what is no prefix, or for that of everything */
export function parseErasedPrefix(prefix: unknown): string {
  const parsed = parsePrefix(prefix, 'erase')
  if (parsed !== '') return parsed
  const message =
    "Invalid prefix '': erasing everything takes more than an empty string; accepted: the start of the keys to erase."
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'erase', message })
}

/** @throws StorageError `UNSUPPORTED` for a store of which nobody knows what it keeps */
export function erasingOf({ erasing }: Backend): Erasing {
  if (erasing !== undefined) return erasing
  const message =
    'What a store of your own keeps of deleted files is not known here, so nothing can be erased.'
  throw new StorageError({ code: 'UNSUPPORTED', op: 'erase', message })
}
