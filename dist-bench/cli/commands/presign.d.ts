import type { Context } from '../context.js';
/** The options of `holdfast presign`. */
export interface PresignOptions {
    readonly method: 'GET' | 'PUT';
    readonly expires: number;
    readonly downloadAs?: string;
    readonly inline?: true;
    readonly contentType?: string;
    readonly direct?: true;
}
/** Makes a URL that lets its bearer read (or write) one file for a while. */
export declare function presign(context: Context, key: string, options: PresignOptions): Promise<number>;
