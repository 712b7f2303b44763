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
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, usageError } from './failure.js';
/**
 * Writes a file, whole or not at all: into a temporary file beside it, which then takes its place. What was
 * there before is replaced, and its permissions stay. A symbolic link keeps pointing where it does; a device or
 * pipe is written to as it is.
 *
 * @param moved told of bytes as they are written
 * @throws the system's error; whatever `bytes` throws. In either case nothing has changed.
 */
export async function saveFile(path, bytes, moved) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const there = await statIfThere(path);
        if (there === undefined || there.isFile()) {
            return replace(there === undefined ? path : await realpath(path), there, bytes, moved);
        }
        if (there.isDirectory())
            throw usageError(`${path} is a folder, and the name of a file is accepted.`);
        const file = __addDisposableResource(env_1, await open(path, 'w'), true);
        await writeAll(file, bytes, moved);
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
/**
 * Saves files below one folder, and never outside it: a symbolic link on the way, or in the place of the file,
 * is refused, whoever put it there.
 */
export class Folder {
    root;
    /** Folders below the root that are known to be there and to be no links. */
    #known = new Set();
    /** @param root must be there; symbolic links on the way to it are followed */
    constructor(root) {
        this.root = root;
    }
    /**
     * Writes the file as {@link saveFile} does, with the folders on the way to it.
     *
     * @param name relative, with `/` between its segments
     * @returns the path written
     * @throws StorageError `INVALID_ARGUMENT` if something is in the way; the system's error
     */
    async save(name, bytes, moved) {
        const segments = name.split('/');
        for (const segment of segments)
            checkSegment(segment);
        const path = join(this.root, ...segments);
        await this.#makeFolders(segments.slice(0, -1));
        const there = await lstatIfThere(path);
        if (there !== undefined && !there.isFile())
            throw inTheWay(path, kindOf(there));
        await replace(path, there, bytes, moved);
        return path;
    }
    async #makeFolders(segments) {
        let path = this.root;
        for (const segment of segments) {
            path = join(path, segment);
            if (this.#known.has(path))
                continue;
            try {
                await mkdir(path);
            }
            catch (error) {
                const there = isSystemError(error) && error.code === 'EEXIST' ? await lstat(path) : undefined;
                if (there === undefined)
                    throw error;
                if (!there.isDirectory())
                    throw inTheWay(path, kindOf(there));
            }
            if (this.#known.size >= MAX_KNOWN_FOLDERS)
                this.#known.clear();
            this.#known.add(path);
        }
    }
}
const MAX_KNOWN_FOLDERS = 10_000;
async function replace(path, before, bytes, moved) {
    const temporary = join(dirname(path), `.holdfast-${randomBytes(6).toString('hex')}.tmp`);
    const file = await open(temporary, 'wx', before === undefined ? 0o666 : 0o600).catch(error => {
        // It would name the temporary file, which nobody knows.
        throw isSystemError(error) && error.code === 'ENOENT'
            ? usageError(`There is no folder ${dirname(path)}.`)
            : error;
    });
    try {
        try {
            await writeAll(file, bytes, moved);
            if (before !== undefined)
                await file.chmod(before.mode & 0o777);
        }
        finally {
            await file.close();
        }
        await rename(temporary, path);
    }
    catch (error) {
        await rm(temporary, { force: true });
        // A folder of that name was made meanwhile.
        if (isSystemError(error) && error.code === 'EISDIR')
            throw inTheWay(path, 'a folder');
        throw error;
    }
}
async function writeAll(file, bytes, moved) {
    for await (const chunk of bytes) {
        let written = 0;
        while (written < chunk.length)
            written += (await file.write(chunk, written)).bytesWritten;
        moved(chunk.length);
    }
}
/** Names that a key may have and Windows does not: reserved devices, forbidden characters, a dot or space at the end. */
const NO_WINDOWS_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|[<>:"|?*]|[. ]$/i;
function checkSegment(segment) {
    const isPlain = segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment);
    if (isPlain && !(process.platform === 'win32' && NO_WINDOWS_NAME.test(segment)))
        return;
    throw usageError('No file can have this name here.');
}
function inTheWay(path, what) {
    return usageError(`${path} is ${what}, and is in the way.`);
}
function kindOf(there) {
    return there.isSymbolicLink() ? 'a symbolic link' : there.isDirectory() ? 'a folder' : 'a file';
}
/** Whether something is at a path, links followed. */
export async function isThere(path) {
    try {
        await stat(path);
        return true;
    }
    catch (error) {
        if (isSystemError(error))
            return false;
        throw error;
    }
}
/** What is at a path, links followed; undefined for nothing. A link that leads nowhere is an error. */
async function statIfThere(path) {
    const there = await lstatIfThere(path);
    return there?.isSymbolicLink() ? stat(path) : there;
}
async function lstatIfThere(path) {
    try {
        return await lstat(path);
    }
    catch (error) {
        if (isSystemError(error) && error.code === 'ENOENT')
            return undefined;
        throw error;
    }
}
//# sourceMappingURL=save.js.map