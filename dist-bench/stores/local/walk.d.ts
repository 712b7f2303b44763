import { type FileStat } from './files.js';
import type { Root } from './root.js';
/** Something met while walking through the folder. */
export type Walked = {
    readonly key: string;
    readonly stat: FileStat;
} | {
    readonly path: string;
    readonly reason: string;
};
/**
 * Walks through the folder's files in an order that does not change, so that a walk can go on behind a place
 * it had reached. Holdfast's own folder is left out.
 *
 * @param base the folder to walk through, as the start of keys: `''` or ending with `/`
 * @param after segments of the path behind which to go on
 */
export declare function walk(root: Root, base: string, after?: readonly string[]): AsyncGenerator<Walked, void, void>;
