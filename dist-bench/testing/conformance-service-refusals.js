import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTime, rejects } from './conformance-assert.js';
import { PART_BYTES, patterned, StallingContent } from './conformance-content.js';
const HOSTILE_KEYS = [
    '',
    '/',
    '/etc/passwd',
    '.',
    '..',
    '../x',
    '../../../../etc/passwd',
    'a/../b',
    'a/..',
    'a/./b',
    './a',
    'a//b',
    'a/',
    'a\\b',
    '..\\x',
    'a\u0000b',
    'a\nb',
    'a\r\nX: y',
    'a\u007f',
    'a\u0085b',
    'a\u2028b',
    '\ud800',
    'a\udc00b',
    'x'.repeat(1025),
    'é'.repeat(513),
    '.holdfast',
    '.holdfast/x',
    '.holdfast/tmp/../../x',
    undefined,
    null,
    42,
    {},
    ['a'],
];
/** Every call that takes a key, with this one. */
function callsWith(storage, key, options) {
    return [
        ['uploadFile', () => storage.uploadFile(Buffer.from('x'), key, options)],
        ['downloadFile', () => storage.downloadFile(key, options)],
        ['openFile', () => storage.openFile(key, options)],
        ['statFile', () => storage.statFile(key, options)],
        ['fileExists', () => storage.fileExists(key, options)],
        ['deleteFile', () => storage.deleteFile(key, options)],
        ['copyFile from', () => storage.copyFile(key, 'holdfast-conformance/to', options)],
        ['copyFile to', () => storage.copyFile('holdfast-conformance/from', key, options)],
        ['moveFile from', () => storage.moveFile(key, 'holdfast-conformance/to', options)],
        ['moveFile to', () => storage.moveFile('holdfast-conformance/from', key, options)],
    ];
}
export function describeServiceRefusals(check) {
    for (const key of HOSTILE_KEYS) {
        const shown = typeof key === 'string' ? JSON.stringify(key.slice(0, 30)) : String(JSON.stringify(key));
        check(`refuses the key ${shown} in every call`, async (t) => {
            const calls = callsWith(t.storage, key);
            calls.push(['generatePresignedUrl', () => t.storage.generatePresignedUrl(key)]);
            calls.push(['urlFor', async () => t.storage.urlFor(key)]);
            for (const [, call] of calls)
                await rejects('INVALID_KEY', call);
            const { deleted, failed } = await t.storage.deleteFiles([key]);
            assert.equal(deleted, 0);
            assert.deepEqual(failed.map(({ error }) => error.code), ['INVALID_KEY']);
        });
    }
    check('does nothing for a signal that fired before', async (t) => {
        await t.upload('file', patterned(10));
        const signal = AbortSignal.abort();
        for (const [, call] of callsWith(t.storage, t.key('file'), { signal }))
            await rejects('ABORTED', call);
        await rejects('ABORTED', () => t.storage.deleteFiles([t.key('file')], { signal }));
        await rejects('ABORTED', () => t.storage.deletePrefix(t.prefix, { signal }));
        await rejects('ABORTED', () => t.storage.listFiles(t.prefix, { signal }));
        await rejects('ABORTED', () => t.storage.getStorageMetrics({ prefix: t.prefix, signal }));
        await t.holds('file', patterned(10));
    });
    for (const size of [0, 1000, PART_BYTES + 1000]) {
        check(`stores nothing of an upload that is aborted, or runs out of time, after ${size} bytes`, async (t) => {
            await t.upload('old', patterned(5));
            for (const name of ['old', 'new']) {
                const content = new StallingContent(patterned(size));
                const controller = new AbortController();
                const upload = rejects('ABORTED', () => t.upload(name, content, { signal: controller.signal }));
                await content.reached;
                controller.abort();
                await inTime('An aborted upload', upload).finally(() => content.release());
                const late = new StallingContent(patterned(size));
                const timeoutMs = 150;
                const timedOut = rejects('TIMEOUT', () => t.upload(name, late, { timeoutMs }));
                await inTime('An upload past its deadline', timedOut).finally(() => late.release());
            }
            await sleep(20);
            await t.holds('old', patterned(5));
            await t.absent('new');
        });
    }
    check('goes on after refusals', async (t) => {
        await t.upload('file', patterned(10), { timeoutMs: 30_000, signal: new AbortController().signal });
        await t.holds('file', patterned(10));
    });
}
//# sourceMappingURL=conformance-service-refusals.js.map