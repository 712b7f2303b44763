import type { Attributes } from '../../core/attributes.js';
import type { Stamp } from '../../core/stamp.js';
import type { FileIdentity } from './files.js';
/**
 * What the ledger holds under a key. `object` is what readers see; absent, the key is deleted. `work` is what
 * remains to be done to the files, and who does it; absent, the files are as the row says.
 */
export interface Row {
    readonly object?: StoredObject | undefined;
    readonly work?: Work | undefined;
}
/** An object and the file that its bytes are in. */
export interface StoredObject {
    readonly writeId: string;
    /** Milliseconds since the epoch. */
    readonly lastModified: number;
    /** Lower-case hex; absent where the file was found and not written. */
    readonly sha256?: string | undefined;
    readonly stamp?: Stamp | undefined;
    readonly attributes: Attributes;
    /** Where the file belongs: under its own name in the tree, or under its write id in `objects`. */
    readonly at: 'tree' | 'objects';
    /** Of the file; where the bytes are in the ledger ({@link Work.inline}), only the size is known. */
    readonly identity: FileIdentity;
}
/** File work that a committed row asks for. */
export interface Work {
    /**
     * The one process that may touch the key's path in the tree. It passes on only when that process has settled
     * the row or is known to be dead, so no file operation is ever based on a row that is not the newest.
     */
    readonly by: string;
    /** The process in whose staging folder the object's file was written, if it may still be there. */
    readonly staged?: string | undefined;
    /** The object's bytes are in the ledger, which made them durable; a file of them is made from there. */
    readonly inline?: boolean | undefined;
    /** Files of earlier versions, to be removed wherever they lie. */
    readonly garbage: readonly Garbage[];
}
/** The file of an earlier version. */
export interface Garbage {
    readonly writeId: string;
    readonly identity: FileIdentity;
    /** Where it lies; `any` if the row that named it had not been settled. */
    readonly at: 'tree' | 'objects' | 'any';
    readonly staged?: string | undefined;
    /** Its bytes are in the ledger still; its file's identity, if it has one, is not known. */
    readonly inline?: boolean | undefined;
}
type Packed = readonly unknown[];
/** The row as msgpack writes it most compactly: arrays without names, ids and hashes as bytes. */
export declare function packRow(row: Row): Packed;
/** Reads what {@link packRow} made. @throws StorageError `CONFIG_INVALID` for a row that a newer version wrote */
export declare function unpackRow(packed: Packed): Row;
export {};
