var __addDisposableResource = (this && this.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (this && this.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
import { mkdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { asFolder } from '../destination.js';
import { EXIT, usageError } from '../failure.js';
import { everyFile, nothingBelow } from '../listing.js';
import { printable } from '../output.js';
import { Progress } from '../progress.js';
import { Folder, isThere, saveFile } from '../save.js';
import { refuseStoreFolder } from '../store-folder.js';
import { transfer } from '../transfer.js';
import { size } from '../wording.js';
/** Fetches a file, to a file or to stdout, or everything below a prefix into a folder. */
export async function get(context, key, target, options) {
    if (options.recursive)
        return getMany(context, asFolder(key === '/' ? '' : key), target, options);
    // What stdout was redirected to is written to, and not replaced.
    if (target === '-' || target === '/dev/stdout')
        return getToStdout(context, key, options);
    return getToFile(context, key, await pathFor(key, target), options);
}
async function getToStdout(context, key, options) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { output, signal } = context;
        if (output.json)
            throw usageError('--json and "-" both want stdout; give one of them.');
        const storage = await context.storage();
        const file = __addDisposableResource(env_1, await storage.openFile(key, {
            range: options.range,
            versionId: options.versionId,
            signal,
        }), true);
        const progress = new Progress(output, !process.stdout.isTTY);
        progress.setTotal(bytesOf(file), 1);
        try {
            for await (const chunk of file) {
                await output.write(chunk);
                progress.addBytes(chunk.length);
            }
        }
        finally {
            progress.stop();
        }
        return EXIT.ok;
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
async function getToFile(context, key, path, options) {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
        const { output, signal } = context;
        const storage = await context.storage();
        await refuseStoreFolder(context.config(), path);
        if (!options.clobber && (await isThere(path))) {
            await output.leftOut(path);
            return EXIT.ok;
        }
        const file = __addDisposableResource(env_2, await storage.openFile(key, {
            range: options.range,
            versionId: options.versionId,
            signal,
        }), true);
        const progress = new Progress(output);
        progress.setTotal(bytesOf(file), 1);
        try {
            await saveFile(path, file, moved => progress.addBytes(moved));
        }
        finally {
            progress.stop();
        }
        await (output.json ? output.object({ file: path, ...file.stat }) : output.line(path));
        output.note(`Fetched ${size(bytesOf(file))} into ${printable(path)}.`);
        return EXIT.ok;
    }
    catch (e_2) {
        env_2.error = e_2;
        env_2.hasError = true;
    }
    finally {
        const result_2 = __disposeResources(env_2);
        if (result_2)
            await result_2;
    }
}
function bytesOf({ stat, range }) {
    return range === undefined ? stat.size : range.end - range.start + 1;
}
async function getMany(context, prefix, target, options) {
    if (target === undefined || target === '-')
        throw usageError('--recursive needs a folder: get --recursive <prefix> <folder>.');
    if (options.range !== undefined)
        throw usageError('--range is for one file, not for several.');
    if (options.versionId !== undefined)
        throw usageError('--version-id is for one file, not for several.');
    const storage = await context.storage();
    await refuseStoreFolder(context.config(), target);
    const { signal } = context;
    let folder;
    return transfer(context, jobs(target), {
        done: 'Fetched',
        concurrency: options.concurrency,
        nothing: () => nothingBelow(prefix),
        sizes: async function* () {
            for await (const file of everyFile(storage, prefix, signal))
                yield file.size;
        },
    });
    async function* jobs(target) {
        for await (const { key } of everyFile(storage, prefix, signal)) {
            folder ??= await makeFolder(target);
            yield job(folder, key);
        }
    }
    function job(into, key) {
        const name = key.slice(prefix.length);
        return {
            name: key,
            async run(moved) {
                const env_3 = { stack: [], error: void 0, hasError: false };
                try {
                    if (!options.clobber && (await isThere(join(into.root, name))))
                        return undefined;
                    const file = __addDisposableResource(env_3, await storage.openFile(key, { signal }), true);
                    return { file: await into.save(name, file, moved), ...file.stat };
                }
                catch (e_3) {
                    env_3.error = e_3;
                    env_3.hasError = true;
                }
                finally {
                    const result_3 = __disposeResources(env_3);
                    if (result_3)
                        await result_3;
                }
            },
        };
    }
}
/** Where a file goes: to its own name unless another is given, and in a folder under its own name. */
async function pathFor(key, target) {
    if (target === undefined)
        return basename(key);
    const isFolder = target.endsWith('/') || target.endsWith(sep) || (await stat(target).catch(() => undefined))?.isDirectory();
    return isFolder ? join(target, basename(key)) : target;
}
async function makeFolder(path) {
    await mkdir(path, { recursive: true });
    return new Folder(path);
}
//# sourceMappingURL=get.js.map