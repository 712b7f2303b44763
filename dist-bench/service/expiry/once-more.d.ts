import type { Source } from '../../core/source.js';
/** Content that knows whether it can be read once more from its start. */
export declare class OnceMore implements Source {
    #private;
    constructor(source: Source);
    /** Whether nothing of it has been given up. */
    get readable(): boolean;
    get size(): number | undefined;
    get replayable(): boolean;
    read(offset: number, length: number): Promise<Buffer>;
    release(offset: number): void;
    /** The source stays its owner's to close. */
    close(): Promise<void>;
}
