import type { StorageConfig } from '../config.js';
import type { Logger } from '../core/logger.js';
import type { Problem } from '../storage.js';
import { type Root } from '../stores/local/root.js';
import type { BackendListener, BareBackend } from './backend.js';
/** What the storage folder has to tell. */
export declare function rootProblems(root: Root): Problem[];
/** Opens the storage folder as the store. */
export declare function openLocalBackend(config: StorageConfig, logger: Logger, create: boolean, listener: BackendListener): Promise<BareBackend>;
