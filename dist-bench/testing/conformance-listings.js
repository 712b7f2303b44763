import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { compareUtf8 } from '../core/key.js';
import { rejects, together } from './conformance-assert.js';
import { patterned } from './conformance-content.js';
/** UTF-8 byte order; JavaScript's own order would put the last two the other way round. */
const ORDERED = ['!', '-', '.x', '0', 'A', 'Z', 'a', 'z', '~', 'é', '日', '\ufffd', '👋'];
async function putAll(t, names) {
    await pLimit(32).map(t.random.shuffled(names), name => t.put(name, Buffer.from(name)));
}
/** The objects and prefixes of a page in their common order, relative to the check's prefix. */
function merged(t, page) {
    const objects = t.names(page.objects.map(object => object.key));
    const prefixes = t.names(page.prefixes);
    for (const part of [objects, prefixes])
        assert.deepEqual(part, [...part].sort(compareUtf8));
    return [...objects, ...prefixes].sort(compareUtf8);
}
/** Asserts a listing, page by page for pages of every size. */
async function lists(t, options, expected) {
    for (let limit = 1; limit <= expected.length + 1; limit++) {
        const pages = await t.pages({ ...options, limit });
        const got = pages.map(page => merged(t, page));
        assert.deepEqual(got.flat(), expected, `in pages of ${limit}`);
        pages.forEach((page, i) => {
            const names = got[i] ?? [];
            assert.ok(names.length <= limit, `a page of ${names.length} where ${limit} are the most`);
            if (i === pages.length - 1)
                return;
            assert.equal(names.length, limit, 'a page that is not the last is full');
            assert.equal(page.next, t.prefix + names.at(-1), 'next names the last entry of the page');
        });
        assert.equal(pages.length, Math.max(1, Math.ceil(expected.length / limit)), `pages of ${limit}`);
    }
}
export function describeListings(check) {
    check('lists nothing where nothing is', async (t) => {
        await lists(t, {}, []);
        await lists(t, { delimiter: '/' }, []);
        await lists(t, { prefix: 'none/', startAfter: 'none/a' }, []);
    });
    check('lists in UTF-8 byte order, in pages of every size', async (t) => {
        await putAll(t, ORDERED);
        await lists(t, {}, ORDERED);
    });
    check('tells of each object what head tells', async (t) => {
        await putAll(t, ['a', 'b/c', 'd']);
        await t.put('empty', Buffer.alloc(0));
        for (const listed of (await t.pages()).flatMap(page => page.objects)) {
            const head = await t.store.head(listed.key);
            assert.equal(listed.size, head.size);
            assert.equal(listed.etag, head.etag);
            // HTTP dates have seconds, a listing may have milliseconds.
            assert.ok(Math.abs(listed.lastModified.getTime() - head.lastModified.getTime()) < 1000);
        }
    });
    check('takes a prefix as the start of a name, not as a folder', async (t) => {
        await putAll(t, ['a', 'a/b', 'a/bc', 'a/bc/d', 'a/c', 'ab', 'b', 'é1', 'é2']);
        await lists(t, { prefix: 'a' }, ['a', 'a/b', 'a/bc', 'a/bc/d', 'a/c', 'ab']);
        await lists(t, { prefix: 'a/' }, ['a/b', 'a/bc', 'a/bc/d', 'a/c']);
        await lists(t, { prefix: 'a/b' }, ['a/b', 'a/bc', 'a/bc/d']);
        await lists(t, { prefix: 'a/bc' }, ['a/bc', 'a/bc/d']);
        await lists(t, { prefix: 'a/bcd' }, []);
        await lists(t, { prefix: 'é' }, ['é1', 'é2']);
    });
    check('begins after a key, whether it exists or not', async (t) => {
        await putAll(t, ORDERED);
        for (const [i, name] of ORDERED.entries()) {
            await lists(t, { startAfter: name }, ORDERED.slice(i + 1));
            await lists(t, { startAfter: `${name} ` }, ORDERED.slice(i + 1));
        }
        await lists(t, { startAfter: ' ' }, ORDERED);
        await lists(t, { startAfter: '\u{10ffff}' }, []);
    });
    check('begins at the prefix where startAfter lies before it, and lists nothing where it lies behind', async (t) => {
        await putAll(t, ['a/1', 'b/1', 'b/2', 'c/1']);
        await lists(t, { prefix: 'b/', startAfter: 'a/1' }, ['b/1', 'b/2']);
        await lists(t, { prefix: 'b/', startAfter: 'b/' }, ['b/1', 'b/2']);
        await lists(t, { prefix: 'b/', startAfter: 'b/1' }, ['b/2']);
        await lists(t, { prefix: 'b/', startAfter: 'c/1' }, []);
    });
    check('rolls up what lies behind a delimiter', async (t) => {
        await putAll(t, ['a', 'a-', 'a/1', 'a/2/3', 'a0', 'b/1', 'c', 'é/1']);
        await lists(t, { delimiter: '/' }, ['a', 'a-', 'a/', 'a0', 'b/', 'c', 'é/']);
        await lists(t, { delimiter: '/', prefix: 'a' }, ['a', 'a-', 'a/', 'a0']);
        await lists(t, { delimiter: '/', prefix: 'a/' }, ['a/1', 'a/2/']);
        await lists(t, { delimiter: '/', prefix: 'a/2' }, ['a/2/']);
        await lists(t, { delimiter: '/', prefix: 'a/2/' }, ['a/2/3']);
    });
    check('rolls up many objects into one entry of a page', async (t) => {
        const inside = Array.from({ length: 60 }, (_, i) => `big/${i}`);
        await putAll(t, ['a', ...inside, 'bih', 'z/1']);
        await lists(t, { delimiter: '/' }, ['a', 'big/', 'bih', 'z/']);
    });
    check('rolls up by any delimiter, of several characters too', async (t) => {
        await putAll(t, ['a--b', 'a--c--d', 'a-b', 'aéb', 'aéc', 'a👋b', 'a👋c', 'b--', 'c']);
        await lists(t, { delimiter: '--' }, ['a--', 'a-b', 'aéb', 'aéc', 'a👋b', 'a👋c', 'b--', 'c']);
        await lists(t, { delimiter: 'é' }, ['a--b', 'a--c--d', 'a-b', 'aé', 'a👋b', 'a👋c', 'b--', 'c']);
        await lists(t, { delimiter: '👋' }, ['a--b', 'a--c--d', 'a-b', 'aéb', 'aéc', 'a👋', 'b--', 'c']);
        await lists(t, { delimiter: '--', prefix: 'a--' }, ['a--b', 'a--c--']);
        await lists(t, { delimiter: '-', prefix: 'a-' }, ['a--', 'a-b']);
    });
    check('goes on after a rolled-up prefix with what comes after all below it', async (t) => {
        await putAll(t, ['a/1', 'a/\u{10ffff}', 'a/z/9', 'a0', 'b-', 'b-1', 'b0']);
        await lists(t, { delimiter: '/', startAfter: 'a/' }, ['a0', 'b-', 'b-1', 'b0']);
        // The prefix is the name of an object at the same time.
        await lists(t, { delimiter: '-', startAfter: 'b-' }, ['b0']);
    });
    check('lists as a simple model does', async (t) => {
        const alphabet = ['a', 'b', '-', '.', 'é', '\ufffd', '👋', '/'];
        const names = new Set();
        while (names.size < 150) {
            const length = 1 + t.random.below(6);
            const name = Array.from({ length }, () => t.random.pick(alphabet)).join('');
            if (!/^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/.test(name))
                names.add(name);
        }
        await putAll(t, names);
        const sorted = [...names].sort(compareUtf8);
        for (let round = 0; round < 60; round++) {
            const prefix = t.random.pick(['', t.random.pick(sorted).slice(0, 1 + t.random.below(2))]);
            if (!prefix.isWellFormed() || /(^|\/)\.\.?\//.test(prefix))
                continue;
            const delimiter = t.random.pick(['', '/', '-', 'é', '👋', 'a', 'ab', '/a']);
            const entries = model(sorted, prefix, delimiter);
            const after = t.random.below(entries.length + 1);
            const startAfter = entries[after - 1];
            const limit = 1 + t.random.below(12);
            const pages = await t.pages({ prefix, limit, delimiter: delimiter || undefined, startAfter });
            assert.deepEqual(pages.flatMap(page => merged(t, page)), entries.slice(after), JSON.stringify({ prefix, delimiter, startAfter, limit }));
        }
    });
    check('refuses pages of no entry, of a part of one, and of more than 1000', async (t) => {
        for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
            await rejects('INVALID_ARGUMENT', () => t.store.list({ prefix: t.prefix, limit }));
        }
    });
    check('lists 2500 objects in pages of 1000, and as one prefix', async (t) => {
        const names = Array.from({ length: 2500 }, (_, i) => `n/${String(i).padStart(4, '0')}`);
        await putAll(t, names);
        const pages = await t.pages();
        assert.deepEqual(pages.map(page => page.objects.length), [1000, 1000, 500]);
        assert.deepEqual(pages.flatMap(page => t.names(page.objects.map(object => object.key))), names);
        await lists(t, { delimiter: '/' }, ['n/']);
        await lists(t, { prefix: 'n/24', startAfter: 'n/2497' }, ['n/2498', 'n/2499']);
    });
    check('lists each object that stays once, while others come and go', async (t) => {
        const staying = Array.from({ length: 120 }, (_, i) => `k${String(i).padStart(3, '0')}`);
        await putAll(t, staying);
        let running = true;
        const disturb = async () => {
            while (running) {
                const name = `k${String(t.random.below(120)).padStart(3, '0')}-${t.random.below(5)}`;
                await t.put(name, patterned(10));
                if (t.random.below(2) === 0)
                    await t.store.delete(t.key(name));
            }
        };
        const list = async () => {
            for (let round = 0; round < 8; round++) {
                const listed = await t.listed({ limit: 7 + round });
                assert.deepEqual(listed, [...new Set(listed)].sort(compareUtf8));
                assert.deepEqual(listed.filter(name => name.length === 4), staying);
            }
        };
        const listing = list().finally(() => {
            running = false;
        });
        await together([listing, disturb(), disturb()]);
    });
}
/** What a listing is to hold, by the plainest of means. */
function model(sorted, prefix, delimiter) {
    const entries = new Set();
    for (const name of sorted) {
        if (!name.startsWith(prefix))
            continue;
        const found = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
        entries.add(found === -1 ? name : name.slice(0, found + delimiter.length));
    }
    return [...entries].sort(compareUtf8);
}
//# sourceMappingURL=conformance-listings.js.map