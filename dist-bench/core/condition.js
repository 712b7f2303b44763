import { StorageError, shown } from './errors.js';
/** Whether there is anything to decide. */
export function isConditional(condition) {
    return condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined;
}
/**
 * Checks a condition against the object that is there now (RFC 9110, section 13.1; S3 API, "Conditional requests").
 *
 * @param etags the ETags that the object goes by; none if there is no object
 * @throws StorageError `ALREADY_EXISTS`, `PRECONDITION_FAILED`
 */
export function checkEtags(context, etags, { ifMatch, ifNoneMatch }) {
    if (ifNoneMatch === '*' && etags.length > 0) {
        throw failed(context, 'ALREADY_EXISTS', `There is an object ${shown(context.key)} already.`);
    }
    if (ifMatch !== undefined && !etags.includes(ifMatch)) {
        const found = etags.length === 0 ? 'there is none' : `its ETag is ${shown(etags[0])}`;
        const message = `An object with the ETag ${shown(ifMatch)} was asked for, and ${found}.`;
        throw failed(context, 'PRECONDITION_FAILED', message);
    }
    if (ifNoneMatch !== undefined && ifNoneMatch !== '*' && etags.includes(ifNoneMatch)) {
        const message = `Any object but that with the ETag ${shown(ifNoneMatch)} was asked for.`;
        throw failed(context, 'PRECONDITION_FAILED', message);
    }
}
function failed({ op, key, store }, code, message) {
    return new StorageError({ code, op, key, store, message });
}
//# sourceMappingURL=condition.js.map