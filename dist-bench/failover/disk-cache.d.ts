import type { Key } from '../core/key.js';
import type { Logger } from '../core/logger.js';
import { type Files } from '../stores/local/files.js';
import { type CacheUsage, type Copy, type Fill, type KnownCopy, type ReadCache } from './read-cache.js';
export interface DiskCacheOptions {
    /** The folder for the copies of every boot. */
    readonly folder: string;
    /** Names this boot of the machine; undefined where the system does not tell, and then nothing is kept. */
    readonly boot: string | undefined;
    /** Of the disk; 0 keeps no copies, and only forgets those of other processes. */
    readonly maxBytes: number;
    /** Names the endpoint and bucket of what is kept. */
    readonly target: string;
    /** Names this opening of the folder, among all that ever were; good as a file name. */
    readonly processId: string;
    readonly isDead: (processId: string) => boolean;
    readonly files: Files;
    /** Free bytes of the disk, as they were a moment ago, and how many of them are left alone. */
    readonly freeBytes: () => Promise<number>;
    readonly reserveBytes: number;
    readonly logger: Logger;
    /** For so long after its opening nothing is kept or counted; {@link NOTICE_MS} unless a test knows better. */
    readonly noticeMs?: number | undefined;
    /** A copy's last use is noted anew after this long. Milliseconds. */
    readonly touchMs?: number | undefined;
}
/** The folder for the copies of a storage folder. @param ownPath Holdfast's own folder in that */
export declare function cacheFolderOf(ownPath: string): string;
/** Removes all copies. For who takes the journal away, whose rows tell that one is not to be looked at. */
export declare function removeCopies(ownPath: string): Promise<void>;
/**
 * Copies in files, shared by the processes of a storage folder. All that there is of one key lies in one folder,
 * named for the key's hash: the copy, and the files that are to become it. To forget the key is to rename that
 * folder away, which no fill survives: it can only rename its file within the folder that it was begun in.
 *
 * Nothing is ever synced. What a power loss brings back of a forgotten key is not looked at: every boot of the
 * machine has copies of its own.
 */
export declare class DiskCache implements ReadCache {
    #private;
    readonly keeps: boolean;
    constructor(options: DiskCacheOptions);
    get usage(): CacheUsage;
    takes(size: number): boolean;
    holds(key: Key): boolean;
    known(key: Key): KnownCopy | undefined;
    open(key: Key): Promise<Copy | undefined>;
    begin(key: Key): Promise<Fill | undefined>;
    forget(key: Key): Promise<void> | undefined;
    makeRoom(bytes: number): Promise<number>;
    idle(): Promise<void>;
    close(): Promise<void>;
}
