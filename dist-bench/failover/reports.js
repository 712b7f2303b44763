/** The reports in the ledger of the storage folder. */
export class LedgerReportBoard {
    #ledger;
    #reports;
    constructor(ledger) {
        this.#ledger = ledger;
        this.#reports = ledger.table('journal-reports');
    }
    all() {
        return this.#reports
            .range(Buffer.alloc(0), undefined, 1000)
            .map(({ key, value }) => ({ process: key, report: value }));
    }
    async post(process, report) {
        await this.#ledger.commit([], version => {
            if (report === undefined)
                this.#reports.remove(Buffer.from(process));
            else
                this.#reports.put(Buffer.from(process), report, version);
        });
    }
}
/** Keeps the report of this process up to date. A process that is well, and was, commits nothing. */
export class Reporter {
    #options;
    #posted;
    #posting;
    #closed = false;
    constructor(options) {
        this.#options = options;
    }
    /** Removes what processes that have died said last. */
    async sweep() {
        const { board, isDead } = this.#options;
        for (const { process } of board.all()) {
            if (isDead(process))
                await this.#post(process, undefined);
        }
    }
    /** Tells the others what has changed, if anything has. Called every few seconds. */
    tick() {
        if (this.#closed || this.#posting !== undefined)
            return;
        const report = this.#report();
        const text = report === undefined ? undefined : JSON.stringify(report);
        if (text === this.#posted)
            return;
        this.#posting = this.#post(this.#options.processId, report)
            .then(done => {
            if (done)
                this.#posted = text;
        })
            .finally(() => {
            this.#posting = undefined;
        });
    }
    /** Takes the report back. */
    async close() {
        this.#closed = true;
        await this.#posting;
        if (this.#posted !== undefined)
            await this.#post(this.#options.processId, undefined);
    }
    #report() {
        const { availability, chronicle, totals } = this.#options;
        const reads = awayReport(availability.reads);
        const writes = awayReport(availability.writes);
        const { operations, bytes } = totals.totals.pending > 0 ? chronicle.rate : { operations: 0, bytes: 0 };
        if (reads === undefined && writes === undefined && operations === 0)
            return undefined;
        return {
            reads,
            writes,
            operationsPerSecond: Math.round(operations * 10) / 10,
            bytesPerSecond: Math.round(bytes),
        };
    }
    /** A ledger that takes no report is told of by whoever needs it for more than that. */
    async #post(process, report) {
        try {
            await this.#options.board.post(process, report);
            return true;
        }
        catch (error) {
            this.#options.logger.debug({ error }, 'The other processes could not be told how this one stands');
            return false;
        }
    }
}
function awayReport({ error, openSince }) {
    return error === undefined ? undefined : { since: openSince, code: error.code, message: error.message };
}
//# sourceMappingURL=reports.js.map