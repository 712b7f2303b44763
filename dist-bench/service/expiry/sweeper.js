import pLimit from 'p-limit';
import { StorageError } from '../../core/errors.js';
/** Writes read from the index at a time. */
const BATCH = 128;
/** Requests under way. */
const CONCURRENCY = 8;
/** A process that lives shorter leaves the work to others. Milliseconds. */
const START_MS = 1000;
/** What another process has added is seen after this long at the latest. Milliseconds. */
const LOOK_MS = 30_000;
/** How long a store that is away is left alone: from this to that, doubling. Milliseconds. */
const AWAY_MS = [1000, 30_000];
/** How long a write that the store refuses to have removed is left alone: from this to that, doubling. Milliseconds. */
const REFUSED_MS = [60_000, 3_600_000];
/**
 * Removes what has expired, and ends the expiry of what was kept while the store was away. It sleeps until the next
 * write is due; what it costs grows with what is due, and not with what is stored.
 */
export class Sweeper {
    #options;
    #limit = pLimit(CONCURRENCY);
    #timer;
    /** When the timer fires, by the clock that expiries are told by. */
    #at = Number.POSITIVE_INFINITY;
    #sweeping;
    /** How long nothing is tried, whatever is due; 0 while all is well. */
    #awayMs = 0;
    #awayTimes = 0;
    #closed = false;
    constructor(options) {
        this.#options = options;
        this.#sleep(START_MS);
    }
    /** Tells that a write is due at a time. */
    expect(due) {
        const delay = Math.max(0, due - this.#options.now());
        if (due < this.#at && this.#sweeping === undefined && this.#awayMs === 0)
            this.#sleep(delay);
    }
    /** Sees to everything that is due now, unless another process does. @returns how many objects were removed */
    sweep() {
        this.#sweeping ??= this.#sweep().finally(() => {
            this.#sweeping = undefined;
            this.#sleepUntilDue();
        });
        return this.#sweeping;
    }
    async close() {
        this.#closed = true;
        clearTimeout(this.#timer);
        await this.#sweeping?.catch(() => { });
    }
    #sleep(delay) {
        clearTimeout(this.#timer);
        if (this.#closed)
            return;
        const ms = Math.min(delay, LOOK_MS);
        this.#at = this.#options.now() + ms;
        this.#timer = setTimeout(() => {
            this.sweep().catch(error => {
                this.#options.logger.warn({ error }, 'Expired files could not be looked for');
            });
        }, ms).unref();
    }
    #sleepUntilDue() {
        if (this.#closed)
            return;
        const next = this.#options.index.next();
        const untilDue = next === undefined ? LOOK_MS : Math.max(0, next - this.#options.now());
        this.#sleep(Math.max(untilDue, this.#awayMs));
    }
    async #sweep() {
        const { index, lease, now, logger } = this.#options;
        let removed = 0;
        this.#awayMs = 0;
        try {
            while (!this.#closed) {
                const batch = index.due(now(), BATCH);
                if (batch.length === 0)
                    break;
                if (!(await lease.hold())) {
                    this.#awayMs = LOOK_MS;
                    break;
                }
                const outcomes = await Promise.all(batch.map(write => this.#limit(() => this.#settle(write))));
                removed += outcomes.filter(outcome => outcome === 'removed').length;
                if (outcomes.includes('away')) {
                    this.#awayMs = Math.min(AWAY_MS[0] * 2 ** this.#awayTimes++, AWAY_MS[1]);
                    break;
                }
                this.#awayTimes = 0;
            }
        }
        finally {
            await lease.release();
            if (removed > 0)
                logger.debug({ removed }, 'Removed what has expired');
        }
        return removed;
    }
    async #settle(write) {
        if (this.#closed)
            return 'away';
        try {
            return (await this.#options.fates.settle(write)) ? 'removed' : 'done';
        }
        catch (error) {
            if (StorageError.is(error) && error.retryable)
                return 'away';
            return this.#postpone(write, error);
        }
    }
    /** One write that the store refuses to have removed must not stand in the way of the others. */
    async #postpone({ key, writeId }, error) {
        const { index, now, logger } = this.#options;
        logger.warn({ key, error }, 'An expired file could not be removed; it is tried again later');
        const known = index.get(key, writeId);
        if (known === undefined)
            return 'done';
        const { failures = 0 } = known;
        const due = now() + Math.min(REFUSED_MS[0] * 2 ** failures, REFUSED_MS[1]);
        const changed = await index.change(known, { ...known, due, failures: failures + 1 });
        return changed === undefined ? 'away' : 'done';
    }
}
//# sourceMappingURL=sweeper.js.map