import { type ErrorCode, StorageError } from '../core/errors.js'
import type { ObjectFailure, TwoStoresOptions } from '../operations/migration/types.js'
import type { Context } from './context.js'
import { failureOf } from './failure.js'
import { failureText, printable } from './output.js'
import { Progress } from './progress.js'
import { number } from './wording.js'

/** The options of every verb that works on two stores. */
export interface SidesOptions {
  readonly from?: string
  readonly to?: string
  readonly prefix?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly concurrency: number
  readonly bandwidth?: number
  readonly patience: number
}

/**
 * Runs something on two stores, as the command line names them, and shows how far it is.
 *
 * @param run given what every such operation takes, and what takes the progress off the terminal, to ask something
 */
export async function onTwoStores<T>(
  context: Context,
  options: SidesOptions,
  run: (given: TwoStoresOptions, quiet: () => void) => Promise<T>,
): Promise<T> {
  const { output, signal } = context
  const { from, to, prefix, include, exclude, concurrency, bandwidth, patience } = options
  const progress = new Progress(output)
  try {
    const given: TwoStoresOptions = {
      from,
      to,
      prefix,
      include,
      exclude,
      concurrency,
      bandwidth,
      patienceMs: patience * 1000,
      config: context.config(),
      logger: context.warnings(),
      signal,
      onProgress: ({ files, bytes }) => {
        progress.addBytes(bytes)
        for (let n = 0; n < files; n++) progress.addFile()
      },
      ...(progress.isVisible && { onTotal: ({ files, bytes }) => progress.setTotal(bytes, files) }),
    }
    return await run(given, () => progress.stop())
  } finally {
    progress.stop()
  }
}

/** What ends work in the middle that goes on when it is repeated. */
const BROKEN_OFF: ReadonlySet<string> = new Set<ErrorCode>([
  'ABORTED',
  'UNAVAILABLE',
  'TIMEOUT',
  'THROTTLED',
  'NO_SPACE',
])

/** Does a copy that can be repeated, and says so where it is broken off. */
export async function repeatable<T>(
  { output }: Context,
  { dryRun }: { readonly dryRun?: true },
  work: Promise<T>,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!dryRun && StorageError.is(error) && BROKEN_OFF.has(error.code)) {
      output.note('What was copied stays, and the same command goes on with what is left.')
    }
    throw error
  }
}

/** The failures of a report, as people read them. */
export function tellFailures(
  { output }: Context,
  { failures, failed }: { readonly failures: readonly ObjectFailure[]; readonly failed: number },
): void {
  for (const { key, error } of failures) {
    const failure = failureOf(error)
    output.say(`  ${printable(key)}: ${failureText(failure)} (${failure.code})`)
  }
  const unlisted = failed - failures.length
  if (unlisted > 0) output.say(`  ... and ${number(unlisted)} more`)
}

/** That something was passed over. */
export function tellLinks({ output }: Context, { links }: { readonly links: number }): void {
  if (links > 0) output.note(`Symbolic links are not followed: ${number(links)} passed over.`)
}
