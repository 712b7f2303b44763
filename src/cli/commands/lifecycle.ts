import { activeProvider } from '../../config.js'
import type { Logger } from '../../core/logger.js'
import type { BucketRule, BucketRules, RuleChange } from '../../operations/lifecycle/bucket-rules.js'
import type { LocalRules } from '../../operations/lifecycle/local-rules.js'
import type { LifecycleRule } from '../../service/lifecycle/rules.js'
import { readRules } from '../../service/lifecycle/rules-file.js'
import { actionsText, filterText } from '../../service/lifecycle/wording.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { printable } from '../output.js'
import { requireStoreFolder } from '../store-folder.js'
import { counted, files, size, table } from '../wording.js'
import { run, simulate, time } from './lifecycle-due.js'

/** What can be done with the rules. */
export type LifecycleActionName = 'show' | 'diff' | 'apply' | 'simulate' | 'run'

/** The options of `holdfast lifecycle`, beside the flag that sets a variable. */
export interface LifecycleOptions {
  /** Milliseconds since the epoch; of `simulate`. */
  readonly at?: number
  readonly totals?: true
  readonly yes?: true
  readonly dryRun?: true
}

/** Shows, compares, applies and tries out the rules by which files age. */
export async function lifecycle(
  context: Context,
  action: LifecycleActionName,
  options: LifecycleOptions,
): Promise<number> {
  checkUsage(action, options)
  const isLocal = activeProvider(context.config()) === 'local'
  switch (action) {
    case 'show':
      return isLocal
        ? withLocal(context, local => showLocal(context, local))
        : withBucket(context, showBucket)
    case 'diff':
      return withBucket(context, diff)
    case 'apply':
      return withBucket(context, (given, rules) => apply(given, rules, options))
    case 'simulate':
      return isLocal
        ? withLocal(context, local => simulate(context, local.due(atOf(options), context.signal), options))
        : withBucket(context, (given, rules) => simulateBucket(given, rules, options))
    case 'run':
      return withLocal(context, local => run(context, local, options))
  }
}

function atOf({ at }: LifecycleOptions): number {
  return at ?? Date.now()
}

function checkUsage(action: LifecycleActionName, options: LifecycleOptions): void {
  const only = (name: string, given: unknown, ...of: readonly LifecycleActionName[]): void => {
    if (given !== undefined && !of.includes(action))
      throw usageError(`${name} is of ${of.map(other => `"lifecycle ${other}"`).join(' and ')}.`)
  }
  only('--at', options.at, 'simulate')
  only('--totals', options.totals, 'simulate', 'run')
  only('--yes', options.yes, 'apply')
  only('--dry-run', options.dryRun, 'apply', 'run')
}

async function withBucket(
  context: Context,
  work: (context: Context, rules: BucketRules) => Promise<number>,
): Promise<number> {
  const { BucketRules } = await import('../../operations/lifecycle/bucket-rules.js')
  const rules = new BucketRules(context.config())
  try {
    return await work(context, rules)
  } finally {
    await rules.close()
  }
}

async function withLocal(context: Context, work: (local: LocalRules) => Promise<number>): Promise<number> {
  requireStoreFolder(context.config())
  const { LocalRules } = await import('../../operations/lifecycle/local-rules.js')
  const local = await LocalRules.open(context.config(), warnings(context))
  try {
    return await work(local)
  } finally {
    await local.close()
  }
}

function warnings({ output }: Context): Logger {
  const nothing = (): void => {}
  const tell = (_fields: object, message: string): void => output.warn(message)
  return { debug: nothing, info: nothing, warn: tell, error: tell }
}

async function showBucket(context: Context, rules: BucketRules): Promise<number> {
  const { output, signal } = context
  const found = await rules.read(signal)
  if (output.json) for (const rule of found) await output.object(rule)
  else if (found.length > 0) await output.line(table(found.map(ruleRow)))
  if (found.length === 0) output.note(`The bucket ${printable(rules.bucket)} has no lifecycle rules.`)
  return EXIT.ok
}

