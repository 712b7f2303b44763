import { StorageError, shown } from './errors.js';
/** S3's storage classes (S3 API, "PutObject", `x-amz-storage-class`). */
export const STORAGE_CLASSES = [
    'STANDARD',
    'REDUCED_REDUNDANCY',
    'STANDARD_IA',
    'ONEZONE_IA',
    'INTELLIGENT_TIERING',
    'GLACIER',
    'DEEP_ARCHIVE',
    'GLACIER_IR',
    'OUTPOSTS',
    'SNOW',
    'EXPRESS_ONEZONE',
];
/** What S3 stores in unless told otherwise, and what listings and heads do not name. */
export const STANDARD = 'STANDARD';
/** Classes whose objects must be restored before they can be read. */
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);
/** Whether objects of this class have to be restored before they are read. */
export function isArchiveClass(storageClass) {
    return storageClass !== undefined && ARCHIVES.has(storageClass);
}
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;
const letters = (name) => name.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
const BY_LETTERS = new Map(STORAGE_CLASSES.map(name => [letters(name), name]));
/**
 * Checks the name of a storage class. Servers have classes of their own, under names of their own: so any name
 * passes, but for one that is S3's in another spelling, which no server has and most would only refuse later.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseStorageClass(storageClass, op) {
    const isName = typeof storageClass === 'string' && NAME.test(storageClass);
    const meant = isName ? BY_LETTERS.get(letters(storageClass)) : undefined;
    if (isName && (meant === undefined || meant === storageClass))
        return storageClass;
    const accepted = meant === undefined ? `one of S3's (${STORAGE_CLASSES.join(', ')}) or of the server's own` : meant;
    throw new StorageError({
        code: 'INVALID_ARGUMENT',
        op,
        message: `Invalid storageClass ${shown(storageClass)}; accepted: ${accepted}.`,
    });
}
//# sourceMappingURL=storage-class.js.map