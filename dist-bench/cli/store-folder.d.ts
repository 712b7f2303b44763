import { type StorageConfig } from '../config.js';
/** @throws StorageError `CONFIG_INVALID` if local storage is configured and its folder holds no store */
export declare function requireStoreFolder(config: StorageConfig): void;
/**
 * Refuses a path in the folder of local storage: a file fetched to there would overwrite what is stored.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function refuseStoreFolder(config: StorageConfig, target: string): Promise<void>;
