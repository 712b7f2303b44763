import { type Key } from './key.js';
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
export declare function newKey(prefix: string, fileName?: string): Key;
