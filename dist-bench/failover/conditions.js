import { checkEtags } from '../core/condition.js';
/** Decides a condition by the acknowledged state of a busy key. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkState(op, key, state, condition) {
    checkEtags({ op, key, store: 'local' }, state.kind === 'put' ? [state.writeId] : [], condition);
}
/** Decides a condition by what the primary told. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
export function checkStat(op, key, stat, condition) {
    checkEtags({ op, key, store: 'local' }, stat === undefined ? [] : [stat.writeId ?? stat.etag, stat.etag], condition);
}
/**
 * A condition in the primary's own ETags. Users see an object's write id as its ETag, which the primary does
 * not know it by.
 *
 * @throws `PRECONDITION_FAILED` where it does not hold already, and what {@link Availability.ask} does
 */
export async function primaryCondition(context, op, key, condition, options) {
    const { ifMatch, ifNoneMatch } = condition;
    if (!needsTranslation(ifMatch) && !needsTranslation(ifNoneMatch))
        return condition;
    const { availability, primary } = context;
    const { signal } = options;
    const { object } = await availability.ask(availability.reads, op, key, () => primary.look(key, { signal }));
    checkStat(op, key, object, condition);
    if (object === undefined)
        return { ifNoneMatch: '*' };
    return ifMatch === undefined ? condition : { ifMatch: object.etag };
}
/** Write ids are UUIDs; anything else is an ETag of the primary's own. */
function needsTranslation(etag) {
    return etag !== undefined && /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(etag);
}
//# sourceMappingURL=conditions.js.map