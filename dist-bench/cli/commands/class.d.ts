import type { Context } from '../context.js';
/** What can be done with storage classes. */
export type ClassAction = 'ls' | 'set';
/** The options of `holdfast class`. */
export interface ClassOptions {
    readonly recursive?: true;
    readonly yes?: true;
    readonly dryRun?: true;
    readonly concurrency: number;
}
/** Shows and changes the storage classes of files. */
export declare function classes(context: Context, action: ClassAction, names: readonly string[], options: ClassOptions): Promise<number>;
