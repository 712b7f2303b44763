import pLimit from 'p-limit';
import { StorageError } from '../core/errors.js';
import { compareUtf8, RESERVED_PREFIX } from '../core/key.js';
import { rollUp } from '../core/roll-up.js';
import { isOurs } from './context.js';
/** Rows that one page looks at, at most; where there are more, the page ends earlier. */
const SCANNED_ROWS = 4000;
const SCANNED_AT_ONCE = 500;
/** Keys that the primary is asked for at once. */
const ASKED_AT_ONCE = 16;
/**
 * The primary's listing, corrected by the journal and filled up with what was here before the primary. The
 * journal is read before and after the primary's page: what it held before and not after has reached the
 * primary at some moment in between, on either side of the page, and is asked for again by itself.
 */
export class MergedListing {
    #context;
    #headAtPrimary;
    constructor(context, headAtPrimary) {
        this.#context = context;
        this.#headAtPrimary = headAtPrimary;
    }
    /** @see Store.list */
    async list(options = {}) {
        const { prefix = '', delimiter = '', limit = 1000, signal } = options;
        if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
            const message = `Invalid limit ${limit}; accepted: 1 to 1000.`;
            throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'list', message });
        }
        let startAfter = options.startAfter ?? '';
        for (;;) {
            const page = await this.#page({ prefix, delimiter, startAfter, limit, signal });
            if (page.next === undefined || page.objects.length + page.prefixes.length > 0)
                return page;
            startAfter = page.next;
        }
    }
    async #page(question) {
        const before = this.#journalPart(question, undefined);
        const primary = await this.#primaryPart(question);
        const legacy = await this.#legacyPart(question);
        let end = earlier(earlier(before.end, primary.end), legacy.end);
        const after = this.#journalPart(question, end);
        end = earlier(end, after.end);
        const entries = new Map();
        const within = (name) => end === undefined || compareUtf8(name, end) <= 0;
        for (const [key, object] of after.held) {
            const name = rollUp(key, question.prefix, question.delimiter);
            if (within(name ?? key))
                entries.set(name ?? key, name === undefined ? object : 'prefix');
        }
        for (const part of [legacy, primary]) {
            for (const [name, entry] of part.entries)
                if (within(name))
                    entries.set(name, entry);
        }
        let complete = primary.complete && legacy.complete;
        const doubtful = new Set();
        for (const [key, state] of after.states) {
            const name = rollUp(key, question.prefix, question.delimiter) ?? key;
            if (!within(name))
                continue;
            if (name !== key)
                this.#roll(entries, doubtful, name, state);
            else if (state === undefined)
                entries.delete(key);
            else
                entries.set(key, state);
        }
        for (const { partial } of [before, after])
            if (partial !== undefined && within(partial))
                doubtful.add(partial);
        const drained = [];
        for (const key of before.states.keys()) {
            const name = rollUp(key, question.prefix, question.delimiter) ?? key;
            if (after.states.has(key) || !within(name))
                continue;
            if (name !== key)
                doubtful.add(name);
            else
                drained.push(key);
        }
        complete = await this.#askAllAgain(entries, drained, complete, question);
        for (const name of doubtful) {
            const below = await this.list({ prefix: name, limit: 1, signal: question.signal });
            complete &&= below.complete;
            if (below.objects.length > 0)
                entries.set(name, 'prefix');
            else
                entries.delete(name);
        }
        return cut(entries, end, complete, question.limit);
    }
    /** A put makes its rolled-up prefix exist; a delete makes one that exists doubtful. */
    #roll(entries, doubtful, name, state) {
        if (state !== undefined) {
            entries.set(name, 'prefix');
            doubtful.delete(name);
        }
        else if (entries.has(name))
            doubtful.add(name);
    }
    /**
     * Asks what is under keys of which the primary's page may be from before or after their entries reached it.
     *
     * @param complete whether the page is; else nothing is asked any more
     * @returns false if the primary went away, so that nobody knows of some; those are left out
     */
    async #askAllAgain(entries, keys, complete, { signal }) {
        const { availability, legacy } = this.#context;
        const limit = pLimit(ASKED_AT_ONCE);
        let known = complete;
        const ask = async (key) => {
            try {
                const object = known ? await this.#headAtPrimary(key, signal) : undefined;
                if (object !== undefined)
                    entries.set(key, object);
                else if (legacy?.holds(key) !== true)
                    entries.delete(key);
            }
            catch (error) {
                if (!(await availability.isAway(availability.reads, error)))
                    throw error;
                known = false;
                if (legacy?.holds(key) !== true)
                    entries.delete(key);
            }
        };
        await Promise.all(keys.map(key => limit(ask, key)));
        return known;
    }
    #journalPart(question, end) {
        const { prefix, delimiter, startAfter } = question;
        const part = {
            states: new Map(),
            held: new Map(),
        };
        const rolled = delimiter !== '' && rollUp(startAfter, prefix, delimiter) === startAfter;
        let after = rolled ? pastAll(startAfter) : startAfter;
        let scanned = 0;
        let last;
        for (;;) {
            const rows = this.#context.journal.scan({ prefix, after, limit: SCANNED_AT_ONCE });
            for (const row of rows) {
                after = row.key;
                const name = rollUp(row.key, prefix, delimiter);
                if (rolled && name === startAfter)
                    continue;
                if (end !== undefined && compareUtf8(name ?? row.key, end) > 0)
                    return { ...part, end: undefined };
                if (scanned++ >= SCANNED_ROWS) {
                    return { ...part, end: last, ...(name !== undefined && name === last && { partial: name }) };
                }
                last = name ?? row.key;
                this.#see(part, row);
            }
            if (rows.length < SCANNED_AT_ONCE)
                return { ...part, end: undefined };
        }
    }
    #see(part, row) {
        const { state, key, superseded } = row;
        if (state === undefined || key.startsWith(RESERVED_PREFIX))
            return;
        const listed = state.kind === 'delete' ? undefined : listedState(key, state);
        if (isOurs(this.#context, row))
            part.states.set(key, listed);
        else if (listed !== undefined && superseded !== true)
            part.held.set(key, listed);
    }
    async #primaryPart(question) {
        const { availability, primary } = this.#context;
        const { reads } = availability;
        if (reads.open)
            return NOTHING;
        try {
            const part = partOf(await primary.store.list(asked(question)));
            reads.succeeded();
            return part;
        }
        catch (error) {
            if (!(await availability.isAway(reads, error)))
                throw error;
            return NOTHING;
        }
    }
    async #legacyPart(question) {
        const store = this.#context.legacy?.store;
        return store === undefined ? { ...NOTHING, complete: true } : partOf(await store.list(asked(question)));
    }
}
const NOTHING = { entries: new Map(), end: undefined, complete: false };
function asked({ startAfter, delimiter, ...question }) {
    return { ...question, delimiter: delimiter || undefined, startAfter: startAfter || undefined };
}
function partOf(page) {
    const entries = new Map();
    for (const object of page.objects)
        entries.set(object.key, object);
    for (const prefix of page.prefixes)
        entries.set(prefix, 'prefix');
    return { entries, end: page.next, complete: page.complete };
}
function listedState(key, { writeId, size, at, attributes }) {
    const { storageClass } = attributes;
    return {
        key,
        size,
        etag: writeId,
        lastModified: new Date(at),
        pending: true,
        ...(storageClass !== undefined && { storageClass }),
    };
}
/** The first entries in UTF-8 byte order, as a page. */
function cut(entries, end, complete, limit) {
    const names = [...entries.keys()].sort(compareUtf8);
    const kept = names.slice(0, limit);
    const objects = [];
    const prefixes = [];
    for (const name of kept) {
        const entry = entries.get(name);
        if (entry === 'prefix')
            prefixes.push(name);
        else if (entry !== undefined)
            objects.push(entry);
    }
    const next = names.length > limit ? kept.at(-1) : end;
    return { objects, prefixes, complete, ...(next !== undefined && { next }) };
}
function earlier(a, b) {
    if (a === undefined || b === undefined)
        return a ?? b;
    return compareUtf8(a, b) <= 0 ? a : b;
}
/** A string that comes after every key below the prefix. */
function pastAll(prefix) {
    return `${prefix}\u{10ffff}`;
}
//# sourceMappingURL=listing.js.map