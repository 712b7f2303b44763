import { describe, test } from 'vitest'

/**
 * A suite that runs unless there is a reason against it, which the summary of the run then names: `body` is not
 * called, and one skipped test stands for all of it.
 */
export function describeUnless(reason: string | undefined, name: string, body: () => void): void {
  describe(name, () => {
    if (reason === undefined) body()
    else test('all of it', context => context.skip(reason))
  })
}
