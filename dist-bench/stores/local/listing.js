import { shown } from '../../core/errors.js';
import { compareUtf8, RESERVED_PREFIX } from '../../core/key.js';
import { rollUp } from '../../core/roll-up.js';
import { failure } from './io-error.js';
/** No byte of UTF-8 is 0xff: with it behind, a prefix comes after every key below it. */
const PAST = Buffer.from([0xff]);
const JUST_PAST = Buffer.from([0]);
/**
 * One page of a listing (S3 API, "ListObjectsV2"). Its cost is that of what it holds: keys below a rolled-up
 * prefix are passed over without being read.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a limit other than 1 to 1000
 */
export function listPage(ledger, options, complete) {
    const { prefix = '', delimiter = '', startAfter = '', limit = 1000 } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
        throw failure('INVALID_ARGUMENT', 'list', undefined, `Invalid limit ${shown(limit)}; accepted: 1 to 1000.`);
    }
    const objects = [];
    const prefixes = [];
    const end = prefix === '' ? undefined : past(prefix);
    let last = '';
    let start = begin(prefix, delimiter, startAfter);
    while (start !== undefined) {
        const from = start;
        start = undefined;
        for (const { key, row } of ledger.range(from, end)) {
            if (row.object === undefined)
                continue;
            if (key.startsWith(RESERVED_PREFIX)) {
                start = past(RESERVED_PREFIX);
                break;
            }
            if (objects.length + prefixes.length === limit)
                return { objects, prefixes, next: last, complete };
            const rolledUp = rollUp(key, prefix, delimiter);
            last = rolledUp ?? key;
            if (rolledUp === undefined) {
                objects.push(listed(key, row.object));
            }
            else {
                prefixes.push(rolledUp);
                start = past(rolledUp);
                break;
            }
        }
    }
    return { objects, prefixes, complete };
}
/** The first bytes of a listing's range. */
function begin(prefix, delimiter, startAfter) {
    if (compareUtf8(startAfter, prefix) < 0)
        return Buffer.from(prefix);
    if (startAfter.startsWith(prefix) && rollUp(startAfter, prefix, delimiter) === startAfter) {
        return past(startAfter);
    }
    return startAfter === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from(startAfter), JUST_PAST]);
}
function past(prefix) {
    return Buffer.concat([Buffer.from(prefix), PAST]);
}
function listed(key, object) {
    return {
        key: key,
        size: object.identity.size,
        etag: object.writeId,
        lastModified: new Date(object.lastModified),
    };
}
//# sourceMappingURL=listing.js.map