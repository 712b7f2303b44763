import type { StorageConfig } from '../../config.js';
import type { Logger } from '../../core/logger.js';
import type { Backend } from '../backend.js';
export interface WithLifecycleOptions {
    readonly logger: Logger;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
}
/**
 * The backend with what lets its local files go by rules. A bucket sees to its own; what is left from before it is nobody
 * else's to see to. Where a bucket is only switched off its folder is left alone, since that may hold newer versions.
 *
 * @throws StorageError `CONFIG_INVALID` for wrong rules with `STRICT_CONFIG`; the backend is closed then
 */
export declare function withLifecycle(backend: Backend, config: StorageConfig, { logger, now }: WithLifecycleOptions): Promise<Backend>;
