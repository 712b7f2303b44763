import { type ErrorCode, StorageError } from '../../core/errors.js'
import { systemCode } from './files.js'

/** What a system error of the local disk means to a program. */
const MEANING: Readonly<Record<string, { code: ErrorCode; because: string }>> = {
  ENOSPC: { code: 'NO_SPACE', because: 'the disk is full' },
  EDQUOT: { code: 'NO_SPACE', because: 'the disk quota is used up' },
  EFBIG: { code: 'TOO_LARGE', because: 'the filesystem holds no file of this size' },
  EIO: { code: 'UNAVAILABLE', because: 'the disk reports an error' },
  EMFILE: { code: 'UNAVAILABLE', because: 'the process has too many files open' },
  ENFILE: { code: 'UNAVAILABLE', because: 'the machine has too many files open' },
  ENOMEM: { code: 'UNAVAILABLE', because: 'the machine is out of memory' },
  EROFS: { code: 'PERMISSION_DENIED', because: 'the filesystem is read-only' },
  EACCES: { code: 'PERMISSION_DENIED', because: 'this user may not read or write the file or its folder' },
  EPERM: { code: 'PERMISSION_DENIED', because: 'the operating system does not permit it' },
}

/**
 * A failure of the local store as a StorageError: one that is one already stays as it is; system errors keep
 * their meaning (`NO_SPACE`, `TOO_LARGE`, `UNAVAILABLE`, `PERMISSION_DENIED`), anything else is `INTERNAL`.
 */
export function storageError(error: unknown, op: string, key?: string): StorageError {
  if (StorageError.is(error)) return error
  const code = systemCode(error) ?? ''
  const meaning = MEANING[code]
  if (meaning !== undefined) {
    return failure(meaning.code, op, key, `The ${op} failed: ${meaning.because} (${code}).`, error)
  }
  const why = error instanceof Error ? error.message : String(error)
  return failure('INTERNAL', op, key, `The ${op} failed in a way that was not foreseen: ${why}`, error)
}

/** A StorageError of the local store. */
export function failure(
  code: ErrorCode,
  op: string,
  key: string | undefined,
  message: string,
  cause?: unknown,
): StorageError {
  return new StorageError({ code, op, key, store: 'local', message, cause })
}
