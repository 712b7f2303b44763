import { StorageError, shown } from '../../core/errors.js'
import type { ListedObject } from '../../core/store.js'
import { haveSameBytes } from './compare.js'
import { eachPair } from './each-pair.js'
import { Failures } from './failures.js'
import type { Pair } from './merge.js'
import { countAhead, withSession } from './session.js'
import type { SideDifference, VerifyOptions, VerifyReport } from './types.js'

/**
 * Compares what two stores hold, and changes neither. What is the same is counted; every difference is told.
 *
 * @throws StorageError `INVALID_ARGUMENT`, `CONFIG_INVALID`; what a store answers that is given up
 */
export async function verifyFiles(options: VerifyOptions = {}): Promise<VerifyReport> {
  const { onDifference, onProgress, compare = 'hash' } = options
  if (compare !== 'quick' && compare !== 'hash' && compare !== 'read') {
    const message = `Invalid compare ${shown(compare)}; accepted: quick, hash or read.`
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'verify', message })
  }
  return withSession(options, { writes: 'never' }, async session => {
    void countAhead(session, options)
    const { source, target, patience, throttle, signal } = session
    const started = performance.now()
    const failures = new Failures()
    const done = { same: 0, sameBytes: 0, missing: 0, extra: 0, different: 0 }
    const differs = (difference: SideDifference): void => {
      done[difference.kind]++
      onDifference?.(difference)
    }
    const reading = compare === 'read' ? 'everything' : 'local'
    const see = async ({ name, source: a, target: b }: Pair): Promise<void> => {
      if (a === undefined) return differs({ key: name, kind: 'extra', size: b?.size ?? 0 })
      if (b === undefined) return differs({ key: name, kind: 'missing', size: a.size })
      const two = { name, source: a, target: b }
      const isSame =
        compare === 'quick'
          ? looksSame(a, b)
          : await patience.run(() => haveSameBytes(session, two, { reading, throttle, signal }))
      if (!isSame) return differs({ key: name, kind: 'different', size: a.size })
      done.same++
      done.sameBytes += a.size
    }
    await eachPair(
      session,
      failures,
      async pair => {
        try {
          await see(pair)
        } finally {
          if (pair.source !== undefined) onProgress?.({ files: 1, bytes: pair.source.size })
        }
      },
      { source: failures.unlistable, target: failures.unlistable },
    )
    return {
      from: source.name,
      to: target.name,
      ...done,
      links: failures.links,
      failed: failures.count,
      failures: failures.listed,
      seconds: (performance.now() - started) / 1000,
    }
  })
}

/** A copy has the size of what was copied, and was made after that was written. */
function looksSame(source: ListedObject, target: ListedObject): boolean {
  // Buckets tell whole seconds.
  const [written, copied] = [source, target].map(({ lastModified }) =>
    Math.floor(lastModified.getTime() / 1000),
  )
  return source.size === target.size && (copied ?? 0) >= (written ?? 0)
}
