import { activeProvider, isKnownProvider, type StorageConfig } from '../../config.js'
import { shown } from '../../core/errors.js'
import { ACCESS_CHECKS } from './access.js'
import { BEHAVIOUR_CHECKS } from './behaviour.js'
import { CLIENT_CHECKS, examineOwnUrl } from './clients.js'
import { CONNECTION_CHECKS } from './connection.js'
import { Examination } from './examination.js'
import { type Check, type Finding, fault } from './findings.js'
import { FOLDER_CHECKS, folderPatient } from './folder.js'
import { INSPECTION_CHECKS } from './inspector.js'
import { BucketPatient } from './patient.js'
import { SPEED_CHECKS } from './speed.js'
import { SPOOL_CHECKS } from './spool.js'

/** What an examination is made with. */
export interface DoctorOptions {
  readonly config: StorageConfig
  /** Ends it, with `ABORTED`. */
  readonly signal?: AbortSignal | undefined
}

const BUCKET_CHECKS: readonly Check<BucketPatient>[] = [
  ...CONNECTION_CHECKS,
  ...ACCESS_CHECKS,
  ...BEHAVIOUR_CHECKS,
  ...CLIENT_CHECKS,
  ...SPEED_CHECKS,
]

/** Every point of an examination, in its order: those of a bucket, of the storage folder, of inspection. */
export const POINTS: readonly Pick<Finding, 'check' | 'area'>[] = [
  ...BUCKET_CHECKS,
  ...FOLDER_CHECKS,
  ...SPOOL_CHECKS,
  ...INSPECTION_CHECKS,
]

/**
 * Examines the configured storage: the way to the endpoint, what these credentials may do, what the server does with
 * what it is sent, whether browsers can use its URLs, the storage folder, what waits in it, and what inspects uploads. Objects of its own, under
 * `.holdfast/doctor/`, are written and removed; nothing else is touched.
 *
 * @returns findings as they are made
 * @throws StorageError `CONFIG_INVALID` where the settings cannot even be tried, `ABORTED`
 */
export async function* diagnose({ config, signal }: DoctorOptions): AsyncGenerator<Finding> {
  const provider = activeProvider(config)
  const examination = new Examination()
  if (!isKnownProvider(config.objectStorageProvider) && config.objectStorageEnabled) {
    yield {
      check: 'provider',
      area: 'endpoint',
      ...fault(
        `OBJECT_STORAGE_PROVIDER is ${shown(config.objectStorageProvider)}, which is none: files stay on the local disk.`,
        'Set it to s3, minio or local. STRICT_CONFIG=true refuses to start in such a case.',
        'CONFIG_INVALID',
      ),
    }
  }
  if (provider === 'local') {
    const ownUrl = { check: 'own-url', area: 'clients', examine: examineOwnUrl } as const
    yield* examination.run([ownUrl], { config }, signal)
  } else {
    const patient = new BucketPatient(provider, config, signal)
    try {
      yield* examination.run(BUCKET_CHECKS, patient, signal)
    } finally {
      await patient.leave()
    }
  }
  if (provider === 'local' || config.objectStorageFallback) {
    const folder = folderPatient(config)
    yield* examination.run(FOLDER_CHECKS, folder, signal)
    yield* examination.run(SPOOL_CHECKS, folder, signal)
  }
  yield* examination.run(INSPECTION_CHECKS, { config }, signal)
}
