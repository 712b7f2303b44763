import assert from 'node:assert/strict'
import type { Key } from '../core/key.js'
import type { Store } from '../core/store.js'
import { describeAttributes } from './conformance-attributes.js'
import { describeBodies } from './conformance-bodies.js'
import { describeConcurrency } from './conformance-concurrency.js'
import { describeConditions } from './conformance-conditions.js'
import { describeCopies } from './conformance-copies.js'
import { describeDeletes } from './conformance-deletes.js'
import { describeKeys } from './conformance-keys.js'
import { describeLifetime } from './conformance-lifetime.js'
import { describeListings } from './conformance-listings.js'
import { describePresigned } from './conformance-presigned.js'
import { describePuts } from './conformance-puts.js'
import { describeRanges } from './conformance-ranges.js'
import { type ConformanceOptions, checksOf, type Skippable } from './conformance-runner.js'
import { StoreScope } from './conformance-scope.js'

export interface StoreConformanceOptions extends ConformanceOptions {
  /**
   * Opens a store that knows its capabilities. It is called twice, the second time for a store that is closed at
   * once; whether both hold the same objects does not matter.
   */
  open(): Promise<OpenedStore>
}

export interface OpenedStore {
  readonly store: Store
  /** Reads an object's tags past the store, where its stats do not tell them. */
  readonly tagsOf?: ((key: Key) => Promise<Readonly<Record<string, string>>>) | undefined
  /** Closes the store and takes away what was made for it. */
  close(): Promise<void>
}

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
export function storeConformance(options: StoreConformanceOptions): void {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32)
  options.describe(`${options.name} is a store (seed ${seed})`, () => {
    let opened: Promise<OpenedStore> | undefined
    const { check, root } = checksOf(options, seed, async (prefix, random) => {
      opened ??= options.open()
      return new StoreScope(await opened, prefix, random, options)
    })
    options.afterAll(async () => {
      if (opened !== undefined) await (await opened).close()
    })

    const groups: Readonly<Record<string, (define: typeof check) => void>> = {
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
    }
    for (const [name, define] of Object.entries(groups)) options.describe(name, () => define(check))

    check('lacks what was declared as lacking', async t => {
      const declared = Object.keys(options.declaredSkips ?? {}) as Skippable[]
      assert.deepEqual(
        declared.filter(what => t.has(what)),
        [],
        'the store has what declaredSkips says it lacks',
      )
    })
    check('is left as it was found', async t => {
      const { objects } = await t.store.list({ prefix: root })
      assert.deepEqual(objects, [])
    })
  })
}
