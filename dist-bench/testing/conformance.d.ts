import type { Key } from '../core/key.js';
import type { Store } from '../core/store.js';
import { type ConformanceOptions } from './conformance-runner.js';
export interface StoreConformanceOptions extends ConformanceOptions {
    /**
     * Opens a store that knows its capabilities. It is called twice, the second time for a store that is closed at
     * once; whether both hold the same objects does not matter.
     */
    open(): Promise<OpenedStore>;
}
export interface OpenedStore {
    readonly store: Store;
    /** Reads an object's tags past the store, where its stats do not tell them. */
    readonly tagsOf?: ((key: Key) => Promise<Readonly<Record<string, string>>>) | undefined;
    /** Closes the store and takes away what was made for it. */
    close(): Promise<void>;
}
/**
 * The store contract in executable form: defines a suite of small checks, by the runner's own functions, over
 * the store that `open` gives. It cleans up behind itself.
 *
 * @example
 * import { after, describe, it } from 'node:test'
 *
 * storeConformance({
 *   describe,
 *   it,
 *   afterAll: after,
 *   name: 'my store',
 *   declaredSkips: { presign: 'nobody serves its URLs' },
 *   open: async () => {
 *     const store = new MyStore()
 *     return { store, close: () => store.close() }
 *   },
 * })
 */
export declare function storeConformance(options: StoreConformanceOptions): void;
