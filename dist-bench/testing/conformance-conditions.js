import assert from 'node:assert/strict';
import { StorageError } from '../core/errors.js';
import { asStorageError, rejects } from './conformance-assert.js';
import { PART_BYTES, patterned, UntouchedSource } from './conformance-content.js';
const NO_ETAG = '00000000000000000000000000000000';
export function describeConditions(check) {
    describePutConditions(check);
    describeReadConditions(check);
    describeDeleteConditions(check);
    describeRefusedCapabilities(check);
}
function describePutConditions(check) {
    check('creates only where nothing is', async (t) => {
        await t.put('file', patterned(10, 1), { ifNoneMatch: '*' });
        await rejects('ALREADY_EXISTS', () => t.put('file', patterned(10, 2), { ifNoneMatch: '*' }));
        await t.holds('file', patterned(10, 1));
        await t.store.delete(t.key('file'));
        await t.put('file', patterned(10, 3), { ifNoneMatch: '*' });
        await t.holds('file', patterned(10, 3));
    }, ['conditionalPut']);
    check('replaces only the object of the ETag given', async (t) => {
        const first = await t.put('file', patterned(10, 1));
        await rejects('PRECONDITION_FAILED', () => t.put('file', patterned(10, 2), { ifMatch: NO_ETAG }));
        await t.holds('file', patterned(10, 1));
        const second = await t.put('file', patterned(10, 2), { ifMatch: first.etag });
        await rejects('PRECONDITION_FAILED', () => t.put('file', patterned(10, 3), { ifMatch: first.etag }));
        assert.equal((await t.holds('file', patterned(10, 2))).etag, second.etag);
    }, ['conditionalPut']);
    check('replaces nothing where there is nothing', async (t) => {
        const { etag } = await t.put('other', patterned(10, 1));
        await rejects('PRECONDITION_FAILED', () => t.put('file', patterned(10, 2), { ifMatch: etag }));
        await t.absent('file');
    }, ['conditionalPut']);
    check('replaces any object but that of the ETag given', async (t) => {
        await t.put('file', patterned(10, 1), { ifNoneMatch: NO_ETAG });
        const { etag } = await t.put('file', patterned(10, 2), { ifNoneMatch: NO_ETAG });
        await rejects('PRECONDITION_FAILED', () => t.put('file', patterned(10, 3), { ifNoneMatch: etag }));
        await t.holds('file', patterned(10, 2));
    }, ['conditionalPut']);
    check('takes large content under a condition, or refuses it', async (t) => {
        const large = patterned(PART_BYTES + 1, 1);
        const { etag } = await t.put('file', large, { ifNoneMatch: '*' });
        await rejects('ALREADY_EXISTS', () => t.put('file', patterned(PART_BYTES + 1), { ifNoneMatch: '*' }));
        await rejects('PRECONDITION_FAILED', () => t.put('file', patterned(PART_BYTES + 1), { ifMatch: NO_ETAG }));
        await t.holds('file', large);
        await t.put('file', patterned(PART_BYTES + 1, 2), { ifMatch: etag });
        await t.holds('file', patterned(PART_BYTES + 1, 2));
    }, ['conditionalMultipart']);
    check('copies under conditions on the object to be replaced', async (t) => {
        await t.put('from', patterned(10, 1));
        const copy = (to, options) => t.store.copy?.(t.key('from'), t.key(to), options);
        const { etag } = await t.put('to', patterned(10, 2));
        await rejects('ALREADY_EXISTS', async () => copy('to', { ifNoneMatch: '*' }));
        await rejects('PRECONDITION_FAILED', async () => copy('to', { ifMatch: NO_ETAG }));
        await rejects('PRECONDITION_FAILED', async () => copy('new', { ifMatch: etag }));
        await t.holds('to', patterned(10, 2));
        await t.absent('new');
        await copy('to', { ifMatch: etag });
        await copy('new', { ifNoneMatch: '*' });
        await t.holds('to', patterned(10, 1));
        await t.holds('new', patterned(10, 1));
    }, ['conditionalPut', 'copy']);
}
function describeReadConditions(check) {
    check('opens an object only if it has the ETag given', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        const key = t.key('file');
        assert.deepEqual(await t.bytes('file', { ifMatch: etag }), patterned(10));
        await rejects('PRECONDITION_FAILED', () => t.store.get(key, { ifMatch: NO_ETAG }));
        assert.deepEqual(await t.bytes('file', { ifMatch: etag, range: { start: 2 } }), patterned(10).subarray(2));
    });
    check('opens an object only if it does not have the ETag given', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        assert.deepEqual(await t.bytes('file', { ifNoneMatch: NO_ETAG }), patterned(10));
        await rejects('PRECONDITION_FAILED', () => t.store.get(t.key('file'), { ifNoneMatch: etag }));
    });
    check('says that there is no object before any condition on reading it (RFC 9110, section 13.2.1)', async (t) => {
        await rejects('NOT_FOUND', () => t.store.get(t.key('file'), { ifMatch: NO_ETAG }));
        await rejects('NOT_FOUND', () => t.store.get(t.key('file'), { ifNoneMatch: NO_ETAG }));
    });
}
function describeDeleteConditions(check) {
    check('deletes only the object of the ETag given', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        const key = t.key('file');
        await rejects('PRECONDITION_FAILED', () => t.store.delete(key, { ifMatch: NO_ETAG }));
        await t.holds('file', patterned(10));
        assert.equal(await t.store.delete(key, { ifMatch: etag }), true);
        await t.absent('file');
    }, ['conditionalDelete']);
    check('does not delete an object that was replaced since its ETag was seen', async (t) => {
        const { etag } = await t.put('file', patterned(10, 1));
        await t.put('file', patterned(10, 2));
        await rejects('PRECONDITION_FAILED', () => t.store.delete(t.key('file'), { ifMatch: etag }));
        await t.holds('file', patterned(10, 2));
    }, ['conditionalDelete']);
}
/**
 * Does what the operation does where the store has the capability. Where it has not: asserts that it is
 * refused as such.
 */
