import { StorageError } from '../core/errors.js';
/** Longest wait for the store to prove that it answers. */
const PROBE_TIMEOUT_MS = 5000;
/**
 * The same for an object store with a net: uploads are taken whether it answers or not, and a load balancer does not
 * wait for long. The question goes on behind the answer, so that an outage is noticed.
 */
const NET_PROBE_TIMEOUT_MS = 1000;
/** How long an outcome is taken for the present one: whoever asks more often costs the store nothing. */
const KEPT_MS = 1000;
/**
 * Asks the store whether it is usable, at most once at a time and once a second. Usable means that uploads can be
 * taken: an object store that is away, with a net under it, is.
 */
export class Readiness {
    #storage;
    #probe;
    #endedAt;
    /** An object store with a net has kept a question waiting before. */
    #silent = false;
    constructor(storage) {
        this.#storage = storage;
    }
    /** @returns undefined if the store is usable, else what is wrong */
    ask() {
        const stale = this.#endedAt !== undefined && performance.now() - this.#endedAt >= KEPT_MS;
        if (this.#probe === undefined || stale) {
            this.#endedAt = undefined;
            this.#probe = this.#ask().finally(() => {
                this.#endedAt = performance.now();
            });
        }
        return this.#probe;
    }
    async #ask() {
        try {
            const timeoutMs = this.#silent ? NET_PROBE_TIMEOUT_MS : PROBE_TIMEOUT_MS;
            if (this.#storage.ready !== undefined)
                await this.#storage.ready({ timeoutMs });
            else
                await this.#firstPage();
            return undefined;
        }
        catch (error) {
            if (StorageError.is(error, 'TIMEOUT') && error.store === undefined && this.#hasNet()) {
                this.#silent = true;
                return undefined;
            }
            if (StorageError.is(error))
                return error;
            return new StorageError({ code: 'INTERNAL', op: 'ready', message: String(error), cause: error });
        }
    }
    /** Whether the local disk takes uploads while the object store does not. */
    #hasNet() {
        const status = this.#storage.getStatus?.();
        return status?.failover !== undefined && status.state !== 'down';
    }
    async #firstPage() {
        for await (const _ of this.#storage.list({ limit: 1, timeoutMs: PROBE_TIMEOUT_MS }).pages())
            return;
    }
}
//# sourceMappingURL=readiness.js.map