/** Whether this is an origin as browsers send it (RFC 6454, section 6.2): scheme, host and port, and no path. */
export declare function isOrigin(value: unknown): boolean;
