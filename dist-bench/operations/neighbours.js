import { LedgerReportBoard } from '../failover/reports.js';
import { openRoot } from '../stores/local/root.js';
/**
 * The other processes of a storage folder, as they said last: each knows alone whether it reaches the object store.
 * They tell within some seconds of a change; who says nothing is well.
 */
export class Neighbours {
    #root;
    #board;
    constructor(root) {
        this.#root = root;
        this.#board = new LedgerReportBoard(root.ledger);
    }
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static async open(config) {
        const { localStoragePath: path, ledgerPath } = config;
        return new Neighbours(await openRoot({ path, ledgerPath, create: false }));
    }
    /** Those that live and have something to tell. */
    all() {
        const found = [];
        for (const { process, report } of this.#board.all()) {
            const opening = process.slice(0, process.lastIndexOf('/'));
            if (opening === this.#root.processId || this.#root.isDead(opening))
                continue;
            const { reads, writes, operationsPerSecond, bytesPerSecond } = report;
            found.push({
                pid: Number(opening.split('.')[2]),
                ...(reads !== undefined && { reads: awayOf(reads) }),
                ...(writes !== undefined && { writes: awayOf(writes) }),
                operationsPerSecond,
                bytesPerSecond,
            });
        }
        return found;
    }
    async close() {
        await this.#root.close();
    }
}
function awayOf({ since, code, message }) {
    return { since: new Date(since), code, message };
}
//# sourceMappingURL=neighbours.js.map