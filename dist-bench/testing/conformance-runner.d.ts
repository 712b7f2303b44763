import { Random } from './conformance-random.js';
/**
 * The functions of a test runner that a suite is written with: vitest's, jest's or (with `after` as
 * `afterAll`) node:test's fit as they are.
 */
export interface TestRunner {
    describe(name: string, define: () => void): unknown;
    it(name: string, run: (...context: unknown[]) => Promise<void>, timeoutMs?: number): unknown;
    afterAll(run: () => Promise<void>): unknown;
}
/** What a suite takes whatever it runs over. */
export interface ConformanceOptions extends TestRunner {
    /** Names what is tested in the report. */
    readonly name: string;
    /**
     * Every key the suite writes begins with this: `shared/`, say, in a bucket that holds other things. Without
     * it the store is taken to be the suite's own, and names at its root are tried too.
     */
    readonly keyPrefix?: string | undefined;
    /** The storage is a scope with this prefix, which the addresses of its files show. */
    readonly scopePrefix?: string | undefined;
    /**
     * What this store is known to lack, each with the reason, which its skipped checks report. A lack that is not
     * declared fails, and so does a declared one that is none.
     */
    readonly declaredSkips?: Readonly<Partial<Record<Skippable, string>>> | undefined;
    /**
     * A listing names an object by another ETag than its stat does; conditions take either. So it is with failover
     * over S3, whose listings do not tell the write id.
     */
    readonly listsOtherEtags?: boolean | undefined;
    /** Repeats an earlier run's random choices; the report names the seed. */
    readonly seed?: number | undefined;
    /** How many random keys to try; 2000 unless given. */
    readonly randomKeys?: number | undefined;
    /** Milliseconds that one check may take; 60,000 unless given. */
    readonly timeoutMs?: number | undefined;
    /** Fetches what a presigned URL names; the global `fetch` unless given. */
    readonly fetch?: typeof globalThis.fetch | undefined;
}
/** What a store may lack: the capabilities and the optional methods. */
export type Skippable = 'conditionalPut' | 'conditionalMultipart' | 'conditionalDelete' | 'presign' | 'tags' | 'storageClasses' | 'copy' | 'deleteMany';
/** Adds a check to a suite. `needs`: what the store must have for it, or else the check is skipped. */
export type Define<T> = (name: string, run: (t: T) => Promise<void>, needs?: readonly Skippable[]) => void;
/** Reports a check as skipped, as far as the runner has a way, and with its reason. */
export declare function skip(context: unknown, reason: string): void;
/** What one check works with; it is emptied behind the check. */
export interface CheckScope {
    has(what: Skippable): boolean;
    cleanUp(): Promise<void>;
}
/**
 * Makes the function that adds checks, each with a scope of its own that `enter` gives.
 *
 * @returns also the start of every key that the suite writes
 */
export declare function checksOf<T extends CheckScope>(options: ConformanceOptions, seed: number, enter: (prefix: string, random: Random) => Promise<T>): {
    check: Define<T>;
    root: string;
};
