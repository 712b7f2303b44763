import { setTimeout as sleep } from 'node:timers/promises';
import { isArchiveClass } from '../../core/storage-class.js';
import { asFolder } from '../destination.js';
import { EXIT, usageError } from '../failure.js';
import { everyFile, nothingBelow } from '../listing.js';
import { printable } from '../output.js';
import { transfer } from '../transfer.js';
/** A file on its way is looked at after this long, then after twice as long, and so on up to the second. Milliseconds. */
const FIRST_LOOK_MS = 1_000;
const LAST_LOOK_MS = 60_000;
/** Asks for archived files, and tells how they stand. */
export async function thaw(context, names, options) {
    if (options.timeout !== undefined && !options.wait)
        throw usageError('--timeout is of --wait.');
    if (options.wait && options.status)
        throw usageError('Give --wait or --status, not both.');
    const { output, signal } = context;
    const storage = await context.storage();
    let unreadable = 0;
    const code = await transfer(context, jobs(), {
        done: options.status ? 'Looked at' : 'Asked for',
        leftOut: 'in no archive',
        showRate: false,
        concurrency: options.concurrency,
        ...(options.recursive && { nothing: () => nothingBelow(names.map(asFolder).join(', ')) }),
    });
    if (unreadable === 0 || code !== EXIT.ok)
        return code;
    if (!options.wait)
        return options.status ? EXIT.partial : EXIT.ok;
    return wait(context, storage, archived(storage), options);
    async function* jobs() {
        for await (const file of options.recursive ? below(storage) : named()) {
            yield {
                name: file.key,
                async run(moved) {
                    if (!mayBeArchived(file.storageClass))
                        return undefined;
                    const stat = await look(file.key);
                    const { key, storageClass, archive, size } = stat;
                    if (archive === undefined)
                        return undefined;
                    if (archive.state !== 'thawed')
                        unreadable++;
                    moved(size);
                    if (!output.json)
                        await output.line(stateLine(stat));
                    return { key, storageClass, archive };
                },
            };
        }
    }
    function look(key) {
        const { days, tier, status } = options;
        return status ? storage.statFile(key, { signal }) : storage.thawFile(key, { days, tier, signal });
    }
    async function* named() {
        // Their classes are found out with the rest.
        for (const key of names)
            yield { key, storageClass: UNKNOWN };
    }
    async function* below(opened) {
        for (const prefix of names)
            yield* everyFile(opened, asFolder(prefix), signal);
    }
    async function* archived(opened) {
        for await (const { key, storageClass } of options.recursive ? below(opened) : named()) {
            if (mayBeArchived(storageClass))
                yield key;
        }
    }
}
const UNKNOWN = '';
/** Whether a file of this class has to be asked about; a listing does not tell the tiers of INTELLIGENT_TIERING. */
function mayBeArchived(storageClass) {
    return storageClass === UNKNOWN || storageClass === 'INTELLIGENT_TIERING' || isArchiveClass(storageClass);
}
/** Waits for one file after the other, so that each is asked about until it is there, and no longer. */
async function wait({ output, signal }, storage, keys, { timeout }) {
    const end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout * 1000;
    output.note('Waiting until everything can be read.');
    let pauseMs = FIRST_LOOK_MS;
    for await (const key of keys) {
        for (;;) {
            const stat = await storage.statFile(key, { signal });
            if (stat.archive === undefined || stat.archive.state === 'thawed') {
                if (!output.json)
                    await output.line(stateLine(stat));
                else
                    await output.object({ key, storageClass: stat.storageClass, archive: stat.archive });
                break;
            }
            const leftMs = end - performance.now();
            if (leftMs <= 0) {
                output.note(`${printable(key)} cannot be read yet; "holdfast thaw --status" tells how it stands.`);
                return EXIT.partial;
            }
            await sleep(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => signal.throwIfAborted());
            pauseMs = Math.min(pauseMs * 2, LAST_LOOK_MS);
        }
    }
    return EXIT.ok;
}
/** Such as `thawed    until 2026-01-01T00:00:00Z  rooms/42/photo.jpg`. */
function stateLine({ key, archive }) {
    const { state, until } = archive ?? { state: 'readable' };
    const time = until === undefined ? '' : `until ${until.toISOString().replace(/\.\d+Z$/, 'Z')}  `;
    return `${state.padEnd(8)}  ${time}${printable(key)}`;
}
//# sourceMappingURL=thaw.js.map