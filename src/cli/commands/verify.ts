import type { SideDifference } from '../../operations/migration/types.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { onTwoStores, type SidesOptions, tellFailures, tellLinks } from '../two-stores.js'
import { duration, files, number, size } from '../wording.js'

/** The options of `holdfast verify`. */
export interface VerifyOptions extends SidesOptions {
  readonly quick?: true
  readonly read?: true
}

/** Compares what two stores hold. */
export async function verify(context: Context, options: VerifyOptions): Promise<number> {
  const { output } = context
  if (options.quick && options.read)
    throw usageError('--quick reads nothing and --read everything: give one.')
  const compare = options.quick ? 'quick' : options.read ? 'read' : 'hash'
  const { verifyFiles } = await import('../../operations/migration/verify.js')
  let telling: Promise<void> = Promise.resolve()
  const onDifference = ({ key, kind, size: bytes }: SideDifference): void => {
    const tell = (): Promise<void> =>
      output.json ? output.object({ key, kind, size: bytes }) : output.line(`${kind.padEnd(9)}  ${key}`)
    telling = telling.then(tell)
    telling.catch(() => {})
  }
  const report = await onTwoStores(context, options, given =>
    verifyFiles({ ...given, compare, onDifference }),
  )
  await telling
  const { same, sameBytes, missing, extra, different, failed } = report
  if (output.json) await output.object(report)
  else {
    const parts = [
      `The same: ${files(same)}, ${size(sameBytes)}, in ${duration(report.seconds)}`,
      ...(missing > 0 ? [`${number(missing)} missing at ${report.to}`] : []),
      ...(extra > 0 ? [`${number(extra)} only there`] : []),
      ...(different > 0 ? [`${number(different)} different`] : []),
      ...(failed > 0 ? [`${number(failed)} could not be compared`] : []),
    ]
    const text = parts.join('; ')
    if (failed > 0) output.say(`${text}:`)
    else if (parts.length > 1) output.say(`${text}.`)
    else output.note(`${text}.`)
    tellFailures(context, report)
    tellLinks(context, report)
  }
  if (missing + extra + different > 0) return EXIT.different
  return failed === 0 ? EXIT.ok : EXIT.partial
}
