import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { compareUtf8 } from '../core/key.js';
import { rejects } from './conformance-assert.js';
import { patterned } from './conformance-content.js';
async function uploadAll(t, names) {
    await pLimit(32).map(t.random.shuffled(names), name => t.upload(name, Buffer.from(name), 'text/plain'));
}
async function pages(t, options) {
    const all = [];
    for await (const page of t.storage.list(options).pages())
        all.push(page);
    return all;
}
export function describeServiceListings(check) {
    check('lists the keys below a prefix, in UTF-8 byte order', async (t) => {
        const names = ['A', 'a', 'a/b', 'a/bc', 'ab', 'é', '\ufffd', '👋'];
        await uploadAll(t, names);
        const keys = await t.storage.listFiles(t.prefix);
        assert.equal(keys.complete, true);
        assert.deepEqual([...keys], names.map(name => t.prefix + name));
        assert.deepEqual([...(await t.storage.listFiles(`${t.prefix}a/b`))], [t.key('a/b'), t.key('a/bc')]);
        assert.deepEqual([...(await t.storage.listFiles(`${t.prefix}none`))], []);
    });
    check('lists more than a thousand files, and counts and deletes them', async (t) => {
        const names = Array.from({ length: 1203 }, (_, i) => `n${i}`);
        await uploadAll(t, names);
        assert.deepEqual(await t.names(), [...names].sort(compareUtf8));
        const iterated = [];
        for await (const file of t.storage.list({ prefix: t.prefix }))
            iterated.push(file.key);
        assert.equal(iterated.length, names.length);
        const metrics = await t.storage.getStorageMetrics({ prefix: t.prefix });
        assert.equal(metrics.fileCount, names.length);
        assert.equal(metrics.totalSizeBytes, names.join('').length);
        assert.deepEqual(await t.storage.deletePrefix(t.prefix), { deleted: names.length, failed: [] });
        assert.deepEqual(await t.names(), []);
    });
    check('lists in pages, each of which may be gone on from later', async (t) => {
        await uploadAll(t, ['a/1', 'a/2', 'b', 'c/1', 'd', 'e/1/2']);
        const query = { prefix: t.prefix, delimiter: '/' };
        const expected = ['a/', 'b', 'c/', 'd', 'e/'];
        const all = await pages(t, { ...query, limit: 2 });
        assert.deepEqual(all.map(page => page.files.length + page.prefixes.length), [2, 2, 1]);
        assert.deepEqual(all.flatMap(namesOf), expected);
        for (const [i, page] of all.entries()) {
            assert.equal(page.complete, true);
            if (page.cursor === undefined)
                continue;
            const rest = await pages(t, { ...query, cursor: page.cursor });
            assert.deepEqual(rest.flatMap(namesOf), expected.slice(2 * (i + 1)));
        }
        assert.equal(all.at(-1)?.cursor, undefined);
        function namesOf(page) {
            const names = [...page.files.map(file => file.key), ...page.prefixes];
            return names.sort(compareUtf8).map(name => name.slice(t.prefix.length));
        }
    });
    check('refuses a cursor of another listing, and one that is none', async (t) => {
        await uploadAll(t, ['a', 'b', 'c']);
        const [first] = await pages(t, { prefix: t.prefix, limit: 1 });
        const cursor = first?.cursor;
        assert.ok(cursor !== undefined);
        await rejects('INVALID_ARGUMENT', () => pages(t, { prefix: `${t.prefix}b`, cursor }));
        await rejects('INVALID_ARGUMENT', () => pages(t, { prefix: t.prefix, delimiter: '/', cursor }));
        for (const odd of ['', 'a', cursor.slice(1), '%', '👋']) {
            await rejects('INVALID_ARGUMENT', () => pages(t, { prefix: t.prefix, cursor: odd }));
        }
    });
    check('refuses listings that are none', async (t) => {
        for (const options of [
            { prefix: '/' },
            { prefix: '../' },
            { prefix: 'a\\b' },
            { prefix: t.prefix, limit: 0 },
            { prefix: t.prefix, limit: 1001 },
            { prefix: t.prefix, limit: 1.5 },
            { prefix: t.prefix, delimiter: '' },
        ]) {
            await rejects('INVALID_ARGUMENT', () => pages(t, options));
        }
        await rejects('INVALID_ARGUMENT', () => t.storage.listFiles('/'));
    });
    check('counts files and bytes', async (t) => {
        await t.upload('a/1', patterned(1000));
        await t.upload('a/2', patterned(24));
        await t.upload('b', patterned(5));
        const metrics = await t.storage.getStorageMetrics({ prefix: `${t.prefix}a/` });
        assert.equal(metrics.fileCount, 2);
        assert.equal(metrics.totalSizeBytes, 1024);
        assert.equal(metrics.totalSizeMb, 1 / 1024);
        // What else there is, is not the suite's where the place is shared.
        if (t.options.keyPrefix !== undefined)
            return;
        const all = await t.storage.getStorageMetrics();
        assert.deepEqual([all.fileCount, all.totalSizeBytes], [3, 1029]);
        await t.upload('a/1', patterned(10));
        await t.storage.deleteFile(t.key('b'));
        const after = await t.storage.getStorageMetrics();
        assert.deepEqual([after.fileCount, after.totalSizeBytes], [2, 34]);
    });
}
//# sourceMappingURL=conformance-service-listings.js.map