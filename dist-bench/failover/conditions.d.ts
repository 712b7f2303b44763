import type { Key } from '../core/key.js';
import type { Condition, ObjectStat, OperationOptions } from '../core/store.js';
import type { Context } from './context.js';
import type { JournaledState } from './journal.js';
/** Decides a condition by the acknowledged state of a busy key. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export declare function checkState(op: string, key: Key, state: JournaledState, condition: Condition): void;
/** Decides a condition by what the primary told. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export declare function checkStat(op: string, key: Key, stat: ObjectStat | undefined, condition: Condition): void;
/**
 * A condition in the primary's own ETags. Users see an object's write id as its ETag, which the primary does
 * not know it by.
 *
 * @throws `PRECONDITION_FAILED` where it does not hold already, and what {@link Availability.ask} does
 */
export declare function primaryCondition(context: Context, op: string, key: Key, condition: Condition, options: OperationOptions): Promise<Condition>;
