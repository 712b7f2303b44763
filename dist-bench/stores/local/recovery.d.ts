import type { Root } from './root.js';
/**
 * Finishes what processes that ended have left: takes over the file work of their rows, then removes what is in
 * their staging folders and belongs to no row. Doing it twice, or in two processes at once, is no harm.
 */
export declare function recover(root: Root, signal: AbortSignal): Promise<void>;
/** Takes over the file work of one row, if its process is dead, and does it. */
export declare function takeOver(root: Root, key: string): Promise<void>;
/** Removes staged files of dead processes that no row speaks of. */
export declare function sweep(root: Root, signal: AbortSignal): Promise<void>;
