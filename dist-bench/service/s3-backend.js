import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../core/errors.js';
import { RESERVED_PREFIX } from '../core/key.js';
import { S3Store } from '../stores/s3/store.js';
import { readProfile } from './endpoint-profile.js';
/** Opens a bucket as the store, without a net. The network is not touched before the first operation. */
export async function openS3Backend(provider, config, logger, create) {
    const uploads = new UploadRecord(config, logger, create);
    const store = makeS3Store(provider, config, logger, { uploads }, await readProfile(config));
    return {
        provider,
        store,
        versions: store.versions,
        objectUrl: key => store.objectUrl(key),
        probe: async (signal) => {
            await store.probe({ signal });
            await abortOrphans(store, uploads, logger);
        },
        problems: () => uploads.problems(),
        close: async () => {
            await store.close();
            await uploads.close();
        },
    };
}
/** The configured bucket. @param profile what is known of its endpoint */
export function makeS3Store(provider, config, logger, { deadlines, ...more }, profile) {
    const options = {
        provider,
        publicEndpoint: config.objectStoragePublicEndpoint,
        ...bucketOptions(config),
        deadlines: {
            connectMs: config.objectStorageConnectTimeoutMs,
            firstByteMs: config.objectStorageFirstByteTimeoutMs,
            idleMs: config.objectStorageIdleTimeoutMs,
            ...deadlines,
        },
        connections: config.objectStorageConnections,
        partSize: config.objectStoragePartBytes,
        logger,
        ...more,
    };
    return new S3Store(options, profile);
}
/** The configured bucket, and who asks for it. */
export function bucketOptions(config) {
    const { objectStorageAccessKey: accessKeyId, objectStorageSecretKey: secretAccessKey } = config;
    return {
        endpoint: config.objectStorageEndpoint,
        region: config.objectStorageRegion,
        bucket: config.objectStorageBucket,
        credentials: accessKeyId === undefined || secretAccessKey === undefined
            ? undefined
            : { accessKeyId, secretAccessKey, sessionToken: config.objectStorageSessionToken },
        forcePathStyle: config.objectStoragePathStyle,
    };
}
/** Ends the multipart uploads that a crash left behind. That they cannot be ended now is no reason not to start. */
async function abortOrphans(store, uploads, logger) {
    try {
        if (await uploads.exists())
            await store.abortOrphans();
    }
    catch (error) {
        if (!StorageError.is(error))
            throw error;
        logger.warn({ code: error.code }, `Unfinished multipart uploads were not cleared: ${error.message}`);
    }
}
/**
 * The list of multipart uploads under way, in the storage folder's ledger. The folder is opened only when an
 * upload in parts begins, or when there is one already: reading a bucket needs no folder.
 */
class UploadRecord {
    #config;
    #logger;
    #create;
    #root;
    #problem;
    constructor(config, logger, create) {
        this.#config = config;
        this.#logger = logger;
        this.#create = create;
    }
    /** Whether the storage folder has been made. */
    async exists() {
        try {
            await access(join(this.#config.localStoragePath, RESERVED_PREFIX));
            return true;
        }
        catch {
            return false;
        }
    }
    async begin(upload) {
        const root = await this.#usable();
        await root?.uploads.begin(upload);
    }
    async end(uploadId) {
        const root = await this.#usable();
        await root?.uploads.end(uploadId);
    }
    async orphans() {
        return (await this.#usable())?.uploads.orphans() ?? [];
    }
    problems() {
        return this.#problem === undefined ? [] : [this.#problem];
    }
    async close() {
        await (await this.#root?.catch(() => undefined))?.close();
    }
    /** The opened folder; undefined, and a problem in the status, where it cannot be used: uploads go on without the list. */
    async #usable() {
        try {
            this.#root ??= this.#open();
            const root = await this.#root;
            this.#problem = undefined;
            return root;
        }
        catch (error) {
            this.#root = undefined;
            if (!StorageError.is(error))
                throw error;
            if (this.#problem === undefined)
                this.#logger.warn({ code: error.code }, error.message);
            const message = `Multipart uploads that a crash leaves behind will not be found: ${error.message}`;
            this.#problem = { code: 'NO_UPLOAD_LOG', message, severity: 'warning' };
            return undefined;
        }
    }
    async #open() {
        const { openRoot } = await import('../stores/local/root.js');
        const { localStoragePath: path, ledgerPath } = this.#config;
        return openRoot({ path, ledgerPath, create: this.#create, logger: this.#logger });
    }
}
//# sourceMappingURL=s3-backend.js.map