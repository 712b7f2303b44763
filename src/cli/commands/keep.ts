import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { printable } from '../output.js'
import { type Job, transfer } from '../transfer.js'

/** The options of `holdfast keep`. */
export interface KeepOptions {
  readonly concurrency: number
}

/** Ends the expiry of files. */
export async function keep(context: Context, keys: readonly string[], options: KeepOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const [only] = keys
  if (keys.length === 1 && only !== undefined) {
    const kept = await storage.keepFile(only, { signal })
    if (output.json) await output.object(kept)
    output.note(`Kept ${printable(only)}.`)
    return EXIT.ok
  }
  return transfer(context, jobs(), {
    done: 'Kept',
    showRate: false,
    concurrency: options.concurrency,
  })

  async function* jobs(): AsyncGenerator<Job> {
    for (const key of keys) {
      yield {
        name: key,
        async run(moved) {
          const kept = await storage.keepFile(key, { signal })
          moved(kept.size)
          return kept
        },
      }
    }
  }
}
