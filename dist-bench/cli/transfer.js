import { concurrently } from './concurrently.js';
import { EXIT, failureOf } from './failure.js';
import { failureText, printable } from './output.js';
import { Progress } from './progress.js';
import { duration, files, number, size } from './wording.js';
/** As many failures are remembered; the others are only counted. */
const MAX_LISTED = 1_000;
/** Failures of the store in a row, with no success among them, after which the rest is not tried. */
const HOPELESS = 64;
/** What says that the store, rather than this one file, is the trouble. */
const STORE_TROUBLE = new Set([
    'UNAVAILABLE',
    'TIMEOUT',
    'UNAUTHENTICATED',
    'NO_SUCH_BUCKET',
    'CLOCK_SKEW',
    'CONFIG_INVALID',
    'NO_SPACE',
]);
/**
 * Moves many files, some at once, any number of them in constant memory. A file that fails is reported at the
 * end and stops none of the others.
 *
 * @returns the exit code: 0; 5 if some failed; 4 if all did because the store is away
 * @throws `ABORTED` when interrupted, after a word on what was done
 */
export async function transfer(context, jobs, options) {
    const { output, signal } = context;
    const progress = new Progress(output);
    const tally = new Tally(output);
    const started = performance.now();
    if (progress.isVisible && options.sizes !== undefined)
        void countAhead(options.sizes(), progress, signal);
    try {
        await concurrently(jobs, options.concurrency, async (job) => {
            if (signal.aborted)
                return false;
            await attempt(job, tally, progress, signal);
            return !tally.isHopeless;
        });
    }
    finally {
        progress.stop();
        if (!tally.isEmpty || options.nothing === undefined)
            tally.summarise(options, performance.now() - started);
    }
    signal.throwIfAborted();
    if (tally.isEmpty && options.nothing !== undefined)
        throw options.nothing();
    return tally.exitCode;
}
async function attempt(job, tally, progress, signal) {
    if (!('run' in job))
        return tally.failed(job.name, job.error);
    let bytes = 0;
    let result;
    try {
        result = await job.run(moved => {
            bytes += moved;
            progress.addBytes(moved);
        });
    }
    catch (error) {
        progress.addBytes(-bytes);
        if (!signal.aborted)
            tally.failed(job.name, error);
        return;
    }
    progress.addFile();
    await tally.succeeded(result, bytes);
}
async function countAhead(sizes, progress, signal) {
    let bytes = 0;
    let count = 0;
    try {
        for await (const fileBytes of sizes) {
            bytes += fileBytes;
            count++;
            if (signal.aborted || !progress.isVisible)
                return;
        }
        progress.setTotal(bytes, count);
    }
    catch {
        // Whatever is wrong, the transfer itself meets and reports it; without a total there is no bar.
    }
}
/** What became of the files of a transfer. */
class Tally {
    #output;
    #failures = [];
    #succeeded = 0;
    #bytes = 0;
    #leftOut = 0;
    #failed = 0;
    #away = 0;
    #troubleInARow = 0;
    constructor(output) {
        this.#output = output;
    }
    /** Whether there is no use in trying the rest. */
    get isHopeless() {
        return this.#troubleInARow >= HOPELESS;
    }
    get isEmpty() {
        return this.#succeeded + this.#leftOut + this.#failed === 0;
    }
    get exitCode() {
        if (this.#failed === 0)
            return EXIT.ok;
        return this.#away === this.#failed && this.#succeeded === 0 ? EXIT.unavailable : EXIT.partial;
    }
    /** @param result undefined if the file was rightly left out */
    async succeeded(result, bytes) {
        this.#troubleInARow = 0;
        if (result === undefined) {
            this.#leftOut++;
            return;
        }
        this.#succeeded++;
        this.#bytes += bytes;
        if (this.#output.json)
            await this.#output.object(result);
    }
    failed(name, error) {
        const failure = failureOf(error);
        this.#failed++;
        if (failure.exitCode === EXIT.unavailable)
            this.#away++;
        this.#troubleInARow = STORE_TROUBLE.has(failure.code) ? this.#troubleInARow + 1 : 0;
        if (this.#output.json)
            this.#output.failure({ ...failure, json: { ...failure.json, name } });
        else if (this.#failures.length < MAX_LISTED)
            this.#failures.push({ name, failure });
    }
    /** Tells what was done, and which files failed; with `--json` each was told when it was due. */
    summarise(options, elapsedMs) {
        const output = this.#output;
        if (!output.json) {
            if (this.#failed === 0)
                output.note(`${this.#counts(options, elapsedMs)}.`);
            else
                output.say(`${this.#counts(options, elapsedMs)}:`);
            for (const { name, failure } of this.#failures) {
                output.say(`  ${printable(name)}: ${failureText(failure)} (${failure.code})`);
            }
            const unlisted = this.#failed - this.#failures.length;
            if (unlisted > 0)
                output.say(`  ... and ${number(unlisted)} more, which --json tells one by one`);
        }
        if (this.isHopeless) {
            output.warn(`stopped after ${HOPELESS} failures of the store in a row; the rest was not tried`);
        }
    }
    #counts({ done, leftOut = 'already there', showRate = true }, elapsedMs) {
        const seconds = elapsedMs / 1000;
        const rate = showRate ? ` in ${duration(seconds)} (${size(this.#bytes / seconds)}/s)` : '';
        const parts = [`${done} ${files(this.#succeeded)}, ${size(this.#bytes)}${rate}`];
        if (this.#leftOut > 0)
            parts.push(`${number(this.#leftOut)} ${leftOut}`);
        if (this.#failed > 0)
            parts.push(`${number(this.#failed)} failed`);
        return parts.join('; ');
    }
}
//# sourceMappingURL=transfer.js.map