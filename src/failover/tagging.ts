import type { Tags } from '../core/attributes.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { ObjectStat, OperationOptions, Store, ThawOptions } from '../core/store.js'
import { busyState, type Context, seenStat } from './context.js'
import { statOfState } from './journal.js'
import type { Journaling } from './journaling.js'
import { notFound } from './reader.js'

/**
 * Gives an object other tags: a busy key's in the journal, any other's at the primary. The bytes of a key that is not busy
 * are not here, so while the primary is away there is nothing to keep the tags with.
 *
 * @throws `NOT_FOUND`, `UNAVAILABLE` while the primary is away
 */
export async function setTags(
  context: Context,
  journaling: Journaling,
  key: Key,
  tags: Tags,
  options?: OperationOptions,
): Promise<void> {
  if (await journaling.retag(key, tags)) return
  const { availability, legacy, primary } = context
  const change = (store: Store): Promise<void> => required(store, 'setTags')(key, tags, options)
  try {
    await availability.require(availability.writes, 'tags', key, () => change(primary.store))
  } catch (error) {
    if (!StorageError.is(error, 'NOT_FOUND') || legacy?.holds(key) !== true) throw error
    await change(legacy.store)
  }
}

/**
 * Asks the primary for an archived object back. What lies here can be read as it is.
 *
 * @throws `NOT_FOUND`, `UNAVAILABLE` while the primary is away
 */
export async function thaw(context: Context, key: Key, options: ThawOptions): Promise<ObjectStat> {
  const { availability, bytes, journal, legacy, primary } = context
  const state = busyState(context, journal.get(key))
  if (state?.kind === 'delete') throw notFound('thaw', key)
  if (state !== undefined) return statOfState(key, state, bytes.pathOf(state.file))
  try {
    const ask = (): Promise<ObjectStat> => required(primary.store, 'thaw')(key, options)
    return seenStat(await availability.require(availability.writes, 'thaw', key, ask))
  } catch (error) {
    if (!StorageError.is(error, 'NOT_FOUND') || legacy?.holds(key) !== true) throw error
    return legacy.store.head(key, options)
  }
}

/** A method that not every store has. @throws `UNSUPPORTED` */
export function required<M extends 'getTags' | 'setTags' | 'thaw'>(
  store: Store,
  method: M,
): NonNullable<Store[M]> {
  const found = store[method]
  if (found !== undefined) return found.bind(store) as NonNullable<Store[M]>
  const [op, lacks] = method === 'thaw' ? ['thaw', 'restores no objects'] : ['tags', 'has no tags']
  const message = `The ${store.kind} store ${lacks}.`
  throw new StorageError({ code: 'UNSUPPORTED', op, store: store.kind, message })
}
