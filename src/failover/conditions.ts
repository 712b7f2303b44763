import { StorageError, shown } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Condition, ObjectStat, OperationOptions } from '../core/store.js'
import type { Context } from './context.js'
import type { JournaledState } from './journal.js'

export function isConditional(condition: Condition): boolean {
  return condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined
}

/** Decides a condition by the acknowledged state of a busy key. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkState(op: string, key: Key, state: JournaledState, condition: Condition): void {
  checkEtags(op, key, state.kind === 'put' ? [state.writeId] : [], condition)
}

/** Decides a condition by what the primary told. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkStat(op: string, key: Key, stat: ObjectStat | undefined, condition: Condition): void {
  checkEtags(op, key, stat === undefined ? [] : [stat.writeId ?? stat.etag, stat.etag], condition)
}

/** @param etags the names that the object goes by; none if there is no object */
function checkEtags(op: string, key: Key, etags: readonly string[], condition: Condition): void {
  const { ifMatch, ifNoneMatch } = condition
  if (ifNoneMatch === '*' && etags.length > 0) {
    throw failed('ALREADY_EXISTS', op, key, `There is an object ${shown(key)} already.`)
  }
  if (ifMatch !== undefined && !etags.includes(ifMatch)) {
    const found = etags.length === 0 ? 'there is none' : `its ETag is ${shown(etags[0])}`
    const message = `An object with the ETag ${shown(ifMatch)} was asked for, and ${found}.`
    throw failed('PRECONDITION_FAILED', op, key, message)
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*' && etags.includes(ifNoneMatch)) {
    const message = `Any object but that with the ETag ${shown(ifNoneMatch)} was asked for.`
    throw failed('PRECONDITION_FAILED', op, key, message)
  }
}

/**
 * A condition in the primary's own ETags. Users see an object's write id as its ETag, which the primary does
 * not know it by.
 *
 * @throws `PRECONDITION_FAILED` where it does not hold already
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
  const { object } = await context.primary.look(key, options)
  checkStat(op, key, object, condition)
  if (object === undefined) return { ifNoneMatch: '*' }
  return ifMatch === undefined ? condition : { ifMatch: object.etag }
}

/** Write ids are UUIDs; anything else is an ETag of the primary's own. */
function needsTranslation(etag: string | undefined): boolean {
  return etag !== undefined && /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(etag)
}

function failed(
  code: 'ALREADY_EXISTS' | 'PRECONDITION_FAILED',
  op: string,
  key: Key,
  message: string,
): StorageError {
  return new StorageError({ code, op, key, store: 'local', message })
}
