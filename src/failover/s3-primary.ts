import { outcomeOf } from '../stores/s3/errors.js'
import type { S3Store } from '../stores/s3/store.js'
import type { Primary } from './primary.js'

/** A bucket as the store that failover stands in for. @param endpoint scheme, host and port; names it for ever */
export function s3Primary(store: S3Store, endpoint: string): Primary {
  return {
    store,
    target: `${endpoint}/${store.bucket}`,
    outcomeOf,
    now: () => store.now(),
    look: (key, options) => store.look(key, options),
    removeSurplusVersions: (key, options) => store.removeSurplusVersions(key, options),
  }
}
