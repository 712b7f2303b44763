import { identityOf } from '../identity.js';
import { WorkLease } from '../work-lease.js';
import { LocalLifecycle } from './local-lifecycle.js';
/**
 * The backend with what lets its local files go by rules. A bucket sees to its own; what is left from before it is nobody
 * else's to see to. Where a bucket is only switched off its folder is left alone, since that may hold newer versions.
 *
 * @throws StorageError `CONFIG_INVALID` for wrong rules with `STRICT_CONFIG`; the backend is closed then
 */
export async function withLifecycle(backend, config, { logger, now }) {
    const { root, legacy, provider } = backend;
    const isPlain = provider === 'local' && backend.failover === undefined;
    const store = isPlain ? backend.store : legacy;
    if (root === undefined || store === undefined)
        return backend;
    const { processId: holder, isDead } = identityOf(root);
    const { ledger: tables } = root;
    const lifecycle = new LocalLifecycle({
        store,
        tables,
        lease: new WorkLease({ name: 'lifecycle', tables, holder, isDead }),
        rulesPath: config.lifecycleRules,
        intervalHours: config.lifecycleIntervalHours,
        logger,
        now,
    });
    try {
        if (config.strictConfig && config.lifecycleRules !== undefined)
            await lifecycle.rules();
    }
    catch (error) {
        await backend.close();
        throw error;
    }
    lifecycle.start();
    return {
        ...backend,
        lifecycle,
        problems: () => [...backend.problems(), ...lifecycle.problems()],
        close: async () => {
            await lifecycle.close();
            await backend.close();
        },
    };
}
//# sourceMappingURL=with-lifecycle.js.map