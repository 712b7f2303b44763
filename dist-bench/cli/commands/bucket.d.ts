import type { Context } from '../context.js';
/** What can be done with the bucket. */
export type BucketAction = 'show' | 'create' | 'versioning' | 'cors';
/** The options of `holdfast bucket`. */
export interface BucketOptions {
    readonly versioning?: true;
    readonly allowPublic?: true;
    /** Of `cors`. */
    readonly origin?: readonly string[];
    readonly remove?: true;
}
/** Shows how the configured bucket is set up, and sets it up. */
export declare function bucket(context: Context, action: BucketAction, value: string | undefined, options: BucketOptions): Promise<number>;
