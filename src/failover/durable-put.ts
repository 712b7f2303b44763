import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Source } from '../core/source.js'
import type { ObjectStat, PutOptions, Store } from '../core/store.js'
import { newWriteId } from '../core/write-id.js'
import { checkState } from './conditions.js'
import { busyState, type Context, isOurs, seenStat } from './context.js'
import type { JournalRow } from './journal.js'
import type { Journaling } from './journaling.js'

/** Milliseconds between two looks at the row of a key that is waited for. */
const LOOK_MS = 20

/**
 * Puts to a busy key what only the primary may acknowledge. What was acknowledged there before goes first: until
 * the primary holds it nothing is written. Where a late attempt could still undo that, the put goes through the
 * journal as well, so that it is done again, and is acknowledged when the primary has been seen to hold it.
 *
 * @param freely how to put once the key is busy no more
 * @throws StorageError `UNAVAILABLE` while the primary is away, and if it does not hold the content within the
 *   time of a first answer; then the put may still happen only if it had been journaled
 */
export async function putDurably(
  context: Context,
  freely: Pick<Store, 'put'>,
  journaling: Journaling,
  key: Key,
  source: Source,
  options: PutOptions,
): Promise<ObjectStat> {
  const { journal } = context
  const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt)
  const deadline = performance.now() + context.settings.firstAnswerMs
  const until = async (holds: (row: JournalRow | undefined) => boolean, begun: boolean): Promise<void> => {
    for (;;) {
      const row = journal.get(key)
      if (holds(row)) return
      throwIfAborted(options.signal, 'put', key)
      if (context.availability.writes.open || row?.parked !== undefined || performance.now() > deadline) {
        throw notDurable(context, key, row, begun)
      }
      context.wake(key)
      await sleep(LOOK_MS)
    }
  }
  check(context, key, options)
  await until(row => row?.agreedAt !== undefined || busyState(context, row) === undefined, false)
  if (!check(context, key, options)) return freely.put(key, source, options)

  const stat = await journaling.put(key, source, { ...options, writeId })
  await until(row => row?.agreedAt !== undefined || row?.state?.writeId !== writeId, true)
  if (journal.conflicts().some(({ id }) => id === writeId)) {
    const message = `Somebody else put a newer object to ${key}; the content is kept as a conflict.`
    throw new StorageError({ code: 'PRECONDITION_FAILED', op: 'put', key, store: 's3', message })
  }
  // If another write has followed already, this one has been there all the same.
  const { object } = await context.primary.look(key).catch(() => ({ object: undefined }))
  return object?.writeId === writeId ? seenStat(object) : { ...stat, pending: false }
}

/** Decides a condition by the acknowledged state. @returns whether there is one */
function check(context: Context, key: Key, options: PutOptions): boolean {
  const state = busyState(context, context.journal.get(key))
  if (state !== undefined) checkState('put', key, state, options)
  return state !== undefined
}

function notDurable(context: Context, key: Key, row: JournalRow | undefined, begun: boolean): StorageError {
  const reason =
    isOurs(context, row) && row.parked !== undefined
      ? `An entry of the journal waits for a person (${row.parked.message})`
      : 'The object store is still to receive what was written to this key before'
  const what = begun ? 'this content may be brought there later' : 'nothing of this content was stored'
  return new StorageError({
    code: 'UNAVAILABLE',
    op: 'put',
    key,
    store: 's3',
    message: `${reason}, so it cannot be known to hold this now; ${what}.`,
    retryAfterMs: context.availability.retryAfterMs,
  })
}
