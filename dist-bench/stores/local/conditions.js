import { checkEtags, isConditional } from '../../core/condition.js';
import { shown } from '../../core/errors.js';
import { STANDARD } from '../../core/storage-class.js';
import { failure } from './io-error.js';
/** {@link checkEtags} for a local object, whose ETag is its write id. @throws StorageError as that */
export function checkCondition(op, key, current, condition) {
    if (!isConditional(condition))
        return;
    checkEtags({ op, key, store: 'local' }, current === undefined ? [] : [current.writeId], condition);
}
/** @throws StorageError `UNSUPPORTED` if a storage class is asked for that is another than all local files have */
export function refuseStorageClass(op, key, attributes) {
    if (attributes.storageClass === undefined || attributes.storageClass === STANDARD)
        return;
    throw failure('UNSUPPORTED', op, key, `Local storage has no storage classes but ${STANDARD}.`);
}
/** @throws StorageError `INVALID_ARGUMENT` for a write id that could not be a file's name */
export function checkWriteId(op, key, writeId) {
    if (/^[A-Za-z0-9-]{1,64}$/.test(writeId))
        return;
    throw failure('INVALID_ARGUMENT', op, key, `Invalid writeId ${shown(writeId)}; accepted: 1 to 64 letters, digits and "-".`);
}
//# sourceMappingURL=conditions.js.map