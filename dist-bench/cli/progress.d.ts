import type { Output } from './output.js';
/** Shows how far a transfer is: bytes, rate, time left, files. On a terminal only, and on stderr. */
export declare class Progress {
    #private;
    /** @param mayShow false where something else is shown on the terminal meanwhile */
    constructor(output: Output, mayShow?: boolean);
    /** Whether anybody sees it; counting ahead is worth it only then. */
    get isVisible(): boolean;
    /** More bytes have come through; fewer, if a part of them came to nothing. */
    addBytes(bytes: number): void;
    addFile(): void;
    /** What it will be in the end, once that is known. */
    setTotal(bytes: number, files: number): void;
    /** Takes it off the terminal. */
    stop(): void;
}
