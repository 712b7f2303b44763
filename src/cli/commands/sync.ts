import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { onTwoStores, repeatable, type SidesOptions } from '../two-stores.js'
import { files, size } from '../wording.js'
import { exitCodeOf, Planned, tellMigration } from './migrate.js'

/** The options of `holdfast sync`. */
export interface SyncOptions extends SidesOptions {
  readonly delete?: true
  readonly verify?: true
  readonly state?: string
  readonly yes?: true
  readonly dryRun?: true
}

/** Makes one store a backup of another. */
export async function sync(context: Context, options: SyncOptions): Promise<number> {
  const { syncFiles } = await import('../../operations/migration/sync.js')
  const { verify, state: stateFolder, dryRun } = options
  const planned = new Planned(context, dryRun === true)
  const work = onTwoStores(context, options, (given, quiet) =>
    syncFiles({
      ...given,
      verify,
      stateFolder,
      dryRun,
      delete: options.delete,
      onObject: planned.tell,
      confirmDelete: async extra => {
        quiet()
        const what = `Remove ${files(extra.files)}, ${size(extra.bytes)}, from the target, which the source does not have?`
        return confirm(context, what, options.yes === true)
      },
    }),
  )
  const report = await repeatable(context, options, work)
  await planned.told()
  await tellMigration(context, report)
  return exitCodeOf(report)
}
