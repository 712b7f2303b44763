import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { rejects, sameBytes } from './conformance-assert.js';
import { CONTENT_KINDS, failing, generate, MIB, PART_BYTES, patterned, pieces, sha256, } from './conformance-content.js';
const DECODERS = { gzip: gunzipSync, br: brotliDecompressSync };
const CODECS = ['gzip', 'br'];
/** The start of a PNG. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex');
/** Lines of JSON, cut off at this length. */
function lines(random, bytes) {
    const parts = [];
    for (let length = 0, n = 0; length < bytes; n++) {
        const line = `${JSON.stringify({ n, room: random.below(50), text: `message ${random.below(1e9)}` })}\n`;
        parts.push(line);
        length += line.length;
    }
    return Buffer.from(parts.join('').slice(0, bytes));
}
/** Bytes that nothing makes smaller. */
function noise(random, bytes) {
    const buffer = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at++)
        buffer[at] = random.below(256);
    return buffer;
}
export function describeServiceCompression(check) {
    for (const encoding of CODECS) {
        check(`stores content compressed by ${encoding}, and gives the content itself`, async (t) => {
            const bytes = lines(t.random, 70_001);
            const key = t.key('file.jsonl');
            const written = await t.upload('file.jsonl', bytes, { compress: encoding, metadata: { a: 'é' } });
            assert.equal(written.size, bytes.length);
            assert.equal(written.sha256, sha256(bytes));
            await t.holds('file.jsonl', bytes);
            await t.settled();
            await t.holds('file.jsonl', bytes);
            const stat = await t.storage.statFile(key);
            const { compressed } = stat;
            assert.equal(stat.size, bytes.length);
            assert.equal(stat.sha256, sha256(bytes));
            assert.equal(stat.contentEncoding, undefined);
            assert.ok(!('original' in stat), 'original is not the user’s');
            assert.deepEqual({ ...stat.metadata }, { a: 'é' });
            assert.ok(compressed !== undefined && compressed.size < bytes.length / 2);
            assert.equal(compressed.encoding, encoding);
            assert.deepEqual(written.compressed, compressed);
            for await (const listed of t.storage.list({ prefix: t.prefix })) {
                assert.equal(listed.size, compressed.size);
            }
            const stored = await t.storage.openFile(key, { acceptEncodings: [encoding] });
            assert.equal(stored.encoding, encoding);
            assert.deepEqual(stored.stat, stat);
            const packed = await stored.bytes();
            assert.equal(packed.length, compressed.size);
            assert.equal(sha256(packed), compressed.sha256);
            sameBytes(DECODERS[encoding](packed), bytes);
            const others = CODECS.filter(other => other !== encoding);
            const decoded = await t.storage.openFile(key, { acceptEncodings: others });
            assert.equal(decoded.encoding, undefined);
            sameBytes(await decoded.bytes(), bytes);
        });
    }
    for (const kind of CONTENT_KINDS) {
        check(`compresses ${kind.name}`, async (t) => {
            const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
            try {
                const bytes = lines(t.random, 30_001);
                const { compressed } = await t.upload('file', await kind.make(bytes, folder), { compress: 'auto' });
                assert.equal(compressed?.encoding, 'gzip');
                await t.holds('file', bytes);
            }
            finally {
                await rm(folder, { recursive: true });
            }
        });
    }
    check('compresses large content, and tells how much of it is stored', async (t) => {
        const text = lines(t.random, 3 * MIB);
        // Lines for the sample, then more noise than memory holds.
        const bytes = Buffer.concat([text, noise(t.random, PART_BYTES + MIB), text]);
        for (const content of [bytes, generate(pieces(bytes, 100_000))]) {
            const told = [];
            const written = await t.upload('file', content, {
                compress: 'auto',
                onProgress: ({ sentBytes }) => void told.push(sentBytes),
            });
            assert.ok(written.compressed !== undefined && written.compressed.size > PART_BYTES);
            assert.equal(told.at(-1), bytes.length);
            assert.deepEqual(told, [...told].sort((a, b) => a - b));
            await t.holds('file', bytes);
            const range = { start: bytes.length - 1000 };
            sameBytes((await t.storage.downloadFile(t.key('file'), { range })) ?? Buffer.alloc(0), bytes.subarray(-1000));
        }
    });
    check('stores as it is what does not shrink', async (t) => {
        const photo = Buffer.concat([PNG, Buffer.alloc(5000)]);
        const cases = [
            ['noise', noise(t.random, 50_000), { compress: 'auto' }],
            ['noise', noise(t.random, 50_000), { compress: 'br' }],
            ['nothing', Buffer.alloc(0), { compress: 'gzip' }],
            ['little', Buffer.alloc(1000), { compress: 'auto' }],
            ['a picture', photo, { compress: 'auto' }],
            ['what is encoded', gzipSync(Buffer.alloc(9000)), { compress: 'auto', contentEncoding: 'gzip' }],
            ['lines', lines(t.random, 5000), { compress: false }],
        ];
        for (const [name, bytes, options] of cases) {
            for (const content of [bytes, generate(pieces(bytes, 999))]) {
                const told = [];
                const onProgress = ({ sentBytes }) => void told.push(sentBytes);
                const written = await t.upload(name, content, { ...options, onProgress });
                assert.equal(written.compressed, undefined, `${name} was compressed`);
                assert.equal(written.sha256, sha256(bytes));
                assert.equal(told.at(-1), bytes.length);
                await t.holds(name, bytes);
                const stat = await t.storage.statFile(t.key(name));
                assert.equal(stat.contentEncoding, options.contentEncoding);
            }
        }
    });
    check('stores as it is what its beginning promises to shrink, and does not', async (t) => {
        // What the zeros save of the first MiB, the frames around the noise that follows cost.
        const bytes = Buffer.concat([Buffer.alloc(500), noise(t.random, 6 * MIB)]);
        for (const content of [bytes, generate(pieces(bytes, 100_000))]) {
            const { sha256: got, compressed } = await t.upload('file', content, { compress: 'gzip' });
            assert.equal(got, sha256(bytes));
            assert.equal(compressed, undefined);
            await t.holds('file', bytes);
        }
    });
    check('gives every part of compressed content', async (t) => {
        const bytes = lines(t.random, 200_000);
        const key = t.key('file');
        await t.upload('file', bytes, { compress: 'gzip' });
        await t.settled();
        for (let i = 0; i < 40; i++) {
            const start = t.random.below(bytes.length);
            const end = start + t.random.below(i % 2 === 0 ? 100 : bytes.length);
            const opened = await t.storage.openFile(key, { range: { start, end }, acceptEncodings: ['gzip'] });
            assert.equal(opened.encoding, undefined);
            const last = Math.min(end, bytes.length - 1);
            assert.deepEqual({ ...opened.range }, { start, end: last, size: bytes.length });
            sameBytes(await opened.bytes(), bytes.subarray(start, last + 1));
        }
        const end = await t.storage.downloadFile(key, { range: { last: 77 } });
        sameBytes(end ?? Buffer.alloc(0), bytes.subarray(-77));
        const past = { range: { start: bytes.length } };
        await rejects('RANGE_NOT_SATISFIABLE', () => t.storage.downloadFile(key, past));
        await rejects('INVALID_ARGUMENT', () => t.storage.downloadFile(key, { range: { start: 5, end: 1 } }));
        await rejects('TOO_LARGE', () => t.storage.downloadFile(key, { maxBytes: bytes.length - 1 }));
        await t.holds('file', bytes);
    });
    check('reads compressed content under conditions, and leaves it at any point', async (t) => {
        const bytes = lines(t.random, 2 * MIB);
        const key = t.key('file');
        const { etag } = await t.upload('file', bytes, { compress: 'gzip' });
        const range = { start: MIB };
        for (const options of [{}, { range }]) {
            await rejects('PRECONDITION_FAILED', () => t.storage.downloadFile(key, { ...options, ifMatch: 'x' }));
            await rejects('PRECONDITION_FAILED', () => t.storage.openFile(key, { ...options, ifNoneMatch: etag }));
            assert.ok(await t.storage.downloadFile(key, { ...options, ifMatch: etag }));
        }
        for (let i = 0; i < 25; i++) {
            const file = await t.storage.openFile(key);
            for await (const piece of file) {
                assert.ok(piece.length > 0);
                break;
            }
            await (await t.storage.openFile(key, { range })).close();
            const reader = (await t.storage.openFile(key)).stream().getReader();
            await reader.read();
            await reader.cancel();
        }
        await t.holds('file', bytes);
    });
    check('carries compression along with copies and moves', async (t) => {
        const bytes = lines(t.random, 20_000);
        const { compressed } = await t.upload('file', bytes, { compress: 'gzip' });
        await t.settled();
        const copied = await t.storage.copyFile(t.key('file'), t.key('copy'));
        assert.equal(copied.size, bytes.length);
        assert.deepEqual(copied.compressed, compressed);
        const options = { contentType: 'text/x-other', metadata: { a: 'b' } };
        const moved = await t.storage.moveFile(t.key('file'), t.key('moved'), options);
        assert.equal(moved.sha256, sha256(bytes));
        await t.settled();
        for (const name of ['copy', 'moved']) {
            await t.holds(name, bytes);
            assert.deepEqual((await t.storage.statFile(t.key(name))).compressed, compressed);
        }
        assert.equal((await t.storage.statFile(t.key('moved'))).contentType, 'text/x-other');
        await t.absent('file');
        await t.upload('copy', bytes);
        assert.equal((await t.storage.statFile(t.key('copy'))).compressed, undefined);
        await t.holds('copy', bytes);
    });
    check('stores nothing of content to compress that is not what was declared', async (t) => {
        const bytes = lines(t.random, 2 * MIB);
        const compress = 'gzip';
        for (const content of [() => bytes, () => generate(pieces(bytes, 60_000))]) {
            await rejects('INVALID_ARGUMENT', () => t.upload('file', content(), { compress, size: 9 }));
            await rejects('INVALID_ARGUMENT', () => t.upload('file', content(), { compress, sha256: sha256(patterned(1)) }));
            await rejects('TOO_LARGE', () => t.upload('file', content(), { compress, maxBytes: bytes.length - 1 }));
        }
        await rejects('ABORTED', () => t.upload('file', failing(bytes, new Error('Gone.')), { compress }));
        await rejects('INVALID_ARGUMENT', () => t.upload('file', bytes, { compress: 'lzw' }));
        await rejects('INVALID_ARGUMENT', () => t.upload('file', bytes, { compress: true }));
        await rejects('INVALID_ARGUMENT', () => t.upload('file', bytes, { compress, contentEncoding: 'br' }));
        await t.absent('file');
        const declared = { compress, size: bytes.length, sha256: sha256(bytes) };
        await t.upload('file', bytes, declared);
        await t.holds('file', bytes);
    });
}
//# sourceMappingURL=conformance-service-compression.js.map