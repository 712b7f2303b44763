const KEY = Buffer.from('last');
/** When the files were looked through last, by whichever process: one row in the ledger. */
export class RunLog {
    #tables;
    #table;
    constructor(tables) {
        this.#tables = tables;
        this.#table = tables.table('lifecycle');
    }
    last() {
        return this.#table.get(KEY)?.value;
    }
    /**
     * Whether a look is due: one a span, and the spans are counted from midnight UTC. One that was cut off is in no row, and so
     * is due again.
     */
    isDue(now, intervalMs) {
        const last = this.last();
        return last === undefined || Math.floor(now / intervalMs) > Math.floor(last.startedAt / intervalMs);
    }
    async note(run) {
        await this.#tables.commit([], version => this.#table.put(KEY, run, version));
    }
}
//# sourceMappingURL=run-log.js.map