import assert from 'node:assert/strict'
import { Random } from './conformance-random.js'

/**
 * The functions of a test runner that a suite is written with: vitest's, jest's or (with `after` as
 * `afterAll`) node:test's fit as they are.
 */
export interface TestRunner {
  describe(name: string, define: () => void): unknown
  it(name: string, run: (...context: unknown[]) => Promise<void>, timeoutMs?: number): unknown
  afterAll(run: () => Promise<void>): unknown
}

/** What a suite takes whatever it runs over. */
export interface ConformanceOptions extends TestRunner {
  /** Names what is tested in the report. */
  readonly name: string
  /**
   * Every key the suite writes begins with this: `shared/`, say, in a bucket that holds other things. Without
   * it the store is taken to be the suite's own, and names at its root are tried too.
   */
  readonly keyPrefix?: string | undefined
  /** The storage is a scope with this prefix, which the addresses of its files show. */
  readonly scopePrefix?: string | undefined
  /**
   * What this store is known to lack, each with the reason, which its skipped checks report. A lack that is not
   * declared fails, and so does a declared one that is none.
   */
  readonly declaredSkips?: Readonly<Partial<Record<Skippable, string>>> | undefined
  /**
   * A listing names an object by another ETag than its stat does; conditions take either. So it is with failover
   * over S3, whose listings do not tell the write id.
   */
  readonly listsOtherEtags?: boolean | undefined
  /** Repeats an earlier run's random choices; the report names the seed. */
  readonly seed?: number | undefined
  /** How many random keys to try; 2000 unless given. */
  readonly randomKeys?: number | undefined
  /** Milliseconds that one check may take; 60,000 unless given. */
  readonly timeoutMs?: number | undefined
  /** Fetches what a presigned URL names; the global `fetch` unless given. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** What a store may lack: the capabilities and the optional methods. */
export type Skippable =
  | 'conditionalPut'
  | 'conditionalMultipart'
  | 'conditionalDelete'
  | 'presign'
  | 'tags'
  | 'storageClasses'
  | 'copy'
  | 'deleteMany'

/** Adds a check to a suite. `needs`: what the store must have for it, or else the check is skipped. */
export type Define<T> = (name: string, run: (t: T) => Promise<void>, needs?: readonly Skippable[]) => void

/** Reports a check as skipped, as far as the runner has a way, and with its reason. */
export function skip(context: unknown, reason: string): void {
  // An object in node:test; a function with properties in vitest.
  const { skip } = Object(context) as { skip?: unknown }
  if (typeof skip === 'function') skip.call(context, reason)
  else process.stdout.write(`skipped: ${reason}\n`)
}

/** What one check works with; it is emptied behind the check. */
export interface CheckScope {
  has(what: Skippable): boolean
  cleanUp(): Promise<void>
}

/**
 * Makes the function that adds checks, each with a scope of its own that `enter` gives.
 *
 * @returns also the start of every key that the suite writes
 */
export function checksOf<T extends CheckScope>(
  options: ConformanceOptions,
  seed: number,
  enter: (prefix: string, random: Random) => Promise<T>,
): { check: Define<T>; root: string } {
  // What a run that was killed left in a shared place stays out of this run's way.
  const root = options.keyPrefix === undefined ? '' : `${options.keyPrefix}${Date.now().toString(36)}-`
  let count = 0
  const check: Define<T> = (name, run, needs = []) => {
    const number = ++count
    const guarded = async (...context: unknown[]): Promise<void> => {
      const scope = await enter(`${root}c${number}/`, new Random(seed + number))
      for (const need of needs) {
        if (scope.has(need)) continue
        const reason = options.declaredSkips?.[need]
        assert.ok(reason !== undefined, `Without ${need}, and declaredSkips does not say why.`)
        return skip(context[0], `no ${need}: ${reason}`)
      }
      try {
        await run(scope)
      } catch (error) {
        await scope.cleanUp().catch(() => {})
        throw error
      }
      await scope.cleanUp()
    }
    options.it(name, guarded, options.timeoutMs ?? 60_000)
  }
  return { check, root }
}
