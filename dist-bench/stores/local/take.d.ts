import type { Attributes } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import type { Stamp } from '../../core/stamp.js';
import { type DurableFile } from './bytes.js';
import type { Root } from './root.js';
/** What an object is to carry that was acknowledged elsewhere in the folder. */
export interface Taken {
    readonly writeId: string;
    readonly stamp: Stamp;
    /** Milliseconds since the epoch. */
    readonly lastModified: number;
    /** Lower-case hex; what the bytes are known to have. */
    readonly sha256: string;
    readonly attributes: Attributes;
}
/** Gives a durable file one more name, in this process's staging folder; a copy, where the filesystem has no links. */
export declare function nameToTake(root: Root, path: string, key: Key, { writeId, sha256 }: Taken): Promise<DurableFile>;
