import type { S3Options } from './options.js';
import { type XmlElement } from './xml-element.js';
/** All lifecycle rules of a bucket, as the server has them. */
export interface LifecycleDocument {
    /** `Rule` elements. What nobody here knows is in them as well. */
    readonly rules: readonly XmlElement[];
    /** From which size on objects are moved to another class, where the server says so; it is given back with the rules. */
    readonly transitionMinimum?: string;
}
/**
 * The lifecycle rules of a bucket, as elements and not in the words of a library, which would lose what it does not know when
 * it writes back the rules of others.
 */
export declare class LifecycleSettings {
    #private;
    readonly bucket: string;
    /** @throws StorageError `CONFIG_INVALID` */
    constructor(options: S3Options);
    /** S3 API, "GetBucketLifecycleConfiguration"; a bucket without any has no rules. */
    read(signal?: AbortSignal): Promise<LifecycleDocument>;
    /**
     * Replaces all rules (S3 API, "PutBucketLifecycleConfiguration"); none removes them ("DeleteBucketLifecycle").
     *
     * @throws StorageError `INVALID_ARGUMENT` with what the server says of rules that it refuses
     */
    write({ rules, transitionMinimum }: LifecycleDocument, signal?: AbortSignal): Promise<void>;
    close(): Promise<void>;
}
