import { StorageError } from '../core/errors.js';
/** Exit codes that no single error stands for; the others are those of {@link ERROR_CODES}. */
export declare const EXIT: {
    readonly ok: 0;
    readonly failed: 1;
    readonly usage: 2;
    readonly notFound: 3;
    readonly unavailable: 4;
    readonly partial: 5;
    readonly different: 6;
    readonly interrupted: 130;
};
/** A failure as the command line tells it. */
export interface Failure {
    /** One of {@link ERROR_CODES}, or the system's own, such as `EACCES`. */
    readonly code: string;
    readonly message: string;
    readonly exitCode: number;
    /** What stands in `{"error": ...}`. */
    readonly json: Record<string, unknown>;
    /** Where a defect lies; only of errors that nobody foresaw. */
    readonly stack?: string;
}
/** What an error of any kind comes to: its code, its text and the exit code it stands for. */
export declare function failureOf(error: unknown): Failure;
/** The error of a command line that cannot be followed: exit code 2. */
export declare function usageError(message: string): StorageError;
/** Whether an error is the operating system's, such as that of a file that cannot be written. */
export declare function isSystemError(error: unknown): error is NodeJS.ErrnoException & {
    code: string;
};
