import { randomUUID } from 'node:crypto';
import { activeProvider } from '../config.js';
import { StorageError } from '../core/errors.js';
import { silentLogger } from '../core/logger.js';
import { bucketOptions, makeS3Store } from '../service/s3-backend.js';
import { S3Client } from '../stores/s3/client.js';
import { fetchTags } from '../stores/s3/tags.js';
import { storeConformance } from './conformance.js';
const KEY_PREFIX = 'holdfast-test-endpoint/';
const RANDOM_KEYS = 200;
/**
 * Runs the conformance suite of stores over the configured bucket: everything that Holdfast asks of an S3 server. Writes
 * below a prefix of its own, and cleans up behind itself.
 *
 * @returns outcomes as they come
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, what the endpoint answers to the first
 *   questions, `ABORTED`
 */
export async function* tryEndpoint(options) {
    const { config, signal, onStart, keyPrefix = KEY_PREFIX } = options;
    const provider = activeProvider(config);
    if (provider === 'local') {
        const message = 'Files are kept on the local disk, and there is no endpoint to try; accepted: OBJECT_STORAGE_ENABLED=true with the provider s3 or minio.';
        throw new StorageError({ code: 'CONFIG_INVALID', op: 'test-endpoint', message });
    }
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    const open = async () => {
        const store = makeS3Store(provider, config, silentLogger, {});
        await store.learn();
        return store;
    };
    const store = await open();
    const suite = new Suite();
    const root = `${keyPrefix}${randomUUID()}/`;
    try {
        const { capabilities } = store;
        storeConformance({
            ...suite.runner,
            name: 'the endpoint',
            keyPrefix: root,
            seed,
            randomKeys: RANDOM_KEYS,
            declaredSkips: lacksOf(capabilities),
            open: async () => {
                const opened = await open();
                const client = new S3Client(bucketOptions(config), silentLogger);
                return {
                    store: opened,
                    tagsOf: key => fetchTags(client, key, { op: 'head' }),
                    close: async () => {
                        await client.close();
                        await opened.close();
                    },
                };
            },
        });
        const { objectStorageEndpoint: endpoint, objectStorageBucket: bucket } = config;
        const { conditionalPut, conditionalMultipart, conditionalDelete, presign, tags, storageClasses } = capabilities;
        onStart?.({
            ...(endpoint !== undefined && { endpoint }),
            bucket,
            seed,
            capabilities: {
                conditionalPut,
                conditionalMultipart,
                conditionalDelete,
                presign,
                tags,
                storageClasses,
            },
            checks: suite.checks.length,
        });
        for (const { group, check, run } of suite.checks) {
            signal?.throwIfAborted();
            yield { group, check, ...(await outcomeOf(run)) };
        }
    }
    finally {
        await suite.end();
        await sweep(store, root);
        await store.close();
    }
}
/** Removes what checks that failed were still writing when they had been cleaned up behind. */
async function sweep(store, prefix) {
    let startAfter;
    do {
        const { objects, next } = await store.list({ prefix, startAfter });
        if (objects.length > 0)
            await store.deleteMany(objects.map(({ key }) => key));
        startAfter = next;
    } while (startAfter !== undefined);
}
/** What an endpoint does not have is told of it, and no failure of the suite's. */
function lacksOf(capabilities) {
    const names = [
        'conditionalPut',
        'conditionalMultipart',
        'conditionalDelete',
        'presign',
        'tags',
        'storageClasses',
    ];
    return Object.fromEntries(names.filter(name => !capabilities[name]).map(name => [name, 'the endpoint has none']));
}
async function outcomeOf(run) {
    let skipped;
    try {
        await run({
            skip: (reason) => {
                skipped = reason;
            },
        });
        return skipped === undefined ? { outcome: 'passed' } : { outcome: 'skipped', reason: skipped };
    }
    catch (error) {
        return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
}
/** Collects the checks of a suite, to be run one after the other. */
class Suite {
    checks = [];
    #path = [];
    #afterAll = [];
    runner = {
        describe: (name, define) => {
            this.#path.push(name);
            define();
            this.#path.pop();
        },
        it: (check, run) => {
            // The outermost names the suite itself.
            this.checks.push({ group: this.#path[1] ?? 'the suite', check, run: context => run(context) });
        },
        afterAll: run => {
            this.#afterAll.push(run);
        },
    };
    async end() {
        for (const run of this.#afterAll)
            await run();
    }
}
//# sourceMappingURL=try-endpoint.js.map