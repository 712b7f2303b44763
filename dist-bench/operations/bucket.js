import { activeProvider } from '../config.js';
import { StorageError, shown } from '../core/errors.js';
import { silentLogger } from '../core/logger.js';
import { forgetProfile } from '../service/endpoint-profile.js';
import { bucketOptions, makeS3Store } from '../service/s3-backend.js';
import { BucketAdmin } from '../stores/s3/admin.js';
import { tryUpload } from './try-upload.js';
/** The id of the rule that is ours among a bucket's CORS rules. */
const OWN_RULE = 'holdfast';
/** What a page needs for presigned uploads and downloads, ranges included. */
const METHODS = ['GET', 'HEAD', 'PUT'];
const EXPOSED = ['ETag', 'Content-Range', 'Accept-Ranges'];
const MAX_AGE_SECONDS = 3600;
/** The configured bucket, to be set up. Every method throws what the {@link BucketAdmin} throws. */
export class Bucket {
    #admin;
    #provider;
    #config;
    /** @throws StorageError `CONFIG_INVALID` where no object storage is configured */
    constructor(config) {
        const provider = activeProvider(config);
        if (provider === 'local') {
            const message = 'Files are kept on the local disk, which has no bucket; accepted: OBJECT_STORAGE_ENABLED=true with the provider s3 or minio.';
            throw new StorageError({ code: 'CONFIG_INVALID', op: 'bucket', message });
        }
        this.#provider = provider;
        this.#config = config;
        this.#admin = new BucketAdmin(bucketOptions(config));
    }
    /** @throws StorageError `NO_SUCH_BUCKET` */
    async setup() {
        const admin = this.#admin;
        const endpoint = this.#config.objectStorageEndpoint;
        if (!(await admin.exists())) {
            const message = `There is no bucket ${shown(admin.bucket)}; "holdfast bucket create" makes it.`;
            throw new StorageError({ code: 'NO_SUCH_BUCKET', op: 'bucket', store: 's3', message });
        }
        const [publicAccess, versioning, cors] = await Promise.all([
            asFarAsKnown(admin.isPublicAccessBlocked().then(blocked => (blocked ? 'blocked' : 'possible'))),
            asFarAsKnown(admin.versioning()),
            asFarAsKnown(admin.cors()),
        ]);
        return {
            bucket: admin.bucket,
            ...(endpoint !== undefined && { endpoint }),
            publicAccess,
            versioning,
            cors,
        };
    }
    /** Makes the bucket if it is not there, and shuts the public out. Doing it again changes nothing. */
    async create(options = {}) {
        const admin = this.#admin;
        const created = await admin.create();
        if (options.allowPublic !== true) {
            // Where a server has no such block nothing is lost: buckets are private until somebody opens them.
            await this.#blockPublicAccess().catch(error => {
                if (!StorageError.is(error, 'UNSUPPORTED'))
                    throw error;
            });
        }
        if (options.versioning === true)
            await this.setVersioning(true);
        const { bucket, publicAccess, versioning } = await this.setup();
        return { bucket, created, publicAccess, versioning };
    }
    /**
     * Ceph 16 takes every upload for one with a public ACL, and refuses it where those are to be refused. There they are
     * only ignored, which shuts the public out as well.
     */
    async #blockPublicAccess() {
        const admin = this.#admin;
        await admin.blockPublicAccess();
        if (await this.#takesUploads())
            return;
        await admin.blockPublicAccess(false);
        // Where these credentials may not upload at all, that was not the reason.
        if (!(await this.#takesUploads()))
            await admin.blockPublicAccess();
    }
    async #takesUploads() {
        const store = makeS3Store(this.#provider, this.#config, silentLogger, {});
        try {
            await tryUpload(store);
            return true;
        }
        catch (error) {
            if (StorageError.is(error, 'PERMISSION_DENIED'))
                return false;
            throw error;
        }
        finally {
            await store.close();
        }
    }
    async setVersioning(on) {
        await this.#admin.setVersioning(on);
        // Some servers treat conditions otherwise where versions are kept.
        await forgetProfile(this.#config);
    }
    /**
     * Lets pages of these origins read and write by presigned URLs. Rules of others stay as they are; our own is
     * replaced.
     *
     * @param origins such as `https://chat.example`; none removes our rule
     * @returns all rules of the bucket
     * @throws StorageError `INVALID_ARGUMENT`
     */
    async allowOrigins(origins) {
        for (const origin of origins)
            checkOrigin(origin);
        const others = (await this.#admin.cors()).filter(rule => rule.id !== OWN_RULE);
        const own = {
            id: OWN_RULE,
            origins,
            methods: METHODS,
            headers: ['*'],
            exposedHeaders: EXPOSED,
            maxAgeSeconds: MAX_AGE_SECONDS,
        };
        const rules = origins.length === 0 ? others : [...others, own];
        await this.#admin.setCors(rules);
        return rules;
    }
    close() {
        return this.#admin.close();
    }
}
async function asFarAsKnown(question) {
    try {
        return await question;
    }
    catch (error) {
        if (StorageError.is(error, 'UNSUPPORTED'))
            return 'unsupported';
        if (StorageError.is(error, 'PERMISSION_DENIED'))
            return 'denied';
        throw error;
    }
}
function checkOrigin(origin) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === origin)
        return;
    const message = `Invalid origin ${shown(origin)}; accepted: scheme, host and port as browsers send them, such as https://chat.example.`;
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'bucket', message });
}
//# sourceMappingURL=bucket.js.map