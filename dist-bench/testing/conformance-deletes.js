import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { patterned } from './conformance-content.js';
import { oddNames } from './conformance-odd-keys.js';
async function deleteMany(t, names) {
    const result = await t.store.deleteMany?.(names.map(name => t.key(name)));
    assert.ok(result !== undefined);
    return result;
}
export function describeDeletes(check) {
    check('deletes an object', async (t) => {
        await t.put('file', patterned(10));
        assert.equal(await t.store.delete(t.key('file')), true);
        await t.absent('file');
        await t.put('file', patterned(20));
        await t.holds('file', patterned(20));
    });
    check('succeeds in deleting what is not there', async (t) => {
        assert.equal(typeof (await t.store.delete(t.key('file'))), 'boolean');
        await t.put('file', patterned(10));
        await t.store.delete(t.key('file'));
        assert.equal(typeof (await t.store.delete(t.key('file'))), 'boolean');
    });
    check('says of what is not there that there is none, and nothing worse', async (t) => {
        await t.absent('file');
        await t.absent('folder/file');
    });
    check('deletes many objects, missing ones among them, and no other', async (t) => {
        const names = Array.from({ length: 30 }, (_, i) => `k${i}`);
        await pLimit(16).map(names, name => t.put(name, patterned(10)));
        const { deleted, failed } = await deleteMany(t, ['missing', ...names.slice(0, 20), 'missing/too']);
        assert.deepEqual(failed, []);
        // Some stores, S3 among them, do not tell a missing object from one that they removed.
        assert.ok(deleted >= 20 && deleted <= 22, `deleted ${deleted}`);
        assert.deepEqual((await t.listed()).sort(), names.slice(20).sort());
    }, ['deleteMany']);
    check('deletes none of no objects', async (t) => {
        assert.deepEqual({ ...(await deleteMany(t, [])) }, { deleted: 0, failed: [] });
    }, ['deleteMany']);
    check('deletes many objects of odd names', async (t) => {
        const names = oddNames(t.prefix);
        await pLimit(32).map(names, name => t.put(name, patterned(1)));
        const { deleted, failed } = await deleteMany(t, names);
        assert.deepEqual(failed, []);
        assert.equal(deleted, names.length);
        assert.deepEqual(await t.listed(), []);
    }, ['deleteMany']);
    check('deletes more objects than one request takes', async (t) => {
        const names = Array.from({ length: 1100 }, (_, i) => `k${i}`);
        await pLimit(32).map(names, name => t.put(name, patterned(1)));
        const { deleted, failed } = await deleteMany(t, names);
        assert.deepEqual(failed, []);
        assert.equal(deleted, 1100);
        assert.deepEqual(await t.listed(), []);
    }, ['deleteMany']);
}
//# sourceMappingURL=conformance-deletes.js.map