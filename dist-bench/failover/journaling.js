import { randomUUID } from 'node:crypto';
import { attributesOf } from '../core/attributes.js';
import { isConditional } from '../core/condition.js';
import { StorageError } from '../core/errors.js';
import { newWriteId } from '../core/write-id.js';
import { checkState } from './conditions.js';
import { busyState, commit, isOurs, suspicion, unknownOf } from './context.js';
import { contentOf, mergeUnknown, statOfState, } from './journal.js';
import { notFound } from './reader.js';
import { heldFile, spooledSource } from './spool-bytes.js';
/** Puts and deletes that are acknowledged here, by a row of the journal. */
export class Journaling {
    #context;
    #elsewhere;
    /** @param elsewhere takes what turns out to be the primary's to decide after all */
    constructor(context, elsewhere) {
        this.#context = context;
        this.#elsewhere = elsewhere;
    }
    /** Acknowledges a put by a durable file and a row. */
    async put(key, source, options, unknown) {
        const context = this.#context;
        const { bytes, journal, primary } = context;
        this.#checkCapabilities(key, options);
        const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt);
        const { written, release } = await this.#writeBytes(key, source, writeId, options);
        let kept = false;
        try {
            for (;;) {
                const row = journal.get(key);
                const busy = busyState(context, row);
                if (isConditional(options)) {
                    if (busy !== undefined)
                        checkState('put', key, busy, options);
                    else if (options.onUnknown !== 'accept')
                        return await this.#putAgain(key, written, options);
                }
                const state = {
                    kind: 'put',
                    writeId,
                    stamp: options.stamp ?? context.clock.next(isOurs(context, row) ? row.state?.stamp : undefined),
                    at: primary.now(),
                    file: written.file,
                    size: written.size,
                    sha256: written.sha256,
                    attributes: attributesOf(options.attributes),
                    ...(busy === undefined &&
                        isConditional(options) && {
                        condition: { ifMatch: options.ifMatch, ifNoneMatch: options.ifNoneMatch },
                    }),
                };
                const attempts = mergeUnknown(mergeUnknown(unknownOf(context, row), unknown), suspicion(context));
                const next = { target: primary.target, state, unknown: attempts };
                kept = await commit(context, key, row, next, { content: heldIn(written) });
                if (!kept)
                    continue;
                context.wake(key);
                return statOfState(key, state, bytes.pathOf(written.file));
            }
        }
        catch (error) {
            // A commit that failed in doubt may turn up at the next start, and then needs its bytes.
            kept = StorageError.is(error) && error.op === 'commit' && error.code !== 'NO_SPACE';
            throw error;
        }
        finally {
            if (!kept)
                await bytes.remove(written.file).catch(() => { });
            release();
        }
    }
    /**
     * The acknowledged state that was to decide a condition has reached the primary meanwhile, which decides it now.
     * The content is on the disk already, or in memory.
     */
    async #putAgain(key, written, options) {
        const held = heldIn(written);
        const file = held === undefined ? await this.#context.bytes.open(written.file, key) : heldFile(held.content);
        const source = spooledSource(file);
        try {
            return await this.#elsewhere.put(key, source, options);
        }
        finally {
            await source.close();
        }
    }
    /** @returns the file, and what gives up the space that was set aside for it, once it is counted or removed */
    async #writeBytes(key, source, writeId, options) {
        const { bytes, totals } = this.#context;
        const { sha256, signal } = options;
        const known = source.size;
        const releaseKnown = await totals.reserve(known ?? 0);
        const counted = known === undefined ? new CountedSource(source, totals) : source;
        const release = () => {
            releaseKnown();
            if (counted instanceof CountedSource)
                counted.free();
        };
        try {
            const held = totals.mayHold ? await bytes.hold(counted, { key, sha256, signal }) : undefined;
            const written = held ?? (await bytes.write(writeId, counted, { key, sha256, signal }));
            return { written, release };
        }
        catch (error) {
            release();
            throw error;
        }
    }
    /** Acknowledges a delete by a row. @returns false only where it is known that there was no object */
    async delete(key, options, unknown) {
        const context = this.#context;
        for (;;) {
            const row = context.journal.get(key);
            const busy = busyState(context, row);
            if (options.ifMatch !== undefined) {
                if (busy === undefined)
                    return this.#elsewhere.delete(key, options);
                checkState('delete', key, busy, options);
            }
            const attempts = mergeUnknown(mergeUnknown(unknownOf(context, row), unknown), suspicion(context));
            const next = { target: context.primary.target, state: this.tombstone(row), unknown: attempts };
            if (!(await commit(context, key, row, next)))
                continue;
            context.wake(key);
            return busy?.kind !== 'delete';
        }
    }
    /**
     * Gives the acknowledged bytes of a busy key other tags. They stay the write that they are.
     *
     * @returns false if the key is not busy
     * @throws `NOT_FOUND`
     */
    async retag(key, tags) {
        const context = this.#context;
        for (;;) {
            const row = context.journal.get(key);
            const state = busyState(context, row);
            if (row === undefined || state === undefined)
                return false;
            if (state.kind === 'delete')
                throw notFound('tags', key);
            const given = Object.keys(tags).length === 0 ? undefined : tags;
            const attributes = attributesOf({ ...state.attributes, tags: given });
            // What the primary was seen to hold, or has refused, had other tags.
            const { agreedAt, parked, ...content } = contentOf(row);
            const next = { ...content, state: { ...state, attributes, retagged: true } };
            if (!(await commit(context, key, row, next)))
                continue;
            context.wake(key);
            return true;
        }
    }
    /** A delete of now, which comes after what the row holds. */
    tombstone(row) {
        const { clock, primary } = this.#context;
        const seen = isOurs(this.#context, row) ? row.state?.stamp : undefined;
        return { kind: 'delete', writeId: randomUUID(), stamp: clock.next(seen), at: primary.now() };
    }
    /** What the primary would refuse is not acknowledged here. */
    #checkCapabilities(key, options) {
        const { capabilities, kind } = this.#context.primary.store;
        const { storageClass, tags } = options.attributes;
        const what = storageClass !== undefined && !capabilities.storageClasses
            ? 'storage classes'
            : tags !== undefined && !capabilities.tags
                ? 'tags'
                : undefined;
        if (what === undefined)
            return;
        const message = `The ${kind} store has no ${what}.`;
        throw new StorageError({ code: 'UNSUPPORTED', op: 'put', key, store: kind, message });
    }
}
/** Content of unknown length: space is set aside for it piece by piece. */
class CountedSource {
    size = undefined;
    #source;
    #totals;
    #releases = [];
    #counted = 0;
    constructor(source, totals) {
        this.#source = source;
        this.#totals = totals;
    }
    async read(offset, length) {
        const bytes = await this.#source.read(offset, length);
        const more = offset + bytes.length - this.#counted;
        if (more > 0) {
            this.#releases.push(await this.#totals.reserve(more));
            this.#counted += more;
        }
        return bytes;
    }
    release(offset) {
        this.#source.release(offset);
    }
    free() {
        for (const release of this.#releases)
            release();
    }
    close() {
        return this.#source.close();
    }
}
/** The content that is to be committed with its row, if it was not written to a file. */
function heldIn(written) {
    return 'content' in written ? written : undefined;
}
//# sourceMappingURL=journaling.js.map