import type { Context } from './context.js';
/**
 * Asks on the terminal whether to go on; no answer means no.
 *
 * @param what such as `Remove 12 files?`
 * @param yes whether `--yes` answers it
 * @throws StorageError `INVALID_ARGUMENT` where nobody can be asked and `--yes` was not given, `ABORTED`
 */
export declare function confirm(context: Context, what: string, yes: boolean): Promise<boolean>;
