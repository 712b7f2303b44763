import { constants } from 'node:buffer';
import { StorageError } from './errors.js';
/**
 * All bytes of a body that gives them piece by piece.
 *
 * @param length how many there are
 * @throws StorageError `TOO_LARGE` before reading more than `maxBytes`, or more than a Buffer holds: the body is
 *   closed then
 */
export async function gather(body, context, length, maxBytes = constants.MAX_LENGTH) {
    const limit = Math.min(maxBytes, constants.MAX_LENGTH);
    if (length > limit) {
        await body.close();
        throw tooLarge(context, length, limit);
    }
    const pieces = [];
    for await (const piece of body)
        pieces.push(piece);
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, length);
}
/** The error for a body that is longer than it may be. */
export function tooLarge({ key, store }, length, limit) {
    const message = `There are ${length} bytes to read, and ${limit} are allowed.`;
    return new StorageError({ code: 'TOO_LARGE', op: 'get', key, store, message });
}
/** The error for a body that is read once more, or after it was closed. */
export function spent({ key, store }) {
    const message = 'The body was read or closed before; it is read once.';
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'get', key, store, message });
}
//# sourceMappingURL=body.js.map