import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted } from '../../core/errors.js';
import { EXIT, usageError } from '../failure.js';
import { printable } from '../output.js';
import { number, size } from '../wording.js';
const POLL_MS = 200;
const DRAIN_SECONDS = 600;
/** Shows what waits for the object store, and helps it along. */
export async function spool(context, action, names, options) {
    if (names.length > 0 && (action === 'ls' || action === 'conflicts' || action === 'drain')) {
        throw usageError(`"spool ${action}" takes no names.`);
    }
    if (action === 'drain')
        return drain(context, options.timeout ?? DRAIN_SECONDS);
    const opened = await (await import('../../operations/spool.js')).Spool.open(context.config());
    try {
        switch (action) {
            case 'ls':
                return await ls(context, opened);
            case 'retry':
                return await retry(context, opened, names);
            case 'conflicts':
                return await conflicts(context, opened);
            case 'resolve':
                return await resolve(context, opened, names, options.keep);
        }
    }
    finally {
        await opened.close();
    }
}
async function ls({ output }, opened) {
    let count = 0;
    for (const entry of opened.entries()) {
        count++;
        await (output.json ? output.object(entry) : output.line(entryLine(entry)));
    }
    if (count === 0)
        output.note('Nothing waits for the object store.');
    return EXIT.ok;
}
function entryLine({ key, kind, state, size: bytes, at, problem }) {
    const cells = [
        state.padEnd(8),
        kind.padEnd(6),
        (bytes === undefined ? '' : size(bytes)).padStart(8),
        (at?.toISOString() ?? '').padEnd(24),
        printable(key),
    ];
    return `${cells.join('  ')}${problem === undefined ? '' : `  ${printable(problem.message)} (${problem.code})`}`;
}
async function retry({ output }, opened, keys) {
    const retried = await opened.retry(keys);
    for (const key of retried)
        await (output.json ? output.object({ key }) : output.line(printable(key)));
    output.note(retried.length === 0 ? 'No entry is parked.' : `${number(retried.length)} to be tried again.`);
    return EXIT.ok;
}
async function conflicts({ output }, opened) {
    const all = opened.conflicts();
    for (const conflict of all)
        await (output.json ? output.object(conflict) : output.line(conflictLine(conflict)));
    if (all.length === 0)
        output.note('There are no conflicts.');
    return EXIT.ok;
}
function conflictLine({ id, key, at, loser, size: bytes }) {
    return `${id}  ${loser.padEnd(6)}  ${size(bytes).padStart(8)}  ${at.toISOString()}  ${printable(key)}`;
}
async function resolve(context, opened, ids, keep) {
    if (ids.length === 0)
        throw usageError('Give the ids of conflicts, as "spool conflicts" lists them.');
    if (keep === undefined) {
        throw usageError('Say which version to keep: --keep current (as the object store has it), or --keep kept.');
    }
    const storage = await context.storage();
    for (const id of ids) {
        const result = await opened.resolve(id, keep, storage);
        if (context.output.json)
            await context.output.object({ id, keep, ...result });
        else
            await context.output.line(id);
    }
    return EXIT.ok;
}
/** Waits until the object store holds everything, bringing it there unless another process does. */
async function drain(context, seconds) {
    const { output, signal } = context;
    const storage = await context.storage();
    await storage.ready({ signal });
    const start = performance.now();
    let { pending } = storage.getStatus();
    const before = pending;
    const has = (code) => storage.getStatus().problems.some(problem => problem.code === code);
    const mayDrain = !has('SWITCHED_OFF');
    while (mayDrain && pending > 0 && performance.now() - start < seconds * 1000) {
        await sleep(POLL_MS);
        throwIfAborted(signal, 'drain');
        pending = storage.getStatus().pending;
    }
    if (output.json)
        await output.object({ before, pending, parked: storage.getStatus().parked });
    else if (pending === 0 && has('OTHER_BUCKET'))
        output.note('The object store holds everything that is for it.');
    else if (pending === 0)
        output.note('The object store holds everything.');
    else
        output.say(`${number(pending)} of ${number(before)} still wait; "holdfast status" tells why.`);
    return pending === 0 ? EXIT.ok : EXIT.partial;
}
//# sourceMappingURL=spool.js.map