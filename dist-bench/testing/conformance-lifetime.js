import assert from 'node:assert/strict';
import { parseAttributes } from '../core/attributes.js';
import { asStorageError } from './conformance-assert.js';
import { UntouchedSource } from './conformance-content.js';
export function describeLifetime(check, open) {
    check('refuses every operation after it was closed, and may be closed twice', async (t) => {
        const opened = await open();
        const { store } = opened;
        await store.close();
        await store.close();
        const key = t.key('file');
        const source = new UntouchedSource(10);
        const operations = [
            () => store.put(key, source, { attributes: parseAttributes({}) }),
            () => store.get(key),
            () => store.head(key),
            () => store.delete(key),
            () => store.list({ prefix: t.prefix }),
            async () => store.copy?.(key, t.key('copy')) ?? refuse(),
            async () => store.deleteMany?.([key]) ?? refuse(),
        ];
        for (const operation of operations) {
            const error = await operation().then(() => assert.fail('an operation succeeded after close()'), (error) => error);
            if (error instanceof NoSuchMethod)
                continue;
            assert.notEqual(asStorageError(error).code, 'NOT_FOUND');
        }
        assert.equal(source.reads, 0, 'the content was read');
        await opened.close();
        await t.absent('file');
    });
}
class NoSuchMethod extends Error {
}
function refuse() {
    throw new NoSuchMethod();
}
//# sourceMappingURL=conformance-lifetime.js.map