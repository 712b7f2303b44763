import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { parseAttributes } from '../core/attributes.js';
import { parseKey } from '../core/key.js';
import { openSource } from '../core/source.js';
import { rejects, sameBytes } from './conformance-assert.js';
/** What one check works with: the store, and a prefix of its own that is emptied afterwards. */
export class StoreScope {
    store;
    prefix;
    random;
    options;
    #opened;
    constructor(opened, prefix, random, options) {
        this.#opened = opened;
        this.store = opened.store;
        this.prefix = prefix;
        this.random = random;
        this.options = options;
    }
    has(what) {
        const { store } = this;
        if (what === 'copy' || what === 'deleteMany')
            return store[what] !== undefined;
        return store.capabilities[what] && (what !== 'presign' || store.presign !== undefined);
    }
    key(name) {
        return parseKey(this.prefix + name);
    }
    /** The names of these keys without the prefix of the check. */
    names(keys) {
        return Array.from(keys, key => {
            assert.ok(key.startsWith(this.prefix), `${JSON.stringify(key)} lies outside of ${this.prefix}`);
            return key.slice(this.prefix.length);
        });
    }
    async put(name, content, options = {}) {
        const { size, maxBytes, attributes = {}, ...rest } = options;
        const source = await openSource(content, { size, maxBytes });
        try {
            return await this.store.put(this.key(name), source, {
                ...rest,
                attributes: parseAttributes(attributes),
            });
        }
        finally {
            await source.close();
        }
    }
    /** Puts a source as it is, without attributes. */
    putSource(name, source, options = {}) {
        return this.store.put(this.key(name), source, { ...options, attributes: parseAttributes({}) });
    }
    async bytes(name, options) {
        const opened = await this.store.get(this.key(name), options);
        return opened.body.bytes();
    }
    /** Asserts that the object holds exactly these bytes, and that get, head and list agree on it. */
    async holds(name, bytes) {
        const key = this.key(name);
        const head = await this.store.head(key);
        const opened = await this.store.get(key);
        assert.equal(opened.stat.key, key);
        assert.equal(head.key, key);
        assert.equal(opened.stat.size, bytes.length);
        assert.equal(head.size, bytes.length);
        assert.equal(opened.stat.etag, head.etag);
        assert.equal(opened.range, undefined);
        sameBytes(await opened.body.bytes(), bytes);
        const listed = (await this.store.list({ prefix: key, limit: 1 })).objects[0];
        assert.equal(listed?.key, key);
        assert.equal(listed.size, bytes.length);
        assert.equal(listed.etag, head.etag);
        return head;
    }
    /** Asserts that the object has exactly these tags. */
    async tagged(name, tags) {
        const key = this.key(name);
        const told = (await this.store.head(key)).tags ?? (await this.#opened.tagsOf?.(key)) ?? {};
        assert.deepEqual(Object.entries(told).sort(), Object.entries(tags).sort());
    }
    /** Asserts that there is no such object, whichever way one asks. */
    async absent(name) {
        const key = this.key(name);
        await rejects('NOT_FOUND', () => this.store.head(key));
        await rejects('NOT_FOUND', () => this.store.get(key));
        const { objects } = await this.store.list({ prefix: key, limit: 1 });
        assert.notEqual(objects[0]?.key, key, 'a missing object is listed');
    }
    /** All pages of a listing below the prefix of the check; what is given is relative to it. */
    async pages(options = {}) {
        const prefix = this.prefix + (options.prefix ?? '');
        let startAfter = options.startAfter === undefined ? undefined : this.prefix + options.startAfter;
        const pages = [];
        for (;;) {
            const page = await this.store.list({ ...options, prefix, startAfter });
            assert.equal(page.complete, true);
            pages.push(page);
            if (page.next === undefined)
                return pages;
            assert.notEqual(page.next, startAfter, 'the listing stands still');
            startAfter = page.next;
        }
    }
    /** The names of all that a listing holds, prefixes with their delimiter, in the order of the pages. */
    async listed(options) {
        const entries = (await this.pages(options)).flatMap(page => [
            ...page.objects.map(object => object.key),
            ...page.prefixes,
        ]);
        return this.names(entries);
    }
    /** Removes all that the check left. */
    async cleanUp() {
        const keys = (await this.pages()).flatMap(page => page.objects.map(object => object.key));
        await pLimit(16).map(keys, key => this.store.delete(key));
    }
}
//# sourceMappingURL=conformance-scope.js.map