import assert from 'node:assert/strict';
import { DEFAULT_CONTENT_TYPE, parseAttributes } from '../core/attributes.js';
import { openSource } from '../core/source.js';
import { PART_BYTES, patterned } from './conformance-content.js';
const FILE_NAMES = [
    'plain.txt',
    'two words.pdf',
    'Grüße aus Köln.jpg',
    'Gru\u0308ße.jpg',
    '日本語の写真.png',
    '👩‍👩‍👧 family.heic',
    'quote " and \\ and ; and =.txt',
    '../../etc/passwd',
    '%41%2F.txt',
    '\u202egnp.exe',
    '=?UTF-8?B?YQ==?=',
    ' spaces around ',
    '.',
];
const METADATA = {
    plain: 'value',
    empty: '',
    'with-dash': 'a-b',
    'with.dot': 'a.b',
    digits123: '456',
    unicode: 'Grüße, 日本語, 👋',
    'looks-encoded': '=?UTF-8?B?YQ==?=',
    'has-encoded': 'a =?utf-8?q?b?= c',
    spaces: ' around ',
    percent: '100%25',
    quotes: '"\'\\',
    tostring: 'not a function',
    constructor: 'not a function either',
};
/** Names that a careless object would take for its own, or a server for another spelling. */
const ODD_METADATA = {
    ['__proto__']: 'a name like any other',
    under_score: 'a_b',
};
/** A record as plain data, whatever its prototype, with own names only. */
function plain(record) {
    return Object.entries(record ?? {}).sort();
}
/** Stores an object with the attributes and gives what put, head and get say of it. */
async function stats(t, attributes, size = 100) {
    const put = await t.put('file', patterned(size), { attributes });
    const head = await t.store.head(t.key('file'));
    const opened = await t.store.get(t.key('file'));
    await opened.body.close();
    return [put, head, opened.stat];
}
async function keeps(t, attributes, size) {
    for (const stat of await stats(t, attributes, size)) {
        assert.equal(stat.contentType, attributes.contentType ?? DEFAULT_CONTENT_TYPE);
        assert.equal(stat.fileName, attributes.fileName);
        assert.equal(stat.contentDisposition, attributes.contentDisposition);
        assert.equal(stat.cacheControl, attributes.cacheControl);
        assert.equal(stat.contentEncoding, attributes.contentEncoding);
        assert.deepEqual(plain(stat.metadata), plain(attributes.metadata));
    }
}
export function describeAttributes(check) {
    check('has a content type where none was given, and no other attribute', async (t) => {
        await keeps(t, {});
    });
    check('keeps content types', async (t) => {
        for (const contentType of [
            'image/png',
            'text/plain; charset=utf-8',
            'application/vnd.oasis.opendocument.text',
            'multipart/mixed; boundary="a b=c"',
            'image/svg+xml',
        ]) {
            await keeps(t, { contentType });
        }
    });
    check('keeps all attributes together, of small and of large objects', async (t) => {
        const attributes = {
            contentType: 'image/jpeg',
            fileName: 'Grüße 👋.jpg',
            contentDisposition: 'attachment; filename="a b.jpg"; filename*=UTF-8\'\'a%20b.jpg',
            cacheControl: 'private, max-age=3600, immutable',
            contentEncoding: 'gzip',
            metadata: METADATA,
        };
        await keeps(t, attributes);
        await keeps(t, attributes, PART_BYTES + 1);
    });
    check('keeps what the bytes were compressed from, through copies, and none of it in the next version', async (t) => {
        const original = { encoding: 'gzip', size: 12_345_678_901, sha256: 'a1'.repeat(32) };
        const attributes = { ...parseAttributes({ contentEncoding: 'gzip', metadata: METADATA }), original };
        for (const size of [100, PART_BYTES + 1]) {
            const source = await openSource(patterned(size));
            const put = await t.store.put(t.key('file'), source, { attributes });
            assert.deepEqual(put.original, original);
            assert.equal(put.size, size);
            const found = [await t.store.head(t.key('file'))];
            if (t.store.copy !== undefined) {
                const copied = await t.store.copy(t.key('file'), t.key('copy'));
                found.push(copied, await t.store.head(t.key('copy')));
            }
            for (const stat of found) {
                assert.deepEqual(stat.original, original);
                assert.equal(stat.contentEncoding, 'gzip');
                assert.deepEqual(plain(stat.metadata), plain(METADATA));
            }
        }
        await t.put('file', patterned(10), { attributes: {} });
        assert.equal((await t.store.head(t.key('file'))).original, undefined);
    });
    for (const fileName of FILE_NAMES) {
        check(`keeps the file name ${JSON.stringify(fileName)}`, async (t) => {
            await keeps(t, { fileName });
        });
    }
    for (const [name, value] of Object.entries({ ...METADATA, ...ODD_METADATA })) {
        check(`keeps the metadata ${JSON.stringify(name)}: ${JSON.stringify(value)}`, async (t) => {
            await keeps(t, { metadata: { [name]: value } });
        });
    }
    check('keeps as much metadata as is accepted', async (t) => {
        await keeps(t, { metadata: { a: 'x'.repeat(1000), b: 'y'.repeat(598) } });
        await keeps(t, { metadata: { a: 'é'.repeat(590) } });
        await keeps(t, { metadata: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`m${i}`, 'abc'])) });
    });
    check('does not mix up metadata with what other objects carry', async (t) => {
        await t.put('a', patterned(1), { attributes: { metadata: { shared: 'a', only: 'a' }, fileName: 'a' } });
        await t.put('b', patterned(1), { attributes: { metadata: { shared: 'b' } } });
        const b = await t.store.head(t.key('b'));
        assert.deepEqual(plain(b.metadata), [['shared', 'b']]);
        assert.equal(b.fileName, undefined);
    });
    check('forgets the attributes of an object that was replaced', async (t) => {
        await t.put('file', patterned(1), {
            attributes: { contentType: 'image/png', fileName: 'a', cacheControl: 'no-store', metadata: { a: 'b' } },
        });
        await keeps(t, {});
    });
    check('keeps up to ten tags', async (t) => {
        const tags = {
            plain: 'value',
            empty: '',
            'with space': 'a b',
            'Grüße/:=@_.-+': 'Köln+-=._:/@',
            five: '5',
            six: '6',
            seven: '7',
            eight: '8',
            nine: '9',
            ['__proto__']: 'ten',
        };
        for (const size of [100, PART_BYTES + 1]) {
            await t.put('file', patterned(size), { attributes: { tags } });
            await t.tagged('file', tags);
        }
        await t.put('file', patterned(1));
        await t.tagged('file', {});
    }, ['tags']);
    check('keeps the storage class, and lists it', async (t) => {
        await t.put('file', patterned(100), { attributes: { storageClass: 'STANDARD_IA' } });
        const head = await t.holds('file', patterned(100));
        assert.equal(head.storageClass, 'STANDARD_IA');
        const [listed] = (await t.store.list({ prefix: t.key('file') })).objects;
        assert.equal(listed?.storageClass, 'STANDARD_IA');
    }, ['storageClasses']);
}
//# sourceMappingURL=conformance-attributes.js.map