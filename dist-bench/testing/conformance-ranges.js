import assert from 'node:assert/strict';
import { rejects, sameBytes } from './conformance-assert.js';
import { PART_BYTES, patterned } from './conformance-content.js';
/** Ranges of an object of `size` bytes, and where they lie. */
function satisfiable(size) {
    const middle = Math.floor(size / 2);
    return [
        ['the first byte', { start: 0, end: 0 }, 0, 0],
        ['all bytes', { start: 0 }, 0, size - 1],
        ['all bytes with the end named', { start: 0, end: size - 1 }, 0, size - 1],
        ['the middle', { start: middle - 50, end: middle + 50 }, middle - 50, middle + 50],
        ['one byte in the middle', { start: middle, end: middle }, middle, middle],
        ['from the middle on', { start: middle }, middle, size - 1],
        ['the last byte', { start: size - 1, end: size - 1 }, size - 1, size - 1],
        ['from the last byte on', { start: size - 1 }, size - 1, size - 1],
        ['past the end', { start: size - 10, end: size + 1000 }, size - 10, size - 1],
        ['far past the end', { start: 0, end: Number.MAX_SAFE_INTEGER }, 0, size - 1],
        ['a suffix of one byte', { last: 1 }, size - 1, size - 1],
        ['a suffix', { last: 100 }, size - 100, size - 1],
        ['a suffix as long as the object', { last: size }, 0, size - 1],
        ['a suffix longer than the object', { last: size + 1 }, 0, size - 1],
    ];
}
const INVALID = [
    { start: -1 },
    { start: 1.5 },
    { start: 5, end: 4 },
    { start: 0, end: -1 },
    { start: Number.NaN },
    { start: Number.MAX_SAFE_INTEGER + 1 },
    { last: -1 },
    { last: 0.5 },
];
export function describeRanges(check) {
    for (const size of [1000, PART_BYTES + 1000]) {
        check(`gives parts of ${size} bytes (RFC 9110, section 14.1.2)`, async (t) => {
            const bytes = patterned(size);
            await t.put('file', bytes);
            for (const [what, range, start, end] of satisfiable(size)) {
                const opened = await t.store.get(t.key('file'), { range });
                assert.deepEqual({ ...opened.range }, { start, end, size }, what);
                assert.equal(opened.stat.size, size, `${what}: the size is that of the whole object`);
                sameBytes(await opened.body.bytes(), bytes.subarray(start, end + 1));
            }
        });
    }
    check('gives the bytes around the border of two parts', async (t) => {
        const bytes = patterned(2 * PART_BYTES + 10);
        await t.put('file', bytes);
        for (const border of [PART_BYTES, 2 * PART_BYTES]) {
            const got = await t.bytes('file', { range: { start: border - 5, end: border + 4 } });
            sameBytes(got, bytes.subarray(border - 5, border + 5));
        }
    });
    check('refuses ranges that hold no byte', async (t) => {
        await t.put('file', patterned(1000));
        for (const range of [{ start: 1000 }, { start: 1000, end: 1001 }, { start: 5000 }, { last: 0 }]) {
            await rejects('RANGE_NOT_SATISFIABLE', () => t.store.get(t.key('file'), { range }));
        }
    });
    check('refuses every range of an empty object', async (t) => {
        await t.put('file', Buffer.alloc(0));
        for (const range of [{ start: 0 }, { start: 0, end: 0 }, { start: 1 }, { last: 1 }, { last: 0 }]) {
            await rejects('RANGE_NOT_SATISFIABLE', () => t.store.get(t.key('file'), { range }));
        }
    });
    check('refuses ranges that are none', async (t) => {
        await t.put('file', patterned(1000));
        for (const range of INVALID) {
            await rejects('INVALID_ARGUMENT', () => t.store.get(t.key('file'), { range }));
        }
    });
    check('says that there is no object whatever the range', async (t) => {
        await rejects('NOT_FOUND', () => t.store.get(t.key('file'), { range: { start: 5 } }));
        await rejects('NOT_FOUND', () => t.store.get(t.key('file'), { range: { last: 5 } }));
    });
}
//# sourceMappingURL=conformance-ranges.js.map