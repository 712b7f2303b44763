import { isConditional } from '../core/condition.js';
import { StorageError } from '../core/errors.js';
import { newWriteId } from '../core/write-id.js';
import { Attempts } from './attempt.js';
import { checkStat, checkState, primaryCondition } from './conditions.js';
import { busyState, dropLegacy, noteUnknown, seenStat, suspicion } from './context.js';
import { putDurably } from './durable-put.js';
import { Journaling } from './journaling.js';
import { Keeping, mustStay } from './keeping.js';
import { RETAINED_BYTES, RetainedSource } from './retained-source.js';
import { setTags } from './tagging.js';
/** Puts and deletes: at the primary while it answers and the key is quiet, else in the journal. */
export class Writer {
    attempts;
    #context;
    #journaling;
    #keeping;
    /** Called before the first mutation at the primary: from then on, this process's death is a reason to doubt. */
    #enter;
    constructor(context, enter) {
        this.#context = context;
        this.#enter = enter;
        this.attempts = new Attempts(context);
        this.#journaling = new Journaling(context, this);
        this.#keeping = new Keeping(context, this.#journaling);
    }
    /** @see Store.put */
    async put(key, source, options) {
        const context = this.#context;
        const row = context.journal.get(key);
        const state = busyState(context, row);
        const conditional = isConditional(options);
        if (state !== undefined) {
            if (options.durability === 'primary')
                return putDurably(context, this, this.#journaling, key, source, options);
            if (conditional)
                checkState('put', key, state, options);
            return this.#journaling.put(key, source, options, undefined);
        }
        if (this.#isGuarded(key, row) && !mustStay(options)) {
            try {
                return await this.#journaling.put(key, source, options, undefined);
            }
            catch (error) {
                // Where there is no room for a net, a quiet key goes without.
                const goes = row === undefined && !context.availability.writes.open && source.replayable === true;
                if (!goes || !StorageError.is(error, 'NO_SPACE') || context.legacy?.holds(key) === true)
                    throw error;
            }
        }
        if (context.availability.writes.open)
            return this.#putWhileAway(key, source, options, undefined);
        const entering = this.#enter();
        if (entering !== undefined)
            await entering;
        if (conditional &&
            context.legacy?.holds(key) === true &&
            (await this.#decidedByLegacy('put', key, options))) {
            return this.#journaling.put(key, source, { ...options, ifMatch: undefined, ifNoneMatch: undefined }, undefined);
        }
        return this.#putDirectly(key, source, options);
    }
    /**
     * Decides a condition by an older local file, where the primary has nothing under the key.
     *
     * @returns whether it did; then it holds
     * @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED`
     */
    async #decidedByLegacy(op, key, condition) {
        const { availability, legacy, primary } = this.#context;
        const { object } = await availability.ask(availability.reads, op, key, () => primary.look(key));
        if (object !== undefined)
            return false;
        const stat = await legacy?.store.head(key).catch((error) => {
            if (StorageError.is(error, 'NOT_FOUND'))
                return undefined;
            throw error;
        });
        if (stat === undefined)
            return false;
        checkStat(op, key, stat, condition);
        return true;
    }
    /** @see Store.delete */
    async delete(key, options = {}) {
        const context = this.#context;
        const row = context.journal.get(key);
        const state = busyState(context, row);
        if (state !== undefined) {
            checkState('delete', key, state, options);
            return this.#journaling.delete(key, options, undefined);
        }
        const conditional = options.ifMatch !== undefined;
        if (this.#isGuarded(key, row) && !conditional)
            return this.#journaling.delete(key, options, undefined);
        if (context.availability.writes.open) {
            if (conditional)
                throw context.availability.awayError('delete', key);
            return this.#journaling.delete(key, options, undefined);
        }
        const entering = this.#enter();
        if (entering !== undefined)
            await entering;
        const { ifMatch } = options;
        if (conditional &&
            context.legacy?.holds(key) === true &&
            (await this.#decidedByLegacy('delete', key, { ifMatch }))) {
            return this.#journaling.delete(key, { signal: options.signal }, undefined);
        }
        return this.#deleteDirectly(key, options);
    }
    /** @see Store.setTags */
    setTags(key, tags, options) {
        return setTags(this.#context, this.#journaling, key, tags, options);
    }
    /**
     * Whether a mutation goes through the journal though the primary answers.
     *
     * @param isDirect of one that write-behind leaves to the primary, such as a conditional one
     */
    #isGuarded(key, row, isDirect = false) {
        const context = this.#context;
        return (row !== undefined ||
            (context.settings.writeBehind && !isDirect) ||
            suspicion(context) !== undefined ||
            context.legacy?.holds(key) === true);
    }
    /** @see isGuarded */
    isGuarded(key, isDirect) {
        return this.#isGuarded(key, this.#context.journal.get(key), isDirect);
    }
    async #putDirectly(key, source, options) {
        const context = this.#context;
        const { store } = context.primary;
        const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt);
        const conditional = isConditional(options);
        const condition = conditional ? await primaryCondition(context, 'put', key, options, options) : undefined;
        let startClock = () => { };
        const retained = source.replayable === true
            ? undefined
            : new RetainedSource(source, context.openSpill, size => {
                if (size <= RETAINED_BYTES)
                    startClock();
            });
        const attempt = {
            op: 'put',
            key,
            signal: options.signal,
            writeId,
            mayBeApplied: () => retained === undefined || retained.end !== undefined,
        };
        try {
            const ended = await this.attempts.run(attempt, start => {
                startClock = start;
                if (retained === undefined && (source.size ?? 0) <= RETAINED_BYTES)
                    start();
                return store.put(key, retained?.firstReading() ?? source, withId(options, writeId, condition));
            });
            if (ended.how === 'done') {
                const row = context.journal.get(key);
                if (row !== undefined || mustStay(options)) {
                    await this.#keeping.applied(key, retained ?? source, options, ended.value);
                    await dropLegacy(context, key);
                }
                retained?.finish();
                return seenStat(ended.value);
            }
            const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined;
            const again = retained ?? source;
            if (!ended.away || !again.replayable)
                return await this.#fail(key, ended.told, unknown);
            retained?.readOnceMore();
            return await this.#putWhileAway(key, again, { ...options, writeId }, unknown, ended.told);
        }
        finally {
            await retained?.close();
        }
    }
    /** Puts what the primary does not take now. */
    async #putWhileAway(key, source, options, unknown, error) {
        const conditional = isConditional(options);
        if (options.durability !== 'primary' && (!conditional || options.onUnknown === 'accept')) {
            return this.#journaling.put(key, source, options, unknown);
        }
        if (unknown !== undefined) {
            const stat = await this.#lookFor(key, options.writeId);
            if (stat !== undefined) {
                await this.#context.cache?.forget(key);
                await this.#keeping.applied(key, source, options, stat);
                return stat;
            }
        }
        return this.#fail(key, error ?? this.#context.availability.awayError('put', key), unknown);
    }
    /** Whether an attempt in doubt was applied after all, if the primary can be asked. */
    async #lookFor(key, writeId) {
        try {
            const { object } = await this.#context.primary.look(key);
            return object !== undefined && object.writeId === writeId ? seenStat(object) : undefined;
        }
        catch {
            return undefined;
        }
    }
    async #fail(key, error, unknown) {
        if (unknown !== undefined)
            await noteUnknown(this.#context, key, unknown);
        throw error;
    }
    async #deleteDirectly(key, options) {
        const context = this.#context;
        const { ifMatch, signal } = options;
        const conditional = ifMatch !== undefined;
        const condition = conditional
            ? await primaryCondition(context, 'delete', key, options, options)
            : undefined;
        const attempt = { op: 'delete', key, signal, mayBeApplied: () => true };
        const ended = await this.attempts.run(attempt, startClock => {
            startClock();
            return context.primary.store.delete(key, { ifMatch: condition?.ifMatch, signal });
        });
        if (ended.how === 'done') {
            await this.#keeping.appliedDelete(key, conditional);
            return ended.value;
        }
        const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined;
        if (!ended.away || conditional)
            return this.#fail(key, ended.told, unknown);
        return this.#journaling.delete(key, options, unknown);
    }
}
/** Spelled out: a spread of options takes longer than all of them together. */
function withId(options, writeId, condition) {
    const { attributes, sha256, stamp, signal } = options;
    return condition === undefined
        ? { attributes, sha256, stamp, signal, writeId }
        : {
            attributes,
            sha256,
            stamp,
            signal,
            writeId,
            ifMatch: condition.ifMatch,
            ifNoneMatch: condition.ifNoneMatch,
        };
}
//# sourceMappingURL=writer.js.map