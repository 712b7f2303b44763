/** Names what was written while a bucket kept no versions; a later write without one takes its place, and its name. */
export const NULL_VERSION = 'null';
//# sourceMappingURL=versions.js.map