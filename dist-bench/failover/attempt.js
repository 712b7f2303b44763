import { StorageError } from '../core/errors.js';
import { busyState, noteUnknown, settleOvertaken } from './context.js';
/** Mutations at the primary that are on their way: counted, watched for silence, followed to their end. */
export class Attempts {
    #context;
    #abandoned = new Map();
    #following = new Set();
    #running = 0;
    constructor(context) {
        this.#context = context;
    }
    /** Mutations that have not ended, whether or not somebody waits for them. */
    get running() {
        return this.#running;
    }
    /** Whether a mutation of the key that nobody waits for may still be on its way from this process. */
    isAbandoned(key) {
        return this.#abandoned.has(key);
    }
    /** Resolves when those that nobody waits for have ended. */
    async followed() {
        while (this.#following.size > 0)
            await Promise.all(this.#following);
    }
    /**
     * Runs a mutation of the primary, and leaves it alone when the primary says nothing for too long: it then
     * counts as failed with an unknown outcome, and is followed to its end.
     *
     * @param start begins it, given what starts the clock of the first answer
     */
    run(options, start) {
        const { availability, settings } = this.#context;
        // Written with callbacks: every healthy upload comes through here.
        return new Promise((resolve, reject) => {
            let timer;
            let ended = false;
            this.#running++;
            const running = start(() => {
                timer ??= setTimeout(() => {
                    if (ended)
                        return;
                    ended = true;
                    const error = silentError(options, settings.firstAnswerMs);
                    availability.silent(availability.writes, error);
                    this.#follow(options, running);
                    resolve({ how: 'failed', error, told: error, unknown: true, away: true });
                }, settings.firstAnswerMs);
            });
            running.then(value => {
                if (ended)
                    return;
                ended = true;
                clearTimeout(timer);
                this.#running--;
                availability.writes.succeeded();
                const forgetting = this.#forget(options);
                if (forgetting === undefined)
                    resolve({ how: 'done', value });
                else
                    forgetting.then(() => resolve({ how: 'done', value }), reject);
            }, error => {
                if (ended)
                    return;
                ended = true;
                clearTimeout(timer);
                this.#running--;
                this.#judge(options, error).then(resolve, reject);
            });
        });
    }
    /** What is noted of an attempt in doubt: it was signed at this moment at the latest. */
    unknown(options) {
        const { op, writeId } = options;
        return { signedAt: this.#context.primary.now(), put: writeId, deletes: op === 'delete' };
    }
    /** Copies of what was there before are not served any more once the mutation is acknowledged. */
    #forget({ key, keys }) {
        const { cache } = this.#context;
        if (cache === undefined)
            return undefined;
        return keys === undefined ? cache.forget(key) : Promise.all(keys.map(other => cache.forget(other)));
    }
    async #judge(options, error) {
        const { availability, primary } = this.#context;
        const aborted = options.signal?.aborted === true;
        const unknown = options.mayBeApplied() && (aborted || primary.outcomeOf(error) === 'unknown');
        const away = !aborted && (await availability.isAway(availability.writes, error));
        // Several keys may have gone in several requests, of which the last failed.
        if (options.keys !== undefined)
            await this.#forget(options);
        const told = away ? availability.outageError(options.op, options.key, error) : error;
        return { how: 'failed', error, told, unknown, away };
    }
    #follow(options, running) {
        const { key } = options;
        this.#abandoned.set(key, (this.#abandoned.get(key) ?? 0) + 1);
        const following = this.#followOne(options, running)
            .catch(error => {
            this.#context.logger.error({ key }, `What became of a write could not be noted: ${String(error)}`);
        })
            .finally(() => {
            this.#running--;
            this.#following.delete(following);
            const left = (this.#abandoned.get(key) ?? 1) - 1;
            if (left === 0)
                this.#abandoned.delete(key);
            else
                this.#abandoned.set(key, left);
            this.#context.wake(key);
        });
        this.#following.add(following);
    }
    async #followOne(options, running) {
        const context = this.#context;
        const failure = await running.then(() => undefined, (error) => ({ error }));
        if (failure === undefined) {
            await this.#forget(options);
            const state = busyState(context, context.journal.get(options.key));
            if (state !== undefined && state.writeId !== options.writeId)
                await settleOvertaken(context, options.key);
        }
        else if (context.primary.outcomeOf(failure.error) === 'unknown') {
            await noteUnknown(context, options.key, this.unknown(options));
        }
    }
}
function silentError(options, waitedMs) {
    return new StorageError({
        code: 'TIMEOUT',
        op: options.op,
        key: options.key,
        store: 's3',
        message: `The object store began no answer within ${waitedMs} ms.`,
    });
}
//# sourceMappingURL=attempt.js.map