import { concurrently } from '../../core/concurrently.js'
import { throwIfAborted } from '../../core/errors.js'
import type { Failures } from './failures.js'
import { merge, type Pair } from './merge.js'
import type { Session } from './session.js'
import type { Unlistable } from './side.js'

/**
 * Does something for every name that either side has, some at once. What fails is noted, and stops none of the others;
 * a store that is given up ends it.
 *
 * @param unlistable told of what lies at a side and cannot be an object; if it throws, that ends it
 * @throws StorageError that of the store, `ABORTED`
 */
export async function eachPair(
  session: Session,
  failures: Failures,
  see: (pair: Pair) => Promise<void>,
  unlistable: { source?: (found: Unlistable) => void; target?: (found: Unlistable) => void } = {},
): Promise<void> {
  const { source, target, patience, objects, concurrency, signal } = session
  const pairs = merge(objects(source, unlistable.source), objects(target, unlistable.target))
  await concurrently(pairs, concurrency, async pair => {
    try {
      await see(pair)
      failures.succeeded()
    } catch (error) {
      if (!signal?.aborted) failures.add(pair.name, error)
    }
    return patience.lost === undefined && failures.hopeless === undefined && !signal?.aborted
  })
  throwIfAborted(signal, 'migrate')
  const trouble = patience.lost ?? failures.hopeless
  if (trouble !== undefined) throw trouble
}
