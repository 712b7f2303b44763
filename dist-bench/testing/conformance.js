import assert from 'node:assert/strict';
import { describeAttributes } from './conformance-attributes.js';
import { describeBodies } from './conformance-bodies.js';
import { describeConcurrency } from './conformance-concurrency.js';
import { describeConditions } from './conformance-conditions.js';
import { describeCopies } from './conformance-copies.js';
import { describeDeletes } from './conformance-deletes.js';
import { describeKeys } from './conformance-keys.js';
import { describeLifetime } from './conformance-lifetime.js';
import { describeListings } from './conformance-listings.js';
import { describePresigned } from './conformance-presigned.js';
import { describePuts } from './conformance-puts.js';
import { describeRanges } from './conformance-ranges.js';
import { checksOf } from './conformance-runner.js';
import { StoreScope } from './conformance-scope.js';
/**
 * The store contract in executable form: defines a suite of small checks, by the runner's own functions, over
 * the store that `open` gives. It cleans up behind itself.
 *
 * @example
 * import { after, describe, it } from 'node:test'
 *
 * storeConformance({
 *   describe,
 *   it,
 *   afterAll: after,
 *   name: 'my store',
 *   declaredSkips: { presign: 'nobody serves its URLs' },
 *   open: async () => {
 *     const store = new MyStore()
 *     return { store, close: () => store.close() }
 *   },
 * })
 */
export function storeConformance(options) {
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    options.describe(`${options.name} is a store (seed ${seed})`, () => {
        let opened;
        const { check, root } = checksOf(options, seed, async (prefix, random) => {
            opened ??= options.open();
            return new StoreScope(await opened, prefix, random, options);
        });
        options.afterAll(async () => {
            if (opened !== undefined)
                await (await opened).close();
        });
        const groups = {
            uploads: describePuts,
            attributes: describeAttributes,
            conditions: describeConditions,
            ranges: describeRanges,
            downloads: describeBodies,
            keys: describeKeys,
            listings: describeListings,
            deletes: describeDeletes,
            copies: describeCopies,
            'presigned URLs': describePresigned,
            'many at once': describeConcurrency,
            lifetime: define => describeLifetime(define, () => options.open()),
        };
        for (const [name, define] of Object.entries(groups))
            options.describe(name, () => define(check));
        check('lacks what was declared as lacking', async (t) => {
            const declared = Object.keys(options.declaredSkips ?? {});
            assert.deepEqual(declared.filter(what => t.has(what)), [], 'the store has what declaredSkips says it lacks');
        });
        check('is left as it was found', async (t) => {
            const { objects } = await t.store.list({ prefix: root });
            assert.deepEqual(objects, []);
        });
    });
}
//# sourceMappingURL=conformance.js.map