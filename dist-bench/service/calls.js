import { StorageError } from '../core/errors.js';
import { nextTurn } from '../core/turn.js';
import { checkCallOptions } from './arguments.js';
/** Counts the calls under way, gives each its deadline, and lets a close wait for them. */
export class Calls {
    #running = 0;
    #closed = false;
    #idle;
    #onOutcome;
    /** @param onOutcome told of every call's end: its operation, its error or undefined, and when it began */
    constructor(onOutcome) {
        this.#onOutcome = onOutcome;
    }
    get running() {
        return this.#running;
    }
    /**
     * Runs a call. `call` gets a signal only where the options ask for one, so that plain calls pay for none.
     *
     * @param failureIn what a result that is no failure of the call tells of one of the store
     * @throws StorageError `INVALID_ARGUMENT` for options that are none, `UNAVAILABLE` (not retryable) once closed,
     *   `TIMEOUT` past the deadline
     */
    async run(op, options, call, failureIn) {
        if (this.#closed)
            throw closedError(op);
        checkCallOptions(op, options);
        const deadline = options?.timeoutMs === undefined ? undefined : startDeadline(op, options.timeoutMs);
        this.#running++;
        const startedAt = performance.now();
        let outcome;
        try {
            await nextTurn();
            const result = await call(joinSignals(options?.signal, deadline?.signal));
            outcome = failureIn?.(result);
            return result;
        }
        catch (error) {
            outcome = error;
            throw StorageError.is(error) ? error : internalError(op, error);
        }
        finally {
            deadline?.clear();
            if (--this.#running === 0)
                this.#idle?.();
            this.#onOutcome(op, outcome, startedAt);
        }
    }
    /** Refuses further calls, and waits up to `drainMs` for those under way. @returns how many are left */
    async close(drainMs) {
        this.#closed = true;
        if (this.#running > 0) {
            await new Promise(resolve => {
                const timer = setTimeout(resolve, drainMs);
                this.#idle = () => {
                    clearTimeout(timer);
                    resolve();
                };
            });
        }
        return this.#running;
    }
}
function startDeadline(op, timeoutMs) {
    const controller = new AbortController();
    const timer = setTimeout(() => {
        const message = `The operation did not finish within ${timeoutMs} ms.`;
        controller.abort(new StorageError({ code: 'TIMEOUT', op, message }));
    }, timeoutMs);
    return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
function joinSignals(a, b) {
    return a === undefined ? b : b === undefined ? a : AbortSignal.any([a, b]);
}
/** The error of a call on what was closed. */
export function closedError(op) {
    return new StorageError({ code: 'UNAVAILABLE', op, message: 'The storage is closed.', retryable: false });
}
function internalError(op, cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StorageError({ code: 'INTERNAL', op, message: `Unexpected failure: ${why}`, cause });
}
//# sourceMappingURL=calls.js.map