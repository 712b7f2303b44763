/** How far a transfer is. */
export interface Figures {
    readonly bytes: number;
    readonly files: number;
    /** What it will be in the end; undefined until that is known. */
    readonly total: {
        readonly bytes: number;
        readonly files: number;
    } | undefined;
    readonly bytesPerSecond: number;
}
/** The line that tells how far a transfer is. */
export declare function transferLine(figures: Figures, bar: string): string;
/** Bytes as people read them: `1.2 MB`. */
export declare function size(bytes: number): string;
/** A number with its thousands set apart: `1,234`. */
export declare function number(value: number): string;
/** `1 file`, `1,234 files`. */
export declare function files(count: number): string;
/** Seconds that something took, as people read them: `0.3 s`, `2:05`, `1:02:03`. */
export declare function duration(seconds: number): string;
/** Seconds to come, as people read them: `8 s`, `2:05`, `1:02:03`. */
export declare function timeLeft(seconds: number): string;
/** Rows as lines, each column as wide as its widest cell (up to 40 characters). */
export declare function table(rows: readonly (readonly string[])[]): string;
