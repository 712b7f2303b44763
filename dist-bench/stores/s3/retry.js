import { abortError, StorageError } from '../../core/errors.js';
import { inDoubt, outcomeOf } from './errors.js';
/** What is used where nothing else is configured. */
export const DEFAULT_RETRY = {
    attempts: 3,
    baseMs: 50,
    maxMs: 2_000,
    budget: 50,
    unknownMutations: true,
    timeouts: true,
};
const EARNED_BY_SUCCESS = 0.5;
/** Repeats requests by one policy and one budget. */
export class Retrier {
    #policy;
    #random;
    #budget;
    /** @param random from 0 up to 1, for a test to choose */
    constructor(policy, random = Math.random) {
        this.#policy = policy;
        this.#random = random;
        this.#budget = policy.budget;
    }
    /**
     * Runs `attempt` until it succeeds, fails for good, or no try, time or budget is left; then its last error
     * stands. Waits are full-jittered (a random time up to a doubling bound), or what the server asked for.
     *
     * @param attempt a try, given its number from 1 and the milliseconds that are left; it can be repeated whole
     * @param totalMs for all tries and waits together
     * @param mutates whether it changes what others see, so that a late try could undo something
     */
    async run(attempt, totalMs, signal, mutates = false) {
        const start = performance.now();
        let doubt = false;
        for (let number = 1;; number++) {
            try {
                const result = await attempt(number, number === 1 ? totalMs : start + totalMs - performance.now());
                if (this.#budget < this.#policy.budget)
                    this.#budget += EARNED_BY_SUCCESS;
                return result;
            }
            catch (error) {
                // That the last try certainly did nothing says nothing of those before it.
                const last = doubt && StorageError.is(error) && outcomeOf(error) === 'failed' ? inDoubt(error) : error;
                if (!this.#mayRepeat(error, number, mutates))
                    throw last;
                const waitMs = error.retryAfterMs ?? this.#random() * this.#bound(number);
                if (performance.now() - start + waitMs >= totalMs)
                    throw last;
                doubt ||= outcomeOf(error) === 'unknown';
                this.#budget--;
                await sleep(waitMs, signal, error);
            }
        }
    }
    #mayRepeat(error, number, mutates) {
        const { attempts, timeouts, unknownMutations } = this.#policy;
        if (!StorageError.is(error) || !error.retryable || number >= attempts || this.#budget < 1)
            return false;
        if (!timeouts && error.code === 'TIMEOUT')
            return false;
        return !mutates || unknownMutations || outcomeOf(error) === 'failed';
    }
    #bound(number) {
        return Math.min(this.#policy.maxMs, this.#policy.baseMs * 2 ** (number - 1));
    }
}
function sleep(ms, signal, error) {
    return new Promise((resolve, reject) => {
        const onAbort = () => {
            clearTimeout(timer);
            reject(abortError(signal, error.op, error.key));
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
        }, ms);
        if (signal?.aborted)
            onAbort();
        else
            signal?.addEventListener('abort', onAbort, { once: true });
    });
}
//# sourceMappingURL=retry.js.map