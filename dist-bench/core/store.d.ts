import type { Attributes, Tags } from './attributes.js';
import type { Key } from './key.js';
import type { ByteRange, ResolvedRange } from './range.js';
import type { Source } from './source.js';
import type { Stamp } from './stamp.js';
/** A condition on the object that is there now. ETags are given without quotes; `W/` is not accepted. */
export interface Condition {
    /** Only if the object exists and has this ETag; else `PRECONDITION_FAILED`. */
    readonly ifMatch?: string | undefined;
    /**
     * `'*'`: only if there is no object, else `ALREADY_EXISTS` (a create-only write). An ETag: only if the
     * object does not have it, else `PRECONDITION_FAILED`.
     */
    readonly ifNoneMatch?: '*' | (string & {}) | undefined;
}
/** What every operation of a store takes. */
export interface OperationOptions {
    /** Ends the operation with `ABORTED`, or with the StorageError that the signal carries as its reason. */
    readonly signal?: AbortSignal | undefined;
    /** Whether a request that fails is left at that, where it would be repeated: to ask whether the store works. */
    readonly once?: boolean | undefined;
}
export interface PutOptions extends OperationOptions, Condition {
    readonly attributes: Attributes;
    /** Lower-case hex. The write is refused (`INVALID_ARGUMENT`) if the content has another SHA-256. */
    readonly sha256?: string | undefined;
    /** Names the write for ever; a new one unless this replays an earlier attempt. */
    readonly writeId?: string | undefined;
    /** Orders the write; taken by the store unless this replays an earlier attempt. */
    readonly stamp?: Stamp | undefined;
    /** `primary`: only what the object store holds counts as written; `any` unless given. Of failover's. */
    readonly durability?: 'any' | 'primary' | undefined;
    /**
     * What becomes of a condition that nobody can decide while the object store is away: `reject` (the default)
     * refuses the write, `accept` takes it and finds out later; if it loses then, it becomes a conflict.
     */
    readonly onUnknown?: 'reject' | 'accept' | undefined;
}
export interface GetOptions extends OperationOptions, Condition {
    readonly range?: ByteRange | undefined;
}
export interface DeleteOptions extends OperationOptions {
    readonly ifMatch?: string | undefined;
}
export interface CopyOptions extends OperationOptions, Condition {
    /** What the copy carries; the source's own unless given. */
    readonly attributes?: Attributes | undefined;
    /** Only if the source has this ETag; else `PRECONDITION_FAILED`. */
    readonly sourceIfMatch?: string | undefined;
    /** Names the copy, which is a write of its own; a new one unless given. */
    readonly writeId?: string | undefined;
}
export interface ListOptions extends OperationOptions {
    /** The start of the keys to list; `''` for all. */
    readonly prefix?: string | undefined;
    /** Rolls up keys that share what lies between the prefix and this string into one prefix. */
    readonly delimiter?: string | undefined;
    /** Begins after this key, or after every key below this rolled-up prefix. */
    readonly startAfter?: string | undefined;
    /** Keys and prefixes together, 1 to 1000; 1000 unless given. */
    readonly limit?: number | undefined;
}
/** What a listing tells of an object on every store alike. */
export interface ListedObject {
    readonly key: Key;
    /** Bytes. */
    readonly size: number;
    /** Without quotes. */
    readonly etag: string;
    readonly lastModified: Date;
    readonly storageClass?: string;
    /** True while the bytes lie here and the primary is still to be seen to hold them. */
    readonly pending?: boolean;
}
/** All that a store knows of an object. */
export interface ObjectStat extends ListedObject, Attributes {
    /** Lower-case hex; absent where it was not known when the object was written. */
    readonly sha256?: string;
    readonly versionId?: string;
    /** Absent on objects that others wrote. */
    readonly writeId?: string;
    readonly stamp?: Stamp;
    /** How many tags there are, where a store tells that without telling {@link Attributes.tags}. */
    readonly tagCount?: number;
    /** Present where the object has to be restored from an archive before it can be read, or has been. */
    readonly archive?: Archive;
    /** Where the bytes lie on this machine, if they do. */
    readonly path?: string;
    /**
     * Present where this is told from a copy while the object store is away and cannot confirm it: when it last did.
     */
    readonly confirmedAt?: Date;
}
/** How an archived object stands: only a `thawed` one can be read, until the time given. */
export interface Archive {
    readonly state: 'archived' | 'thawing' | 'thawed';
    readonly until?: Date;
}
/** How soon an archived object is wanted; what is sooner costs more (S3 API, "RestoreObject"). */
export type ThawTier = 'Expedited' | 'Standard' | 'Bulk';
export interface ThawOptions extends OperationOptions {
    /** How long it can be read from then on; whole days from 1. */
    readonly days: number;
    readonly tier?: ThawTier | undefined;
}
/** One page of a listing, in UTF-8 byte order of keys and prefixes together. */
export interface StorePage {
    readonly objects: readonly ListedObject[];
    readonly prefixes: readonly string[];
    /** The last key or prefix of this page, to give as `startAfter`; absent on the last page. */
    readonly next?: string;
    /** Whether every object that exists in this page's range is in it. False only while a store is away. */
    readonly complete: boolean;
}
/** The bytes of an opened object. Read it once: all at once, or piece by piece. */
export interface Body extends AsyncIterable<Buffer> {
    /** All bytes. @throws StorageError `TOO_LARGE` before reading more than `maxBytes` */
    bytes(maxBytes?: number): Promise<Buffer>;
    /** Gives up what was not read. Needed only where the body was not read to its end; safe to call twice. */
    close(): Promise<void>;
}
export interface OpenObject {
    readonly stat: ObjectStat;
    /** The part that `body` holds, where a range was asked for. */
    readonly range?: ResolvedRange;
    readonly body: Body;
}
/** What a store can do beyond the contract. Asking for more fails with `UNSUPPORTED` before a byte moves. */
export interface Capabilities {
    /** Conditional put, copy and delete: for content small enough for one request, and for any content. */
    readonly conditionalPut: boolean;
    readonly conditionalMultipart: boolean;
    readonly conditionalDelete: boolean;
    readonly presign: boolean;
    readonly tags: boolean;
    readonly storageClasses: boolean;
    readonly versions: boolean;
    readonly lifecycle: boolean;
}
export interface PresignOptions {
    readonly method: 'GET' | 'PUT';
    /** 1 second to 7 days (SigV4 query authentication). */
    readonly expiresInSeconds: number;
    /** GET: the Content-Type to answer with. PUT: the one that must be sent. */
    readonly contentType?: string | undefined;
    /** GET only: the Content-Disposition to answer with. */
    readonly contentDisposition?: string | undefined;
    /** The object store's own URL, whatever its state. Of failover's. */
    readonly direct?: boolean | undefined;
}
/**
 * The driver contract: what memory, local files and S3 implement, and nothing more. Every method rejects with
 * a StorageError and never with anything else. A put is whole or absent: a reader sees the object before it
 * or the object after it. The conformance suite (`holdfast/testing`) is the contract in executable form.
 */
