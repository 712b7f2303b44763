/** What is used where nothing else is configured. */
export const DEFAULT_DEADLINES = {
    connectMs: 3_000,
    firstByteMs: 10_000,
    idleMs: 15_000,
    totalMs: 30_000,
    completeMs: 300_000,
};
//# sourceMappingURL=deadlines.js.map