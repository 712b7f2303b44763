import { basename } from 'node:path/posix';
import { StorageError } from '../../core/errors.js';
import { parseKey } from '../../core/key.js';
import { asFolder } from '../destination.js';
import { EXIT, usageError } from '../failure.js';
import { everyFile, nothingBelow } from '../listing.js';
import { printable } from '../output.js';
import { transfer } from '../transfer.js';
const COPY = {
    done: 'Copied',
    would: 'Would copy',
    run: (storage, from, to, options) => storage.copyFile(from, to, options),
};
const MOVE = {
    done: 'Moved',
    would: 'Would move',
    run: (storage, from, to, options) => storage.moveFile(from, to, options),
};
/** Copies a file, or everything below a prefix, on the store's side. */
export function cp(context, from, to, options) {
    return transferWithin(context, COPY, from, to, options);
}
/** Moves a file, or everything below a prefix: each file is copied, then removed if it is still the one copied. */
export function mv(context, from, to, options) {
    return transferWithin(context, MOVE, from, to, options);
}
async function transferWithin(context, way, from, to, options) {
    const { output } = context;
    const storage = await context.storage();
    if (options.recursive)
        return transferBelow(context, storage, way, asFolder(from), asFolder(to), options);
    const target = to.endsWith('/') ? to + basename(from) : to;
    const result = await one(context, storage, way, from, target, options);
    if (result === undefined) {
        await output.leftOut(target);
        return EXIT.ok;
    }
    if (output.json)
        await output.object(result);
    else if (!options.dryRun)
        await output.line(target);
    output.note(`${options.dryRun ? way.would : way.done} ${printable(from)} to ${printable(target)}.`);
    return EXIT.ok;
}
async function transferBelow(context, storage, way, from, to, options) {
    if (from.startsWith(to) || to.startsWith(from)) {
        throw usageError(`${from} and ${to} lie within one another; accepted: prefixes that are apart.`);
    }
    return transfer(context, jobs(), {
        done: options.dryRun ? way.would : way.done,
        showRate: !options.dryRun,
        concurrency: options.dryRun ? 1 : options.concurrency,
        nothing: () => nothingBelow(from),
    });
    async function* jobs() {
        for await (const { key } of everyFile(storage, from, context.signal)) {
            yield {
                name: key,
                async run(moved) {
                    const result = await one(context, storage, way, key, to + key.slice(from.length), options);
                    if (result !== undefined)
                        moved(result.size);
                    return result;
                },
            };
        }
    }
}
/** @returns what was done; undefined if the target was there already and is to be left as it is */
async function one({ output, signal }, storage, way, from, to, options) {
    try {
        if (options.dryRun) {
            const { size } = await storage.statFile(from, { signal });
            parseKey(to, 'copy');
            if (!output.json)
                await output.line(`${from} -> ${to}`);
            return { from, key: to, size };
        }
        const result = await way.run(storage, from, to, { signal, ...(!options.clobber && { ifNoneMatch: '*' }) });
        return { from, ...result };
    }
    catch (error) {
        if (!options.clobber && StorageError.is(error, 'ALREADY_EXISTS'))
            return undefined;
        throw error;
    }
}
//# sourceMappingURL=cp.js.map