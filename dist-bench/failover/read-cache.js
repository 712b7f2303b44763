/** Content up to this size is small: to send it costs the primary and us no more than to ask about it. */
export const SMALL_BYTES = 64 * 1024;
//# sourceMappingURL=read-cache.js.map