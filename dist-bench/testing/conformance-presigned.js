import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { rejects, sameBytes } from './conformance-assert.js';
import { patterned } from './conformance-content.js';
import { oddNames } from './conformance-odd-keys.js';
async function presign(t, name, options = {}) {
    const url = await t.store.presign?.(t.key(name), { method: 'GET', expiresInSeconds: 300, ...options });
    assert.ok(url !== undefined);
    return url;
}
async function fetched(t, url, init) {
    return (t.options.fetch ?? fetch)(url, init);
}
/** Asserts that the answer is a refusal, and not an accident. */
async function refused(t, url, init) {
    const response = await fetched(t, url, init);
    await response.arrayBuffer();
    assert.ok(response.status >= 400 && response.status < 500, `answered with ${response.status}`);
}
export function describePresigned(check) {
    check('presigns a URL that reads one object', async (t) => {
        await t.put('file', patterned(5000), { attributes: { contentType: 'image/png' } });
        const response = await fetched(t, await presign(t, 'file'));
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), 'image/png');
        sameBytes(Buffer.from(await response.arrayBuffer()), patterned(5000));
    }, ['presign']);
    check('presigns a URL with the type and disposition to answer with', async (t) => {
        await t.put('file', patterned(10), { attributes: { contentType: 'image/png' } });
        const contentDisposition = `attachment; filename="a b.txt"; filename*=UTF-8''%C3%A9.txt`;
        const url = await presign(t, 'file', { contentType: 'application/pdf', contentDisposition });
        const response = await fetched(t, url);
        await response.arrayBuffer();
        assert.equal(response.headers.get('content-type'), 'application/pdf');
        assert.equal(response.headers.get('content-disposition'), contentDisposition);
    }, ['presign']);
    check('presigns a URL that writes one object', async (t) => {
        const url = await presign(t, 'file', { method: 'PUT', contentType: 'text/plain' });
        const response = await fetched(t, url, {
            method: 'PUT',
            body: Uint8Array.from(patterned(5000)),
            headers: { 'content-type': 'text/plain' },
        });
        await response.arrayBuffer();
        assert.ok(response.ok, `answered with ${response.status}`);
        const stat = await t.holds('file', patterned(5000));
        assert.equal(stat.contentType, 'text/plain');
    }, ['presign']);
    check('presigns URLs for odd names', async (t) => {
        await pLimit(16).map(oddNames(t.prefix), async (name) => {
            await t.put(name, Buffer.from(name));
            const response = await fetched(t, await presign(t, name));
            assert.equal(Buffer.from(await response.arrayBuffer()).toString(), name);
        });
    }, ['presign']);
    check('presigns for one method, one object and one kind of answer', async (t) => {
        await t.put('file', patterned(10, 1));
        await t.put('other', patterned(10, 2));
        const url = await presign(t, 'file');
        await refused(t, url, { method: 'PUT', body: 'x' });
        await refused(t, url, { method: 'DELETE' });
        await refused(t, url.replace('/file?', '/other?'));
        await refused(t, `${url}0`);
        const put = await presign(t, 'file', { method: 'PUT', contentType: 'text/plain' });
        await refused(t, put);
        await refused(t, put, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } });
        await t.holds('file', patterned(10, 1));
        await t.holds('other', patterned(10, 2));
    }, ['presign']);
    check('answers a presigned URL of no object with 404', async (t) => {
        const response = await fetched(t, await presign(t, 'missing'));
        await response.arrayBuffer();
        assert.equal(response.status, 404);
    }, ['presign']);
    check('presigns for one second to seven days', async (t) => {
        for (const expiresInSeconds of [0, -1, 1.5, 604_801, Number.NaN]) {
            await rejects('INVALID_ARGUMENT', () => presign(t, 'file', { expiresInSeconds }));
        }
        for (const expiresInSeconds of [1, 604_800])
            assert.ok(await presign(t, 'file', { expiresInSeconds }));
    }, ['presign']);
}
//# sourceMappingURL=conformance-presigned.js.map