import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { parseAttributes } from '../core/attributes.js';
import { rejects } from './conformance-assert.js';
import { PART_BYTES, patterned, sha256 } from './conformance-content.js';
import { oddNames } from './conformance-odd-keys.js';
const ATTRIBUTES = {
    contentType: 'image/png',
    fileName: 'Grüße.png',
    cacheControl: 'no-store',
    metadata: { a: 'é' },
};
async function copy(t, from, to, options) {
    const stat = await t.store.copy?.(t.key(from), t.key(to), options);
    assert.ok(stat !== undefined);
    return stat;
}
function carries(stat, attributes) {
    assert.equal(stat.contentType, attributes.contentType);
    assert.equal(stat.fileName, attributes.fileName);
    assert.equal(stat.cacheControl, attributes.cacheControl);
    assert.deepEqual({ ...stat.metadata }, attributes.metadata ?? {});
}
export function describeCopies(check) {
    for (const size of [0, 1000, PART_BYTES + 1000]) {
        check(`copies ${size} bytes with what they carry`, async (t) => {
            const bytes = patterned(size);
            const from = await t.put('from', bytes, { attributes: ATTRIBUTES });
            const copied = await copy(t, 'from', 'to');
            const to = await t.holds('to', bytes);
            assert.equal(copied.key, t.key('to'));
            assert.equal(copied.size, size);
            assert.equal(copied.etag, to.etag);
            if (to.sha256 !== undefined)
                assert.equal(to.sha256, sha256(bytes));
            for (const stat of [copied, to])
                carries(stat, ATTRIBUTES);
            assert.ok(to.writeId !== undefined && to.writeId !== from.writeId, 'a copy is a write of its own');
            carries(await t.holds('from', bytes), ATTRIBUTES);
        }, ['copy']);
    }
    check('copies with other attributes', async (t) => {
        const other = { contentType: 'text/plain', metadata: { b: 'c' } };
        await t.put('from', patterned(10), { attributes: ATTRIBUTES });
        await copy(t, 'from', 'to', { attributes: parseAttributes(other) });
        carries(await t.holds('to', patterned(10)), other);
        carries(await t.store.head(t.key('from')), ATTRIBUTES);
    }, ['copy']);
    check('copies tags, whatever else is given with the copy', async (t) => {
        const tags = { a: 'b', Grüße: 'c d' };
        const { etag } = await t.put('from', patterned(10), { attributes: { tags } });
        await copy(t, 'from', 'plain');
        await copy(t, 'from', 'seen', { sourceIfMatch: etag });
        await copy(t, 'from', 'retagged', { attributes: parseAttributes({ tags: { d: 'e' } }) });
        await t.tagged('plain', tags);
        await t.tagged('seen', tags);
        await t.tagged('retagged', { d: 'e' });
    }, ['copy', 'tags']);
    check('copies tags under a condition on what is replaced', async (t) => {
        await t.put('from', patterned(10), { attributes: { tags: { a: 'b' } } });
        await copy(t, 'from', 'new', { ifNoneMatch: '*' });
        await t.tagged('new', { a: 'b' });
    }, ['copy', 'tags', 'conditionalPut']);
    check('copies over another object', async (t) => {
        await t.put('from', patterned(10, 1), { attributes: ATTRIBUTES });
        await t.put('to', patterned(2000, 2), {
            attributes: { metadata: { old: 'x' }, contentDisposition: 'inline' },
        });
        await copy(t, 'from', 'to');
        const stat = await t.holds('to', patterned(10, 1));
        carries(stat, ATTRIBUTES);
        assert.equal(stat.contentDisposition, undefined);
    }, ['copy']);
    check('copies an object onto itself, with other attributes and without', async (t) => {
        const other = { contentType: 'text/plain', metadata: { b: 'c' } };
        await t.put('file', patterned(10), { attributes: ATTRIBUTES });
        await copy(t, 'file', 'file');
        carries(await t.holds('file', patterned(10)), ATTRIBUTES);
        await copy(t, 'file', 'file', { attributes: parseAttributes(other) });
        carries(await t.holds('file', patterned(10)), other);
    }, ['copy']);
    check('copies nothing where nothing is', async (t) => {
        await t.put('to', patterned(10));
        await rejects('NOT_FOUND', () => copy(t, 'missing', 'to'));
        await rejects('NOT_FOUND', () => copy(t, 'missing', 'new'));
        await rejects('NOT_FOUND', () => copy(t, 'missing', 'missing'));
        await t.holds('to', patterned(10));
        await t.absent('new');
    }, ['copy']);
    check('copies only the source of the ETag given', async (t) => {
        const { etag } = await t.put('from', patterned(10, 1));
        await copy(t, 'from', 'to', { sourceIfMatch: etag });
        await t.holds('to', patterned(10, 1));
        await t.put('from', patterned(10, 2));
        await rejects('PRECONDITION_FAILED', () => copy(t, 'from', 'to', { sourceIfMatch: etag }));
        await rejects('PRECONDITION_FAILED', () => copy(t, 'from', 'new', { sourceIfMatch: etag }));
        await t.holds('to', patterned(10, 1));
        await t.absent('new');
    }, ['copy']);
    check('copies from and to odd names', async (t) => {
        const names = oddNames(`${t.prefix}from/`);
        await pLimit(16).map(names, async (name) => {
            await t.put(`from/${name}`, Buffer.from(name));
            await copy(t, `from/${name}`, `to/${name.slice(-200)}`.replace(/\/\/+|\/$/g, '/x'));
        });
        await pLimit(16).map(names, async (name) => {
            const to = `to/${name.slice(-200)}`.replace(/\/\/+|\/$/g, '/x');
            assert.equal((await t.bytes(`from/${name}`)).toString(), name);
            assert.ok((await t.bytes(to)).length > 0);
        });
    }, ['copy']);
}
//# sourceMappingURL=conformance-copies.js.map