import type { DeleteSourceReport } from '../../operations/migration/delete-source.js'
import type { CutoverReport } from '../../operations/migration/live.js'
import type { Existing, MigratedObject, MigrationReport } from '../../operations/migration/types.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { onTwoStores, repeatable, type SidesOptions, tellFailures, tellLinks } from '../two-stores.js'
import { duration, files, number, size } from '../wording.js'

/** The options of `holdfast migrate`. */
export interface MigrateOptions extends SidesOptions {
  readonly existing: Existing
  readonly verify?: true
  readonly state?: string
  readonly deleteSource?: true
  readonly yes?: true
  readonly dryRun?: true
}

/** How a migration under a running service ends. */
export type MigrateAction = 'cutover' | 'rollback'

/** Copies everything from one store to another; or removes from the source what was; or ends a migration. */
export async function migrate(
  context: Context,
  action: MigrateAction | undefined,
  options: MigrateOptions,
): Promise<number> {
  if (action !== undefined) {
    if (options.from !== undefined || options.to !== undefined || options.deleteSource) {
      throw usageError(
        `"migrate ${action}" is about the configured bucket and its storage folder: it takes no other stores.`,
      )
    }
    return action === 'cutover' ? cutOver(context, options) : rollBack(context, options)
  }
  if (options.deleteSource) return deleteSources(context, options)
  const { migrateFiles } = await import('../../operations/migration/migrate.js')
  const { existing, verify, state: stateFolder, dryRun } = options
  const planned = new Planned(context, dryRun === true)
  const report = await repeatable(
    context,
    options,
    onTwoStores(context, options, given =>
      migrateFiles({ ...given, existing, verify, stateFolder, dryRun, onObject: planned.tell }),
    ),
  )
  await planned.told()
  await tellMigration(context, report)
  return exitCodeOf(report)
}

/** What was left undone makes it partly done. */
export function exitCodeOf({ failed, unsettled }: MigrationReport): number {
  return failed + unsettled === 0 ? EXIT.ok : EXIT.partial
}

/** Tells what a migration or backup came to. */
export async function tellMigration(context: Context, report: MigrationReport): Promise<void> {
  const { output } = context
  if (output.json) return output.object(report)
  const { copied, replaced, changed, copiedBytes, unchanged, kept, vanished, deleted, failed, unsettled } =
    report
  const done = report.dryRun ? 'Would copy' : 'Copied'
  const rate = report.dryRun
    ? ''
    : ` in ${duration(report.seconds)} (${size(copiedBytes / report.seconds)}/s)`
  const parts = [
    `${done} ${files(copied + replaced + changed)}, ${size(copiedBytes)}${rate}`,
    ...(replaced > 0 ? [`${number(replaced)} in the place of another`] : []),
    ...(unchanged > 0 ? [`${number(unchanged)} already there`] : []),
    ...(kept > 0 ? [`${number(kept)} kept that the target has with other bytes`] : []),
    ...(changed > 0 ? [`${number(changed)} changed meanwhile and copied again`] : []),
    ...(vanished > 0 ? [`${number(vanished)} removed meanwhile`] : []),
    ...(deleted > 0
      ? [`${number(deleted)} ${report.dryRun ? 'would be removed' : 'removed'} at the target`]
      : []),
    ...(unsettled > 0 ? [`${number(unsettled)} changed again and again`] : []),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
  ]
  const text = parts.join('; ')
  if (failed > 0) output.say(`${text}:`)
  else if (unsettled > 0) output.say(`${text}.`)
  else output.note(`${text}.`)
  tellFailures(context, report)
  tellLinks(context, report)
  if (report.dryRun) return
  output.note(`Both sides hold the same of ${files(report.verified)}, ${size(report.verifiedBytes)}.`)
  if (failed + unsettled > 0) output.say('The same command goes on with what is left.')
}

const WOULD: Readonly<Record<MigratedObject['action'], string>> = {
  copied: 'copy',
  replaced: 'replace',
  kept: 'keep',
  deleted: 'remove',
}

/** The lines of what would be done, in the order in which it is found out. */
export class Planned {
  readonly #context: Context
  readonly #isTold: boolean
  #telling: Promise<void> = Promise.resolve()

