import type { Ledger, LedgerTable } from '../stores/local/ledger.js';
import type { Root } from '../stores/local/root.js';
/**
 * Files in `objects` (`<folder>/<name>`) that no row names any more. A file comes into this list by the very commit that
 * takes its last name away, and leaves it when no power loss can bring the file back: so what a crash leaves of the
 * removal is known, and everything else without a name is a trace of something that went wrong.
 */
export declare function removalsOf(ledger: Ledger): LedgerTable<1>;
/** Forgets by and by the listed files that this process has removed. */
export declare class Removals {
    #private;
    constructor(root: Root);
    /** A file was removed. */
    gone(file: string): void;
}
/**
 * Removes the files that are listed still: those of processes that died on it. That another one is about to remove the
 * same is no harm.
 *
 * @returns how many files there were
 */
export declare function finishRemovals(root: Root, signal: AbortSignal): Promise<number>;
/** Makes removals durable, before that is forgotten which would explain the files. @param folders of `objects` */
export declare function syncFolders(root: Root, folders: Iterable<string>): Promise<void>;
