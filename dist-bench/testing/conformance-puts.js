import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../core/errors.js';
import { openSource } from '../core/source.js';
import { compareStamps } from '../core/stamp.js';
import { inTime, rejects } from './conformance-assert.js';
import { CONTENT_KINDS, failing, generate, KIB, MIB, PART_BYTES, patterned, pieces, StallingContent, sha256, UntouchedSource, } from './conformance-content.js';
const SIZES = [
    ['no byte', 0],
    ['one byte', 1],
    ['a block less a byte', 4095],
    ['a block', 4096],
    ['a block and a byte', 4097],
    ['64 KiB', 64 * KIB],
    ['1 MiB', MIB],
    ['a part less a byte', PART_BYTES - 1],
    ['a part', PART_BYTES],
    ['a part and a byte', PART_BYTES + 1],
    ['20 MiB', 20 * MIB],
];
/** Small content, and some that takes more than one request. */
const SMALL_AND_LARGE = [64 * KIB, PART_BYTES + MIB];
export function describePuts(check) {
    describeRoundTrips(check);
    describeContent(check);
    describeRefusals(check);
    describeFailures(check);
    describeAborts(check);
}
function describeRoundTrips(check) {
    for (const [what, size] of SIZES) {
        check(`keeps ${what}`, async (t) => {
            const bytes = patterned(size, size);
            const before = Date.now();
            const stat = await t.put('file', bytes);
            assert.equal(stat.key, t.key('file'));
            assert.equal(stat.size, size);
            assert.equal(stat.sha256, sha256(bytes));
            const head = await t.holds('file', bytes);
            assert.equal(stat.etag, head.etag);
            assert.ok(head.sha256 === undefined || head.sha256 === stat.sha256);
            assert.match(head.etag, /^[^"\s]+$/, 'an ETag has no quotes');
            const minutes = Math.abs(head.lastModified.getTime() - before) / 60_000;
            assert.ok(minutes < 15, `lastModified is ${minutes} minutes away from now`);
        });
    }
    check('replaces an object by a longer, a shorter and an empty one', async (t) => {
        for (const size of [100, 5000, 10, 0, PART_BYTES + 5, 7]) {
            const bytes = patterned(size, size);
            await t.put('file', bytes);
            await t.holds('file', bytes);
        }
    });
    check('gives other content another ETag', async (t) => {
        const first = await t.put('file', patterned(100, 1));
        const second = await t.put('file', patterned(100, 2));
        assert.notEqual(first.etag, second.etag);
    });
    check('gives each write an id and a stamp above the last', async (t) => {
        const first = await t.put('file', patterned(10, 1));
        const second = await t.put('file', patterned(10, 2));
        const head = await t.store.head(t.key('file'));
        assert.ok(first.writeId && second.writeId && first.stamp && second.stamp);
        assert.notEqual(first.writeId, second.writeId);
        assert.ok(compareStamps(first.stamp, second.stamp) < 0);
        assert.equal(head.writeId, second.writeId);
        if (second.versionId !== undefined)
            assert.notEqual(first.versionId, second.versionId);
        assert.equal(head.versionId, second.versionId);
        assert.deepEqual({ ...head.stamp }, { ...second.stamp });
    });
    check('keeps the id and the stamp of a write that is replayed', async (t) => {
        const writeId = '0123456789abcdef0123456789abcdef';
        const stamp = { time: 1_700_000_000_000, sequence: 42, host: 'another1' };
        await t.put('file', patterned(10), { writeId, stamp });
        const head = await t.store.head(t.key('file'));
        assert.equal(head.writeId, writeId);
        assert.deepEqual({ ...head.stamp }, stamp);
    });
    check('is not changed by what happens to the content after the put', async (t) => {
        const bytes = Buffer.from('the bytes as they were');
        await t.put('file', bytes);
        bytes.fill('x');
        await t.holds('file', Buffer.from('the bytes as they were'));
    });
    check('leaves the source to the caller', async (t) => {
        const source = await openSource(patterned(5000));
        await t.putSource('one', source);
        await t.putSource('two', source);
        await source.close();
        await t.holds('one', patterned(5000));
        await t.holds('two', patterned(5000));
    });
}
function describeContent(check) {
    for (const kind of CONTENT_KINDS) {
        check(`takes ${kind.name}`, async (t) => {
            const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
            try {
                const sizes = [0, 1, 70_001, ...(kind.smallOnly === true ? [] : [PART_BYTES + 70_001])];
                for (const size of sizes) {
                    const bytes = patterned(size);
                    await t.put('file', await kind.make(bytes, folder));
                    await t.holds('file', bytes);
                }
                const bytes = patterned(70_001, 1);
                await t.put('file', await kind.make(bytes, folder), { size: bytes.length });
                await t.holds('file', bytes);
            }
            finally {
                await rm(folder, { recursive: true });
            }
        });
    }
    check('takes a stream of declared size that fills its parts exactly', async (t) => {
        const bytes = patterned(2 * PART_BYTES);
        await t.put('declared', generate(pieces(bytes, MIB)), { size: bytes.length });
        await t.holds('declared', bytes);
        await t.put('undeclared', generate(pieces(bytes, MIB)));
        await t.holds('undeclared', bytes);
    });
}
/** Puts that must be refused: there is no object afterwards, or still the one that was there. */
async function refused(t, code, put) {
    const old = patterned(300, 7);
    await t.put('old', old);
    await rejects(code, () => put('new'));
    await rejects(code, () => put('old'));
    await t.absent('new');
    await t.holds('old', old);
}
function describeRefusals(check) {
    for (const size of SMALL_AND_LARGE) {
        check(`refuses a stream that ends short of its declared ${size} bytes`, async (t) => {
            for (const got of [0, 1, size / 2, size - 1]) {
                await refused(t, 'INVALID_ARGUMENT', name => t.put(name, generate(pieces(patterned(got), 60_000)), { size }));
            }
        });
        check(`refuses a stream that goes past its declared ${size} bytes`, async (t) => {
            for (const got of [size + 1, size + PART_BYTES]) {
                await refused(t, 'INVALID_ARGUMENT', name => t.put(name, generate(pieces(patterned(got), 60_000)), { size }));
            }
        });
        check(`refuses a stream of more than ${size} bytes where no more are allowed`, async (t) => {
            await refused(t, 'TOO_LARGE', name => t.put(name, generate(pieces(patterned(size + 1), 60_000)), { maxBytes: size }));
        });
        check(`refuses ${size} bytes with another SHA-256 than declared`, async (t) => {
            const bytes = patterned(size);
            await refused(t, 'INVALID_ARGUMENT', name => t.put(name, bytes, { sha256: sha256(patterned(size, 1)) }));
            await refused(t, 'INVALID_ARGUMENT', name => t.put(name, generate(pieces(bytes, 60_000)), { sha256: '0'.repeat(64) }));
        });
        check(`takes ${size} bytes with the SHA-256 that was declared`, async (t) => {
            const bytes = patterned(size);
            const declared = sha256(bytes);
            await t.put('buffer', bytes, { sha256: declared });
            await t.put('stream', generate(pieces(bytes, 60_000)), { sha256: declared });
            assert.equal((await t.holds('buffer', bytes)).sha256, declared);
            assert.equal((await t.holds('stream', bytes)).sha256, declared);
        });
    }
    check('refuses a stream of nothing but one byte too many', async (t) => {
        await refused(t, 'INVALID_ARGUMENT', name => t.put(name, generate([Buffer.from('x')]), { size: 0 }));
    });
}
function describeFailures(check) {
    for (const size of SMALL_AND_LARGE) {
        for (const percent of [0, 50, 99]) {
            const bytes = patterned(Math.floor((size * percent) / 100));
            check(`stores nothing of ${size} bytes whose stream fails after ${percent} %`, async (t) => {
                const broken = new Error('The client went away.');
                await refused(t, 'ABORTED', name => t.put(name, failing(bytes, broken), { size }));
                await refused(t, 'ABORTED', name => t.put(name, failing(bytes, broken)));
                await refused(t, 'ABORTED', name => t.put(name, Readable.from(failing(bytes, broken))));
            });
        }
    }
    check('stores nothing of a Node stream that is destroyed without a word', async (t) => {
        await refused(t, 'ABORTED', async (name) => {
            const stream = new Readable({ read() { } });
            stream.push(patterned(10_000));
            const put = t.put(name, stream);
            await sleep(5);
            stream.destroy();
            return put;
        });
    });
    check('stores nothing of a web stream that fails', async (t) => {
        await refused(t, 'ABORTED', name => {
            const stream = new ReadableStream({
                start(controller) {
                    controller.enqueue(Uint8Array.from(patterned(10_000)));
                },
                pull(controller) {
                    controller.error(new Error('The client went away.'));
                },
            });
            return t.put(name, stream);
        });
    });
    check('stores nothing of a stream that yields something else than bytes', async (t) => {
        await refused(t, 'INVALID_ARGUMENT', name => t.put(name, Readable.from(['text', 'and more'])));
    });
}
function describeAborts(check) {
    check('reads no byte for a signal that fired before', async (t) => {
        const source = new UntouchedSource(5000);
        await rejects('ABORTED', () => t.putSource('file', source, { signal: AbortSignal.abort() }));
        assert.equal(source.reads, 0);
        await t.absent('file');
    });
    for (const size of [0, 64 * KIB, PART_BYTES + MIB]) {
        check(`stores nothing of a put that is aborted after ${size} bytes`, async (t) => {
            const content = new StallingContent(patterned(size));
            const old = patterned(300);
            await t.put('file', old);
            const controller = new AbortController();
            const put = rejects('ABORTED', () => t.put('file', content, { signal: controller.signal }));
            await content.reached;
            controller.abort();
            await inTime('An aborted put', put).finally(() => content.release());
            await t.holds('file', old);
            await sleep(20);
            await t.holds('file', old);
        });
    }
    check('reports the StorageError that a signal carries', async (t) => {
        const content = new StallingContent(patterned(100));
        const controller = new AbortController();
        const timeout = new StorageError({ code: 'TIMEOUT', op: 'put', message: 'The deadline passed.' });
        const put = rejects('TIMEOUT', () => t.put('file', content, { signal: controller.signal }));
        await content.reached;
        controller.abort(timeout);
        assert.equal(await inTime('A put past its deadline', put).finally(() => content.release()), timeout);
        await t.absent('file');
    });
    check('does nothing else either for a signal that fired before', async (t) => {
        await t.put('file', patterned(10));
        const key = t.key('file');
        const signal = AbortSignal.abort();
        await rejects('ABORTED', () => t.store.get(key, { signal }));
        await rejects('ABORTED', () => t.store.head(key, { signal }));
        await rejects('ABORTED', () => t.store.list({ prefix: t.prefix, signal }));
        await rejects('ABORTED', () => t.store.delete(key, { signal }));
        if (t.store.deleteMany !== undefined) {
            await rejects('ABORTED', async () => t.store.deleteMany?.([key], { signal }));
        }
        if (t.store.copy !== undefined) {
            await rejects('ABORTED', async () => t.store.copy?.(key, t.key('copy'), { signal }));
            await t.absent('copy');
        }
        await t.holds('file', patterned(10));
    });
}
//# sourceMappingURL=conformance-puts.js.map