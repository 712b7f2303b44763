const nothing = () => { };
/** Says nothing: what the library uses unless a logger is given. */
export const silentLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
//# sourceMappingURL=logger.js.map