export interface Store {
    readonly kind: 'memory' | 'local' | 's3';
    /** What this store, in its configuration and as far as it has been probed, can do. */
    readonly capabilities: Capabilities;
    /** Writes the object. The source stays the caller's to close. */
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    /** Opens the object. @throws `NOT_FOUND`, `RANGE_NOT_SATISFIABLE`, `PRECONDITION_FAILED`, `INTEGRITY` while reading */
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    /** Removes the object; a missing one succeeds. @returns false only where it is known that there was none */
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    list(options?: ListOptions): Promise<StorePage>;
    /** Ends what the store holds open. Operations after it reject. */
    close(): Promise<void>;
    /** Copies without the bytes passing through the caller. */
    copy?(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
    /** A URL that lets its bearer do one thing with one object for a while. Touches neither store nor network. */
    presign?(key: Key, options: PresignOptions): Promise<string>;
    /** Removes many objects; each failure is reported with its key and stops none of the others. */
    deleteMany?(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
    /** The object's tags; none are no error. @throws `NOT_FOUND` */
    getTags?(key: Key, options?: OperationOptions): Promise<Tags>;
    /** Gives the object these tags in place of all it had. Its bytes, ETag and time stay. @throws `NOT_FOUND` */
    setTags?(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    /**
     * Asks for an archived object to be made readable for a while, or for longer. One that is on its way already, or needs
     * no thawing, is no error. @returns what it is then. @throws `NOT_FOUND`
     */
    thaw?(key: Key, options: ThawOptions): Promise<ObjectStat>;
}
export interface DeleteManyResult {
    readonly deleted: number;
    readonly failed: readonly {
        readonly key: string;
        readonly error: Error;
    }[];
}
