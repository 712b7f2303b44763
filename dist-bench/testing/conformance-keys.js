import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { compareUtf8, internalKey, parseKey } from '../core/key.js';
import { openSource } from '../core/source.js';
import { asStorageError } from './conformance-assert.js';
import { patterned } from './conformance-content.js';
import { oddNames, randomNames } from './conformance-odd-keys.js';
/** Stores an object under each name, and asserts that exactly they are there and each holds its own bytes. */
async function roundTrip(t, names) {
    const limit = pLimit(32);
    await limit.map(t.random.shuffled(names), name => t.put(name, Buffer.from(`the bytes of ${name}`)));
    assert.deepEqual(await t.listed(), [...names].sort(compareUtf8));
    await limit.map(names, async (name) => {
        const opened = await t.store.get(t.key(name));
        const bytes = await opened.body.bytes();
        assert.equal(opened.stat.key, t.key(name));
        assert.equal(bytes.toString(), `the bytes of ${name}`);
    });
}
export function describeKeys(check) {
    check('keeps objects of odd names apart, each with its own bytes', async (t) => {
        const names = oddNames(t.prefix);
        await roundTrip(t, names);
        await pLimit(32).map(names, async (name) => {
            const head = await t.store.head(t.key(name));
            assert.equal(head.key, t.key(name));
            const { objects } = await t.store.list({ prefix: t.key(name), limit: 1 });
            assert.equal(objects[0]?.key, t.key(name));
        });
    });
    check('deletes the object of an odd name and no other', async (t) => {
        const names = t.random.shuffled(oddNames(t.prefix));
        const limit = pLimit(32);
        await limit.map(names, name => t.put(name, Buffer.from(name)));
        const gone = names.slice(0, names.length / 2);
        const kept = names.slice(gone.length);
        await limit.map(gone, name => t.store.delete(t.key(name)));
        assert.deepEqual(await t.listed(), kept.sort(compareUtf8));
        await limit.map(gone, name => t.absent(name));
        await limit.map(kept, async (name) => assert.equal((await t.bytes(name)).toString(), name));
    });
    check('keeps objects of odd names at its root', async (t) => {
        // In a place that is shared, the root is not the suite's.
        if (t.options.keyPrefix !== undefined)
            return;
        const names = ['.HOLDFAST/x', '.holdfastx/y', '.holdfas', 'holdfast/z', ...oddNames('').slice(0, 120)];
        const keys = names.map(name => parseKey(name));
        await pLimit(32).map(keys, key => putAt(t, key, key));
        try {
            for (const key of keys)
                assert.equal(await readAt(t, key), key);
            const { objects } = await t.store.list({ limit: 1000 });
            assert.deepEqual(objects.map(object => object.key), [...keys].sort(compareUtf8));
        }
        finally {
            await pLimit(32).map(keys, key => t.store.delete(key));
        }
    });
    check('keeps objects of random names apart', async (t) => {
        await roundTrip(t, randomNames(t.random, t.options.randomKeys ?? 2000, t.prefix));
    });
    check('does not take one name for another that looks like it', async (t) => {
        const twins = [
            ['A', 'a'],
            ['caf\u00e9', 'cafe\u0301'],
            ['a', 'a '],
            ['a', 'a.'],
            ['a', '%61'],
            ['a b', 'a+b'],
            ['a b', 'a%20b'],
            ['a/b', 'a%2Fb'],
            ['ß', 'SS'],
            ['İ', 'i'],
            ['a\u200b', 'a'],
        ];
        for (const [one, other] of twins) {
            await t.put(one, patterned(10));
            await t.absent(other);
            await t.store.delete(t.key(other));
            await t.holds(one, patterned(10));
            await t.store.delete(t.key(one));
        }
    });
    check('does not take an object for a folder, nor a folder for an object', async (t) => {
        await t.put('a/b/c', patterned(1));
        await t.absent('a');
        await t.absent('a/b');
        await t.store.delete(t.key('a/b'));
        await t.holds('a/b/c', patterned(1));
        await t.put('a/b', patterned(2));
        await t.put('a', patterned(3));
        await t.put('a/b/c/d', patterned(4));
        await t.holds('a/b/c', patterned(1));
        await t.holds('a/b', patterned(2));
        await t.holds('a', patterned(3));
        await t.store.delete(t.key('a/b'));
        await t.holds('a', patterned(3));
        await t.holds('a/b/c/d', patterned(4));
    });
    check('hides names of its own from listings', async (t) => {
        const key = internalKey(`conformance-${Date.now().toString(36)}`);
        try {
            await putAt(t, key, 'a name of its own');
        }
        catch (error) {
            // A store may also keep everybody away from them.
            asStorageError(error);
        }
        try {
            const inside = await t.store.list({ prefix: '.holdfast/' });
            assert.deepEqual([inside.objects, inside.prefixes], [[], []]);
            const around = await t.store.list({ prefix: '.h', delimiter: '/' });
            assert.ok(!around.prefixes.includes('.holdfast/'));
        }
        finally {
            await t.store.delete(key).catch(asStorageError);
        }
    });
}
async function putAt(t, key, text) {
    const source = await openSource(Buffer.from(text));
    await t.store.put(key, source, { attributes: { contentType: 'text/plain', metadata: {} } });
}
async function readAt(t, key) {
    const { body } = await t.store.get(key);
    return (await body.bytes()).toString();
}
//# sourceMappingURL=conformance-keys.js.map