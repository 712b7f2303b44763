import { activeProvider } from '../config.js';
import { withExpiry } from './expiry/with-expiry.js';
import { withLifecycle } from './lifecycle/with-lifecycle.js';
/** Opens the store that the configuration names. Each kind's code is loaded only when it is used. */
export async function openBackend(config, options) {
    return withLifecycle(withExpiry(await openBare(config, options), options), config, options);
}
async function openBare(config, { logger, listener, create }) {
    const provider = activeProvider(config);
    if (provider === 'local')
        return (await import('./local-backend.js')).openLocalBackend(config, logger, create, listener);
    const { openFailoverBackend } = await import('./failover-backend.js');
    const backend = await openFailoverBackend(provider, config, logger, create, listener);
    if (backend !== undefined)
        return backend;
    return (await import('./s3-backend.js')).openS3Backend(provider, config, logger, create);
}
/** A store of the caller's own. */
export function givenBackend(store, options) {
    const bare = {
        provider: 'local',
        store,
        probe: async (signal) => {
            await store.list({ limit: 1, signal });
        },
        problems: () => [],
        close: () => store.close(),
    };
    return withExpiry(bare, options);
}
//# sourceMappingURL=backend.js.map