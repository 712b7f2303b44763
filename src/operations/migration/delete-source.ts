import { StorageError } from '../../core/errors.js'
import { haveSameBytes } from './compare.js'
import { deleteUnchanged } from './delete-unchanged.js'
import { eachPair } from './each-pair.js'
import { Failures } from './failures.js'
import type { Pair } from './merge.js'
import { withSession } from './session.js'
import type { DeleteSourceOptions, ObjectFailure } from './types.js'

/** What removing the sources of a migration came to. */
export interface DeleteSourceReport {
  readonly from: string
  readonly to: string
  readonly dryRun: boolean
  /** Objects that were, or would be, removed, and their bytes. */
  readonly deleted: number
  readonly deletedBytes: number
  /** Objects that stay, because the target does not have the same. */
  readonly left: number
  readonly failed: number
  readonly failures: readonly ObjectFailure[]
  readonly seconds: number
}

/**
 * Removes from the source what the target holds too, byte for byte: what a migration has copied, of which both listings
 * show what it has noted; or what has the same hash. Each is removed on the condition that it is still the object that
 * was compared. Everything else stays, and is counted.
 *
 * @throws StorageError as {@link migrateFiles} does
 */
export async function deleteSource(options: DeleteSourceOptions = {}): Promise<DeleteSourceReport> {
  const { dryRun = false, stateFolder, onObject, onProgress } = options
  const use = { writes: dryRun ? 'later' : 'now', manifest: dryRun ? 'look' : 'keep', stateFolder } as const
  return withSession(options, use, async session => {
    const { source, target, manifest, patience, throttle, signal } = session
    const started = performance.now()
    const failures = new Failures()
    const done = { deleted: 0, deletedBytes: 0, left: 0 }
    const verify = options.verify === true
    const see = async ({ name, source: there, target: copy }: Pair): Promise<void> => {
      if (there === undefined) return
      onProgress?.({ files: 1, bytes: there.size })
      const compared = { reading: verify ? 'everything' : 'nothing', throttle, signal } as const
      const isCopied =
        copy !== undefined &&
        ((!verify && manifest?.compare(there, copy) === 'done') ||
          (await patience.run(() => haveSameBytes(session, { name, source: there, target: copy }, compared))))
      if (!isCopied || (!dryRun && !(await patience.run(() => deleteUnchanged(source, there, signal))))) {
        done.left++
        return
      }
      done.deleted++
      done.deletedBytes += there.size
      onObject?.({ key: name, size: there.size, action: 'deleted' })
    }
    await eachPair(session, failures, async pair => {
      try {
        await see(pair)
      } catch (error) {
        if (!StorageError.is(error, 'NOT_FOUND')) throw error
        done.left++
      }
    })
    return {
      from: source.name,
      to: target.name,
      dryRun,
      ...done,
      failed: failures.count,
      failures: failures.listed,
      seconds: (performance.now() - started) / 1000,
    }
  })
}
