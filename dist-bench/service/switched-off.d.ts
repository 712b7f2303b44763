import type { Logger } from '../core/logger.js';
import type { Root } from '../stores/local/root.js';
import type { LocalStore } from '../stores/local/store.js';
import type { BackendListener, BareBackend } from './backend.js';
/**
 * A storage folder whose bucket is switched off, though the folder was not detached from it. The bucket may hold
 * older versions of what is written now, so everything goes on to be journaled for it; and what only the bucket
 * holds is `UNAVAILABLE`, as in an outage.
 */
export declare function openSwitchedOff(root: Root, local: LocalStore, target: string, logger: Logger, listener: BackendListener): Promise<BareBackend>;