async function showLocal({ output }: Context, local: LocalRules): Promise<number> {
  const rules = await local.rules()
  const last = local.last()
  if (output.json)
    for (const rule of rules) await output.object({ id: rule.id, owner: 'holdfast', rule, unknown: [] })
  else if (rules.length > 0)
    await output.line(
      table(rules.map(rule => ruleRow({ id: rule.id, owner: 'holdfast', rule, unknown: [] }))),
    )
  if (rules.length === 0) output.note('The file has no rules.')
  if (last === undefined) output.note('No look through the local files was taken yet.')
  else {
    const { files: count, bytes } = last.outcome
    output.note(
      `The last look began at ${time(last.startedAt)}, and removed ${files(count)} (${size(bytes)}).`,
    )
  }
  return EXIT.ok
}

function ruleRow({ id, owner, rule, unknown }: BucketRule): string[] {
  const more = unknown.length === 0 ? '' : `; ${unknown.join(', ')}`
  const state = rule.enabled ? 'enabled' : 'disabled'
  return [
    owner === 'holdfast' ? 'ours' : 'other',
    state,
    ...[id, filterText(rule), actionsText(rule) + more].map(printable),
  ]
}

async function diff(context: Context, rules: BucketRules): Promise<number> {
  const plan = await rules.plan(await rulesOf(context), context.signal)
  await tellChanges(context, plan.changes)
  if (plan.changes.length > 0) return EXIT.different
  context.output.note(`The bucket ${printable(rules.bucket)} has the rules of the file.`)
  return EXIT.ok
}

async function apply(context: Context, rules: BucketRules, options: LifecycleOptions): Promise<number> {
  const { output, signal } = context
  const plan = await rules.plan(await rulesOf(context), signal)
  const { changes, others } = plan
  await tellChanges(context, changes)
  const removed = changes.filter(({ change }) => change === 'remove').length
  const bucket = printable(rules.bucket)
  if (changes.length === 0) output.note(`The bucket ${bucket} has the rules of the file.`)
  if (changes.length === 0 || options.dryRun) return EXIT.ok
  if (
    removed > 0 &&
    !(await confirm(context, `Remove ${counted(removed, 'rule')} of the bucket?`, options.yes === true))
  ) {
    output.note('Nothing was changed.')
    return EXIT.ok
  }
  await rules.apply(plan, signal)
  const kept = others === 0 ? '' : `; ${counted(others, 'rule')} of others stayed`
  output.note(`The bucket ${bucket} has the rules of the file now${kept}.`)
  return EXIT.ok
}

/** The rules of the file that is configured. */
async function rulesOf(context: Context): Promise<LifecycleRule[]> {
  const path = context.config().lifecycleRules
  if (path !== undefined) return readRules(path)
  throw usageError('Say which rules: --rules <file>, or HOLDFAST_LIFECYCLE_RULES.')
}

async function tellChanges({ output }: Context, changes: readonly RuleChange[]): Promise<void> {
  if (output.json) for (const change of changes) await output.object(change)
  else if (changes.length > 0) await output.line(table(changes.flatMap(changeRows)))
}

function changeRows({ change, id, from, to }: RuleChange): string[][] {
  const told = (rule: LifecycleRule): string[] =>
    [filterText(rule), `${actionsText(rule)}${rule.enabled ? '' : ' (disabled)'}`].map(printable)
  const rows: string[][] = []
  if (from !== undefined && to !== undefined)
    rows.push(['change', printable(id), ...told(from)], ['    to', '', ...told(to)])
  else if (to !== undefined) rows.push([change, printable(id), ...told(to)])
  else if (from !== undefined) rows.push([change, printable(id), ...told(from)])
  return rows
}

/** With rules of a file as if they had been applied, else with those that are in force. */
async function simulateBucket(
  context: Context,
  rules: BucketRules,
  options: LifecycleOptions,
): Promise<number> {
  const { signal } = context
  const config = context.config()
  const path = config.lifecycleRules
  const inForce = await rules.inForce(path === undefined ? undefined : await readRules(path), signal)
  for (const { id, unknown } of inForce.notWhole)
    context.output.warn(
      `the rule ${printable(id)} of others also does what is not told here: ${unknown.join(', ')}`,
    )
  const { simulateBucket: due } = await import('../../operations/lifecycle/simulate.js')
  return simulate(context, due(config, inForce, { at: atOf(options), signal }), options)
}
