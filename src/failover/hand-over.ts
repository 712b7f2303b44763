import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { orAborted } from '../core/abort.js'
import { attributesOf } from '../core/attributes.js'
import { ERROR_CODES, type ErrorCode, StorageError, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { openSource } from '../core/source.js'
import type { ObjectStat } from '../core/store.js'
import { isInDoubt } from '../stores/local/commit-error.js'
import type { Ledger } from '../stores/local/ledger.js'
import { type Context, commit, isOurs, suspicion } from './context.js'
import type { JournaledPut, Parked } from './journal.js'

/**
 * What became of a file from before the primary. `brought`: the primary holds it. `same`: it held it before. `shadowed`:
 * the primary has another under the key, which is what is read. `gone`: it was deleted or overwritten meanwhile, by which
 * the copy goes too. `absent`: the primary has nothing under the key, and was not to be given it.
 */
export type HandedOver = 'brought' | 'same' | 'shadowed' | 'gone' | 'absent'

export interface HandOverOptions {
  /** Whether to bring what the primary does not have; else it is only looked up. */
  readonly bring: boolean
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds between two looks at the row of a key that is waited for. */
const LOOK_MS = 25
/** What changes in the ledger of a file that stays the same is settled after few of these. */
const ATTEMPTS = 20

/**
 * Has a file from before the primary brought there, while everything else goes on: by a row of the journal, as if it had
 * been uploaded just now under the write id and stamp that it has. The row is made on the condition that the key has
 * none, and that the folder still holds the file: so a delete or an overwrite, which removes the one and makes the other,
 * comes before it or after it, and is never undone by it. The copy in the folder stays.
 *
 * @throws StorageError `INTEGRITY` if its bytes are not those that were stored; what the primary answers that parks the
 *   row; `UNAVAILABLE` while it is away
 */
export async function handOver(
  context: Context,
  ledger: Pick<Ledger, 'get'>,
  key: Key,
  { bring, signal }: HandOverOptions,
): Promise<HandedOver> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    throwIfAborted(signal, 'migrate', key)
    const local = ledger.get(key)
    if (local?.row.object === undefined) return 'gone'
    const { writeId, identity, sha256 } = local.row.object
    const isSame = (there: ObjectStat | undefined): boolean =>
      there?.writeId === writeId &&
      there.size === identity.size &&
      (there.sha256 === undefined || sha256 === undefined || there.sha256 === sha256)
    const row = context.journal.get(key)
    if (row?.state !== undefined) {
      // Written or deleted since; or an earlier try of ours.
      if (row.agreedAt !== undefined) {
        if (row.state.writeId !== writeId) return 'gone'
        const { object } = await context.primary.look(key, { signal })
        return isSame(object) ? 'same' : 'gone'
      }
      await settled(context, key, signal)
      continue
    }
    const { availability, primary } = context
    const { object } = await availability.ask(availability.reads, 'migrate', key, () =>
      primary.look(key, { signal }),
    )
    if (isSame(object)) return 'same'
    if (object !== undefined) {
      // It may have been put there since the row was looked at: by what has then replaced the copy here, or is about to.
      const isUntouched =
        ledger.get(key)?.version === local.version && context.journal.get(key)?.state === undefined
      if (isUntouched) return 'shadowed'
      continue
    }
    if (!bring) return 'absent'
    if (await journal(context, key, local.version, signal)) {
      await settled(context, key, signal)
      const { object: now } = await primary.look(key, { signal })
      return isSame(now) ? 'brought' : 'gone'
    }
  }
  const message = 'The file changes whenever it is looked at.'
  throw new StorageError({ code: 'UNAVAILABLE', op: 'migrate', key, store: 'local', message })
}

/** Makes the row. @returns false if the key has one by now, or the folder another file */
async function journal(
  context: Context,
  key: Key,
  localVersion: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { bytes, clock, legacy, primary, totals } = context
  const row = context.journal.get(key)
  if (row !== undefined && (!isOurs(context, row) || row.state !== undefined)) return false
  const opened = await legacy?.store.get(key, { signal }).catch((error: unknown) => {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  })
  if (opened === undefined) return false
  const { stat } = opened
  const release = await totals.reserve(stat.size)
  const source = await openSource(opened.body, { size: stat.size, signal })
  let file: string | undefined
  let kept = false
  try {
    const written = await bytes.write(randomUUID(), source, { key, signal })
    file = written.file
    if (stat.sha256 !== undefined && stat.sha256 !== written.sha256) throw rotten(key)
    const state: JournaledPut = {
      kind: 'put',
      writeId: stat.writeId ?? randomUUID(),
      stamp: stat.stamp ?? clock.next(),
      at: stat.lastModified.getTime(),
      ...written,
      attributes: attributesOf(stat),
    }
    const next = { target: primary.target, state, unknown: row?.unknown ?? suspicion(context) }
    kept = await commit(context, key, row, next, { localVersion })
    if (kept) context.wake(key)
    return kept
  } catch (error) {
    kept = isInDoubt(error)
    throw error
  } finally {
    await source.close()
    if (!kept && file !== undefined) await bytes.remove(file).catch(() => {})
    release()
  }
}

/** Resolves when the primary was seen to hold what the key's row says, or the row is gone. @throws what keeps it from that */
async function settled(context: Context, key: Key, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    const row = context.journal.get(key)
    if (row?.state === undefined || row.agreedAt !== undefined) return
    if (row.parked !== undefined) {
      throw parkedError(key, row.parked)
    }
    if (context.availability.writes.open) throw context.availability.awayError('migrate', key)
    const pause = sleep(LOOK_MS)
    await (signal === undefined ? pause : orAborted(pause, signal, 'migrate', key))
  }
}

/** Why the primary does not take it, as it was noted. */
function parkedError(key: Key, { code, message }: Parked): StorageError {
  const known = Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL'
  return new StorageError({ code: known, op: 'migrate', key, store: 's3', message })
}

function rotten(key: Key): StorageError {
  const message = 'The bytes in the storage folder are not those that were stored: they have another SHA-256.'
  return new StorageError({ code: 'INTEGRITY', op: 'get', key, store: 'local', message })
}
