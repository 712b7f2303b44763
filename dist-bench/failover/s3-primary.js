import { outcomeOf } from '../stores/s3/errors.js';
/** A bucket as the store that failover stands in for. @param endpoint scheme, host and port; names it for ever */
export function s3Primary(store, endpoint) {
    return {
        store,
        target: `${endpoint}/${store.bucket}`,
        outcomeOf,
        now: () => store.now(),
        look: (key, options) => store.look(key, options),
        removeSurplusVersions: (key, options) => store.removeSurplusVersions(key, options),
    };
}
//# sourceMappingURL=s3-primary.js.map