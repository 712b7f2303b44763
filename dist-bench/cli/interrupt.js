import { setMaxListeners } from 'node:events';
import { StorageError } from '../core/errors.js';
import { EXIT } from './failure.js';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Under npm one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const SAME_KEYPRESS_MS = 150;
/** How long a command may take to tidy up after a signal. */
const GRACE_MS = 5_000;
/** Turns the first signal to end into an aborted AbortSignal; the second, or five seconds, ends the process. */
export class Interrupt {
    #controller = new AbortController();
    #since = 0;
    #deadline;
    constructor() {
        // As many calls at once as there are files at once listen to it.
        setMaxListeners(0, this.#controller.signal);
        for (const name of SIGNALS)
            process.on(name, this.#onSignal);
    }
    get signal() {
        return this.#controller.signal;
    }
    /** Leaves signals alone again. */
    dispose() {
        for (const name of SIGNALS)
            process.removeListener(name, this.#onSignal);
        clearTimeout(this.#deadline);
    }
    #onSignal = () => {
        const now = performance.now();
        if (this.signal.aborted) {
            if (now - this.#since > SAME_KEYPRESS_MS)
                process.exit(EXIT.interrupted);
            return;
        }
        this.#since = now;
        this.#deadline = setTimeout(() => process.exit(EXIT.interrupted), GRACE_MS);
        this.#deadline.unref();
        this.#controller.abort(new StorageError({ code: 'ABORTED', op: 'cli', message: 'Interrupted.' }));
    };
}
//# sourceMappingURL=interrupt.js.map