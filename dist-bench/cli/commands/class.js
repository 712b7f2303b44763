import { isArchiveClass, parseStorageClass, STANDARD } from '../../core/storage-class.js';
import { confirm } from '../confirm.js';
import { asFolder } from '../destination.js';
import { EXIT, usageError } from '../failure.js';
import { everyFile, nothingBelow } from '../listing.js';
import { printable } from '../output.js';
import { transfer } from '../transfer.js';
import { files, size, table } from '../wording.js';
/** Shows and changes the storage classes of files. */
export async function classes(context, action, names, options) {
    if (action === 'set')
        return set(context, names, options);
    if (names.length > 1)
        throw usageError('"class ls" takes one prefix, or none for everything.');
    if (options.recursive || options.dryRun || options.yes)
        throw usageError('--recursive, --dry-run and --yes are of "class set".');
    return ls(context, names[0] ?? '');
}
async function ls(context, prefix) {
    const { output, signal } = context;
    const storage = await context.storage();
    const found = new Map();
    for await (const { storageClass = STANDARD, size: bytes } of everyFile(storage, prefix, signal)) {
        const sum = found.get(storageClass) ?? { files: 0, bytes: 0 };
        sum.files++;
        sum.bytes += bytes;
        found.set(storageClass, sum);
    }
    if (found.size === 0)
        throw nothingBelow(prefix);
    const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    if (output.json) {
        for (const [storageClass, sum] of sorted)
            await output.object({ storageClass, ...sum });
    }
    else {
        const rows = sorted.map(([name, sum]) => [printable(name), size(sum.bytes), files(sum.files)]);
        await output.line(table(rows));
    }
    return EXIT.ok;
}
async function set(context, names, options) {
    const [given, ...keys] = names;
    if (given === undefined || keys.length === 0) {
        throw usageError('Accepted after "class set": a storage class, then keys (or prefixes, with --recursive).');
    }
    const storageClass = parseStorageClass(given, 'class');
    const storage = await context.storage();
    const [only] = keys;
    if (!options.recursive && keys.length === 1 && only !== undefined) {
        return setOne(context, storage, only, storageClass, options);
    }
    if (options.recursive && isArchiveClass(storageClass) && !options.dryRun) {
        const where = keys.map(prefix => printable(asFolder(prefix)) || 'the top').join(', ');
        const what = `Files in ${storageClass} can be read only after "holdfast thaw", hours later. Bring everything below ${where} there?`;
        if (!(await confirm(context, what, options.yes === true))) {
            context.output.note('Nothing was changed.');
            return EXIT.ok;
        }
    }
    return transfer(context, options.recursive ? below() : named(), {
        done: options.dryRun ? 'Would change' : 'Changed',
        leftOut: `in ${storageClass} already`,
        showRate: false,
        concurrency: options.dryRun ? 1 : options.concurrency,
        ...(options.recursive && { nothing: () => nothingBelow(keys.map(asFolder).join(', ')) }),
        ...(options.recursive && !options.dryRun && { sizes }),
    });
    async function* named() {
        for (const key of keys) {
            yield job(key, async () => {
                const before = await storage.statFile(key, { signal: context.signal });
                return { from: before.storageClass ?? STANDARD, bytes: before.size };
            });
        }
    }
    async function* below() {
        for (const prefix of keys) {
            for await (const file of everyFile(storage, asFolder(prefix), context.signal)) {
                yield job(file.key, async () => ({ from: file.storageClass ?? STANDARD, bytes: file.size }));
            }
        }
    }
    async function* sizes() {
        for (const prefix of keys) {
            for await (const file of everyFile(storage, asFolder(prefix), context.signal))
                yield file.size;
        }
    }
    function job(key, look) {
        return {
            name: key,
            async run(moved) {
                const { from, bytes } = await look();
                if (from === storageClass)
                    return undefined;
                await change(context, storage, key, storageClass, options);
                moved(bytes);
                return { key, from, to: storageClass, ...(options.dryRun && { dryRun: true }) };
            },
        };
    }
}
async function setOne(context, storage, key, storageClass, options) {
    const { output, signal } = context;
    const { storageClass: from = STANDARD } = await storage.statFile(key, { signal });
    const changes = from !== storageClass;
    if (changes)
        await change(context, storage, key, storageClass, options);
    if (output.json) {
        await output.object({
            key,
            from,
            to: storageClass,
            changed: changes,
            ...(options.dryRun && { dryRun: true }),
        });
    }
    const name = printable(key);
    const would = options.dryRun ? 'Would bring' : 'Brought';
    output.note(changes ? `${would} ${name} from ${from} to ${storageClass}.` : `${name} is in ${storageClass} already.`);
    return EXIT.ok;
}
async function change({ output, signal }, storage, key, storageClass, options) {
    if (!options.dryRun)
        await storage.setStorageClass(key, storageClass, { signal });
    else if (!output.json)
        await output.line(key);
}
//# sourceMappingURL=class.js.map