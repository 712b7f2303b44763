import type { Context } from '../context.js';
/** What can be done with versions. */
export type VersionsAction = 'ls' | 'restore' | 'purge';
/** The options of `holdfast versions`. */
export interface VersionsOptions {
    /** Of `restore`. */
    readonly versionId?: string;
    /** Of `ls`. */
    readonly long?: true;
    /** Seconds; of `purge`, as are those below. */
    readonly olderThan?: number;
    readonly keep?: number;
    readonly all?: true;
    readonly yes?: true;
    readonly dryRun?: true;
}
/** Shows, restores and purges old versions of files. */
export declare function versions(context: Context, action: VersionsAction, names: readonly string[], options: VersionsOptions): Promise<number>;
