import { attributesOf } from '../../core/attributes.js';
import { StorageError, shown } from '../../core/errors.js';
import { openSource } from '../../core/source.js';
/** How long whoever keeps a file has to see to it at the store itself, before the sweeper does. Milliseconds. */
const KEEPER_MS = 10_000;
/**
 * What becomes of writes that expire: removed when they are due, or kept. The two exclude each other by the entry of
 * the index: who changes it first has decided, whatever the store answers and whenever.
 */
export class Fates {
    #options;
    #listeners = [];
    constructor(options) {
        this.#options = options;
    }
    /** Calls back after each removal of an expired object. */
    onRemoved(listener) {
        this.#listeners.push(listener);
    }
    /**
     * What readers see of an object: as if it had no expiry where it is kept.
     *
     * @returns undefined if it has expired
     */
    seen(stat) {
        if (stat.expiresAt === undefined)
            return stat;
        const known = this.#options.index.get(stat.key, idOf(stat));
        if (known?.fate === 'kept')
            return lasting(stat);
        return this.isOver(stat.expiresAt, known) ? undefined : stat;
    }
    /** Whether a write that expires has. */
    isOver(expiresAt, known) {
        if (known?.fate === 'kept')
            return false;
        // Clocks can be set back, removals cannot.
        return known?.fate === 'taken' || expiresAt <= this.#options.now();
    }
    /**
     * Makes an object last: durably noted here, so that it holds while the store is away, and then changed there.
     *
     * @throws StorageError `NOT_FOUND`, also for one that has expired
     */
    async keep(key, options) {
        const { store, index } = this.#options;
        for (;;) {
            let stat;
            try {
                stat = await store.head(key, options);
            }
            catch (error) {
                const kept = await this.#keepUnseen(key, error);
                if (kept === undefined)
                    continue;
                return kept;
            }
            const { expiresAt } = stat;
            if (expiresAt === undefined)
                return stat;
            const known = index.get(key, idOf(stat));
            if (this.isOver(expiresAt, known))
                throw notFound('keep', key);
            const kept = await this.#mark(known ?? { key, writeId: idOf(stat), due: expiresAt });
            if (kept !== undefined)
                return this.#keepNow(kept, stat, options);
        }
    }
    /**
     * Keeps what is known only from its upload, through this folder: while the store is away.
     *
     * @returns undefined if somebody else has changed the entry meanwhile
     * @throws the error that the store answered with, where nothing is known
     */
    async #keepUnseen(key, error) {
        if (!StorageError.is(error) || !error.retryable)
            throw error;
        let newest;
        for (const write of this.#options.index.ofKey(key)) {
            const { stat } = write;
            if (stat?.expiresAt === undefined || this.isOver(stat.expiresAt, write))
                continue;
            if (newest === undefined || stat.lastModified >= newest.stat.lastModified)
                newest = { ...write, stat };
        }
        if (newest === undefined)
            throw error;
        const kept = await this.#mark(newest);
        return kept === undefined ? undefined : lasting(newest.stat);
    }
    /** Notes that a write is kept. @returns undefined if somebody else has changed the entry meanwhile */
    async #mark(known) {
        const { index, now } = this.#options;
        const next = { ...known, fate: 'kept', due: now() + KEEPER_MS };
        if (!('revision' in known))
            return index.add(next);
        return known.fate === 'kept' ? known : index.change(known, next);
    }
    /** The store may be away: what was noted holds until the sweeper finds it back. */
    async #keepNow(kept, stat, options) {
        const { isDurable, logger } = this.#options;
        try {
            return (await this.#makeLasting(kept, stat, options)) ?? lasting(stat);
        }
        catch (error) {
            if (!isDurable || StorageError.is(error, 'ABORTED'))
                throw error;
            logger.debug({ key: kept.key, error }, 'A kept file is still to be kept at the store itself');
            return lasting(stat);
        }
    }
    /**
     * Sees to a write that is due.
     *
     * @returns whether an object was removed
     * @throws StorageError what the store answered; the write is then still known, and to be seen to again
     */
    async settle(write) {
        const { index, now } = this.#options;
        const stat = await this.#find(write);
        if (stat === undefined) {
            await index.forget(write);
            // A removal whose answer was lost.
            if (write.fate !== 'taken' || write.stat === undefined)
                return false;
            await this.#tell(write.stat);
            return true;
        }
        if (write.fate === 'kept') {
            await this.#makeLasting(write, stat, {});
            return false;
        }
        if (write.fate !== 'taken' && stat.expiresAt > now()) {
            await index.change(write, { ...write, due: stat.expiresAt });
            return false;
        }
        const taken = await index.change(write, { ...write, fate: 'taken', stat });
        // Somebody has kept it just now.
        if (taken === undefined)
            return false;
        const removed = await this.#remove(taken, stat);
        await index.forget(taken);
        if (removed)
            await this.#tell(stat);
        return removed;
    }
    /** The object of a write; undefined if there is none any more, or that of another write. */
    async #find({ key, writeId }) {
        try {
            const stat = await this.#options.store.head(key);
            const { expiresAt } = stat;
            return idOf(stat) === writeId && expiresAt !== undefined ? { ...stat, expiresAt } : undefined;
        }
        catch (error) {
            if (StorageError.is(error, 'NOT_FOUND'))
                return undefined;
            throw error;
        }
    }
    /** Removes the object of a write, and no other. @returns false if it was not there any more */
    async #remove(write, { key, etag }) {
        const { store } = this.#options;
        try {
            return await store.delete(key, { ifMatch: etag });
        }
        catch (error) {
            if (isOther(error))
                return false;
            if (!StorageError.is(error, 'UNSUPPORTED'))
                throw error;
        }
        // This server takes no conditions on a delete: it is asked once more, right before.
        return (await this.#find(write)) !== undefined && (await store.delete(key));
    }
    /**
     * Writes the object anew without its expiry, on the store's side where it can.
     *
     * @returns undefined if it is another object by now
     */
    async #makeLasting(kept, stat, options) {
        const { key, etag } = stat;
        const attributes = attributesOf(lasting(stat));
        const { signal } = options;
        let made;
        try {
            made = await this.#copy(key, { attributes, sourceIfMatch: etag, ifMatch: etag, signal }).catch(error => {
                if (!StorageError.is(error, 'UNSUPPORTED'))
                    throw error;
                // This server takes no conditions on a write: the source's is what there is.
                return this.#copy(key, { attributes, sourceIfMatch: etag, signal });
            });
        }
        catch (error) {
            if (!isOther(error))
                throw error;
        }
        await this.#options.index.forget(kept);
        return made;
    }
    async #copy(key, options) {
        const { store } = this.#options;
        if (store.copy !== undefined)
            return store.copy(key, key, options);
        const { attributes, sourceIfMatch, ifMatch, signal } = options;
        const { stat, body } = await store.get(key, { ifMatch: sourceIfMatch, signal });
        const source = await openSource(body, { size: stat.size, signal });
        try {
            return await store.put(key, source, { attributes, ifMatch, signal });
        }
        finally {
            await source.close();
        }
    }
    async #tell(removed) {
        for (const listener of this.#listeners)
            await listener(removed);
    }
}
/** What an object's write is known by: every write of an object with an expiry has a name. */
export function idOf(stat) {
    return stat.writeId ?? stat.etag;
}
/** The stat of an object whose expiry counts no more. */
export function lasting(stat) {
    const { expiresAt, ...rest } = stat;
    return rest;
}
/** The error for an object that is not there, or not any more. */
export function notFound(op, key) {
    return new StorageError({ code: 'NOT_FOUND', op, key, message: `There is no object ${shown(key)}.` });
}
/** Whether a condition did not hold: somebody else has replaced or removed the object. */
export function isOther(error) {
    return StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND');
}
//# sourceMappingURL=fates.js.map