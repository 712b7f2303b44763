import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { rejects, sameBytes } from './conformance-assert.js';
import { MIB, patterned } from './conformance-content.js';
export function describeServiceReads(check) {
    check('downloads null where no file is, and only there', async (t) => {
        assert.equal(await t.storage.downloadFile(t.key('file')), null);
        assert.equal(await t.storage.downloadFile(t.key('file'), { range: { start: 5 } }), null);
        await t.upload('file', Buffer.alloc(0));
        assert.deepEqual(await t.storage.downloadFile(t.key('file')), Buffer.alloc(0));
        const options = { range: { start: 5 } };
        await rejects('RANGE_NOT_SATISFIABLE', () => t.storage.downloadFile(t.key('file'), options));
    });
    check('downloads a part', async (t) => {
        const bytes = patterned(1000);
        await t.upload('file', bytes);
        const key = t.key('file');
        sameBytes(Buffer.from((await t.storage.downloadFile(key, { range: { start: 10, end: 19 } })) ?? []), bytes.subarray(10, 20));
        sameBytes(Buffer.from((await t.storage.downloadFile(key, { range: { last: 5 } })) ?? []), bytes.subarray(995));
        await rejects('INVALID_ARGUMENT', () => t.storage.downloadFile(key, { range: { start: 5, end: 1 } }));
    });
    check('downloads no more than is allowed', async (t) => {
        await t.upload('file', patterned(MIB));
        const key = t.key('file');
        // Often enough to notice what a refusal leaves open.
        for (let i = 0; i < 100; i++) {
            await rejects('TOO_LARGE', () => t.storage.downloadFile(key, { maxBytes: MIB - 1 }));
        }
        sameBytes((await t.storage.downloadFile(key, { maxBytes: MIB })) ?? Buffer.alloc(0), patterned(MIB));
    });
    check('downloads under conditions', async (t) => {
        const { etag } = await t.upload('file', patterned(10));
        const key = t.key('file');
        assert.ok(await t.storage.downloadFile(key, { ifMatch: etag }));
        await rejects('PRECONDITION_FAILED', () => t.storage.downloadFile(key, { ifNoneMatch: etag }));
        await rejects('PRECONDITION_FAILED', () => t.storage.downloadFile(key, { ifMatch: `${etag}x` }));
    });
    check('opens a file to be read in any of four ways', async (t) => {
        const bytes = patterned(MIB + 1);
        await t.upload('file', bytes, { contentType: 'text/plain', metadata: { a: 'b' } });
        const open = () => t.storage.openFile(t.key('file'));
        sameBytes(await (await open()).bytes(), bytes);
        sameBytes(await buffer((await open()).nodeStream()), bytes);
        sameBytes(await buffer((await open()).stream()), bytes);
        const opened = await open();
        sameBytes(await buffer(opened), bytes);
        assert.equal(opened.stat.size, bytes.length);
        assert.equal(opened.stat.contentType, 'text/plain');
        assert.deepEqual({ ...opened.stat.metadata }, { a: 'b' });
        assert.equal(opened.range, undefined);
    });
    check('opens a part of a file', async (t) => {
        await t.upload('file', patterned(1000));
        const opened = await t.storage.openFile(t.key('file'), { range: { start: 990 } });
        assert.deepEqual({ ...opened.range }, { start: 990, end: 999, size: 1000 });
        assert.equal(opened.stat.size, 1000);
        sameBytes(await opened.bytes(), patterned(1000).subarray(990));
    });
    check('lets a reader leave an opened file at any point', async (t) => {
        await t.upload('file', patterned(4 * MIB));
        const open = () => t.storage.openFile(t.key('file'));
        for (let i = 0; i < 25; i++) {
            await (await open()).close();
            for await (const piece of await open()) {
                assert.ok(piece.length > 0);
                break;
            }
            const reader = (await open()).stream().getReader();
            await reader.read();
            await reader.cancel();
            const stream = (await open()).nodeStream();
            stream.on('error', () => { });
            await new Promise(resolve => stream.once('readable', resolve));
            stream.destroy();
            const disposed = await open();
            await disposed[Symbol.asyncDispose]();
        }
        await t.holds('file', patterned(4 * MIB));
    });
    check('throws NOT_FOUND where a file is opened or looked at that is none', async (t) => {
        const key = t.key('file');
        assert.equal((await rejects('NOT_FOUND', () => t.storage.openFile(key))).key, key);
        assert.equal((await rejects('NOT_FOUND', () => t.storage.statFile(key))).key, key);
    });
    check('says whether a file exists', async (t) => {
        assert.equal(await t.storage.fileExists(t.key('a/b')), false);
        await t.upload('a/b', patterned(1));
        assert.equal(await t.storage.fileExists(t.key('a/b')), true);
        assert.equal(await t.storage.fileExists(t.key('a')), false);
    });
    check('tells the same of a file wherever it tells of it', async (t) => {
        const uploaded = await t.upload('file', patterned(1234), 'text/plain');
        await t.settled();
        const stat = await t.storage.statFile(t.key('file'));
        const opened = await t.storage.openFile(t.key('file'));
        await opened.close();
        assert.deepEqual(opened.stat, stat);
        assert.equal(uploaded.etag, stat.etag);
        assert.equal(uploaded.size, stat.size);
        for await (const listed of t.storage.list({ prefix: t.prefix })) {
            assert.equal(listed.key, stat.key);
            assert.equal(listed.size, stat.size);
            if (t.options.listsOtherEtags !== true)
                assert.equal(listed.etag, stat.etag);
            assert.equal(listed.pending, false);
        }
        for (const own of ['writeId', 'stamp', 'path'])
            assert.ok(!(own in stat), `${own} is not the user's`);
    });
}
//# sourceMappingURL=conformance-service-reads.js.map