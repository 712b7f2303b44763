import assert from 'node:assert/strict';
import { asStorageError, inTime, rejects, sameBytes } from './conformance-assert.js';
import { MIB, PART_BYTES, patterned } from './conformance-content.js';
export function describeBodies(check) {
    for (const size of [0, 1, 100_000, PART_BYTES + 1]) {
        check(`gives ${size} bytes piece by piece`, async (t) => {
            const bytes = patterned(size);
            await t.put('file', bytes);
            const { body } = await t.store.get(t.key('file'));
            const got = [];
            for await (const piece of body) {
                assert.ok(piece.length > 0, 'an empty piece');
                got.push(piece);
            }
            sameBytes(Buffer.concat(got), bytes);
            await body.close();
        });
    }
    check('may be left before its end, and the store goes on', async (t) => {
        const bytes = patterned(PART_BYTES);
        await t.put('file', bytes);
        for (let i = 0; i < 20; i++) {
            const { body } = await t.store.get(t.key('file'));
            for await (const piece of body) {
                assert.ok(bytes.subarray(0, piece.length).equals(piece));
                break;
            }
            await body.close();
        }
        await t.holds('file', bytes);
    });
    check('may be closed unread, and twice', async (t) => {
        await t.put('file', patterned(MIB));
        for (let i = 0; i < 20; i++) {
            const { body } = await t.store.get(t.key('file'));
            await body.close();
            await body.close();
            await rejects('INVALID_ARGUMENT', () => body.bytes());
        }
        await t.holds('file', patterned(MIB));
    });
    check('may be closed after its end', async (t) => {
        await t.put('file', patterned(1000));
        const { body } = await t.store.get(t.key('file'));
        await body.bytes();
        await body.close();
        await body.close();
    });
    check('gives all bytes only where they are allowed', async (t) => {
        await t.put('file', patterned(1000));
        for (const maxBytes of [0, 1, 999]) {
            const { body } = await t.store.get(t.key('file'));
            await rejects('TOO_LARGE', () => body.bytes(maxBytes));
            await body.close();
        }
        for (const maxBytes of [1000, 1001, Number.MAX_SAFE_INTEGER]) {
            const { body } = await t.store.get(t.key('file'));
            sameBytes(await body.bytes(maxBytes), patterned(1000));
        }
    });
    check('leaves nothing open where more was there than allowed', async (t) => {
        await t.put('file', patterned(MIB));
        for (let i = 0; i < 150; i++) {
            const { body } = await inTime('Opening an object', t.store.get(t.key('file')));
            await rejects('TOO_LARGE', () => body.bytes(MIB - 1));
        }
        await t.holds('file', patterned(MIB));
    });
    check('counts what is allowed by the range, not by the object', async (t) => {
        await t.put('file', patterned(1000));
        const { body } = await t.store.get(t.key('file'), { range: { start: 10, end: 19 } });
        sameBytes(await body.bytes(10), patterned(1000).subarray(10, 20));
    });
    check('is read once: a second reader is refused', async (t) => {
        const bytes = patterned(100_000);
        await t.put('file', bytes);
        const { body } = await t.store.get(t.key('file'));
        const first = body.bytes();
        await rejects('INVALID_ARGUMENT', () => body.bytes());
        sameBytes(await first, bytes);
        await rejects('INVALID_ARGUMENT', async () => {
            for await (const piece of body)
                assert.fail(`gave ${piece.length} bytes a second time`);
        });
    });
    check('may be changed by its reader without harm to the object', async (t) => {
        await t.put('file', patterned(1000));
        const got = await t.bytes('file');
        got.fill(0);
        const { body } = await t.store.get(t.key('file'));
        for await (const piece of body)
            piece.fill(0);
        await t.holds('file', patterned(1000));
    });
    check('gives no short content under a signal that fires midway', async (t) => {
        const bytes = patterned(2 * PART_BYTES);
        await t.put('file', bytes);
        const controller = new AbortController();
        const { body } = await t.store.get(t.key('file'), { signal: controller.signal });
        let count = 0;
        try {
            for await (const piece of body) {
                count += piece.length;
                controller.abort();
            }
        }
        catch (error) {
            assert.equal(asStorageError(error).code, 'ABORTED');
            return;
        }
        assert.equal(count, bytes.length, 'the body ended short and without an error');
    });
    check('of two objects may be read at the same time', async (t) => {
        await t.put('a', patterned(MIB, 1));
        await t.put('b', patterned(MIB, 2));
        const a = await t.store.get(t.key('a'));
        const b = await t.store.get(t.key('b'));
        sameBytes(await b.body.bytes(), patterned(MIB, 2));
        sameBytes(await a.body.bytes(), patterned(MIB, 1));
    });
}
//# sourceMappingURL=conformance-bodies.js.map