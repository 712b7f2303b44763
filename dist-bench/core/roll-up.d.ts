/**
 * The prefix that stands for the key in a listing: up to the first delimiter behind the listing's own prefix (S3
 * API, "ListObjectsV2", `CommonPrefixes`).
 *
 * @returns undefined where the key stands for itself
 */
export declare function rollUp(key: string, prefix: string, delimiter: string): string | undefined;
