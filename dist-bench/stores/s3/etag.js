/** An ETag as it stands in a condition sent to this endpoint. */
export function formatEtag(etag, style) {
    return style === 'quoted' ? `"${etag}"` : etag;
}
//# sourceMappingURL=etag.js.map