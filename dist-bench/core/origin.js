/** Whether this is an origin as browsers send it (RFC 6454, section 6.2): scheme, host and port, and no path. */
export function isOrigin(value) {
    return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}
//# sourceMappingURL=origin.js.map