async function worksOrRefuses(works, run) {
    try {
        await run();
    }
    catch (error) {
        if (works)
            throw error;
        const { code, message } = asStorageError(error);
        assert.equal(code, 'UNSUPPORTED', `refused with ${code} (${message}) instead of UNSUPPORTED`);
        return;
    }
    assert.ok(works, 'What the store does not declare was done as if it could.');
}
function describeRefusedCapabilities(check) {
    const conditions = { 'create-only': { ifNoneMatch: '*' }, 'any-but': { ifNoneMatch: NO_ETAG } };
    for (const [kind, condition] of Object.entries(conditions)) {
        for (const [size, capability] of [
            [100, 'conditionalPut'],
            [3 * PART_BYTES, 'conditionalMultipart'],
        ]) {
            check(`does a ${kind} put of ${size} bytes, or refuses it unread without ${capability}`, async (t) => {
                const source = new UntouchedSource(size);
                const works = t.has(capability);
                await worksOrRefuses(works, () => t.putSource('file', source, condition));
                if (works)
                    return;
                assert.equal(source.reads, 0, 'the content was read');
                await t.absent('file');
            });
        }
    }
    check('deletes under a condition, or refuses to without conditionalDelete', async (t) => {
        const { etag } = await t.put('file', patterned(10));
        const works = t.has('conditionalDelete');
        await worksOrRefuses(works, () => t.store.delete(t.key('file'), { ifMatch: etag }));
        if (!works)
            await t.holds('file', patterned(10));
    });
    for (const [what, capability, attributes] of [
        ['tags', 'tags', { tags: { a: 'b' } }],
        ['a storage class', 'storageClasses', { storageClass: 'STANDARD_IA' }],
    ]) {
        check(`takes ${what}, or refuses it unread without ${capability}`, async (t) => {
            const source = new UntouchedSource(100);
            const works = t.has(capability);
            const all = { contentType: 'a/b', metadata: {}, ...attributes };
            await worksOrRefuses(works, () => t.store.put(t.key('file'), source, { attributes: all }));
            if (works)
                return;
            assert.equal(source.reads, 0, 'the content was read');
            await t.absent('file');
        });
    }
    check('presigns a URL, or refuses to', async (t) => {
        const options = { method: 'GET', expiresInSeconds: 60 };
        await worksOrRefuses(t.has('presign'), async () => {
            if (t.store.presign !== undefined)
                return t.store.presign(t.key('file'), options);
            throw new StorageError({ code: 'UNSUPPORTED', op: 'presign', message: 'There is no such method.' });
        });
    });
}
//# sourceMappingURL=conformance-conditions.js.map