import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { StorageError } from '../../core/errors.js';
/** The compiled program of the oracle. */
export const ORACLE_PROGRAM = new URL('./oracle-main.js', import.meta.url);
/** How long an oracle may take to end by itself. */
const END_MS = 5_000;
/** The drill's side of its oracle. */
export class Oracle {
    #child;
    #waiting = new Map();
    #number = 0;
    #ended = false;
    constructor(child) {
        this.#child = child;
        child.on('message', (answer) => {
            const waiting = this.#waiting.get(answer.number);
            this.#waiting.delete(answer.number);
            if ('error' in answer)
                waiting?.reject(failed(answer.error));
            else
                waiting?.resolve(answer.result);
        });
        child.once('exit', (code, signal) => {
            this.#ended = true;
            for (const { reject } of this.#waiting.values())
                reject(failed(`it ended with ${code ?? signal}`));
            this.#waiting.clear();
        });
        child.on('error', () => { });
    }
    /** Starts an oracle in a process of its own. */
    static async start(options, program = ORACLE_PROGRAM) {
        // Its own output is nobody's to read; a process group of its own would outlive a kill of the drill's.
        const child = fork(fileURLToPath(program), [], {
            stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
            execArgv: [],
        });
        const oracle = new Oracle(child);
        await oracle.#ask({ type: 'open', options });
        return oracle;
    }
    /** Tells it what happened. */
    tell(event) {
        if (!this.#ended)
            this.#child.send({ type: 'happened', event }, () => { });
    }
    /** Has it compare the bucket with its record, byte for byte, and begin a new one. */
    async compare(prefix) {
        return (await this.#ask({ type: 'compare', prefix }));
    }
    /** Has it remove all that the drill wrote to the bucket: below its prefix, and these keys. */
    async clean(keys) {
        await this.#ask({ type: 'clean', keys });
    }
    /** Ends it. What was not cleaned, it still cleans. */
    async close() {
        if (this.#ended)
            return;
        // Not 'close', which does not come once the channel was given up from here.
        const exited = once(this.#child, 'exit');
        if (this.#child.connected)
            this.#child.disconnect();
        const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
        await exited;
        clearTimeout(timer);
    }
    #ask(request) {
        const number = ++this.#number;
        return new Promise((resolve, reject) => {
            if (this.#ended)
                return reject(failed('it has ended'));
            this.#waiting.set(number, { resolve, reject });
            this.#child.send({ ...request, number }, error => {
                if (error !== null && error !== undefined)
                    reject(failed(error.message));
            });
        });
    }
}
function failed(what) {
    const message = `The drill's oracle could not look at the bucket: ${what}.`;
    return new StorageError({ code: 'UNAVAILABLE', op: 'drill', message });
}
//# sourceMappingURL=oracle.js.map