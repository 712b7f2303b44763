import assert from 'node:assert/strict';
import { encodeKey } from '../core/key.js';
import { rejects, sameBytes } from './conformance-assert.js';
import { patterned } from './conformance-content.js';
function fetched(t, url, init) {
    return (t.options.fetch ?? fetch)(url, init);
}
export function describeServiceUrls(check) {
    check('gives each file an address for ever', async (t) => {
        for (const name of ['a', 'a b/é', "odd'()*?#%", '👋']) {
            const key = (t.options.scopePrefix ?? '') + t.key(name);
            assert.equal(t.storage.urlFor(t.key(name)), `/uploads/${encodeKey(key)}`);
        }
    });
    check('signs a URL that downloads a file', async (t) => {
        await t.upload('a b/é?#%.png', patterned(5000), 'image/png');
        for (const options of [undefined, 60, { expiresInSeconds: 60 }]) {
            const response = await fetched(t, await t.storage.generatePresignedUrl(t.key('a b/é?#%.png'), options));
            assert.equal(response.status, 200);
            sameBytes(Buffer.from(await response.arrayBuffer()), patterned(5000));
            assert.equal(response.headers.get('content-type'), 'image/png');
        }
    }, ['presign']);
    check('signs a URL that saves a file under a name', async (t) => {
        await t.upload('file', patterned(10), 'image/png');
        const url = await t.storage.generatePresignedUrl(t.key('file'), { fileName: 'Grüße 👋.png' });
        const response = await fetched(t, url);
        await response.arrayBuffer();
        const disposition = response.headers.get('content-disposition') ?? '';
        assert.match(disposition, /^attachment;/);
        assert.match(disposition, /filename\*=UTF-8''Gr%C3%BC%C3%9Fe%20%F0%9F%91%8B\.png/);
    }, ['presign']);
    check('signs a URL that uploads a file', async (t) => {
        const url = await t.storage.generatePresignedUrl(t.key('file'), {
            method: 'PUT',
            contentType: 'text/plain',
        });
        const response = await fetched(t, url, {
            method: 'PUT',
            body: Uint8Array.from(patterned(5000)),
            headers: { 'content-type': 'text/plain' },
        });
        await response.arrayBuffer();
        assert.ok(response.ok, `answered with ${response.status}`);
        await t.holds('file', patterned(5000));
        assert.equal((await t.storage.statFile(t.key('file'))).contentType, 'text/plain');
    }, ['presign']);
    check('signs for one file and one method', async (t) => {
        await t.upload('file', patterned(10, 1));
        await t.upload('other', patterned(10, 2));
        const url = await t.storage.generatePresignedUrl(t.key('file'));
        const other = url.replace('/file?', '/other?');
        assert.notEqual(other, url);
        for (const response of [
            await fetched(t, other),
            await fetched(t, url, { method: 'PUT', body: 'x' }),
            await fetched(t, url, { method: 'DELETE' }),
        ]) {
            await response.arrayBuffer();
            assert.ok(response.status >= 400 && response.status < 500, `answered with ${response.status}`);
        }
        await t.holds('file', patterned(10, 1));
    }, ['presign']);
    check('signs for one second to seven days, and refuses what makes no URL', async (t) => {
        const key = t.key('file');
        for (const options of [
            0,
            -1,
            1.5,
            604_801,
            Number.NaN,
            { expiresInSeconds: 0 },
            { method: 'POST' },
            { disposition: 'x' },
        ]) {
            await rejects('INVALID_ARGUMENT', () => t.storage.generatePresignedUrl(key, options));
        }
        for (const seconds of [1, 604_800])
            assert.ok(await t.storage.generatePresignedUrl(key, seconds));
    }, ['presign']);
}
//# sourceMappingURL=conformance-service-urls.js.map