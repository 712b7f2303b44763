import type { Context } from '../context.js';
/** The options of `holdfast serve`, beside the flags that set variables. */
export interface ServeOptions {
    readonly logRequests?: true;
}
/** Serves the storage over HTTP until interrupted; then lets requests under way end. */
export declare function serve(context: Context, options: ServeOptions): Promise<number>;
