import pLimit from 'p-limit';
import { orAborted } from '../core/abort.js';
import { StorageError, throwIfAborted } from '../core/errors.js';
import { parseKey } from '../core/key.js';
import { invalidArgument } from './arguments.js';
/** Keys of one request, where the store can remove many at once (S3 API, "DeleteObjects"). */
const BATCH = 1000;
const CONCURRENCY = 16;
/** Removes any number of objects, in batches as they come; a failure is kept and stops none of the others. */
export class Deletion {
    #store;
    #signal;
    #limit = pLimit(CONCURRENCY);
    #failed = [];
    #batch = [];
    #deleted = 0;
    constructor(store, signal) {
        this.#store = store;
        this.#signal = signal;
    }
    /** Adds a key; an invalid one is reported as failed. */
    async add(key) {
        try {
            this.#batch.push(parseKey(key, 'delete'));
        }
        catch (error) {
            this.#fail(key, error);
        }
        if (this.#batch.length >= BATCH)
            await this.#flush();
    }
    /** Removes what is left and reports. */
    async finish() {
        await this.#flush();
        return { deleted: this.#deleted, failed: this.#failed };
    }
    async #flush() {
        const keys = this.#batch;
        this.#batch = [];
        if (keys.length === 0)
            return;
        if (this.#store.deleteMany !== undefined) {
            const result = await this.#store.deleteMany(keys, { signal: this.#signal });
            this.#deleted += result.deleted;
            for (const { key, error } of result.failed)
                this.#fail(key, error);
            return;
        }
        await Promise.all(keys.map(key => this.#limit(() => this.#deleteOne(key))));
    }
    async #deleteOne(key) {
        try {
            await this.#store.delete(key, { signal: this.#signal });
            this.#deleted++;
        }
        catch (error) {
            if (StorageError.is(error, 'ABORTED'))
                throw error;
            this.#fail(key, error);
        }
    }
    #fail(key, error) {
        if (!StorageError.is(error))
            throw error;
        this.#failed.push({ key, error });
    }
}
/**
 * The keys that a caller gives, none waited for once the signal has fired.
 *
 * @throws StorageError `INVALID_ARGUMENT` for what is no iterable, or a string: its letters are not meant;
 *   `ABORTED` where the caller's own iterable fails
 */
export function givenKeys(keys, signal) {
    return takeAll(iteratorOf(keys), signal);
}
async function* takeAll(iterator, signal) {
    let ended = false;
    try {
        for (;;) {
            throwIfAborted(signal, 'delete');
            const next = nextOf(iterator);
            const { done, value } = await (signal === undefined
                ? next
                : orAborted(next, signal, 'delete', undefined));
            ended = done === true;
            if (ended)
                return;
            yield value;
        }
    }
    finally {
        // Not waited for: a generator answers only after the next() it may be stuck in.
        if (!ended)
            Promise.resolve(iterator.return?.()).catch(() => { });
    }
}
function iteratorOf(keys) {
    if (typeof keys === 'object' && keys !== null) {
        if (Symbol.asyncIterator in keys)
            return keys[Symbol.asyncIterator]();
        if (Symbol.iterator in keys)
            return keys[Symbol.iterator]();
    }
    throw invalidArgument('delete', 'keys', keys, 'an array or another iterable of keys');
}
async function nextOf(iterator) {
    try {
        return await iterator.next();
    }
    catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new StorageError({
            code: 'ABORTED',
            op: 'delete',
            message: `The keys to delete could not all be had: ${why}`,
            cause,
        });
    }
}
//# sourceMappingURL=deletion.js.map