import { StorageError } from '../core/errors.js';
import type { Condition } from '../core/store.js';
import type { CallOptions, ReadOptions } from '../storage.js';
/** @throws StorageError `INVALID_ARGUMENT` for options that are no object: a string would be passed over in silence */
export declare function checkOptions(op: string, options: unknown, name?: string): void;
/** Checks what a service is made with, but for the settings in its `config`. @throws StorageError `INVALID_ARGUMENT` */
export declare function checkServiceOptions(options: {
    readonly config?: unknown;
    readonly logger?: unknown;
    readonly store?: unknown;
}): void;
/** Checks what every call takes. @throws StorageError `INVALID_ARGUMENT` */
export declare function checkCallOptions(op: string, options: CallOptions | undefined): void;
/** @throws StorageError `INVALID_ARGUMENT` */
export declare function checkCloseOptions(options: {
    drainMs?: number | undefined;
}): void;
/** @throws StorageError `INVALID_ARGUMENT` */
export declare function checkReadOptions(options: ReadOptions): void;
/** @throws StorageError `INVALID_ARGUMENT` for anything but a list of encodings or undefined */
export declare function checkEncodings(op: string, encodings: unknown): void;
/** @throws StorageError `INVALID_ARGUMENT` for an ETag that is no string: it would match nothing, or everything */
export declare function checkCondition(op: string, { ifMatch, ifNoneMatch }: Condition): void;
/** @throws StorageError `INVALID_ARGUMENT` for anything but one of the words or undefined */
export declare function checkWord(op: string, name: string, value: unknown, words: readonly string[]): void;
/** @throws StorageError `INVALID_ARGUMENT` for anything but a string or undefined */
export declare function checkString(op: string, name: string, value: unknown, accepted: string): void;
/** @throws StorageError `INVALID_ARGUMENT` for a limit that would not limit */
export declare function checkMaxBytes(op: string, maxBytes: number | undefined): void;
/** The SHA-256 as stores compare it, in lower case. @throws StorageError `INVALID_ARGUMENT` for anything else */
export declare function parseSha256(sha256: string | undefined): string | undefined;
/** The error for an argument that is not what it must be. */
export declare function invalidArgument(op: string, name: string, value: unknown, accepted: string): StorageError;
