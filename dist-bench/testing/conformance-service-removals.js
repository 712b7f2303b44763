import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { rejects } from './conformance-assert.js';
import { PART_BYTES, patterned } from './conformance-content.js';
async function uploadAll(t, names) {
    await pLimit(32).map(names, name => t.upload(name, Buffer.from(name)));
}
export function describeServiceRemovals(check) {
    describeDeletes(check);
    describeCopies(check);
    describeMoves(check);
}
function describeDeletes(check) {
    check('deletes a file, and is not troubled by one that is not there', async (t) => {
        await t.upload('file', patterned(10));
        assert.equal(await t.storage.deleteFile(t.key('file')), true);
        await t.absent('file');
        // False is said only where it is known that there was none, and not every store knows.
        assert.equal(typeof (await t.storage.deleteFile(t.key('file'))), 'boolean');
    });
    check('deletes only the file that was seen', async (t) => {
        const { etag } = await t.upload('file', patterned(10, 1));
        await t.upload('file', patterned(10, 2));
        await rejects('PRECONDITION_FAILED', () => t.storage.deleteFile(t.key('file'), { ifMatch: etag }));
        await t.holds('file', patterned(10, 2));
    }, ['conditionalDelete']);
    check('deletes many files, and reports those it could not', async (t) => {
        await uploadAll(t, ['a', 'b', 'c', 'd/e', 'kept']);
        const report = await t.storage.deleteFiles([t.key('a'), '../a', t.key('missing'), t.key('b')]);
        assert.ok(report.deleted >= 2 && report.deleted <= 3);
        assert.deepEqual(report.failed.map(({ key, error }) => [key, error.code]), [['../a', 'INVALID_KEY']]);
        async function* keys() {
            yield t.key('c');
            yield t.key('d/e');
        }
        assert.deepEqual(await t.storage.deleteFiles(keys()), { deleted: 2, failed: [] });
        assert.deepEqual(await t.storage.deleteFiles([]), { deleted: 0, failed: [] });
        assert.deepEqual(await t.names(), ['kept']);
    });
    check('deletes what is below a prefix, and nothing beside it', async (t) => {
        await uploadAll(t, ['a', 'a/1', 'a/2/3', 'ab', 'b/1', 'é/1']);
        assert.deepEqual(await t.storage.deletePrefix(`${t.prefix}a/`), { deleted: 2, failed: [] });
        assert.deepEqual(await t.names(), ['a', 'ab', 'b/1', 'é/1']);
        assert.deepEqual(await t.storage.deletePrefix(`${t.prefix}a`), { deleted: 2, failed: [] });
        assert.deepEqual(await t.storage.deletePrefix(`${t.prefix}none`), { deleted: 0, failed: [] });
        assert.deepEqual(await t.names(), ['b/1', 'é/1']);
    });
    check('does not delete everything for an empty prefix, nor for an odd one', async (t) => {
        await t.upload('file', patterned(10));
        for (const prefix of ['', '/', '../', 'a//', `${t.prefix}../`, undefined, null]) {
            await rejects('INVALID_ARGUMENT', () => t.storage.deletePrefix(prefix));
        }
        await t.holds('file', patterned(10));
    });
}
function describeCopies(check) {
    check('copies a file with what it carries', async (t) => {
        for (const size of [1000, PART_BYTES + 1]) {
            const carried = { contentType: 'image/png', fileName: 'é.png', metadata: { a: 'é' } };
            await t.upload('from', patterned(size), carried);
            const result = await t.storage.copyFile(t.key('from'), t.key('to'));
            assert.equal(result.key, t.key('to'));
            assert.equal(result.size, size);
            await t.holds('to', patterned(size));
            await t.holds('from', patterned(size));
            const stat = await t.storage.statFile(t.key('to'));
            assert.equal(stat.contentType, 'image/png');
            assert.equal(stat.fileName, 'é.png');
            assert.deepEqual({ ...stat.metadata }, { a: 'é' });
        }
    });
    check('copies a file and replaces what is given, and nothing else', async (t) => {
        await t.upload('from', patterned(10), {
            contentType: 'image/png',
            fileName: 'a.png',
            metadata: { a: '1' },
            cacheControl: 'no-store',
        });
        await t.storage.copyFile(t.key('from'), t.key('to'), { fileName: 'b.png', metadata: { b: '2' } });
        const stat = await t.storage.statFile(t.key('to'));
        assert.equal(stat.contentType, 'image/png');
        assert.equal(stat.cacheControl, 'no-store');
        assert.equal(stat.fileName, 'b.png');
        assert.deepEqual({ ...stat.metadata }, { b: '2' });
    });
    check('copies nothing where nothing is', async (t) => {
        await t.upload('to', patterned(10));
        await rejects('NOT_FOUND', () => t.storage.copyFile(t.key('from'), t.key('to')));
        await rejects('NOT_FOUND', () => t.storage.copyFile(t.key('from'), t.key('to'), { fileName: 'x' }));
        await t.holds('to', patterned(10));
    });
    check('copies only where nothing is', async (t) => {
        await t.upload('from', patterned(10, 1));
        await t.upload('to', patterned(10, 2));
        const copy = () => t.storage.copyFile(t.key('from'), t.key('to'), { ifNoneMatch: '*' });
        await rejects('ALREADY_EXISTS', copy);
        await t.holds('to', patterned(10, 2));
        await t.storage.deleteFile(t.key('to'));
        await copy();
        await t.holds('to', patterned(10, 1));
    }, ['conditionalPut']);
}
function describeMoves(check) {
    check('moves a file with what it carries', async (t) => {
        await t.upload('from', patterned(10, 1), { contentType: 'image/png', metadata: { a: 'b' } });
        await t.upload('to', patterned(20, 2));
        const result = await t.storage.moveFile(t.key('from'), t.key('to'));
        assert.equal(result.key, t.key('to'));
        await t.holds('to', patterned(10, 1));
        await t.absent('from');
        const stat = await t.storage.statFile(t.key('to'));
        assert.equal(stat.contentType, 'image/png');
        assert.deepEqual({ ...stat.metadata }, { a: 'b' });
    });
    check('moves nothing where nothing is', async (t) => {
        await t.upload('to', patterned(10));
        await rejects('NOT_FOUND', () => t.storage.moveFile(t.key('from'), t.key('to')));
        await t.holds('to', patterned(10));
    });
    check('does not lose a file that is moved onto itself', async (t) => {
        await t.upload('file', patterned(10));
        await rejects('INVALID_ARGUMENT', () => t.storage.moveFile(t.key('file'), t.key('file')));
        await t.holds('file', patterned(10));
    });
    check('keeps the source of a move that is refused', async (t) => {
        await t.upload('from', patterned(10, 1));
        await t.upload('to', patterned(10, 2));
        const move = () => t.storage.moveFile(t.key('from'), t.key('to'), { ifNoneMatch: '*' });
        await rejects('ALREADY_EXISTS', move);
        await t.holds('from', patterned(10, 1));
        await t.holds('to', patterned(10, 2));
    }, ['conditionalPut']);
}
//# sourceMappingURL=conformance-service-removals.js.map