/**
 * The prefix that stands for the key in a listing: up to the first delimiter behind the listing's own prefix (S3
 * API, "ListObjectsV2", `CommonPrefixes`).
 *
 * @returns undefined where the key stands for itself
 */
export function rollUp(key, prefix, delimiter) {
    if (delimiter === '' || !key.startsWith(prefix))
        return undefined;
    const found = key.indexOf(delimiter, prefix.length);
    return found === -1 ? undefined : key.slice(0, found + delimiter.length);
}
//# sourceMappingURL=roll-up.js.map