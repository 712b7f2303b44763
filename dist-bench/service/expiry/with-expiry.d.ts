import type { Logger } from '../../core/logger.js';
import type { Backend, BareBackend } from '../backend.js';
export interface WithExpiryOptions {
    readonly logger: Logger;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
}
/** The backend with a store in which objects expire, and with what removes them when they have. */
export declare function withExpiry(backend: BareBackend, { logger, now }: WithExpiryOptions): Backend;