  constructor(context: Context, isTold: boolean) {
    this.#context = context
    this.#isTold = isTold && !context.output.json
  }

  readonly tell = ({ key, action }: MigratedObject): void => {
    if (!this.#isTold) return
    this.#telling = this.#telling.then(() => this.#context.output.line(`${WOULD[action].padEnd(7)}  ${key}`))
    this.#telling.catch(() => {})
  }

  told(): Promise<void> {
    return this.#telling
  }
}

async function cutOver(context: Context, options: MigrateOptions): Promise<number> {
  const { output } = context
  const { cutover } = await import('../../operations/migration/live.js')
  const run = (dryRun: boolean): Promise<CutoverReport> =>
    onTwoStores(context, options, ({ bandwidth: _, from: __, to: ___, ...given }) =>
      cutover({ ...given, dryRun }),
    )
  if (!options.dryRun && !options.yes) {
    const found = await run(true)
    const what = `Remove the copies of ${files(found.removed)}, ${size(found.removedBytes)}, from the storage folder, of which the bucket holds the same?`
    if (!(await confirm(context, what, false))) {
      output.note('Nothing was removed.')
      return EXIT.ok
    }
  }
  const report = await run(options.dryRun === true)
  if (output.json) await output.object(report)
  else {
    const done = report.dryRun ? 'Would remove' : 'Removed'
    const parts = [
      `${done} the copies of ${files(report.removed)}, ${size(report.removedBytes)}, from the storage folder`,
      ...(report.left > 0 ? [`${number(report.left)} stay, of which the bucket does not hold the same`] : []),
      ...(report.failed > 0 ? [`${number(report.failed)} failed`] : []),
    ]
    if (report.failed > 0) output.say(`${parts.join('; ')}:`)
    else output.note(`${parts.join('; ')}.`)
    tellFailures(context, report)
  }
  return report.failed + report.left === 0 ? EXIT.ok : EXIT.partial
}

async function rollBack(context: Context, options: MigrateOptions): Promise<number> {
  const rolling = await import('../../operations/migration/roll-back.js')
  const { verify, state: stateFolder, dryRun } = options
  const planned = new Planned(context, dryRun === true)
  const report = await onTwoStores(context, options, ({ from: _, to: __, ...given }) =>
    rolling.rollBack({ ...given, verify, stateFolder, dryRun, onObject: planned.tell }),
  )
  await planned.told()
  await tellMigration(context, report)
  if (!report.dryRun && exitCodeOf(report) === EXIT.ok) {
    context.output.note(
      'The folder holds everything: switch object storage off (OBJECT_STORAGE_ENABLED=false), and start.',
    )
  }
  return exitCodeOf(report)
}

async function deleteSources(context: Context, options: MigrateOptions): Promise<number> {
  const { output } = context
  const { deleteSource } = await import('../../operations/migration/delete-source.js')
  const { verify, state: stateFolder } = options
  const planned = new Planned(context, options.dryRun === true)
  const run = (dryRun: boolean): Promise<DeleteSourceReport> =>
    onTwoStores(context, options, given =>
      deleteSource({ ...given, verify, stateFolder, dryRun, onObject: planned.tell }),
    )
  if (!options.dryRun && !options.yes) {
    const found = await run(true)
    const what = `Remove ${files(found.deleted)}, ${size(found.deletedBytes)}, from ${found.from}, of which ${found.to} holds the same?`
    if (!(await confirm(context, what, false))) {
      output.note('Nothing was removed.')
      return EXIT.ok
    }
  }
  const report = await run(options.dryRun === true)
  await planned.told()
  if (output.json) await output.object(report)
  else {
    const { deleted, deletedBytes, left, failed } = report
    const done = report.dryRun ? 'Would remove' : 'Removed'
    const parts = [
      `${done} ${files(deleted)}, ${size(deletedBytes)}, from ${report.from}`,
      ...(left > 0 ? [`${number(left)} stay, of which the target does not hold the same`] : []),
      ...(failed > 0 ? [`${number(failed)} failed`] : []),
    ]
    if (failed > 0) output.say(`${parts.join('; ')}:`)
    else output.note(`${parts.join('; ')}.`)
    tellFailures(context, report)
  }
  return report.failed + report.left === 0 ? EXIT.ok : EXIT.partial
}
