import { type StubAnswer } from './s3-stub-answer.js';
import { type Restore } from './s3-stub-archive.js';
import { StubVersions } from './s3-stub-versions.js';
/** An object as the stub holds it. */
export interface StubObject {
    readonly bytes: Buffer;
    /** Without quotes. */
    readonly etag: string;
    readonly modified: Date;
    /** What is given back with it. */
    readonly headers: Readonly<Record<string, string>>;
    readonly tagging: string;
    /** Present where the bucket keeps versions, or did. */
    readonly versionId?: string | undefined;
    /** Of an archived object that was asked back. */
    readonly restore?: Restore;
}
/** How a stub treats conditions: as RFC 9110 writes ETags, without quotes as Ceph wants them, or not at all. */
export type ConditionSupport = 'quoted' | 'bare' | 'ignored';
/** A request that was read and whose signature holds. */
export interface StubCall {
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly query: URLSearchParams;
    readonly body: Buffer;
}
interface Upload {
    readonly key: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly tagging: string;
    readonly parts: Map<number, {
        bytes: Buffer;
        etag: string;
        modified: Date;
    }>;
    readonly begun: Date;
}
/** One bucket in memory, and what S3 does with it. */
export declare class StubBucket {
    #private;
    readonly name: string;
    readonly objects: Map<string, StubObject>;
    readonly uploads: Map<string, Upload>;
    readonly versions: StubVersions;
    /** The lifecycle rules, as they were given. */
    lifecycle: string | undefined;
    constructor(name: string);
    /** The current object, or the version that a request names. */
    find(key: string, versionId?: string | null): StubObject;
    /** Every key in UTF-8 byte order. */
    keys(): readonly string[];
    put(key: string, call: StubCall, support: ConditionSupport): StubAnswer;
    /** @returns the header that names the version which came to be, if one did */
    store(key: string, object: StubObject): Record<string, string>;
    /** @returns the headers that tell of a delete marker, if one came to be */
    remove(key: string): Record<string, string>;
    /** Removes one version for good; what was below the current one becomes it. */
    removeVersion(key: string, versionId: string): void;
    delete(key: string, call: StubCall, support: ConditionSupport): StubAnswer;
    /** If-Match and If-None-Match on what publishes an object. */
    checkWrite(key: string, call: StubCall, support: ConditionSupport): void;
    read(key: string, call: StubCall, isHead: boolean): StubAnswer;
    tagging(key: string, versionId: string | null): StubAnswer;
    /** Changes what the current object carries; it stays the version that it is. */
    change(key: string, carried: Partial<Pick<StubObject, 'tagging' | 'restore'>>): void;
    /** Gives an object other tags. */
    tag(key: string, tags: readonly [string, string][]): StubAnswer;
    /** CopyObject and UploadPartCopy share how they name and check their source. */
    copySource(call: StubCall, buckets: ReadonlyMap<string, StubBucket>, support: ConditionSupport): StubObject;
    copy(key: string, source: StubObject, call: StubCall, support: ConditionSupport): StubAnswer;
    begin(key: string, call: StubCall): StubAnswer;
    upload(key: string, id: string | null): Upload;
    putPart(key: string, call: StubCall): StubAnswer;
    copyPart(key: string, call: StubCall, source: StubObject): StubAnswer;
    keepPart(key: string, { query }: StubCall, bytes: Buffer): string;
    /** @param parts numbers and ETags as the request names them */
    complete(key: string, call: StubCall, parts: readonly [number, string][], support: ConditionSupport): StubAnswer;
    abort(key: string, id: string | null): StubAnswer;
}
export {};
