import type { EventEmitter } from 'node:events';
import { type StorageConfig } from '../config.js';
import type { Logger } from '../core/logger.js';
import type { StorageEvents, StorageStatus } from '../storage.js';
import type { Backend, BackendListener } from './backend.js';
/** What the calls' outcomes say of the store, kept in memory for a status that asks nothing. */
export declare class Health implements BackendListener {
    #private;
    constructor(config: StorageConfig, events: EventEmitter<StorageEvents>, logger: Logger);
    /**
     * The store is open: what it says of itself counts from now on. Failover's own view of an object store stands in
     * for what calls' outcomes would say of it.
     */
    opened(backend: Backend): void;
    changed(): void;
    wants(event: keyof StorageEvents): boolean;
    /** A listener that throws must not turn an upload that is stored into one that failed. */
    tell<E extends keyof StorageEvents>(event: E, ...told: StorageEvents[E]): void;
    /** Notes how a call ended. */
    record(op: string, error: unknown): void;
    /** Notes that the service was closed. */
    closed(): void;
    /** The status, from memory. */
    status(): StorageStatus;
}
/**
 * Whether files go to local storage though an object store is the default or was meant: object storage is
 * switched off, or its provider is unknown. `OBJECT_STORAGE_PROVIDER=local` is a choice, and no fallback.
 */
export declare function isFallback(config: StorageConfig): boolean;
