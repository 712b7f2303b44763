import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../../core/errors.js';
import { DiskSpool } from '../../failover/disk-spool.js';
import { LedgerJournal } from '../../failover/ledger-journal.js';
import { sameIdentity } from '../../stores/local/files.js';
import { openAt } from '../../stores/local/locate.js';
const READ_BYTES = 1024 * 1024;
/** Rows and files that are judged together. */
export const TOGETHER = 256;
/** What the parts of a check share. */
export class Check {
    root;
    journal;
    bytes;
    options;
    reporter;
    #mark = { time: 0, sequence: 0 };
    constructor(root, reporter, options) {
        this.root = root;
        this.reporter = reporter;
        this.options = options;
        this.journal = new LedgerJournal(root.ledger);
        this.bytes = new DiskSpool(root);
    }
    throwIfAborted() {
        throwIfAborted(this.options.signal, 'fsck');
    }
    /** Beside other processes, gives them the time to end what they are doing. */
    async pause(ms) {
        if ((await this.root.others()).length > 0)
            await sleep(ms);
        this.throwIfAborted();
    }
    async report({ mend, ...about }) {
        await this.reporter.found(about, mend);
    }
    /** A stamp of this host above everything that its processes may have given out, or nothing. */
    judgeStamp(key, stamp) {
        const { root } = this;
        if (stamp === undefined || stamp.host !== root.hostId)
            return undefined;
        if (isAbove(stamp, this.#mark))
            this.#mark = root.stampMark();
        if (!isAbove(stamp, this.#mark))
            return undefined;
        return {
            code: 'STAMP_AHEAD',
            key,
            message: `Its stamp (${stamp.time}, ${stamp.sequence}) is above what this host has given out (${this.#mark.time}, ${this.#mark.sequence}): later writes may count as older.`,
            mend: async () => {
                root.clock.next(stamp);
                return true;
            },
        };
    }
    /**
     * The SHA-256 of a file that is and stays the one with this identity.
     *
     * @returns undefined if it does not
     */
    async hashOf(path, identity) {
        const { files } = this.root;
        const opened = await openAt(this.root, path, identity);
        if (!('hit' in opened))
            return undefined;
        const { fd } = opened.hit;
        try {
            const hash = createHash('sha256');
            const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(READ_BYTES, identity.size)));
            for (let at = 0; at < identity.size;) {
                this.throwIfAborted();
                const read = await files.read(fd, buffer, Math.min(buffer.length, identity.size - at), at);
                if (read === 0)
                    return undefined;
                hash.update(buffer.subarray(0, read));
                this.reporter.read(read);
                at += read;
            }
            const stays = sameIdentity(this.root.identityOf(await files.fstat(fd)), identity);
            return stays ? hash.digest('hex') : undefined;
        }
        finally {
            await files.close(fd);
        }
    }
}
function isAbove(stamp, mark) {
    return stamp.sequence > mark.sequence || stamp.time > mark.time;
}
//# sourceMappingURL=check.js.map