import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../../core/errors.js';
import { silentLogger } from '../../core/logger.js';
import { EXIT, usageError } from '../failure.js';
import { statusText } from '../status-view.js';
/** How long the store may take to prove that it answers. */
const PROBE_MS = 10_000;
const REFRESH_MS = 1000;
/** Clears the terminal, and begins at its top. */
const CLEAR = '\u001b[2J\u001b[H';
/** Tells whether the store works, where it is, what is in it, what waits for it, and what is wrong with it. */
export async function status(context, options) {
    const { output } = context;
    if (options.watch && !output.isTerminal && !output.json) {
        throw usageError('--watch is for a terminal; with --json it prints an object a second.');
    }
    // All that the log would say is in the status.
    const looker = new Looker(context, await context.storage({ logger: silentLogger }));
    try {
        if (options.watch)
            return await watch(context, looker);
        const found = await looker.look();
        await (output.json ? output.object(found) : output.line(statusText(found, output.paint)));
        return exitCode(found);
    }
    finally {
        await looker.close();
    }
}
/** Shows the status every second until interrupted, which is how it ends well. */
async function watch({ output, signal }, looker) {
    try {
        for (;;) {
            const found = await looker.look();
            if (output.json)
                await output.object(found);
            else {
                const hint = output.paint.dim(`${new Date().toLocaleTimeString()}  Ctrl-C ends`);
                await output.write(`${CLEAR}${statusText(found, output.paint)}\n\n${hint}\n`);
            }
            await sleep(REFRESH_MS, undefined, { signal });
        }
    }
    catch (error) {
        if (signal.aborted)
            return EXIT.ok;
        throw error;
    }
}
/** 4 while nothing can be taken or the object store is away, 5 while something is left to bring over or to decide. */
function exitCode(found) {
    const isAway = found.enabled && found.fallbackMode;
    const isAwayNextDoor = (found.processes ?? []).some(process => process.writes !== undefined);
    if (found.state === 'down' || isAway || isAwayNextDoor || found.problems.some(isSilence)) {
        return EXIT.unavailable;
    }
    return found.pending > 0 || found.parked > 0 || found.conflicts > 0 ? EXIT.partial : EXIT.ok;
}
function isSilence(problem) {
    return problem.code === 'TIMEOUT';
}
/** Looks at the store, and at what the other processes of its folder say. */
class Looker {
    #context;
    #storage;
    #neighbours;
    constructor(context, storage) {
        this.#context = context;
        this.#storage = storage;
    }
    async look() {
        const { signal } = this.#context;
        const problem = await this.#ask();
        const found = this.#storage.getStatus();
        // Local storage knows its figures; an object store would have to be listed for them.
        const isLocal = problem === undefined && found.provider === 'local' && found.failover === undefined;
        const metrics = isLocal ? await this.#storage.getStorageMetrics({ signal }) : undefined;
        const own = problem === undefined ? found : withProblem(found, problem);
        if (found.failover === undefined)
            return { ...own, ...metrics };
        const { Neighbours } = await import('../../operations/neighbours.js');
        this.#neighbours ??= await Neighbours.open(this.#context.config());
        return withNeighbours(own, this.#neighbours.all());
    }
    async close() {
        await this.#neighbours?.close();
    }
    /** @returns what is wrong; undefined if it works, or the storage itself knows what is wrong */
    async #ask() {
        const { signal } = this.#context;
        try {
            await this.#storage.ready({ signal, timeoutMs: PROBE_MS });
            return undefined;
        }
        catch (error) {
            if (!StorageError.is(error) || signal.aborted)
                throw error;
            return error;
        }
    }
}
/** What could not be opened or reached is down, whether or not the service counts the failure as the store's. */
function withProblem(found, { code, message }) {
    // A bucket that says nothing, with a folder under it that takes uploads.
    const isCaught = code === 'TIMEOUT' && found.failover !== undefined && found.state !== 'down';
    const isKnown = found.problems.some(problem => problem.code === code || problem.severity === 'error');
    const severity = isCaught ? 'warning' : 'error';
    const problems = isKnown ? found.problems : [...found.problems, { code, message, severity }];
    return { ...found, state: isCaught ? 'degraded' : 'down', problems };
}
/** Nothing is healthy while a server next door does not reach the object store, though this process may. */
function withNeighbours(found, processes) {
    const problems = [...found.problems];
    for (const { pid, writes, reads } of processes) {
        const away = writes ?? reads;
        if (away === undefined)
            continue;
        const what = writes === undefined ? 'reads' : 'writes';
        const message = `Process ${pid} has got no ${what} through to the object store since ${away.since.toISOString()} (${away.code}): ${away.message}`;
        problems.push({ code: 'PROCESS_AWAY', message, severity: 'warning' });
    }
    const isWorse = problems.length > found.problems.length && found.state !== 'down';
    return { ...found, state: isWorse ? 'degraded' : found.state, problems, processes };
}
//# sourceMappingURL=status.js.map