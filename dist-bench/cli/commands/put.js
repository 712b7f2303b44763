import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { activeProvider } from '../../config.js';
import { StorageError } from '../../core/errors.js';
import { parseKey } from '../../core/key.js';
import { destinations } from '../destination.js';
import { EXIT, usageError } from '../failure.js';
import { measure } from '../measure.js';
import { printable } from '../output.js';
import { Progress } from '../progress.js';
import { transfer } from '../transfer.js';
import { walk } from '../walk.js';
import { number, size } from '../wording.js';
/** Stores a file, stdin (`-`), several files, or whole folders. */
export async function put(context, args, options) {
    const found = await destinations(args, options.to, options.recursive === true);
    const [only] = found;
    if (only !== undefined && found.length === 1 && !only.isFolder)
        return putOne(context, only, options);
    if (found.some(({ path }) => path === '-'))
        throw usageError('"-" (stdin) is stored alone, not among other files.');
    if (options.fileName !== undefined || options.ifMatch !== undefined) {
        throw usageError('--file-name and --if-match are for one file, not for several.');
    }
    return putMany(context, found, options);
}
async function putOne(context, { path, key }, options) {
    const isStdin = path === '-';
    if (isStdin && (key === '' || key.endsWith('/')))
        throw usageError('What comes from stdin needs a key: put - <key>.');
    parseKey(key, 'put');
    if (!isStdin)
        await requireFile(path);
    if (options.dryRun) {
        await tellPlan(context, path, key);
        return EXIT.ok;
    }
    if (isStdin && process.stdin.isTTY)
        context.output.note('Reading from the terminal until Ctrl-D.');
    return upload(context, isStdin ? process.stdin : { path }, key, options);
}
async function upload(context, content, key, options) {
    const { output, signal } = context;
    const storage = await context.storage({ create: true });
    const progress = new Progress(output);
    let before = 0;
    try {
        const result = await storage.uploadFile(content, key, {
            ...uploadOptions(options),
            signal,
            onProgress: ({ sentBytes, totalBytes }) => {
                progress.addBytes(sentBytes - before);
                before = sentBytes;
                if (totalBytes !== undefined)
                    progress.setTotal(totalBytes, 1);
            },
        });
        progress.stop();
        await (output.json ? output.object(result) : output.line(result.key));
        const held = result.compressed === undefined
            ? ''
            : `, in ${size(result.compressed.size)} of ${result.compressed.encoding}`;
        const until = result.expiresAt === undefined ? '' : `, until ${result.expiresAt.toISOString()}`;
        output.note(`Stored ${size(result.size)} as ${printable(result.key)}${held}${until}.`);
    }
    catch (error) {
        if (options.clobber || !StorageError.is(error, 'ALREADY_EXISTS'))
            throw error;
        await output.leftOut(key);
    }
    finally {
        progress.stop();
    }
    return EXIT.ok;
}
async function putMany(context, found, options) {
    const storage = options.dryRun ? undefined : await context.storage({ create: true });
    const isLocal = activeProvider(context.config()) === 'local';
    // Made before the folders are read, so that it is not taken for one of them.
    if (storage !== undefined && isLocal)
        await storage.ready({ signal: context.signal });
    const avoid = isLocal ? await identityIfThere(context.config().localStoragePath) : undefined;
    const passed = { link: 0, avoided: 0 };
    const code = await transfer(context, jobs(), {
        done: options.dryRun ? 'Would store' : 'Stored',
        concurrency: options.dryRun ? 1 : options.concurrency,
        showRate: !options.dryRun,
        // What links lead to is known when they are followed, and not before.
        sizes: options.follow ? undefined : () => sizesOf(found, avoid),
    });
    if (passed.link > 0)
        context.output.note(`Symbolic links not followed (--follow does): ${number(passed.link)}.`);
    if (passed.avoided > 0)
        context.output.note('The storage folder itself was passed over.');
    return code;
    async function* jobs() {
        for (const { path, key, isFolder } of found) {
            if (!isFolder) {
                yield job(path, key);
                continue;
            }
            try {
                for await (const entry of walk(path, { follow: options.follow === true, avoid })) {
                    if (entry.kind === 'file')
                        yield job(entry.path, key + entry.name);
                    else if (entry.kind === 'problem')
                        yield { name: `${path}/${entry.name}`, error: entry.error };
                    else
                        passed[entry.what]++;
                }
            }
            catch (error) {
                yield { name: path, error };
            }
        }
    }
    function job(path, key) {
        return { name: path, run: moved => putFile(context, storage, { path, key }, options, moved) };
    }
}
/** @param storage undefined to tell only what would be done */
async function putFile(context, storage, { path, key }, options, moved) {
    if (storage === undefined) {
        parseKey(key, 'put');
        moved(await requireFile(path));
        if (!context.output.json)
            await tellPlan(context, path, key);
        return { file: path, key };
    }
    let before = 0;
    try {
        const result = await storage.uploadFile({ path }, key, {
            ...uploadOptions(options),
            signal: context.signal,
            onProgress: ({ sentBytes }) => {
                moved(sentBytes - before);
                before = sentBytes;
            },
        });
        return { file: path, ...result };
    }
    catch (error) {
        if (!options.clobber && StorageError.is(error, 'ALREADY_EXISTS'))
            return undefined;
        throw error;
    }
}
async function tellPlan({ output }, file, key) {
    await (output.json ? output.object({ file, key }) : output.line(`${file} -> ${key}`));
}
/** @returns bytes. @throws `INVALID_ARGUMENT` for a folder; the system's error for nothing */
async function requireFile(path) {
    const there = await stat(path);
    if (there.isDirectory())
        throw usageError(`${path} is a folder: --recursive stores what is in it.`);
    return there.size;
}
async function* sizesOf(found, avoid) {
    for (const { path, isFolder } of found) {
        if (isFolder)
            yield* measure(path, avoid);
        else
            yield (await stat(path)).size;
    }
}
async function identityIfThere(folder) {
    return stat(resolve(folder)).catch(() => undefined);
}
function uploadOptions(options) {
    const { contentType, fileName, metadata, tag: tags, storageClass, compress: how, ifMatch } = options;
    const ifNoneMatch = options.clobber ? options.ifNoneMatch : '*';
    const compress = how === true ? 'auto' : how;
    return {
        contentType,
        fileName,
        metadata,
        tags,
        storageClass,
        compress,
        ...options.expires,
        ifMatch,
        ifNoneMatch,
    };
}
//# sourceMappingURL=put.js.map