import assert from 'node:assert/strict';
import { StorageError } from '../core/errors.js';
import { sameBytes, together } from './conformance-assert.js';
import { KIB, MIB, PART_BYTES, patterned } from './conformance-content.js';
/** Runs racers at once, each to its end, and gives the numbers of those that succeeded. */
async function winners(count, code, run) {
    const results = await Promise.allSettled(Array.from({ length: count }, (_, racer) => run(racer)));
    const won = [];
    results.forEach((result, racer) => {
        if (result.status === 'fulfilled')
            won.push(racer);
        else if (!StorageError.is(result.reason, code))
            throw result.reason;
    });
    return won;
}
export function describeConcurrency(check) {
    check('lets one of 64 concurrent create-only puts win', async (t) => {
        const won = await winners(64, 'ALREADY_EXISTS', racer => t.put('file', patterned(100 + racer, racer), { ifNoneMatch: '*' }));
        assert.equal(won.length, 1, `${won.length} of them won`);
        const [winner = -1] = won;
        await t.holds('file', patterned(100 + winner, winner));
    }, ['conditionalPut']);
    check('lets one of 3 concurrent large create-only puts win', async (t) => {
        const size = PART_BYTES + MIB;
        const won = await winners(3, 'ALREADY_EXISTS', racer => t.put('file', patterned(size, racer), { ifNoneMatch: '*' }));
        assert.equal(won.length, 1, `${won.length} of them won`);
        await t.holds('file', patterned(size, won[0]));
    }, ['conditionalMultipart']);
    check('lets one of 16 concurrent puts of the same ETag win', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        const won = await winners(16, 'PRECONDITION_FAILED', racer => t.put('file', patterned(100 + racer, racer), { ifMatch: etag }));
        assert.equal(won.length, 1, `${won.length} of them won`);
        const [winner = -1] = won;
        await t.holds('file', patterned(100 + winner, winner));
    }, ['conditionalPut']);
    check('loses no update of those who compare and set', async (t) => {
        await t.put('file', Buffer.from('0'));
        const key = t.key('file');
        const increment = async () => {
            for (;;) {
                const { stat, body } = await t.store.get(key);
                const value = Number((await body.bytes()).toString());
                const next = Buffer.from(String(value + 1));
                const [won] = await winners(1, 'PRECONDITION_FAILED', () => t.put('file', next, { ifMatch: stat.etag }));
                if (won !== undefined)
                    return;
            }
        };
        await Promise.all(Array.from({ length: 6 }, async () => {
            for (let i = 0; i < 5; i++)
                await increment();
        }));
        await t.holds('file', Buffer.from('30'));
    }, ['conditionalPut']);
    check('deletes an object of one ETag once', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        const key = t.key('file');
        await winners(8, 'PRECONDITION_FAILED', () => t.store.delete(key, { ifMatch: etag }));
        await t.absent('file');
    }, ['conditionalDelete']);
    check('gives a reader the old bytes or the new, whole, while writers replace them', async (t) => {
        const sizes = [0, 1, 1000, 100 * KIB, 3 * MIB];
        const written = new Map();
        const version = (n) => patterned(sizes[n % sizes.length] ?? 0, n);
        await t.put('file', version(0));
        let count = 0;
        let running = true;
        const write = async () => {
            while (count < 60) {
                const n = ++count;
                written.set((await t.put('file', version(n))).writeId ?? '', n);
            }
        };
        const read = async () => {
            while (running) {
                const { stat, body } = await t.store.get(t.key('file'));
                const bytes = await body.bytes();
                assert.equal(bytes.length, stat.size);
                const seed = bytes.length === 0 ? 0 : (bytes[bytes.length - 1] ?? 0);
                if (bytes.length > 0)
                    sameBytes(bytes, version(seed));
            }
        };
        const writing = together([write(), write()]).finally(() => {
            running = false;
        });
        await together([writing, read(), read(), read()]);
        const head = await t.store.head(t.key('file'));
        const last = written.get(head.writeId ?? '');
        assert.ok(last !== undefined, 'the object is of a write that nobody made');
        await t.holds('file', version(last));
    });
    for (const size of [10_000, PART_BYTES + MIB]) {
        check(`gives ${size} bytes whole that were replaced while they were read`, async (t) => {
            const old = patterned(size, 1);
            await t.put('file', old);
            const { body } = await t.store.get(t.key('file'));
            await t.put('file', patterned(size, 2));
            sameBytes(await body.bytes(), old);
            await t.holds('file', patterned(size, 2));
        });
        check(`gives ${size} bytes whole that were deleted while they were read`, async (t) => {
            const bytes = patterned(size);
            await t.put('file', bytes);
            const { body } = await t.store.get(t.key('file'));
            await t.store.delete(t.key('file'));
            sameBytes(await body.bytes(), bytes);
            await t.absent('file');
        });
    }
    check('ends concurrent puts and deletes of one object with one of them', async (t) => {
        const key = t.key('file');
        for (let round = 0; round < 5; round++) {
            await Promise.all([
                ...Array.from({ length: 6 }, (_, i) => t.put('file', patterned(1000 + i, i))),
                t.store.delete(key),
                t.store.delete(key),
            ]);
            const { objects } = await t.store.list({ prefix: key });
            assert.ok(objects.length <= 1);
            const [object] = objects;
            if (object === undefined)
                await t.absent('file');
            else
                await t.holds('file', patterned(object.size, object.size - 1000));
        }
    });
    check('reads its own writes, at once and everywhere', async (t) => {
        await Promise.all(Array.from({ length: 16 }, async (_, i) => {
            const name = `k${i}`;
            for (let round = 0; round < 3; round++) {
                await t.put(name, patterned(100, round));
                await t.holds(name, patterned(100, round));
            }
            await t.store.delete(t.key(name));
            await t.absent(name);
        }));
    });
}
//# sourceMappingURL=conformance-concurrency.js.map