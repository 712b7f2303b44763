import { activeProvider } from '../../config.js'
import type { Detachment, DetachReport, Difference, Waiting } from '../../operations/detach.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { printable } from '../output.js'
import { counted, files, size } from '../wording.js'

/** The options of `holdfast detach`. */
export interface DetachOptions {
  readonly abandon?: true
  readonly yes?: true
  readonly dryRun?: true
}

/** Makes a storage folder that was the net of a bucket a store of its own again. */
export async function detach(context: Context, options: DetachOptions): Promise<number> {
  const { output, signal } = context
  const config = context.config()
  const opened = await (await import('../../operations/detach.js')).Detachment.open(config)
  try {
    const { target } = opened
    if (target === undefined) {
      if (output.json) await output.object({ detached: false, target: null })
      else output.note('The storage folder is attached to no bucket.')
      return EXIT.ok
    }
    const waiting = opened.waiting()
    if (waiting !== undefined && !options.abandon) return await refuse(context, target, waiting)
    if (waiting !== undefined) await listDifferences(context, opened)
    if (options.dryRun) {
      if (output.json) await output.object({ wouldDetach: true, target, ...waiting })
      else output.note(`Would detach the storage folder from ${target}.`)
      return EXIT.ok
    }
    const question = `Detach from ${target}, and let the two differ so?`
    if (waiting !== undefined && !(await confirm(context, question, options.yes === true))) {
      output.note('Nothing was changed.')
      return EXIT.ok
    }
    const report = await opened.finish({ abandon: options.abandon === true, signal })
    if (report === undefined) return EXIT.ok
    if (output.json) await output.object({ detached: true, ...report })
    else tell(context, report)
    if (activeProvider(config) !== 'local') {
      output.warn('Object storage is configured still: the next upload attaches the folder again.')
    }
    return report.damaged.length === 0 ? EXIT.ok : EXIT.partial
  } finally {
    await opened.close()
  }
}

async function refuse({ output }: Context, target: string, waiting: Waiting): Promise<number> {
  if (output.json) await output.object({ detached: false, target, ...waiting })
  else for (const line of refusal(target, waiting)) output.say(line)
  return EXIT.partial
}

function* refusal(target: string, waiting: Waiting): Generator<string> {
  const { uploads, bytes, deletes, settling, settledAt, erasures } = waiting
  const what = [
    ...(uploads > 0 ? [`${counted(uploads, 'upload')} (${size(bytes)})`] : []),
    ...(deletes > 0 ? [counted(deletes, 'delete')] : []),
  ]
  if (what.length > 0) {
    yield `Not detached: ${what.join(' and ')} ${uploads + deletes === 1 ? 'is' : 'are'} still to be brought to ${target}.`
    yield 'Switch object storage on and run "holdfast spool drain"; "holdfast spool ls" lists them.'
  }
  if (settling > 0) {
    const keys = counted(settling, 'key')
    yield `Not detached: what ${target} holds of ${keys} could be undone there by a late request until ${settledAt?.toISOString()}.`
    yield 'With object storage switched on, it is looked after by itself; try again then.'
  }
  if (erasures > 0) {
    const what = `${counted(erasures, 'erasure')} ${erasures === 1 ? 'is' : 'are'}`
    yield `Not detached: ${what} still owed, by ${target} or a bucket before it.`
    yield '"holdfast erase --status" lists them; they go on while their bucket is in use, and --give-up ends them otherwise.'
  }
  yield 'To part from the bucket as it is, add --abandon: what was taken stays in the folder.'
}

async function listDifferences({ output }: Context, opened: Detachment): Promise<void> {
  for (const found of opened.differences()) {
    await (output.json ? output.object(found) : output.line(differenceLine(found)))
  }
}

const HERE = { file: 'here', nothing: 'deleted here', conflict: 'kept as a conflict' } as const

function differenceLine({ key, target, here, size: bytes, at, there }: Difference): string {
  const bucket =
    there === 'older'
      ? here === 'nothing'
        ? 'may still hold it'
        : 'may hold an older version, or none'
      : 'holds this, unless a late request undoes it'
  const cells = [
    HERE[here].padEnd(18),
    (bytes === undefined ? '' : size(bytes)).padStart(8),
    at.toISOString(),
    printable(key),
  ]
  return `${cells.join('  ')}  (${target} ${bucket})`
}

function tell({ output }: Context, report: DetachReport): void {
  const { target, kept, deleted, conflicts, damaged, erasures } = report
  output.note(`Detached from ${target}: the storage folder is a store of its own.`)
  if (kept > 0) output.note(`Kept here: ${files(kept)}.`)
  if (deleted > 0) output.note(`Deleted here: ${files(deleted)}.`)
  if (conflicts > 0)
    output.note(`Kept as conflicts, since the key went on in another bucket: ${files(conflicts)}.`)
  output.note('Files that only the bucket holds are not found here any more.')
  if (erasures > 0)
    output.say(
      `Still owed, and not confirmed: ${counted(erasures, 'erasure')}. "holdfast erase --status" lists them, "holdfast erase --give-up" ends each with a receipt.`,
    )
  if (damaged.length > 0)
    output.say('Damaged; what is left is among the conflicts ("holdfast spool conflicts"):')
  for (const key of damaged) output.say(`  ${printable(key)}`)
}
