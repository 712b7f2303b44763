import type { Root } from '../stores/local/root.js';
/** The endpoint and bucket that the folder is attached to; undefined where it is a store of its own. */
export declare function attachedTo(root: Root): string | undefined;
/**
 * Attaches the folder to a bucket, before the first upload or delete is sent there or journaled for it: from then
 * on the bucket may hold what is acknowledged here, and the folder alone no longer knows.
 */
export declare function attach(root: Root, target: string): Promise<void>;
/**
 * Called by whoever opens the folder to store in it, before anything is looked at.
 *
 * @throws StorageError `UNAVAILABLE` while the folder is being detached, `CONFIG_INVALID` if that was broken off
 */
export declare function refuseWhileDetaching(root: Root): void;
/**
 * Keeps everybody else from opening the folder to store in it, until {@link endDetaching} or {@link giveUpDetaching}.
 * Whoever opens it names itself first and looks for this note then; here the note is made first and the others are
 * looked for then: so one of the two sees the other.
 *
 * @returns whether one that was broken off is gone on with: then the folder is half way, and nothing to give up
 * @throws StorageError `UNAVAILABLE` if somebody has it open, or is detaching it
 */
export declare function beginDetaching(root: Root): Promise<boolean>;
/** Nothing was changed: the folder may be opened again. */
export declare function giveUpDetaching(root: Root): Promise<void>;
/** The folder is a store of its own from now on. */
export declare function endDetaching(root: Root): Promise<void>;
