import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { files } from '../wording.js'

/** Removes what has expired. @returns 5 where some of it is left */
export async function sweep(context: Context): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const report = await storage.removeExpired({ signal })
  const { removed, complete } = report
  if (output.json) await output.object(report)
  else if (removed > 0) output.note(`Removed ${files(removed)}.`)
  else if (complete) output.note('Nothing to remove has expired.')
  if (complete) return EXIT.ok
  output.note('Some is left: the object store is away, or another process is at it.')
  return EXIT.partial
}
