import { StorageError } from '../core/errors.js';
import { parseKey, parsePrefix, RESERVED_PREFIX } from '../core/key.js';
import { checkOptions, invalidArgument } from './arguments.js';
import { givenKeys } from './deletion.js';
import { StoredFile } from './opened-file.js';
/**
 * The start of a scope's keys. It ends in `/`: a scope of `rooms/42` would hold room 421 too.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseScopePrefix(value) {
    const prefix = parsePrefix(value, 'scope');
    if (!prefix.endsWith('/') || prefix.startsWith(RESERVED_PREFIX)) {
        const accepted = `the start of keys with "/" at its end, such as "rooms/42/", and not below "${RESERVED_PREFIX}"`;
        throw invalidArgument('scope', 'prefix', value, accepted);
    }
    return prefix;
}
/**
 * A storage confined to a prefix. Every key and prefix is parsed before the scope's own is put before it, and no key
 * has a `..` segment, so that none leads out; what comes back loses the prefix again.
 */
export class PrefixScope {
    prefix;
    #storage;
    constructor(storage, prefix) {
        this.#storage = storage;
        this.prefix = prefix;
    }
    uploadFile(content, key, options) {
        return this.#run(async () => this.#result(await this.#storage.uploadFile(content, this.#inside(key, 'put'), options)));
    }
    downloadFile(key, options) {
        return this.#run(() => this.#storage.downloadFile(this.#inside(key, 'get'), options));
    }
    openFile(key, options) {
        return this.#run(async () => {
            const file = await this.#storage.openFile(this.#inside(key, 'get'), options);
            const { range, encoding } = file;
            return new StoredFile({ stat: this.#result(file.stat), range, encoding, body: this.#bodyOf(file) });
        });
    }
    statFile(key, options) {
        return this.#run(async () => this.#result(await this.#storage.statFile(this.#inside(key, 'head'), options)));
    }
    keepFile(key, options) {
        return this.#run(async () => this.#result(await this.#storage.keepFile(this.#inside(key, 'keep'), options)));
    }
    fileExists(key, options) {
        return this.#run(() => this.#storage.fileExists(this.#inside(key, 'head'), options));
    }
    deleteFile(key, options) {
        return this.#run(() => this.#storage.deleteFile(this.#inside(key, 'delete'), options));
    }
    deleteFiles(keys, options) {
        return this.#run(async () => {
            const refused = [];
            const given = givenKeys(keys, options?.signal);
            const inside = async function* () {
                for await (const key of given) {
                    try {
                        yield this.#inside(key, 'delete');
                    }
                    catch (error) {
                        if (!StorageError.is(error))
                            throw error;
                        refused.push({ key, error });
                    }
                }
            };
            const { deleted, failed } = await this.#storage.deleteFiles(inside.call(this), options);
            return { deleted, failed: [...refused, ...this.#failures(failed)] };
        });
    }
    deletePrefix(prefix, options) {
        return this.#run(async () => {
            const below = parsePrefix(prefix, 'delete');
            if (below === '')
                return this.#storage.deletePrefix(below, options);
            const { deleted, failed } = await this.#storage.deletePrefix(this.prefix + below, options);
            return { deleted, failed: this.#failures(failed) };
        });
    }
    copyFile(from, to, options) {
        return this.#run(async () => this.#result(await this.#storage.copyFile(this.#inside(from, 'copy'), this.#inside(to, 'copy'), options)));
    }
    moveFile(from, to, options) {
        return this.#run(async () => this.#result(await this.#storage.moveFile(this.#inside(from, 'move'), this.#inside(to, 'move'), options)));
    }
    getFileTags(key, options) {
        return this.#run(() => this.#storage.getFileTags(this.#inside(key, 'tags'), options));
    }
    setFileTags(key, tags, options) {
        return this.#run(() => this.#storage.setFileTags(this.#inside(key, 'tags'), tags, options));
    }
    setStorageClass(key, storageClass, options) {
        return this.#run(async () => this.#result(await this.#storage.setStorageClass(this.#inside(key, 'class'), storageClass, options)));
    }
    thawFile(key, options) {
        return this.#run(async () => this.#result(await this.#storage.thawFile(this.#inside(key, 'thaw'), options)));
    }
    listFiles(prefix = '', options) {
        return this.#run(async () => {
            const keys = await this.#storage.listFiles(this.prefix + parsePrefix(prefix), options);
            return Object.assign(keys.map(key => this.#relative(key)), { complete: keys.complete });
        });
    }
    list(options = {}) {
        const pages = () => this.#pages(options);
        return {
            pages,
            async *[Symbol.asyncIterator]() {
                for await (const page of pages())
                    yield* page.files;
            },
        };
    }
    /** The file's address in the storage, outside of the scope. */
    urlFor(key) {
        return this.#storage.urlFor(this.#inside(key, 'urlFor'));
    }
    generatePresignedUrl(key, options) {
        return this.#run(() => this.#storage.generatePresignedUrl(this.#inside(key, 'presign'), options));
    }
    getStorageMetrics(options = {}) {
        return this.#run(async () => {
            checkOptions('list', options);
            const prefix = this.prefix + parsePrefix(options.prefix === undefined ? '' : options.prefix);
            return this.#storage.getStorageMetrics({ ...options, prefix });
        });
    }
    scope(prefix) {
        return new PrefixScope(this.#storage, this.prefix + parseScopePrefix(prefix));
    }
    async *#pages(options) {
        checkOptions('list', options);
        const prefix = this.prefix + parsePrefix(options.prefix === undefined ? '' : options.prefix);
        try {
            for await (const page of this.#storage.list({ ...options, prefix }).pages()) {
                yield {
                    ...page,
                    files: page.files.map(file => this.#result(file)),
                    prefixes: page.prefixes.map(rolledUp => this.#relative(rolledUp)),
                };
            }
        }
        catch (error) {
            throw this.#error(error);
        }
    }
    /** The whole key of one in the scope. @throws StorageError `INVALID_KEY`, also for one that is too long with the prefix */
    #inside(key, op) {
        return parseKey(this.prefix + parseKey(key, op), op);
    }
    #relative(key) {
        return key.slice(this.prefix.length);
    }
    #result(told) {
        return { ...told, key: this.#relative(told.key) };
    }
    #failures(failed) {
        return failed.map(({ key, error }) => ({ key: this.#relative(key), error: this.#error(error) }));
    }
    async #run(call) {
        try {
            return await call();
        }
        catch (error) {
            throw this.#error(error);
        }
    }
    /** The error as those in the scope know its file. */
    #error(error) {
        if (!StorageError.is(error) || error.key?.startsWith(this.prefix) !== true)
            return error;
        const { code, op, store, retryable, retryAfterMs, cause } = error;
        const key = this.#relative(error.key);
        const message = error.message.replaceAll(error.key, () => key);
        return new StorageError({ code, op, message, key, store, retryable, retryAfterMs, cause });
    }
    /** The bytes of an opened file; what goes wrong while they are read is told as in the scope, too. */
    #bodyOf(file) {
        const told = (error) => this.#error(error);
        return {
            bytes: maxBytes => this.#run(() => file.bytes({ maxBytes })),
            close: () => file.close(),
            async *[Symbol.asyncIterator]() {
                try {
                    for await (const piece of file) {
                        yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
                    }
                }
                catch (error) {
                    throw told(error);
                }
            },
        };
    }
}
//# sourceMappingURL=scope.js.map