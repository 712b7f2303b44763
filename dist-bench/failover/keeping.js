import { randomUUID } from 'node:crypto';
import { attributesOf } from '../core/attributes.js';
import { isConditional } from '../core/condition.js';
import { busyState, commit, settleOvertaken, suspicion, unknownOf } from './context.js';
import { mergeUnknown } from './journal.js';
/** What becomes of mutations that the primary has applied, where a late attempt or another write could undo them. */
export class Keeping {
    #context;
    #journaling;
    constructor(context, journaling) {
        this.#context = context;
        this.#journaling = journaling;
    }
    /**
     * Every put that the primary has applied comes by here before it is acknowledged. One that had to go there, to a
     * key that a late attempt may touch, is kept here too, so that it can be done again. And where the key has become
     * busy meanwhile, it is found out which of the two came first.
     */
    async applied(key, source, options, stat) {
        const context = this.#context;
        const { journal } = context;
        const row = journal.get(key);
        const busy = busyState(context, row);
        const endangered = row !== undefined || suspicion(context) !== undefined;
        if (busy === undefined ? !(endangered && mustStay(options)) : !(await this.#isNewerThan(row, stat.writeId))) {
            if (busy !== undefined && busy.writeId !== stat.writeId)
                await settleOvertaken(context, key);
            return;
        }
        if (!source.replayable)
            return;
        const written = await context.bytes.write(stat.writeId ?? randomUUID(), source, { key });
        const state = {
            kind: 'put',
            writeId: stat.writeId ?? randomUUID(),
            stamp: stat.stamp ?? context.clock.next(),
            at: stat.lastModified.getTime(),
            ...written,
            attributes: attributesOf(options.attributes),
        };
        if (await this.#keep(key, row, state))
            return;
        await context.bytes.remove(written.file);
        await this.applied(key, source, options, stat);
    }
    /** {@link applied} for a delete. */
    async appliedDelete(key, conditional) {
        const context = this.#context;
        const row = context.journal.get(key);
        const busy = busyState(context, row);
        const endangered = row !== undefined || suspicion(context) !== undefined;
        if (busy === undefined ? !(endangered && conditional) : !(await this.#isNewerThan(row, undefined))) {
            if (busy?.kind === 'put')
                await settleOvertaken(context, key);
            return;
        }
        if (!(await this.#keep(key, row, this.#journaling.tombstone(row))))
            await this.appliedDelete(key, conditional);
    }
    /**
     * Whether a mutation that the primary has just applied came after the state of a busy key. What was journaled
     * while it was on its way came after it, but for what is there only because it was applied as well.
     */
    async #isNewerThan(row, writeId) {
        if (row?.agreedAt === undefined || row.state?.writeId === writeId)
            return false;
        try {
            const { object } = await this.#context.primary.look(row.key);
            return object?.writeId === writeId;
        }
        catch {
            return false;
        }
    }
    /** Keeps what the primary holds until no late attempt can undo it. @returns false if the row has changed */
    async #keep(key, row, state) {
        const context = this.#context;
        const { primary } = context;
        const unknown = mergeUnknown(unknownOf(context, row), suspicion(context));
        const next = { target: primary.target, state, unknown, agreedAt: primary.now() };
        if (!(await commit(context, key, row, next)))
            return false;
        context.wake(key);
        // Whoever wrote to the primary before this row was there to be seen has the last word.
        const seen = await primary.look(key).catch(() => undefined);
        const mine = state.kind === 'put' ? seen?.object?.writeId === state.writeId : seen?.object === undefined;
        if (seen === undefined || mine)
            return true;
        const now = context.journal.get(key);
        if (now?.state?.writeId === state.writeId && now.agreedAt !== undefined) {
            await commit(context, key, now, unknown === undefined ? undefined : { target: primary.target, unknown });
        }
        return true;
    }
}
/** Whether a put goes to the primary even where a late attempt could undo it, and so is kept here as well. */
export function mustStay(options) {
    return isConditional(options) || options.durability === 'primary';
}
//# sourceMappingURL=keeping.js.map