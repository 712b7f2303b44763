import { withRelief } from './context.js';
/**
 * One process of a folder replicates. Its epoch is in the ledger, and each of its commits is conditional on it:
 * who was replaced, or stopped and woken, changes nothing any more. What a replaced or dead process may still
 * have on its way is waited for.
 */
export class Ownership {
    #context;
    #options;
    #epoch;
    #beatAt = 0;
    /** The other owner's last sign of life, and when it was first seen. */
    #seen;
    constructor(context, options) {
        this.#context = context;
        this.#options = options;
    }
    /** The epoch if this process is the owner, as far as it knows. */
    get epoch() {
        return this.#epoch;
    }
    /** Becomes or stays the owner, if nobody else is. @returns the epoch */
    async hold() {
        if (this.#epoch !== undefined) {
            if (performance.now() - this.#beatAt < this.#options.beatMs)
                return this.#epoch;
            await this.beat();
            if (this.#epoch !== undefined)
                return this.#epoch;
        }
        return this.#claim();
    }
    /** Gives a sign of life. */
    async beat() {
        if (this.#epoch === undefined)
            return;
        const epoch = this.#epoch;
        if (await withRelief(this.#context, () => this.#context.journal.beat(epoch)))
            this.#beatAt = performance.now();
        else
            this.lost();
    }
    /** Another process is the owner now. */
    lost() {
        if (this.#epoch !== undefined)
            this.#context.logger.warn({}, 'Another process has taken the replication over');
        this.#epoch = undefined;
    }
    /** Whether the epoch has passed, asked of the journal. */
    check() {
        if (this.#epoch !== undefined && this.#context.journal.owner()?.epoch !== this.#epoch)
            this.lost();
        return this.#epoch !== undefined;
    }
    async release() {
        const epoch = this.#epoch;
        this.#epoch = undefined;
        if (epoch !== undefined)
            await this.#context.journal.release(epoch);
    }
    /** Looks for processes that died with a request on its way. */
    async findDead() {
        const { journal, primary, logger } = this.#context;
        for (const process of journal.processes()) {
            if (process === this.#options.processId || !this.#options.isDead(process))
                continue;
            logger.warn({ process }, 'A process has died; what it had on its way to the object store is waited for');
            await withRelief(this.#context, () => journal.suspect(primary.now()));
            await withRelief(this.#context, () => journal.leave(process));
        }
    }
    async #claim() {
        const { journal, primary, logger } = this.#context;
        const { processId, isDead } = this.#options;
        const owner = journal.owner();
        if (owner !== undefined && owner.holder !== '' && owner.holder !== processId && !isDead(owner.holder)) {
            if (!this.#isStale(`${owner.epoch} ${owner.beat}`))
                return undefined;
            logger.warn({ owner: owner.holder }, 'The process that replicated stands still; this one takes over');
            // Before the first commit of the new epoch, so that no key is found settled too early.
            await withRelief(this.#context, () => journal.suspect(primary.now()));
        }
        // An owner that died is among the dead: what it had on its way is suspected before anything is settled.
        await this.findDead();
        await this.#options.enter();
        this.#epoch = await withRelief(this.#context, () => journal.claim(owner, processId));
        this.#beatAt = performance.now();
        return this.#epoch;
    }
    #isStale(mark) {
        const now = performance.now();
        if (this.#seen?.mark !== mark)
            this.#seen = { mark, at: now };
        return now - this.#seen.at >= this.#options.staleMs;
    }
}
//# sourceMappingURL=ownership.js.map