import { StorageError } from '../../core/errors.js';
import { silentLogger } from '../../core/logger.js';
import { addressOf } from './address.js';
import { credentialSource } from './credentials.js';
import { codeOfS3 } from './errors.js';
/**
 * Sets up a bucket, with the AWS SDK's client: what is rare and not on the path of data. The SDK is loaded with the
 * first call, and one client serves one bucket: with its middleware cached, it would send requests to another
 * client's. Every method throws a StorageError: `PERMISSION_DENIED`, `NO_SUCH_BUCKET`, `UNAVAILABLE`, and
 * `UNSUPPORTED` where the server does not know what is asked.
 */
export class BucketAdmin {
    bucket;
    #options;
    #opened;
    constructor(options) {
        addressOf(options);
        this.#options = options;
        this.bucket = options.bucket;
    }
    /** Whether the bucket exists and these credentials may see it (S3 API, "HeadBucket"). */
    async exists() {
        try {
            await this.#ask('bucketExists', (client, sdk) => client.send(new sdk.HeadBucketCommand(this.#named)));
            return true;
        }
        catch (error) {
            if (StorageError.is(error, 'NO_SUCH_BUCKET'))
                return false;
            throw error;
        }
    }
    /**
     * Creates the bucket (S3 API, "CreateBucket"). One that these credentials own already is a success.
     *
     * @returns whether it was not there before, as far as the server tells
     * @throws StorageError `ALREADY_EXISTS` where somebody else owns it
     */
    async create() {
        const { endpoint, region } = this.#options;
        if (await this.exists())
            return false;
        // us-east-1 is the one region that must not be named (S3 API, "CreateBucket", LocationConstraint).
        const named = endpoint === undefined && region !== 'us-east-1';
        const location = { CreateBucketConfiguration: { LocationConstraint: region } };
        return this.#ask('createBucket', async (client, sdk) => {
            try {
                await client.send(new sdk.CreateBucketCommand({ ...this.#named, ...(named && location) }));
                return true;
            }
            catch (error) {
                if (nameOf(error) === 'BucketAlreadyOwnedByYou')
                    return false;
                throw error;
            }
        });
    }
    /**
     * Shuts the public out, whatever policies and ACLs say (S3 API, "PutPublicAccessBlock").
     *
     * @param refuseAcls also refuse uploads that come with a public ACL; else such an ACL has no effect
     */
    async blockPublicAccess(refuseAcls = true) {
        await this.#ask('blockPublicAccess', (client, sdk) => client.send(new sdk.PutPublicAccessBlockCommand({
            ...this.#named,
            PublicAccessBlockConfiguration: {
                BlockPublicAcls: refuseAcls,
                IgnorePublicAcls: true,
                BlockPublicPolicy: true,
                RestrictPublicBuckets: true,
            },
        })));
    }
    /** Whether the public is shut out, whatever policies and ACLs say (S3 API, "GetPublicAccessBlock"). */
    async isPublicAccessBlocked() {
        const found = await this.#ask('publicAccess', (client, sdk) => orNone(client.send(new sdk.GetPublicAccessBlockCommand(this.#named)), [
            'NoSuchPublicAccessBlockConfiguration',
        ]));
        const block = found?.PublicAccessBlockConfiguration;
        return (block?.IgnorePublicAcls === true &&
            block.BlockPublicPolicy === true &&
            block.RestrictPublicBuckets === true);
    }
    /** S3 API, "GetBucketVersioning". */
    async versioning() {
        const { Status } = await this.#ask('versioning', (client, sdk) => client.send(new sdk.GetBucketVersioningCommand(this.#named)));
        return Status === 'Enabled' ? 'on' : Status === 'Suspended' ? 'suspended' : 'off';
    }
    /** S3 API, "PutBucketVersioning". What was once on can only be suspended: the versions that there are stay. */
    async setVersioning(on) {
        await this.#ask('versioning', (client, sdk) => client.send(new sdk.PutBucketVersioningCommand({
            ...this.#named,
            VersioningConfiguration: { Status: on ? 'Enabled' : 'Suspended' },
        })));
    }
    /** S3 API, "GetBucketCors". */
    async cors() {
        const found = await this.#ask('cors', (client, sdk) => orNone(client.send(new sdk.GetBucketCorsCommand(this.#named)), ['NoSuchCORSConfiguration']));
        return (found?.CORSRules ?? []).map(rule => ({
            id: rule.ID,
            origins: rule.AllowedOrigins ?? [],
            methods: rule.AllowedMethods ?? [],
            headers: rule.AllowedHeaders ?? [],
            exposedHeaders: rule.ExposeHeaders ?? [],
            maxAgeSeconds: rule.MaxAgeSeconds,
        }));
    }
    /** Replaces all rules (S3 API, "PutBucketCors"); none removes them ("DeleteBucketCors"). */
    async setCors(rules) {
        await this.#ask('cors', async (client, sdk) => {
            if (rules.length === 0)
                await client.send(new sdk.DeleteBucketCorsCommand(this.#named));
            else {
                const CORSConfiguration = { CORSRules: rules.map(toSdk) };
                await client.send(new sdk.PutBucketCorsCommand({ ...this.#named, CORSConfiguration }));
            }
        });
    }
    /** Ends what the client holds open. */
    async close() {
        const opened = await this.#opened?.catch(() => undefined);
        opened?.client.destroy();
    }
    get #named() {
        return { Bucket: this.bucket };
    }
    async #ask(op, work) {
        try {
            this.#opened ??= this.#open();
            const { client, sdk } = await this.#opened;
            return await work(client, sdk);
        }
        catch (error) {
            throw adminError(op, this.bucket, error);
        }
    }
    async #open() {
        const { region, endpoint, forcePathStyle, credentials } = this.#options;
        const source = credentialSource(credentials, silentLogger);
        const sdk = await import('@aws-sdk/client-s3');
        const client = new sdk.S3Client({
            region,
            ...(endpoint && { endpoint }),
            forcePathStyle: forcePathStyle ?? Boolean(endpoint),
            credentials: async () => {
                const { accessKeyId, secretAccessKey, sessionToken } = await source.get();
                return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
            },
            // Servers that are not AWS refuse the checksums that newer SDKs add unasked.
            requestChecksumCalculation: 'WHEN_REQUIRED',
            responseChecksumValidation: 'WHEN_REQUIRED',
        });
        return { client, sdk };
    }
}
function toSdk(rule) {
    return {
        ...(rule.id !== undefined && { ID: rule.id }),
        AllowedOrigins: [...rule.origins],
        AllowedMethods: [...rule.methods],
        ...(rule.headers.length > 0 && { AllowedHeaders: [...rule.headers] }),
        ...(rule.exposedHeaders.length > 0 && { ExposeHeaders: [...rule.exposedHeaders] }),
        ...(rule.maxAgeSeconds !== undefined && { MaxAgeSeconds: rule.maxAgeSeconds }),
    };
}
/** What is there; undefined where the answer says by one of these names that there is nothing. */
async function orNone(answer, names) {
    try {
        return await answer;
    }
    catch (error) {
        if (names.includes(nameOf(error)))
            return undefined;
        throw error;
    }
}
function nameOf(error) {
    return error instanceof Error ? error.name : '';
}
function adminError(op, bucket, error) {
    if (StorageError.is(error))
        return error;
    const name = nameOf(error);
    const status = statusOf(error);
    return new StorageError({
        code: codeOf(name, status),
        op,
        store: 's3',
        message: `The object store answered ${status ?? 'nothing'} (${name}) to ${op} of the bucket ${bucket}.`,
        cause: error,
    });
}
function codeOf(name, status) {
    const known = name === 'BucketAlreadyExists' ? 'ALREADY_EXISTS' : codeOfS3(name);
    if (known !== undefined)
        return known;
    switch (status) {
        // The answer to a HEAD has no document that would say so.
        case 404:
            return 'NO_SUCH_BUCKET';
        case 401:
        case 403:
            return 'PERMISSION_DENIED';
        case 405:
        case 501:
            return 'UNSUPPORTED';
        default:
            return status !== undefined && status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE';
    }
}
function statusOf(error) {
    if (!(error instanceof Error) || !('$metadata' in error))
        return undefined;
    return error.$metadata.httpStatusCode;
}
//# sourceMappingURL=admin.js.map