import { checkEtags } from '../core/condition.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Condition, ObjectStat, OperationOptions } from '../core/store.js'
import type { Context } from './context.js'
import type { JournaledState } from './journal.js'

/** Decides a condition by the acknowledged state of a busy key. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkState(op: string, key: Key, state: JournaledState, condition: Condition): void {
  checkEtags({ op, key, store: 'local' }, state.kind === 'put' ? [state.writeId] : [], condition)
}

/** Decides a condition by what the primary told. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkStat(op: string, key: Key, stat: ObjectStat | undefined, condition: Condition): void {
  checkEtags(
    { op, key, store: 'local' },
    stat === undefined ? [] : [stat.writeId ?? stat.etag, stat.etag],
    condition,
  )
}

/** Whether an error says that a condition does not hold. */
export function isRefusal(error: unknown): error is StorageError {
  return StorageError.is(error, 'ALREADY_EXISTS') || StorageError.is(error, 'PRECONDITION_FAILED')
}

/**
 * A condition in the primary's own ETags. Users see an object's write id as its ETag, which the primary does
 * not know it by.
 *
 * @throws `PRECONDITION_FAILED` where it does not hold already, and what {@link Availability.require} does
 */
export async function primaryCondition(
  context: Context,
  op: string,
  key: Key,
  condition: Condition,
  options: OperationOptions,
): Promise<Condition> {
  const { ifMatch, ifNoneMatch } = condition
  if (!needsTranslation(ifMatch) && !needsTranslation(ifNoneMatch)) return condition
  const { availability, primary } = context
  const { signal } = options
  const look = () => primary.look(key, { signal })
  const { object } = await availability.require(availability.reads, op, key, look)
  checkStat(op, key, object, condition)
  if (object === undefined) return { ifNoneMatch: '*' }
  return ifMatch === undefined ? condition : { ifMatch: object.etag }
}

/** Write ids are UUIDs; anything else is an ETag of the primary's own. */
function needsTranslation(etag: string | undefined): boolean {
  return etag !== undefined && /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(etag)
}
