import { Writable } from 'node:stream'
import { exportFiles } from '../../operations/export/export.js'
import type { ExportReport } from '../../operations/export/types.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { type Output, printable } from '../output.js'
import { Progress } from '../progress.js'
import { refuseStoreFolder } from '../store-folder.js'
import { tellFailures } from '../two-stores.js'
import { duration, files, number, size } from '../wording.js'

/** The options of `holdfast export`. */
export interface ExportCommandOptions {
  readonly output?: string
  readonly gzip?: true
  readonly tags?: true
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly skipUnavailable?: true
  readonly concurrency: number
  readonly patience: number
}

/** Writes files as one archive, to a file or to stdout. */
export async function exportNames(
  context: Context,
  names: readonly string[],
  options: ExportCommandOptions,
): Promise<number> {
  const { output, signal } = context
  const path = options.output === undefined || options.output === '-' ? undefined : options.output
  if (path === undefined) refuseStdout(output)
  const storage = await context.storage()
  if (path !== undefined) await refuseStoreFolder(context.config(), path)
  const progress = new Progress(output)
  const { gzip, tags, include, exclude, skipUnavailable, concurrency, patience } = options
  let report: ExportReport
  try {
    report = await exportFiles(storage, path ?? stdout(output), {
      prefixes: names.filter(name => name.endsWith('/')).map(name => (name === '/' ? '' : name)),
      keys: names.filter(name => !name.endsWith('/')),
      gzip,
      tags,
      include,
      exclude,
      skipUnavailable,
      concurrency,
      patienceMs: patience * 1000,
      signal,
      onProgress: moved => {
        progress.addBytes(moved.bytes)
        progress.addFile(moved.files)
      },
      ...(progress.isVisible && { onTotal: total => progress.setTotal(total.bytes, total.files) }),
    })
  } finally {
    progress.stop()
  }
  if (output.json) await output.object({ ...(path !== undefined && { file: path }), ...report })
  else tell(context, path, report)
  return report.failed === 0 && report.complete ? EXIT.ok : EXIT.partial
}

function refuseStdout(output: Output): void {
  if (output.isTerminal)
    throw usageError(
      'A terminal is no place for an archive: name a file by --output, or pipe it to another command.',
    )
  if (output.json) throw usageError('--json and the archive both want stdout: name a file by --output.')
}

/** Stdout, which outlives the archive. */
function stdout(output: Output): Writable {
  return new Writable({
    write: (chunk, _encoding, done) => void output.write(chunk).then(() => done(), done),
  })
}

function tell(context: Context, path: string | undefined, report: ExportReport): void {
  const { output } = context
  const { files: count, bytes, archiveBytes, vanished, failed, complete, seconds } = report
  const where = path === undefined ? '' : ` into ${printable(path)} (${size(archiveBytes)})`
  const parts = [
    `Exported ${files(count)}, ${size(bytes)} in ${duration(seconds)} (${size(bytes / seconds)}/s)${where}`,
    ...(vanished > 0 ? [`${number(vanished)} removed meanwhile`] : []),
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
  ]
  const text = parts.join('; ')
  if (failed > 0) output.say(`${text}:`)
  else output.note(`${text}.`)
  tellFailures(context, report)
  if (!complete) {
    output.warn(
      'The archive is not complete: the object store is away, and what it alone knows of is missing without a word.',
    )
  }
}
