import type { Ballast } from '../stores/local/ballast.js';
/** How full the disk of the storage folder is. */
export declare class DiskWatch {
    #private;
    /** @param path any folder on that disk */
    constructor(path: string, ballast: Pick<Ballast, 'present'>);
    /** Free bytes, as they were a moment ago, or as they are now. */
    freeBytes(asOfNow?: boolean): Promise<number>;
    /** What was found last; asks nothing. */
    get last(): {
        readonly freeBytes: number | undefined;
        readonly ballast: boolean;
    };
    /** Has a look, in the background. */
    look(): void;
}
