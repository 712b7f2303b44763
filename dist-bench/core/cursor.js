import { createHash } from 'node:crypto';
import { StorageError, shown } from './errors.js';
/** The cursor as text that fits a URL, tied to the listing's question. */
export function formatCursor(cursor, prefix, delimiter) {
    const mark = cursor.complete ? 'c' : 'i';
    return Buffer.from(`${mark}${question(prefix, delimiter)}${cursor.last}`).toString('base64url');
}
/**
 * Reads what {@link formatCursor} wrote for the same prefix and delimiter.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a cursor of another listing, or no cursor at all
 */
export function parseCursor(text, prefix, delimiter) {
    const isCursor = typeof text === 'string' && /^[A-Za-z0-9_-]+$/.test(text);
    const decoded = isCursor ? Buffer.from(text, 'base64url').toString() : '';
    const mark = decoded[0];
    if ((mark === 'c' || mark === 'i') && decoded.length > 1 + QUESTION_LENGTH) {
        if (decoded.slice(1, 1 + QUESTION_LENGTH) === question(prefix, delimiter)) {
            return { last: decoded.slice(1 + QUESTION_LENGTH), complete: mark === 'c' };
        }
    }
    throw new StorageError({
        code: 'INVALID_ARGUMENT',
        op: 'list',
        message: `Invalid cursor ${shown(text)}; accepted: the cursor of a page with the same prefix and delimiter.`,
    });
}
const QUESTION_LENGTH = 8;
function question(prefix, delimiter) {
    return createHash('sha256')
        .update(`${prefix}\0${delimiter ?? ''}`)
        .digest('base64url')
        .slice(0, QUESTION_LENGTH);
}
//# sourceMappingURL=cursor.js.map