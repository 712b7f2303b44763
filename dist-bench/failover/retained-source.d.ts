import type { Source } from '../core/source.js';
import type { SpillFile } from '../core/spill-file.js';
/** What stays in memory: a part. */
export declare const RETAINED_BYTES: number;
/**
 * A one-shot stream that can be read again from its beginning: up to a part from memory, past it from a file
 * that is written while the bytes are being sent. If the file fails, the stream goes on without a net.
 */
export declare class RetainedSource implements Source {
    #private;
    readonly size: number | undefined;
    /** @param onEnd called when the end of the content is first seen, with its size */
    constructor(inner: Source, openSpill: () => Promise<SpillFile>, onEnd: (size: number) => void);
    /** Whether every byte can still be read from the beginning. */
    get replayable(): boolean;
    /** Bytes in all, once the end was seen. */
    get end(): number | undefined;
    read(offset: number, length: number): Promise<Buffer>;
    release(offset: number): void;
    /**
     * The content as its first reader has it. One that was given up may still get to its end, and release what the
     * second reader has not read yet: that is kept.
     */
    firstReading(): Source;
    /** The content is now read for the last time, from its beginning: what is released need not be kept. */
    readOnceMore(): void;
    /** Says that the content has arrived for good. */
    finish(): void;
    /** Forgets what was kept. The inner source stays its owner's to close. */
    close(): Promise<void>;
}
