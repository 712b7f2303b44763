import { StorageError } from '../core/errors.js'
import type { Versioning } from '../core/versions.js'
import type { S3Store } from '../stores/s3/store.js'

/** Whether a bucket keeps versions. A server that does not know of them keeps none. @throws StorageError `PERMISSION_DENIED` */
export async function versioningOf(store: S3Store, signal: AbortSignal | undefined): Promise<Versioning> {
  try {
    return await store.versions.versioning({ signal })
  } catch (error) {
    if (StorageError.is(error, 'UNSUPPORTED')) return 'off'
    throw error
  }
}
