import { StorageError } from '../core/errors.js';
/**
 * Every file whose key begins with `prefix`, for a command that acts on all of them.
 *
 * @throws StorageError `UNAVAILABLE` if the listing cannot be complete, since the store is away
 */
export async function* everyFile(storage, prefix, signal) {
    for await (const page of storage.list({ prefix, signal }).pages()) {
        if (!page.complete) {
            const message = 'The listing is incomplete while the store is away.';
            throw new StorageError({ code: 'UNAVAILABLE', op: 'list', message });
        }
        yield* page.files;
    }
}
/** The error where there is no file below a prefix. */
export function nothingBelow(prefix) {
    const message = `There is no file below ${prefix === '' ? 'the top' : prefix}.`;
    return new StorageError({ code: 'NOT_FOUND', op: 'list', message });
}
//# sourceMappingURL=listing.js.map