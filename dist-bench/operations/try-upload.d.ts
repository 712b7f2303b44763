import type { Store } from '../core/store.js';
/** Uploads a small object of Holdfast's own and removes it again. @throws StorageError what the store answers */
export declare function tryUpload(store: Store, signal?: AbortSignal): Promise<void>;
