/** How long work is held without a sign of life; whoever stands still for longer is replaced. Milliseconds. */
const LEASE_MS = 30_000;
/**
 * Background work that one process of a folder does at a time. It is held only while there is something to do, so that
 * who idles commits nothing. Two at once, as after a process stood still, are no more than work done twice: each step
 * of it must be safe against that.
 */
export class WorkLease {
    #options;
    #held;
    #key;
    #until = 0;
    constructor(options) {
        this.#options = options;
        this.#held = options.tables.table('work');
        this.#key = Buffer.from(options.name);
    }
    /** Takes the work up, or goes on with it. @returns false while another process has it */
    async hold() {
        const now = Date.now();
        if (now < this.#until - LEASE_MS / 2)
            return true;
        const { tables, holder, isDead } = this.#options;
        const seen = this.#held.get(this.#key);
        const other = seen !== undefined && seen.value.holder !== holder ? seen.value : undefined;
        // A time further off than any lease was written by a clock that has been set back since.
        const holds = other !== undefined && other.until > now && other.until <= now + LEASE_MS;
        if (holds && !isDead(other.holder))
            return false;
        const until = now + LEASE_MS;
        const condition = { table: this.#held, key: this.#key, version: seen?.version };
        const done = await tables.commit([condition], version => this.#held.put(this.#key, { holder, until }, version));
        this.#until = done === undefined ? 0 : until;
        return done !== undefined;
    }
    /** Leaves the work to whoever wants it next. */
    async release() {
        if (this.#until === 0)
            return;
        this.#until = 0;
        const seen = this.#held.get(this.#key);
        if (seen?.value.holder !== this.#options.holder)
            return;
        const condition = { table: this.#held, key: this.#key, version: seen.version };
        await this.#options.tables.commit([condition], () => this.#held.remove(this.#key));
    }
}
//# sourceMappingURL=work-lease.js.map