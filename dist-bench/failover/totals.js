import { setImmediate as nextTurn } from 'node:timers/promises';
import { StorageError } from '../core/errors.js';
import { HELD } from './journal.js';
/** Rows that are looked at at once: the memory of a start grows with them. */
const PAGE = 250;
/** Content that may lie in the journal at once: it never shrinks on the disk, so what is beyond goes to files. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** Room is made for what comes next too. */
const ROOM_BYTES = 16 * 1024 * 1024;
/**
 * Counts what the journal holds: at the start and now and then by going through it, in between by what this
 * process commits. And keeps it within its bounds.
 */
export class Totals {
    #options;
    #target;
    #tally;
    #reserved = 0;
    #counting;
    /** Commits of this process under way, and how many ever began or ended. */
    #changing = 0;
    #changes = 0;
    constructor(target, options) {
        this.#options = options;
        this.#target = target;
        this.#tally = new Tally(target);
    }
    get totals() {
        // What another process has committed is counted by and by: its entries may be gone before they were known.
        const tally = this.#tally;
        const pending = Math.max(0, tally.pending);
        return {
            pending,
            pendingBytes: Math.max(0, tally.pendingBytes),
            oldestAt: pending === 0 ? undefined : tally.oldestAt,
            settling: Math.max(0, tally.settling),
            parked: Math.max(0, tally.parked),
            held: Math.max(0, tally.held),
            heldFor: tally.held <= 0 ? undefined : tally.heldFor,
        };
    }
    /** Bytes that acknowledged content takes here, and the most that it may; free bytes that are left alone. */
    get space() {
        const { maxBytes, reserveBytes } = this.#options;
        return { usedBytes: this.#tally.bytes, maxBytes, reserveBytes };
    }
    /** Rows in the journal, as far as this process knows. */
    get rows() {
        const { pending, settling, held, heldDoubts } = this.#tally;
        return pending + settling + held + heldDoubts;
    }
    /** Whether the journal has room for more small content. */
    get mayHold() {
        return this.#tally.heldBytes < MAX_HELD_BYTES;
    }
    /** A commit begins, which a count may or may not see. @returns to be called once it is counted, or has failed */
    changing() {
        this.#changing++;
        this.#changes++;
        return () => {
            this.#changing--;
            this.#changes++;
        };
    }
    /** Counts a change. @returns whether nothing is pending any more; then {@link drained} is to be called */
    changed(seen, next) {
        const tally = this.#tally;
        const before = tally.pending;
        tally.add(seen, -1);
        tally.add(next, 1);
        return before > 0 && tally.pending === 0;
    }
    /** Tells that nothing is pending any more. */
    drained() {
        this.#options.onDrained?.();
    }
    /**
     * Sets space aside for content about to be written.
     *
     * @returns to be called when it is written and counted, or was given up
     * @throws StorageError `NO_SPACE`
     */
    async reserve(size) {
        const { maxBytes, reserveBytes } = this.#options;
        const { bytes } = this.#tally;
        if (bytes + this.#reserved + size > maxBytes) {
            throw noSpace(`The spool holds ${bytes} bytes, and at most ${maxBytes} are allowed`);
        }
        this.#reserved += size;
        let held = true;
        const release = () => {
            if (held)
                this.#reserved -= size;
            held = false;
        };
        if ((await this.#lacking()) > 0 && reserveBytes > 0) {
            release();
            throw noSpace(`The disk has less than ${reserveBytes} bytes free, which are kept in reserve`);
        }
        return release;
    }
    /** How many bytes of the disk are too few, after what can be given up was. */
    async #lacking() {
        const { reserveBytes, freeBytes, makeRoom } = this.#options;
        if (reserveBytes === 0 && makeRoom === undefined)
            return 0;
        const lacking = reserveBytes + this.#reserved - (await freeBytes());
        if (lacking <= 0 || makeRoom === undefined)
            return lacking;
        if ((await makeRoom(lacking + ROOM_BYTES)) === 0)
            return lacking;
        return reserveBytes + this.#reserved - (await freeBytes(true));
    }
    /**
     * Goes through the journal. Others' commits of the meantime are counted the next time.
     *
     * @returns false if commits of this process came in between: then it is to be done again when it is quieter
     */
    count(journal) {
        this.#counting ??= this.#count(journal).finally(() => {
            this.#counting = undefined;
        });
        return this.#counting;
    }
    async #count(journal) {
        const changes = this.#changes;
        let isExact = this.#changing === 0;
        const fresh = new Tally(this.#target);
        let after;
        for (;;) {
            const rows = journal.scan({ after, limit: PAGE });
            for (const row of rows)
                fresh.add(row, 1);
            after = rows.at(-1)?.key;
            if (rows.length < PAGE)
                break;
            await nextTurn();
        }
        isExact &&= changes === this.#changes;
        const before = this.#tally.pending;
        this.#tally = fresh;
        if (before > 0 && fresh.pending === 0)
            this.drained();
        return isExact;
    }
}
/** The sum of rows. */
class Tally {
    #target;
    pending = 0;
    pendingBytes = 0;
    settling = 0;
    parked = 0;
    held = 0;
    heldFor;
    heldDoubts = 0;
    bytes = 0;
    heldBytes = 0;
    oldestAt;
    constructor(target) {
        this.#target = target;
    }
    add(row, sign) {
        if (row === undefined)
            return;
        const { state } = row;
        const size = state?.kind === 'put' ? state.size : 0;
        this.bytes += sign * size;
        if (state?.kind === 'put' && state.file.startsWith(HELD))
            this.heldBytes += sign * size;
        if (row.parked !== undefined)
            this.parked += sign;
        if (row.target !== this.#target && state === undefined)
            this.heldDoubts += sign;
        else if (row.target !== this.#target) {
            this.held += sign;
            if (sign === 1)
                this.heldFor = row.target;
        }
        else if (state === undefined || row.agreedAt !== undefined)
            this.settling += sign;
        else {
            this.pending += sign;
            this.pendingBytes += sign * size;
            if (sign === 1 && (this.oldestAt === undefined || this.pending === 1 || state.at < this.oldestAt)) {
                this.oldestAt = state.at;
            }
        }
    }
}
function noSpace(what) {
    return new StorageError({
        code: 'NO_SPACE',
        op: 'put',
        store: 'local',
        message: `${what}; nothing was stored.`,
        retryable: true,
    });
}
//# sourceMappingURL=totals.js.map