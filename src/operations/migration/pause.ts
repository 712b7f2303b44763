import { setTimeout as sleep } from 'node:timers/promises'
import { abortError } from '../../core/errors.js'

/** Waits. @throws StorageError `ABORTED`, as soon as the signal fires */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw signal?.aborted ? abortError(signal, 'migrate') : error
  }
}
