import type { Output } from './output.js';
/** One line that tells how far something is. On a terminal only, and on stderr. */
export declare class StatusLine {
    #private;
    constructor(output: Output);
    /** Whether anybody sees it. */
    get isVisible(): boolean;
    show(line: string): void;
    /** Takes it off the terminal, for good. */
    stop(): void;
}
