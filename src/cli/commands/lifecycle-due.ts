import type { DueItem, LifecycleAction } from '../../operations/lifecycle/due-versions.js'
import type { LocalRules } from '../../operations/lifecycle/local-rules.js'
import { DueTally } from '../../operations/lifecycle/tally.js'
import type { Context } from '../context.js'
import { EXIT, failureOf } from '../failure.js'
import { failureText, printable } from '../output.js'
import { StatusLine } from '../status-line.js'
import { number, size, table } from '../wording.js'
import type { LifecycleOptions } from './lifecycle.js'

/** Lists what the rules would do, and tells how much that is. */
export async function simulate(
  context: Context,
  due: AsyncIterable<DueItem>,
  options: LifecycleOptions,
): Promise<number> {
  const { output } = context
  const tally = new DueTally()
  const line = new StatusLine(output)
  try {
    for await (const item of due) {
      tally.add(item)
      if (options.totals) line.show(`${number(tally.count)} found`)
      else await (output.json ? output.object(item) : output.line(itemLine(item)))
    }
  } finally {
    line.stop()
  }
  await tellTotals(context, tally, true)
  return EXIT.ok
}

function itemLine({
  rule,
  action,
  key,
  size: bytes,
  lastModified,
  storageClass,
  versionId,
  uploadId,
}: DueItem): string {
  const what = storageClass === undefined ? action : `${action} to ${storageClass}`
  const which = versionId ?? uploadId
  const cells = [printable(rule), what, size(bytes).padStart(8), time(lastModified.getTime()), printable(key)]
  return `${cells.join('  ')}${which === undefined ? '' : `  (${printable(which)})`}`
}

async function tellTotals({ output }: Context, tally: DueTally, isWould: boolean): Promise<void> {
  const { rules, count, bytes } = tally
  if (output.json) {
    await output.object({ summary: { rules, count, bytes } })
    return
  }
  const rows = tally
    .rows()
    .map(({ rule, action, count: some, bytes: theirs }) => [
      printable(rule),
      action,
      number(some).padStart(9),
      size(theirs).padStart(9),
    ])
  if (rows.length > 0) output.note(table(rows))
  const ends = ENDS.map(([actions, end]) => ({ total: tally.sumOf(actions), end: end(isWould) }))
    .filter(({ total }) => total.count > 0)
    .map(({ total, end }) => `${number(total.count)} ${end} (${size(total.bytes)})`)
  output.note(ends.length === 0 ? 'Nothing.' : `${ends.join(', ')}.`)
}

/** What becomes of things: only what goes frees any space. */
const ENDS: readonly (readonly [readonly LifecycleAction[], (isWould: boolean) => string])[] = [
  [
    ['expire', 'expire-old-version', 'remove-delete-marker', 'abort-upload'],
    isWould => (isWould ? 'would go' : 'went'),
  ],
  [['become-old'], () => 'would become old versions'],
  [['transition'], () => 'would move to another class'],
]

/** Removes now what the rules let go. */
export async function run(context: Context, local: LocalRules, options: LifecycleOptions): Promise<number> {
  const { output, signal } = context
  if (options.dryRun) return simulate(context, local.due(Date.now(), signal), options)
  const tally = new DueTally()
  const { failed } = await local.run({
    signal,
    onRemoved: async ({ rule, key, size: bytes, lastModified }) => {
      const item = { rule, action: 'expire', key, size: bytes, lastModified } as const
      tally.add(item)
      if (!options.totals) await (output.json ? output.object(item) : output.line(itemLine(item)))
    },
    onFailed: ({ key }, error) => {
      const failure = failureOf(error)
      if (output.json) output.failure({ ...failure, json: { ...failure.json, key } })
      else output.say(`  ${printable(key)}: ${failureText(failure)} (${failure.code})`)
    },
  })
  await tellTotals(context, tally, false)
  return failed === 0 ? EXIT.ok : EXIT.partial
}

/** A time as people and programs read it, to the second. */
export function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
