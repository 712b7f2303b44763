import type { Context } from '../context.js';
/** The options of `holdfast tags`. */
export interface TagsOptions {
    readonly remove?: readonly string[];
    readonly clear?: true;
}
/** Shows the tags of a file, or changes some of them. */
export declare function tags(context: Context, key: string, set: Readonly<Record<string, string>>, options: TagsOptions): Promise<number>;
