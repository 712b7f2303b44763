import assert from 'node:assert/strict';
import { Random } from './conformance-random.js';
/** Reports a check as skipped, as far as the runner has a way, and with its reason. */
export function skip(context, reason) {
    // An object in node:test; a function with properties in vitest.
    const { skip } = Object(context);
    if (typeof skip === 'function')
        skip.call(context, reason);
    else
        process.stdout.write(`skipped: ${reason}\n`);
}
/**
 * Makes the function that adds checks, each with a scope of its own that `enter` gives.
 *
 * @returns also the start of every key that the suite writes
 */
export function checksOf(options, seed, enter) {
    // What a run that was killed left in a shared place stays out of this run's way.
    const root = options.keyPrefix === undefined ? '' : `${options.keyPrefix}${Date.now().toString(36)}-`;
    let count = 0;
    const check = (name, run, needs = []) => {
        const number = ++count;
        const guarded = async (...context) => {
            const scope = await enter(`${root}c${number}/`, new Random(seed + number));
            for (const need of needs) {
                if (scope.has(need))
                    continue;
                const reason = options.declaredSkips?.[need];
                assert.ok(reason !== undefined, `Without ${need}, and declaredSkips does not say why.`);
                return skip(context[0], `no ${need}: ${reason}`);
            }
            try {
                await run(scope);
            }
            catch (error) {
                await scope.cleanUp().catch(() => { });
                throw error;
            }
            await scope.cleanUp();
        };
        options.it(name, guarded, options.timeoutMs ?? 60_000);
    };
    return { check, root };
}
//# sourceMappingURL=conformance-runner.js.map