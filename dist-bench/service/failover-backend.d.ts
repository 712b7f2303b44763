import type { StorageConfig } from '../config.js';
import type { Logger } from '../core/logger.js';
import type { Legacy } from '../failover/context.js';
import { type Root } from '../stores/local/root.js';
import { LocalStore } from '../stores/local/store.js';
import type { BackendListener, BareBackend } from './backend.js';
/**
 * Opens a bucket with the storage folder as its net. The network is not touched before the first operation.
 *
 * @returns undefined where there is no storage folder and none is to be made, or where no net is wanted and there
 *   is nothing in one: then there is nothing that a net could hold
 */
export declare function openFailoverBackend(provider: 's3' | 'minio', config: StorageConfig, logger: Logger, create: boolean, listener: BackendListener): Promise<BareBackend | undefined>;
/** Objects that were local before the bucket was. Until every file in the folder is known, any key may have one. */
export declare function legacyOf(root: Root, store: LocalStore): Legacy;
/** Gives the ballast up, and lays it down again when there is room. */
export declare function reliefOf(root: Root): () => Promise<boolean>;
