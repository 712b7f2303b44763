/** When a rule acts: so many days after an object was written, or from a day on, as `YYYY-MM-DD` (UTC). */
export type When = {
    readonly afterDays: number;
} | {
    readonly on: string;
};
/** The objects that a rule is for: those that every condition given holds for. */
export interface LifecycleFilter {
    /** The start of their keys; `''` for all. */
    readonly prefix: string;
    /** Tags that they have, and perhaps others. */
    readonly tags: Readonly<Record<string, string>>;
    /** Bytes that they have more of. */
    readonly largerThan?: number;
    /** Bytes that they have fewer of. */
    readonly smallerThan?: number;
}
/** Where objects go in time, and from when on. */
export type Transition = When & {
    readonly storageClass: string;
};
/** One rule of how objects age (S3 API, "LifecycleRule"). */
export interface LifecycleRule {
    readonly id: string;
    /** False: it is kept, and does nothing. */
    readonly enabled: boolean;
    readonly filter: LifecycleFilter;
    /** Objects go; where the bucket keeps versions, they become old ones. */
    readonly expire?: When;
    /** In the order of their days. */
    readonly transitions: readonly Transition[];
    /** Multipart uploads that nobody completed are ended, so many days after they were begun. */
    readonly abortIncompleteUploads?: {
        readonly afterDays: number;
    };
    /** Old versions go, so many days after they became old, but for the newest of them. */
    readonly expireOldVersions?: {
        readonly afterDays: number;
        readonly keepNewest?: number;
    };
    /** Marks of deletes go that hide nothing any more. */
    readonly removeExpiredDeleteMarkers: boolean;
}
/** An object as a rule looks at it. */
export interface AgingObject {
    readonly key: string;
    readonly size: number;
}
/**
 * When an action is due: at a midnight UTC, as S3 has it. Days are counted from the write, to the moment, and then rounded up
 * to the next midnight (S3 User Guide, "Lifecycle rules: based on an object's age").
 *
 * @param from when the object was written (or became old, or the upload was begun): milliseconds since the epoch
 * @returns milliseconds since the epoch
 */
export declare function dueAt(when: When, from: number): number;
/** Whether a rule is for an object, as far as its key and size tell: {@link hasTags} tells the rest. */
export declare function isFor({ filter }: LifecycleRule, { key, size }: AgingObject): boolean;
/** Whether a rule asks for tags. */
export declare function asksForTags({ filter }: LifecycleRule): boolean;
/** Whether an object's tags are among those that a rule asks for. */
export declare function hasTags({ filter }: LifecycleRule, tags: Readonly<Record<string, string>>): boolean;
/** The prefixes that the rules speak of, none of them below another: what is to be listed, once. */
export declare function prefixesOf(rules: readonly LifecycleRule[]): string[];
