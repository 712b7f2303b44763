import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import { type SpillFile } from '../core/spill-file.js';
import type { Root } from '../stores/local/root.js';
import { type Held, type SpoolBytes, type Spooled, type SpooledFile, type SpoolWriteOptions } from './spool-bytes.js';
/**
 * The spool: files, `.holdfast/objects/<xx>/<write id>`, each durable before anybody relies on it, and small content
 * in the ledger, which saves it two syncs of three.
 */
export declare class DiskSpool implements SpoolBytes {
    #private;
    constructor(root: Root);
    write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled>;
    hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined>;
    open(file: string, key: Key): Promise<SpooledFile>;
    remove(file: string): Promise<void>;
    pathOf(file: string): string | undefined;
    /** Where a file lies that is known to be one. */
    filePath(name: string): string;
}
/** A file for the bytes of a stream that is being sent: without a name where the system allows that. */
export declare function openSpill(root: Root): Promise<SpillFile>;
