import { createHash } from 'node:crypto';
import { AbortMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, ListObjectVersionsCommand, NoSuchKey, S3Client, } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
const AT_ONCE = 16;
const ATTEMPTS = 8;
/** A bucket as Amazon's own client sees it: none of the code that is under test stands in between. */
export class PlainBucket {
    #client;
    #bucket;
    constructor(address) {
        const { endpoint, region, bucket, pathStyle, credentials } = address;
        this.#bucket = bucket;
        this.#client = new S3Client({
            region,
            forcePathStyle: pathStyle,
            maxAttempts: ATTEMPTS,
            requestChecksumCalculation: 'WHEN_REQUIRED',
            responseChecksumValidation: 'WHEN_REQUIRED',
            ...(endpoint !== undefined && { endpoint }),
            ...(credentials !== undefined && {
                credentials: {
                    accessKeyId: credentials.accessKeyId,
                    secretAccessKey: credentials.secretAccessKey,
                    ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
                },
            }),
        });
    }
    /** Every key below the prefix. */
    async *keys(prefix) {
        let token;
        do {
            const page = await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ContinuationToken: token }));
            for (const { Key } of page.Contents ?? [])
                if (Key !== undefined)
                    yield Key;
            token = page.NextContinuationToken;
        } while (token !== undefined);
    }
    /** What is under a key, read to its end; undefined if there is nothing. */
    async read(key) {
        try {
            const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
            const hash = createHash('sha256');
            let size = 0;
            for await (const piece of Body) {
                hash.update(piece);
                size += piece.length;
            }
            return { size, sha256: hash.digest('hex') };
        }
        catch (error) {
            if (error instanceof NoSuchKey)
                return undefined;
            throw error;
        }
    }
    /** Calls `work` for each key, a few at once. */
    async each(keys, work) {
        const limit = pLimit(AT_ONCE);
        await Promise.all(Array.from(keys, key => limit(() => work(key))));
    }
    /** Removes all that is below the prefix: objects, their older versions, and unfinished uploads. */
    async removeAll(prefix) {
        await this.#abortUploads(prefix);
        const keys = [];
        for await (const key of this.keys(prefix))
            keys.push(key);
        await this.each(keys, key => this.#remove(key));
        await this.#removeVersions(prefix, () => true);
    }
    /** Removes one object and its older versions. */
    async removeOne(key) {
        await this.#remove(key);
        await this.#removeVersions(key, other => other === key);
    }
    close() {
        this.#client.destroy();
    }
    async #remove(key) {
        await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    }
    async #abortUploads(prefix) {
        const page = await allowed(this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix })));
        for (const { Key, UploadId } of page?.Uploads ?? []) {
            await allowed(this.#client.send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId })));
        }
    }
    /** In a bucket with versioning a delete leaves the versions, which cost as before. */
    async #removeVersions(prefix, isMeant) {
        for (;;) {
            const page = await allowed(this.#client.send(new ListObjectVersionsCommand({ Bucket: this.#bucket, Prefix: prefix })));
            const all = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])];
            const versions = all.filter(({ Key }) => isMeant(Key));
            if (versions.length === 0)
                return;
            let removed = 0;
            for (const { Key, VersionId } of versions) {
                const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key, VersionId });
                if ((await allowed(this.#client.send(command))) !== undefined)
                    removed++;
            }
            if (removed === 0)
                return;
        }
    }
}
/** What not every account may do, and not every server can, is left out. */
async function allowed(asking) {
    try {
        return await asking;
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=bucket.js.map