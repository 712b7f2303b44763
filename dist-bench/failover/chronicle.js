import { adviceFor } from './advice.js';
import { Rate } from './rate.js';
const NOBODY = { wants: () => false, tell: () => { } };
/** A line on how far it is, at most this often. Milliseconds. */
const PROGRESS_MS = 30_000;
/**
 * What happens, told: to the application as events, to the operator as log lines, to whoever asks as counts. One
 * outage is one line when it begins, one when it ends, and one when the primary holds everything again.
 */
export class Chronicle {
    #options;
    #listener;
    #rate = new Rate();
    #failures = new Map();
    #opened = { reads: 0, writes: 0 };
    #closed = { reads: 0, writes: 0 };
    #uploads = 0;
    #uploadBytes = 0;
    #deletes = 0;
    #replicated = 0;
    #replicatedBytes = 0;
    /** What is away, and since when. */
    #away = new Map();
    #outage;
    #drain;
    /** Whether there is something to drain that was told of. */
    #owed = false;
    constructor(options) {
        this.#options = options;
        this.#listener = options.listener ?? NOBODY;
    }
    get counts() {
        return {
            fallbackUploads: this.#uploads,
            fallbackBytes: this.#uploadBytes,
            fallbackDeletes: this.#deletes,
            replicated: this.#replicated,
            replicatedBytes: this.#replicatedBytes,
            failures: this.#failures,
            opened: this.#opened,
            closed: this.#closed,
        };
    }
    /** How fast this process brings things to the primary: averages over the last minute. */
    get rate() {
        return this.#rate.perSecond(performance.now());
    }
    /** Seconds until nothing is pending, at this rate; undefined where nothing is, or nothing moves. */
    get secondsLeft() {
        const { pending, pendingBytes } = this.#options.totals.totals;
        const { operations, bytes } = this.rate;
        if (pending === 0 || operations === 0)
            return undefined;
        return Math.max(pending / operations, bytes === 0 ? 0 : pendingBytes / bytes);
    }
    /** The journal holds something from before. */
    found() {
        const { pending, pendingBytes } = this.#options.totals.totals;
        if (pending === 0)
            return;
        this.#owed = true;
        this.#options.logger.info({ pending, pendingBytes }, `The object store is still to receive what was acknowledged before: ${counted(pending, 'operation')}`);
    }
    /** The primary takes no more reads or writes. @param locked whether that lasts until somebody mends something */
    opened(what, error, locked) {
        const { code, message } = error;
        this.#opened[what]++;
        const isFirst = this.#away.size === 0;
        this.#away.set(what, { at: performance.now(), code });
        if (isFirst)
            this.#outage = { at: performance.now(), before: this.counts };
        const level = locked ? 'error' : isFirst ? 'warn' : 'info';
        this.#options.logger[level]({ code, what }, this.#awayLine(what, error, locked));
        if (this.#listener.wants('away'))
            this.#listener.tell('away', { what, code, message });
    }
    /** What keeps the primary away is another by now. */
    changed(what, error, locked) {
        const away = this.#away.get(what);
        if (away === undefined || away.code === error.code)
            return;
        away.code = error.code;
        // A network that is back is no news while the door stays shut; a door that is shut is.
        if (locked)
            this.#options.logger.error({ code: error.code, what }, this.#awayLine(what, error, locked));
    }
    /** The primary takes reads or writes again. */
    closed(what) {
        const away = this.#away.get(what);
        if (away === undefined)
            return;
        this.#closed[what]++;
        this.#away.delete(what);
        if (this.#listener.wants('back'))
            this.#listener.tell('back', { what, awayMs: performance.now() - away.at });
        if (this.#away.size > 0 || this.#outage === undefined)
            return;
        const { at, before } = this.#outage;
        this.#outage = undefined;
        const { pending, pendingBytes } = this.#options.totals.totals;
        const seconds = Math.round((performance.now() - at) / 100) / 10;
        const uploads = this.#uploads - before.fallbackUploads;
        const uploadBytes = this.#uploadBytes - before.fallbackBytes;
        const deletes = this.#deletes - before.fallbackDeletes;
        if (pending > 0)
            this.#owed = true;
        const rest = pending === 0 ? 'it holds everything' : `${counted(pending, 'operation')} to be brought to it`;
        this.#options.logger.info({ seconds, uploads, uploadBytes, deletes, pending, pendingBytes }, `The object store works again: it was away for ${seconds} s, ${counted(uploads, 'upload')} and ${counted(deletes, 'delete')} taken here meanwhile, ${rest}`);
    }
    /** Reads off a change of the journal what it means. */
    committed(key, seen, next, { epoch, conflict }) {
        const before = isPending(seen) ? seen.state : undefined;
        const after = isPending(next) ? next.state : undefined;
        if (after !== undefined && after.writeId !== seen?.state?.writeId)
            this.#acknowledged(key, after);
        if (conflict !== undefined)
            this.conflict(conflict);
        else if (epoch !== undefined && before !== undefined && after === undefined)
            this.#brought(key, before);
        const parked = next?.parked;
        if (parked !== undefined && seen?.parked === undefined) {
            if (this.#listener.wants('parked'))
                this.#listener.tell('parked', { key, code: parked.code, message: parked.message });
        }
    }
    conflict({ id, key, loser }) {
        if (this.#listener.wants('conflict'))
            this.#listener.tell('conflict', { id, key, loser });
    }
    /** An entry was not brought to the primary this time. */
    failed(code) {
        this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    }
    /** Nothing is pending any more. */
    drained() {
        const { operations, bytes, at } = this.#drain ?? { operations: 0, bytes: 0, at: performance.now() };
        const tookMs = Math.round(performance.now() - at);
        const isNews = this.#owed || (this.#drain !== undefined && this.#drain.toldAt > at);
        this.#drain = undefined;
        this.#owed = false;
        if (isNews) {
            const seconds = Math.round(tookMs / 100) / 10;
            this.#options.logger.info({ operations, bytes, seconds }, operations === 0
                ? 'The object store holds everything: another process brought it there'
                : `The object store holds everything: ${counted(operations, 'operation')} brought to it in ${seconds} s`);
        }
        if (this.#listener.wants('drained'))
            this.#listener.tell('drained', { operations, bytes, tookMs });
    }
    #acknowledged(key, state) {
        const size = sizeOf(state);
        if (state.kind === 'put') {
            this.#uploads++;
            this.#uploadBytes += size;
        }
        else
            this.#deletes++;
        if (this.#listener.wants('fallback'))
            this.#listener.tell('fallback', { key, kind: state.kind, size });
    }
    #brought(key, state) {
        const size = sizeOf(state);
        const now = performance.now();
        this.#replicated++;
        this.#replicatedBytes += size;
        this.#rate.add(size, now);
        this.#drain ??= { at: now, toldAt: now, operations: 0, bytes: 0 };
        this.#drain.operations++;
        this.#drain.bytes += size;
        if (this.#listener.wants('replicated'))
            this.#listener.tell('replicated', { key, kind: state.kind, size });
        if (now - this.#drain.toldAt >= PROGRESS_MS) {
            this.#drain.toldAt = now;
            this.#tellProgress();
        }
    }
    #tellProgress() {
        const { pending, pendingBytes } = this.#options.totals.totals;
        const { operations, bytes } = this.rate;
        const secondsLeft = Math.ceil(this.secondsLeft ?? 0);
        this.#options.logger.info({
            pending,
            pendingBytes,
            operationsPerSecond: Math.round(operations * 10) / 10,
            bytesPerSecond: Math.round(bytes),
            secondsLeft,
        }, `Bringing to the object store what it missed: ${counted(pending, 'operation')} left, for about ${secondsLeft} s`);
    }
    #awayLine(what, { code, message }, locked) {
        const begin = what === 'writes' ? 'The object store takes no writes' : 'The object store takes no reads';
        const now = what === 'writes'
            ? 'Uploads and deletes are taken on the local disk, and brought to it later'
            : 'What only it holds is UNAVAILABLE meanwhile';
        const advice = adviceFor(code);
        const then = locked && advice !== undefined
            ? `Until somebody acts, this stays so: ${advice}`
            : `It is asked again every ${this.#options.probeIntervalMs / 1000} s.`;
        return `${begin}: ${message.replace(/\.$/, '')} (${code}). ${now}. ${then}`;
    }
}
/** Whether the row holds a state that the primary has not been seen to hold. */
function isPending(row) {
    return row?.state !== undefined && row.agreedAt === undefined;
}
function counted(count, what) {
    return `${count} ${what}${count === 1 ? '' : 's'}`;
}
function sizeOf(state) {
    return state.kind === 'put' ? state.size : 0;
}
//# sourceMappingURL=chronicle.js.map