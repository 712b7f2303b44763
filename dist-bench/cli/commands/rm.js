import { StorageError } from '../../core/errors.js';
import { confirm } from '../confirm.js';
import { asFolder } from '../destination.js';
import { EXIT, failureOf, usageError } from '../failure.js';
import { everyFile, nothingBelow } from '../listing.js';
import { failureText, printable } from '../output.js';
import { transfer } from '../transfer.js';
import { files, size } from '../wording.js';
/** Removes files by their keys, or everything below prefixes. */
export async function rm(context, names, options) {
    if (!options.recursive)
        return removeKeys(context, names, options);
    const [only] = names;
    if (names.length === 1 && only !== undefined)
        return removeBelow(context, asFolder(only), options);
    let code = EXIT.ok;
    for (const name of names) {
        try {
            code = Math.max(code, await removeBelow(context, asFolder(name), options));
        }
        catch (error) {
            if (!StorageError.is(error, 'NOT_FOUND'))
                throw error;
            context.output.failure(failureOf(error));
            code = EXIT.partial;
        }
    }
    return code;
}
async function removeKeys(context, keys, options) {
    const { output } = context;
    const storage = await context.storage();
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) {
        const bytes = await removeKey(context, storage, only, options);
        if (output.json)
            await output.object({ key: only, ...outcome(bytes !== undefined, options) });
        else if (options.dryRun && bytes !== undefined)
            await output.line(only);
        const what = bytes === undefined ? 'There was no' : options.dryRun ? 'Would remove' : 'Removed';
        output.note(`${what} ${printable(only)}${bytes === undefined ? '' : ` (${size(bytes)})`}.`);
        return EXIT.ok;
    }
    if (!options.dryRun && !(await confirm(context, `Remove ${files(keys.length)}?`, options.yes === true))) {
        output.note('Nothing was removed.');
        return EXIT.ok;
    }
    return transfer(context, jobs(), {
        done: options.dryRun ? 'Would remove' : 'Removed',
        leftOut: 'not there',
        showRate: false,
        concurrency: options.dryRun ? 1 : options.concurrency,
    });
    async function* jobs() {
        for (const key of keys) {
            yield {
                name: key,
                async run(moved) {
                    const bytes = await removeKey(context, storage, key, options);
                    if (bytes === undefined)
                        return undefined;
                    moved(bytes);
                    if (options.dryRun && !output.json)
                        await output.line(key);
                    return { key, ...outcome(true, options) };
                },
            };
        }
    }
}
/** @returns the file's bytes; undefined if there was none and that is no failure. @throws `NOT_FOUND` */
async function removeKey({ signal }, storage, key, options) {
    try {
        // Asked first: S3 does not tell whether there was something to delete.
        const { size: bytes } = await storage.statFile(key, { signal }).catch(ifDamaged);
        if (!options.dryRun)
            await storage.deleteFile(key, { signal });
        return bytes;
    }
    catch (error) {
        if (options.force && StorageError.is(error, 'NOT_FOUND'))
            return undefined;
        throw error;
    }
}
/** What is damaged can be removed as well; it has no bytes that anybody could read. */
function ifDamaged(error) {
    if (!StorageError.is(error, 'INTEGRITY'))
        throw error;
    return { size: 0 };
}
function outcome(found, options) {
    return options.dryRun ? { wouldDelete: found } : { deleted: found };
}
async function removeBelow(context, prefix, options) {
    if (prefix === '' || prefix === '/')
        throw usageError('Removing everything takes the names of the folders; give a prefix.');
    const { output, signal } = context;
    const storage = await context.storage();
    if (options.dryRun || !options.yes) {
        const found = await countBelow(context, storage, prefix, options);
        if (found.count === 0)
            return nothing(prefix, options);
        const what = `${files(found.count)} (${size(found.bytes)}) below ${printable(prefix)}`;
        if (options.dryRun) {
            output.note(`Would remove ${what}.`);
            return EXIT.ok;
        }
        if (!(await confirm(context, `Remove ${what}?`, false))) {
            output.note('Nothing was removed.');
            return EXIT.ok;
        }
    }
    const report = await storage.deletePrefix(prefix, { signal });
    if (report.deleted === 0 && report.failed.length === 0)
        return nothing(prefix, options);
    if (output.json)
        await output.object({ prefix, deleted: report.deleted, failed: report.failed.length });
    else
        output.note(`Removed ${files(report.deleted)} below ${printable(prefix)}.`);
    for (const { key, error } of report.failed) {
        const failure = failureOf(error);
        if (output.json)
            output.failure({ ...failure, json: { ...failure.json, key } });
        else
            output.say(`  ${printable(key)}: ${failureText(failure)} (${failure.code})`);
    }
    return report.failed.length === 0 ? EXIT.ok : EXIT.partial;
}
/** Counts what is below a prefix; with `--dry-run` it is listed on stdout. */
async function countBelow({ output, signal }, storage, prefix, options) {
    let count = 0;
    let bytes = 0;
    for await (const file of everyFile(storage, prefix, signal)) {
        count++;
        bytes += file.size;
        if (options.dryRun)
            await (output.json ? output.object({ key: file.key, wouldDelete: true }) : output.line(file.key));
    }
    return { count, bytes };
}
/** @throws `NOT_FOUND` unless `--force` was given */
function nothing(prefix, options) {
    if (options.force)
        return EXIT.ok;
    throw nothingBelow(prefix);
}
//# sourceMappingURL=rm.js.map