import type { StorageConfig } from '../config.js';
/** What keeps a folder from being detached without more ado. */
export interface Waiting {
    /** Uploads that no bucket was seen to hold, and their bytes. */
    readonly uploads: number;
    readonly bytes: number;
    /** Deletes that no bucket was seen to have done. */
    readonly deletes: number;
    /** Files and deletes that the bucket has, but that a late request could still undo there. */
    readonly settling: number;
    /** When no such request can come any more. */
    readonly settledAt?: Date | undefined;
}
/** A key under which the folder and a bucket may differ once they are parted. */
export interface Difference {
    readonly key: string;
    /** The endpoint and bucket. */
    readonly target: string;
    /**
     * What is here afterwards: the `file` that was acknowledged last, `nothing` for one that was deleted, or a
     * `conflict`: the file is only kept, since a later upload or delete of the key went to another bucket.
     */
    readonly here: 'file' | 'nothing' | 'conflict';
    /** Bytes; of a file. */
    readonly size?: number | undefined;
    /** When it was acknowledged. */
    readonly at: Date;
    /** What the bucket may hold: something `older`, or (`same`) what is here, unless a late request undoes that. */
    readonly there: 'older' | 'same';
}
/** What a detachment came to. */
export interface DetachReport {
    readonly target: string;
    /** Journaled uploads that are files of the folder now. */
    readonly kept: number;
    /** Journaled deletes that are done here. */
    readonly deleted: number;
    /** Uploads that were kept as conflicts. */
    readonly conflicts: number;
    /** Keys of uploads whose bytes were gone or changed: what is left of them is kept as a conflict. */
    readonly damaged: readonly string[];
}
/**
 * Parts a storage folder from the bucket that it is attached to: it is a store of its own then. What the journal
 * holds stays: an upload becomes a file of the folder, a delete is done there.
 */
export declare class Detachment {
    #private;
    private constructor();
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static open(config: StorageConfig): Promise<Detachment>;
    /** The endpoint and bucket that the folder is attached to; undefined if it is a store of its own. */
    get target(): string | undefined;
    /** What still waits for a bucket; undefined if nothing does. */
    waiting(): Waiting | undefined;
    /** What the folder and the buckets may differ in afterwards, in the order of the journal. */
    differences(): Generator<Difference>;
    /**
     * Detaches the folder. Nobody else may have it open. Broken off at any moment, it is finished by doing it again;
     * until then nobody can open the folder to store in it.
     *
     * @param options `abandon`: also if something waits for a bucket
     * @throws StorageError `UNAVAILABLE` if the folder is in use, or if something waits and `abandon` is not given
     */
    finish(options: {
        abandon: boolean;
        signal?: AbortSignal | undefined;
    }): Promise<DetachReport | undefined>;
    close(): Promise<void>;
}
