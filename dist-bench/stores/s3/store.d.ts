import type { Tags } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import type { Source } from '../../core/source.js';
import type { Capabilities, CopyOptions, DeleteManyResult, DeleteOptions, GetOptions, ListOptions, ObjectStat, OpenObject, OperationOptions, PresignOptions, PutOptions, Store, StorePage, ThawOptions } from '../../core/store.js';
import type { Versions } from '../../core/versions.js';
import type { S3Options } from './options.js';
import { type ProfileData } from './profile.js';
import { type UnfinishedUpload } from './unfinished-uploads.js';
/** One bucket of Amazon S3, or of a server that speaks its protocol. */
export declare class S3Store implements Store {
    #private;
    readonly kind = "s3";
    /** As the configuration names the server. */
    readonly provider: 's3' | 'minio';
    readonly bucket: string;
    /**
     * Opens nothing: the first operation connects.
     *
     * @param profile what an earlier store found out about this endpoint and bucket
     * @throws StorageError `CONFIG_INVALID`
     */
    constructor(options: S3Options, profile?: ProfileData);
    /**
     * What the endpoint can do. What servers differ in is taken as possible until it was tried, which
     * {@link learn} does, and else the first operation that needs it.
     */
    get capabilities(): Capabilities;
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    /**
     * What is under the key; absence is no error here. `time` is a moment of the store's own clock before which
     * the question was certainly not answered: what it was last heard to be when the question was asked.
     */
    look(key: Key, options?: OperationOptions): Promise<{
        object: ObjectStat | undefined;
        time: number;
    }>;
    /** Milliseconds since the epoch as requests are signed with: this machine's clock, corrected if the store refused it. */
    now(): number;
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    list(options?: ListOptions): Promise<StorePage>;
    copy(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
    presign(key: Key, options: PresignOptions): Promise<string>;
    deleteMany(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
    getTags(key: Key, options?: OperationOptions): Promise<Tags>;
    setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    thaw(key: Key, options: ThawOptions): Promise<ObjectStat>;
    /** Removes versions that one write has made more than once, in a bucket that keeps versions. @returns how many */
    removeSurplusVersions(key: Key, options?: OperationOptions): Promise<number>;
    /** The versions of objects, as far as the bucket keeps them. */
    get versions(): Versions;
    /** All multipart uploads under way below a prefix, whoever has begun them. */
    unfinishedUploads(prefix: string, options?: OperationOptions): AsyncIterable<UnfinishedUpload>;
    /** How many bytes the parts of such an upload have. */
    bytesOfUpload(upload: UnfinishedUpload, options?: OperationOptions): Promise<number>;
    /** Ends requests under way within a few seconds; later operations reject with `UNAVAILABLE`. */
    close(): Promise<void>;
    /** The object's own URL, unsigned: it can be read with it only where the bucket is public. */
    objectUrl(key: Key): string;
    /** Scheme, host and port of the URLs that this store gives out. */
    get publicOrigin(): string;
    /**
     * Aborts multipart uploads that processes which are gone have left behind, as far as the upload log knows.
     *
     * @throws StorageError what the log throws
     */
    abortOrphans(): Promise<{
        aborted: number;
        failed: number;
    }>;
    /**
     * Checks that the bucket can be used with these credentials.
     *
     * @throws StorageError that names what is wrong: `UNAUTHENTICATED`, `PERMISSION_DENIED`, `NO_SUCH_BUCKET`,
     *   `CLOCK_SKEW`, `CONFIG_INVALID` for another region (naming it), `UNAVAILABLE`, `TIMEOUT`, `THROTTLED`
     */
    probe(options?: OperationOptions): Promise<void>;
    /** Tries out all that servers differ in, so that {@link capabilities} is exact. */
    learn(): Promise<Capabilities>;
    /** What was found out so far, to give to a later store for the same endpoint and bucket. */
    get profile(): ProfileData;
}
