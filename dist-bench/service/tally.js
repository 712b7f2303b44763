import { StorageError } from '../core/errors.js';
/** Seconds: a call is counted under the smallest of these that it did not exceed, or under none. */
export const DURATION_BOUNDS = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** Counts calls, how they ended and how long they took: plain numbers, since every call comes by here. */
export class Tally {
    #entries = new Map();
    /** @param startedAt by `performance.now()` */
    record(op, error, startedAt) {
        const seconds = (performance.now() - startedAt) / 1000;
        let entry = this.#entries.get(op);
        if (entry === undefined) {
            entry = { count: 0, seconds: 0, within: DURATION_BOUNDS.map(() => 0), succeeded: 0, failed: new Map() };
            this.#entries.set(op, entry);
        }
        entry.count++;
        entry.seconds += seconds;
        let index = 0;
        while (seconds > (DURATION_BOUNDS[index] ?? Number.POSITIVE_INFINITY))
            index++;
        entry.within[index] = (entry.within[index] ?? 0) + 1;
        if (error === undefined)
            entry.succeeded++;
        else {
            const code = StorageError.is(error) ? error.code : 'INTERNAL';
            entry.failed.set(code, (entry.failed.get(code) ?? 0) + 1);
        }
    }
    /** What was counted so far. */
    get operations() {
        return Array.from(this.#entries, ([operation, entry]) => {
            let upTo = 0;
            return {
                operation,
                count: entry.count,
                seconds: entry.seconds,
                within: DURATION_BOUNDS.map((bound, index) => {
                    upTo += entry.within[index] ?? 0;
                    return { seconds: bound, count: upTo };
                }),
                outcomes: { ok: entry.succeeded, ...Object.fromEntries(entry.failed) },
            };
        });
    }
}
//# sourceMappingURL=tally.js.map