import type { Root } from '../../stores/local/root.js';
import type { Check } from './check.js';
/** Looks for files in `.holdfast/objects` that nothing in the ledger names. */
export declare function checkSpoolFiles(check: Check): Promise<void>;
/** Looks for bytes in the ledger itself that nothing in it speaks of. */
export declare function checkHeldBytes(check: Check): Promise<void>;
/**
 * Moves a file to `.holdfast/lost+found`, where nothing is ever removed.
 *
 * @returns its path there; undefined if the file is gone
 */
export declare function keep(root: Pick<Root, 'ownPath' | 'files'>, path: string, name: string): Promise<string | undefined>;
/** Makes durable that files were moved there. */
export declare function syncKept({ files, ownPath }: Pick<Root, 'ownPath' | 'files'>): Promise<void>;
