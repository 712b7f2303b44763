import { StorageError } from '../../core/errors.js'

/** The reason of a failed commit, which LMDB's error carries as a promise of its own that must not stay unhandled. */
export async function commitErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (reason) {
    return reason
  }
}

const ERRNO: Readonly<Record<number, string>> = {
  5: 'EIO',
  12: 'ENOMEM',
  13: 'EACCES',
  28: 'ENOSPC',
  30: 'EROFS',
  122: 'EDQUOT',
}

/** LMDB gives system errors by number; everything else here goes by name. */
export function systemErrorOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const code = 'code' in error && typeof error.code === 'number' ? ERRNO[error.code] : undefined
  return code === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code })
}

/** Whether a commit has failed so that it may turn up at the next start: what it names is still needed then. */
export function isInDoubt(error: unknown): boolean {
  return StorageError.is(error) && error.op === 'commit' && error.code !== 'NO_SPACE'
}
