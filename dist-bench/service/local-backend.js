import { attachedTo, refuseWhileDetaching } from '../failover/attachment.js';
import { openRoot } from '../stores/local/root.js';
import { LocalStore } from '../stores/local/store.js';
/** Problems of the folder that leave no write possible. */
const GRAVE = new Set(['LEDGER_FAILED', 'FOLDER_TAKEN_OVER']);
/** What the storage folder has to tell. */
export function rootProblems(root) {
    return root.problems.map(problem => ({
        ...problem,
        severity: GRAVE.has(problem.code) ? 'error' : 'warning',
    }));
}
/** Opens the storage folder as the store. */
export async function openLocalBackend(config, logger, create, listener) {
    const root = await openRoot({
        path: config.localStoragePath,
        ledgerPath: config.ledgerPath,
        create,
        logger,
    });
    try {
        return await backendOf(root, config, logger, listener);
    }
    catch (error) {
        await root.close();
        throw error;
    }
}
async function backendOf(root, config, logger, listener) {
    refuseWhileDetaching(root);
    const store = await LocalStore.open(root, {
        signingKeys: config.signingKeys,
        publicUrl: config.publicUrl,
        logger,
    });
    const target = attachedTo(root);
    if (target !== undefined) {
        // Loaded only where a bucket was ever in use.
        const { openSwitchedOff } = await import('./switched-off.js');
        return openSwitchedOff(root, store, target, logger, listener);
    }
    return {
        provider: 'local',
        store,
        root,
        spillFolder: root.tmpPath,
        probe: async (signal) => {
            await store.list({ limit: 1, signal });
        },
        problems: () => rootProblems(root),
        metrics: () => store.metrics(),
        importFiles: (path, signal) => store.importFiles(path, signal),
        verifySignedUrl: (method, pathAndQuery) => store.verifySignedUrl(method, pathAndQuery),
        close: async () => {
            await store.close();
            await root.close();
        },
    };
}
//# sourceMappingURL=local-backend.js.map