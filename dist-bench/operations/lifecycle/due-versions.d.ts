import { type LifecycleRule } from '../../service/lifecycle/rules.js';
/** What a bucket's rule does to something. */
export type LifecycleAction = 'expire' | 'transition' | 'expire-old-version' | 'remove-delete-marker' | 'abort-upload';
/** Something that a rule does something to. */
export interface DueItem {
    readonly rule: string;
    readonly action: LifecycleAction;
    readonly key: string;
    /** Bytes; of an upload, those of its parts. */
    readonly size: number;
    /** When it was written, or begun. */
    readonly lastModified: Date;
    /** Of `expire`: the bytes stay, since the bucket makes an old version of it. */
    readonly becomesOld?: true;
    /** Of `transition`: where to. */
    readonly storageClass?: string;
    readonly versionId?: string;
    readonly uploadId?: string;
}
/** A version as a listing tells of it; of one key the newest comes first. */
export interface AgingVersion {
    readonly key: string;
    readonly versionId: string;
    readonly isLatest: boolean;
    readonly isDeleteMarker: boolean;
    readonly size: number;
    readonly lastModified: Date;
    readonly storageClass?: string;
}
export interface DueVersionsOptions {
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** Whether an object that goes becomes an old version. */
    readonly keepsVersions: (version: AgingVersion) => boolean;
    /** Which objects the bucket moves to no other class since they are too small, where it does that. */
    readonly transitionMinimum?: string | undefined;
    readonly tagsOf: (version: AgingVersion) => Promise<Readonly<Record<string, string>>>;
}
/**
 * What rules do to versions that come in the order of a listing, which may have any number of them: only what is known of one
 * key is in memory, and of its old versions not even that.
 */
export declare function dueVersions(versions: AsyncIterable<AgingVersion>, rules: readonly LifecycleRule[], options: DueVersionsOptions): AsyncGenerator<DueItem, void, void>;
/** What rules do to an upload that was begun and not completed. */
export declare function dueUpload(key: string, begunAt: number, rules: readonly LifecycleRule[], at: number): LifecycleRule | undefined;
