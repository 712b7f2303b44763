import { toConflict } from './conflicts.js'
import { type Context, commit, contentOf, suspicion } from './context.js'
import { type JournalRow, mergeUnknown } from './journal.js'
import { agrees, type Replayed } from './replay.js'

/** Milliseconds until a row that waits for late attempts can be checked, as far as this host's clock tells. */
export function settlesInMs(context: Context, row: JournalRow): number {
  const { availability, primary, settings } = context
  const window =
    row.unknown === undefined ? 0 : row.unknown.signedAt + settings.settleWindowMs - primary.now()
  const quiet = availability.answeringSince + settings.settleQuietMs - performance.now()
  return Math.max(window, quiet, 0)
}

/**
 * Checks a row whose state the primary held, or that has none, once no attempt in doubt can land any more: by
 * the primary's clock, which an answer tells. What a late attempt has undone is done again.
 */
export async function settle(
  context: Context,
  row: JournalRow,
  epoch: number,
  host: string,
  signal: AbortSignal,
): Promise<Replayed> {
  const { key, state } = row
  // What a dead process had on its way may undo it as well as what is noted.
  const unknown = mergeUnknown(row.unknown, suspicion(context))
  const { object, time } = await context.primary.look(key, { signal })
  if (unknown !== undefined && time < unknown.signedAt + context.settings.settleWindowMs) return 'later'
  const remove = async (): Promise<Replayed> =>
    (await commit(context, key, row, undefined, { epoch })) ? 'done' : 'again'
  if (state === undefined) return remove()
  const own = object?.stamp?.host === host
  if (state.kind === 'delete') return own ? redo(context, row, epoch) : remove()
  if (object !== undefined && agrees(object, state, object.etag)) return remove()
  if (own || (object === undefined && unknown?.deletes === true)) return redo(context, row, epoch)
  return toConflict(context, { ...row, unknown: undefined }, state, epoch)
}

/** Sends the state once more; every attempt from before has had its time. */
async function redo(context: Context, row: JournalRow, epoch: number): Promise<Replayed> {
  const { agreedAt, unknown, ...content } = contentOf(row)
  context.logger.warn({ key: row.key }, 'A late request has undone a newer write; it is done again')
  await commit(context, row.key, row, content, { epoch })
  return 'again'
}
