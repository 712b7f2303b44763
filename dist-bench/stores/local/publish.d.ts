import { type Attributes, type Tags } from '../../core/attributes.js';
import type { Logger } from '../../core/logger.js';
import type { Stamp } from '../../core/stamp.js';
import type { Condition, ObjectStat } from '../../core/store.js';
import type { DurableFile, SmallContent } from './bytes.js';
import type { VersionedRow } from './ledger.js';
import type { Root } from './root.js';
interface Publication extends Condition {
    readonly op: string;
    readonly key: string;
    readonly writeId: string;
    readonly attributes: Attributes;
    /** The write's bytes: durable under its id in this process's staging folder, or to be made so with the row. */
    readonly written: DurableFile | SmallContent;
    readonly stamp?: Stamp | undefined;
    /** Milliseconds since the epoch; now unless given. */
    readonly lastModified?: number | undefined;
    readonly current: () => Promise<VersionedRow | undefined>;
}
interface Removal {
    readonly key: string;
    readonly ifMatch: string | undefined;
    readonly current: () => Promise<VersionedRow | undefined>;
}
interface Retagging {
    readonly key: string;
    readonly tags: Tags;
    readonly signal: AbortSignal | undefined;
    readonly current: () => Promise<VersionedRow | undefined>;
}
/**
 * Makes writes and removals visible. The commit of the row is the only point at which an object appears,
 * changes or goes; the files follow it.
 */
export declare class Publisher {
    #private;
    constructor(root: Root, logger: Logger);
    /**
     * Commits a write, then puts its file in place.
     *
     * @returns what is stored now; `path` is where the bytes lie
     */
    publish(write: Publication): Promise<ObjectStat>;
    /**
     * Commits that there is no object any more, then removes its file.
     *
     * @returns whether there was one
     */
    remove({ key, ifMatch, current }: Removal): Promise<boolean>;
    /**
     * Commits other tags for the object that there is. Its write, bytes and time stay, so it is done on a row that has no
     * file work left, which is done first.
     *
     * @throws StorageError `NOT_FOUND`; `UNAVAILABLE` if that work is not done in time
     */
    retag({ key, tags, signal, current }: Retagging): Promise<void>;
}
export {};
