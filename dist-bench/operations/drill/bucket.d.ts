import type { Content } from './events.js';
/** Where the bucket is, and who may use it. */
export interface BucketAddress {
    readonly endpoint: string | undefined;
    readonly region: string;
    readonly bucket: string;
    readonly pathStyle: boolean;
    /** AWS's default chain unless given. */
    readonly credentials: {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string | undefined;
    } | undefined;
}
/** A bucket as Amazon's own client sees it: none of the code that is under test stands in between. */
export declare class PlainBucket {
    #private;
    constructor(address: BucketAddress);
    /** Every key below the prefix. */
    keys(prefix: string): AsyncGenerator<string>;
    /** What is under a key, read to its end; undefined if there is nothing. */
    read(key: string): Promise<Content | undefined>;
    /** Calls `work` for each key, a few at once. */
    each(keys: Iterable<string>, work: (key: string) => Promise<void>): Promise<void>;
    /** Removes all that is below the prefix: objects, their older versions, and unfinished uploads. */
    removeAll(prefix: string): Promise<void>;
    /** Removes one object and its older versions. */
    removeOne(key: string): Promise<void>;
    close(): void;
}
