import type { Context } from '../context.js';
/** The options of `holdfast detach`. */
export interface DetachOptions {
    readonly abandon?: true;
    readonly yes?: true;
    readonly dryRun?: true;
}
/** Makes a storage folder that was the net of a bucket a store of its own again. */
export declare function detach(context: Context, options: DetachOptions): Promise<number>;
