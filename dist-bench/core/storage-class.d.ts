/** S3's storage classes (S3 API, "PutObject", `x-amz-storage-class`). */
export declare const STORAGE_CLASSES: readonly ['STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR', 'OUTPOSTS', 'SNOW', 'EXPRESS_ONEZONE'];
/** What S3 stores in unless told otherwise, and what listings and heads do not name. */
export declare const STANDARD = "STANDARD";
/** Whether objects of this class have to be restored before they are read. */
export declare function isArchiveClass(storageClass: string | undefined): boolean;
/**
 * Checks the name of a storage class. Servers have classes of their own, under names of their own: so any name
 * passes, but for one that is S3's in another spelling, which no server has and most would only refuse later.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function parseStorageClass(storageClass: unknown, op: string): string;
