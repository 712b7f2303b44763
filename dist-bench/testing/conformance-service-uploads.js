import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeKey } from '../core/key.js';
import { rejects } from './conformance-assert.js';
import { CONTENT_KINDS, failing, generate, PART_BYTES, patterned, pieces, sha256, } from './conformance-content.js';
/** The start of a PNG, and of a PDF. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex');
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n');
export function describeServiceUploads(check) {
    check('tells of an upload what was stored and where', async (t) => {
        const bytes = patterned(5000);
        const result = await t.upload('a b/é.bin', bytes, { contentType: 'image/png' });
        assert.equal(result.success, true);
        assert.equal(result.key, t.key('a b/é.bin'));
        assert.equal(result.size, 5000);
        assert.equal(result.contentType, 'image/png');
        assert.equal(result.sha256, sha256(bytes));
        assert.ok(result.etag.length > 0);
        assert.ok(result.url.endsWith(encodeKey(result.key)), `the URL ${result.url} does not end in the key`);
        if (result.provider === 'local')
            assert.equal(result.url, t.storage.urlFor(result.key));
        else {
            assert.ok(result.bucket.length > 0);
            assert.equal(result.fallback, false);
            assert.ok(URL.canParse(result.url));
        }
        await t.holds('a b/é.bin', bytes);
    });
    for (const kind of CONTENT_KINDS) {
        check(`uploads ${kind.name}`, async (t) => {
            const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
            try {
                for (const size of [0, 70_001]) {
                    const bytes = patterned(size);
                    const { sha256: got } = await t.upload('file', await kind.make(bytes, folder));
                    assert.equal(got, sha256(bytes));
                    await t.holds('file', bytes);
                }
            }
            finally {
                await rm(folder, { recursive: true });
            }
        });
    }
    check('uploads large content', async (t) => {
        const bytes = patterned(2 * PART_BYTES + 1);
        await t.upload('stream', generate(pieces(bytes, 100_000)));
        await t.holds('stream', bytes);
        await t.upload('buffer', bytes);
        await t.holds('buffer', bytes);
    });
    check('takes a string in place of the options for the content type', async (t) => {
        assert.equal((await t.upload('file.bin', patterned(10), 'text/csv')).contentType, 'text/csv');
        assert.equal((await t.storage.statFile(t.key('file.bin'))).contentType, 'text/csv');
    });
    check('finds out the content type where none was given', async (t) => {
        const typeOf = async (content, name, fileName) => (await t.upload(name, content, { fileName })).contentType;
        assert.equal(await typeOf(PNG, 'wrong.txt'), 'image/png');
        assert.equal(await typeOf(generate(pieces(PDF, 1)), 'wrong.txt'), 'application/pdf');
        assert.equal(await typeOf(Buffer.from('a,b'), 'file.csv'), 'text/csv');
        assert.equal(await typeOf(Buffer.from('a,b'), 'file', 'name.csv'), 'text/csv');
        assert.equal(await typeOf(Buffer.from('a,b'), 'file'), 'application/octet-stream');
        assert.equal(await typeOf(Buffer.alloc(0), 'empty'), 'application/octet-stream');
    });
    check('keeps what a file carries', async (t) => {
        const carried = {
            contentType: 'image/jpeg',
            fileName: 'Grüße 👋.jpg',
            contentDisposition: 'inline',
            cacheControl: 'private, max-age=60',
            contentEncoding: 'gzip',
        };
        const metadata = { plain: 'value', unicode: 'Grüße, 日本語' };
        await t.upload('file', patterned(100), { ...carried, metadata });
        await t.settled();
        const stat = await t.storage.statFile(t.key('file'));
        for (const [name, value] of Object.entries(carried))
            assert.equal(stat[name], value);
        assert.deepEqual({ ...stat.metadata }, metadata);
        assert.equal(stat.size, 100);
        assert.equal(stat.pending, false);
    });
    check('tells of progress up to the last byte', async (t) => {
        for (const size of [1000, PART_BYTES + 1000]) {
            for (const content of [patterned(size), generate(pieces(patterned(size), 100_000))]) {
                const told = [];
                await t.upload('file', content, { onProgress: ({ sentBytes }) => void told.push(sentBytes) });
                assert.deepEqual(told, [...told].sort((a, b) => a - b));
                assert.equal(told.at(-1), size);
            }
        }
    });
    check('refuses a bare string as content, whatever it looks like', async (t) => {
        for (const content of ['text', '/etc/passwd', 'file:///etc/passwd', '']) {
            const error = await rejects('INVALID_ARGUMENT', () => t.upload('file', content));
            assert.match(error.message, /Buffer\.from/);
        }
        await t.absent('file');
    });
    check('stores nothing of content that is not what was declared', async (t) => {
        const bytes = patterned(1000);
        const stream = () => generate(pieces(bytes, 100));
        for (const content of [() => bytes, stream]) {
            await rejects('INVALID_ARGUMENT', () => t.upload('file', content(), { size: 999 }));
            await rejects('INVALID_ARGUMENT', () => t.upload('file', content(), { size: 1001 }));
            await rejects('INVALID_ARGUMENT', () => t.upload('file', content(), { sha256: sha256(patterned(1)) }));
            await rejects('TOO_LARGE', () => t.upload('file', content(), { maxBytes: 999 }));
        }
        await rejects('ABORTED', () => t.upload('file', failing(bytes, new Error('The client went away.'))));
        await t.absent('file');
        const declared = { size: 1000, maxBytes: 1000, sha256: sha256(bytes).toUpperCase() };
        await t.upload('file', stream(), declared);
        await t.holds('file', bytes);
    });
    check('refuses options that no store takes, and stores nothing', async (t) => {
        for (const options of [
            { contentType: 'no type' },
            { contentType: 'text/plain\r\nx: y' },
            { fileName: 'a\nb' },
            { cacheControl: 'é' },
            { metadata: { Upper: 'case' } },
            { metadata: { a: 'x'.repeat(3000) } },
            { size: -1 },
            { maxBytes: 0.5 },
            { timeoutMs: 0 },
            { timeoutMs: Number.NaN },
        ]) {
            await rejects('INVALID_ARGUMENT', () => t.upload('file', patterned(10), options));
        }
        await t.absent('file');
    });
    check('creates only where nothing is, and replaces only what was seen', async (t) => {
        const { etag } = await t.upload('file', patterned(10, 1), { ifNoneMatch: '*' });
        await rejects('ALREADY_EXISTS', () => t.upload('file', patterned(10, 2), { ifNoneMatch: '*' }));
        await t.upload('file', patterned(10, 2), { ifMatch: etag });
        await rejects('PRECONDITION_FAILED', () => t.upload('file', patterned(10, 3), { ifMatch: etag }));
        await t.holds('file', patterned(10, 2));
    }, ['conditionalPut']);
}
//# sourceMappingURL=conformance-service-uploads.js.map