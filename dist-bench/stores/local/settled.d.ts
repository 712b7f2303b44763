import type { FileIdentity } from './files.js';
import type { RowWrite, VersionedRow } from './ledger.js';
import type { Garbage, Row } from './row.js';
/** Where the files of a row are, as far as this process has seen to it. */
export interface Settled extends Placed {
    readonly version: number;
    readonly row: Row;
    /** Folders whose names must be durable before the row may say so. */
    readonly touched: Set<string>;
}
export interface Placed {
    readonly at: 'tree' | 'objects' | undefined;
    readonly path: string | undefined;
    readonly identity: FileIdentity | undefined;
    /** Whether the folders that the path leads through are known to be durable. */
    readonly anchored: boolean;
    /** A second name of the file, to be removed when the one in its place is durable. */
    readonly leftover: string | undefined;
}
/** Of a row whose object is removed. */
export declare const GONE: Placed;
/** A row without work, as its files are now. */
export declare function toldRow(key: string, { version, row, at, identity }: Settled): RowWrite;
/** The files that are left over when a row is replaced, the oldest first. */
export declare function garbageOf(previous: VersionedRow | undefined): Garbage[];
