import type { PresignOptions } from '../core/store.js';
import type { PresignUrlOptions } from '../storage.js';
/** The longest life of a signed URL, in seconds (SigV4 query authentication: seven days). */
export declare const MAX_PRESIGN_SECONDS: number;
/** Checks what a signed URL is asked for. @throws StorageError `INVALID_ARGUMENT` */
export declare function presignRequest(options: PresignUrlOptions): PresignOptions;
