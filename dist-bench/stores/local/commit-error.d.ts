/** The reason of a failed commit, which LMDB's error carries as a promise of its own that must not stay unhandled. */
export declare function commitErrorOf(error: unknown): Promise<unknown>;
/** LMDB gives system errors by number; everything else here goes by name. */
export declare function systemErrorOf(error: unknown): Error;
