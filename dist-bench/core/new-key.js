import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { StorageError, shown } from './errors.js';
import { parseKey, parsePrefix } from './key.js';
/** Each stands for five bits. In lower case, since some filesystems take `a` and `A` for the same. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** 130 bits: more than a UUID's 122. */
const LENGTH = 26;
/** Few enough letters to be one, and all of them letters or digits; `tar.gz` and its like are one too. */
const EXTENSION = /^\.[a-z0-9]{1,10}$/i;
/**
 * A key that nobody had before and nobody can guess: 26 random letters and digits (130 bits) behind the prefix, with the
 * extension of the file's name, in lower case, where it has a plain one. Fit for any URL and any filesystem, whatever
 * the name is. Store under it with `ifNoneMatch: '*'`, and the file is the only one that ever was there.
 *
 * The name itself is no part of the key: give it as `fileName` when you store the file.
 *
 * @param prefix empty, or with `/` at its end
 * @throws StorageError `INVALID_ARGUMENT`; `INVALID_KEY` where the prefix leaves no room
 */
export function newKey(prefix, fileName = '') {
    const start = parsePrefix(prefix, 'newKey');
    if (start !== '' && !start.endsWith('/')) {
        const message = `Invalid prefix ${shown(prefix)}; accepted: '', or one with "/" at its end.`;
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'newKey', message });
    }
    if (typeof fileName !== 'string') {
        const message = `Invalid fileName ${shown(fileName)}; accepted: a string.`;
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'newKey', message });
    }
    return parseKey(start + randomName() + extensionOf(fileName), 'newKey');
}
function randomName() {
    let name = '';
    for (const byte of randomBytes(LENGTH))
        name += ALPHABET[byte % ALPHABET.length];
    return name;
}
function extensionOf(fileName) {
    const name = fileName.trim();
    const last = extname(name);
    if (!EXTENSION.test(last))
        return '';
    const inner = extname(name.slice(0, -last.length));
    return ((/^\.tar$/i.test(inner) ? inner : '') + last).toLowerCase();
}
//# sourceMappingURL=new-key.js.map