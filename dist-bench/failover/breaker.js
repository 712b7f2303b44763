import { StorageError } from '../core/errors.js';
/** Points that open the breaker: one silence, two refused connections, or three bad answers in a row. */
const LIMIT = 6;
const WEIGHTS = { TIMEOUT: 6, UNAVAILABLE: 3, THROTTLED: 2 };
/**
 * Remembers whether the primary works. While open, nobody is sent there but a probe of its own, in the
 * background, one an interval: no caller's operation is ever the probe, or waits for it.
 */
export class Breaker {
    #options;
    #points = 0;
    #error;
    #timer;
    #probing;
    #openSince = 0;
    #nextProbeAt;
    #closed = false;
    constructor(options) {
        this.#options = options;
    }
    get open() {
        return this.#error !== undefined;
    }
    /** What opened it, or what the last probe found. */
    get error() {
        return this.#error;
    }
    /** When it opened, while it is open: milliseconds since the epoch. */
    get openSince() {
        return this.#openSince;
    }
    /** When it is asked again: milliseconds since the epoch; undefined while a probe is on its way. */
    get nextProbeAt() {
        return this.#nextProbeAt;
    }
    /** An operation that the primary answered. */
    succeeded() {
        this.#points = 0;
    }
    /** An operation that it did not answer, or refuses to everybody. */
    failed(error, trouble) {
        if (this.open || this.#closed)
            return;
        this.#points += trouble === 'locked' ? LIMIT : (WEIGHTS[error.code] ?? 2);
        if (this.#points >= LIMIT)
            this.trip(error);
    }
    /** Opens at once. */
    trip(error) {
        if (this.open || this.#closed)
            return;
        this.#error = error;
        this.#openSince = Date.now();
        this.#options.onChange(true, error);
        this.#schedule();
    }
    /** Probes now, unless a probe is on its way. @returns when it has ended */
    probe() {
        if (!this.open || this.#closed)
            return Promise.resolve();
        this.#probing ??= this.#probe().finally(() => {
            this.#probing = undefined;
        });
        return this.#probing;
    }
    /** Ends the probing. */
    close() {
        this.#closed = true;
        clearTimeout(this.#timer);
    }
    async #probe() {
        clearTimeout(this.#timer);
        this.#nextProbeAt = undefined;
        try {
            await this.#options.probe();
        }
        catch (error) {
            if (StorageError.is(error)) {
                const isOther = error.code !== this.#error?.code;
                this.#error = error;
                if (isOther)
                    this.#options.onCause?.(error);
            }
            if (!this.#closed)
                this.#schedule();
            return;
        }
        if (this.#closed)
            return;
        this.#error = undefined;
        this.#points = 0;
        this.#options.onChange(false, undefined);
    }
    #schedule() {
        const random = (this.#options.random ?? Math.random)();
        const waitMs = this.#options.intervalMs * (1 + random / 2);
        this.#nextProbeAt = Date.now() + waitMs;
        this.#timer = setTimeout(() => void this.probe(), waitMs);
        this.#timer.unref();
    }
}
//# sourceMappingURL=breaker.js.map