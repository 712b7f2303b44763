import { activeProvider } from '../../config.js'
import { parsePrefix } from '../../core/key.js'
import type { Group, UsageReport } from '../../operations/usage/tally.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { printable } from '../output.js'
import { Progress } from '../progress.js'
import { files, number, size, table } from '../wording.js'

/** The options of `holdfast usage`. */
export interface UsageOptions {
  readonly depth: number
  readonly top: number
  readonly format: 'table' | 'csv' | 'prometheus'
  readonly prices?: string
  readonly concurrency: number
}

/** Tells what files take, and of a bucket what they cost. */
export async function usage(context: Context, prefix: string, options: UsageOptions): Promise<number> {
  const { output } = context
  const report = await measure(context, prefix, options)
  if (output.json) await output.object(report)
  else if (options.format === 'csv') await output.write(csv(report))
  else if (options.format === 'prometheus') await output.write(prometheus(report))
  else await output.line(page(report, options.top))
  for (const what of report.notCounted) {
    output.warn(`${WORDS[what]} are not counted: these credentials may not see them`)
  }
  return EXIT.ok
}

const WORDS: Readonly<Record<UsageReport['notCounted'][number], string>> = {
  oldVersions: 'old versions',
  unfinishedUploads: 'unfinished uploads',
}

async function measure(context: Context, text: string, options: UsageOptions): Promise<UsageReport> {
  const { usageOfBucket, usageOfFiles } = await import('../../operations/usage/usage.js')
  const { AWS_PRICES, readPrices } = await import('../../operations/usage/prices.js')
  const prefix = parsePrefix(text)
  const config = context.config()
  const isLocal = activeProvider(config) === 'local'
  const isAws = !isLocal && config.objectStorageEndpoint === undefined
  const prices =
    options.prices !== undefined ? await readPrices(options.prices) : isAws ? AWS_PRICES : undefined
  const { depth, concurrency } = options
  const { signal } = context
  const progress = new Progress(context.output)
  const onProgress = (counted: { files: number; bytes: number }): void => {
    progress.addBytes(counted.bytes)
    progress.addFile(counted.files)
  }
  const asked = { prefix, depth, prices, concurrency, signal, onProgress }
  try {
    return isLocal ? await usageOfFiles(await context.storage(), asked) : await usageOfBucket(config, asked)
  } finally {
    progress.stop()
  }
}

function page(report: UsageReport, top: number): string {
  const { prefix, oldVersions, deleteMarkers, unfinishedUploads, cost } = report
  const hidden = [
    ['old versions', number(oldVersions.files), size(oldVersions.bytes)],
    ['delete markers', number(deleteMarkers), ''],
    ['unfinished uploads', number(unfinishedUploads.files), size(unfinishedUploads.bytes)],
  ]
  const isHidden = oldVersions.files + deleteMarkers + unfinishedUploads.files > 0
  const sections = [
    [
      `${files(report.files.files)}, ${size(report.files.bytes)}${prefix === '' ? '' : ` below ${printable(prefix)}`}`,
    ],
    section('by prefix', report.byPrefix, top, prefix),
    section('by type', report.byType, top),
    section(
      'by age',
      report.byAge.filter(({ files }) => files > 0),
      top,
    ),
    section('by storage class, all that takes space', report.byStorageClass, top),
    isHidden ? ['hidden from readers', table(hidden.map(indented))] : [],
    cost === undefined ? [] : costLines(cost),
  ]
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')
}

const indented = (row: readonly string[]): string[] => [`  ${row[0]}`, ...row.slice(1)]

function section(title: string, groups: readonly Group[], top: number, empty = ''): string[] {
  if (groups.length === 0) return []
  const shown = groups
    .slice(0, top)
    .map(({ name, files: count, bytes }) =>
      indented([
        printable(name === '' ? '(top)' : name === empty ? `${name} (itself)` : name),
        number(count),
        size(bytes),
      ]),
    )
  const left = groups.length - shown.length
  return [title, table(shown), ...(left > 0 ? [`  ... and ${number(left)} more, which --json tells`] : [])]
}

function costLines({
  currency,
  perMonth,
  byStorageClass,
  unpriced,
}: NonNullable<UsageReport['cost']>): string[] {
  const money = (amount: number): string => `${amount.toFixed(2)} ${currency}`
  return [
    `${money(perMonth)} a month for storage`,
    ...(byStorageClass.length === 0
      ? []
      : [table(byStorageClass.map(part => indented([part.name, money(part.perMonth)])))]),
    ...(unpriced.length === 0
      ? []
      : [`  without a price, and not in the sum: ${unpriced.map(printable).join(', ')}`]),
  ]
}

/** Rows of `group,name,files,bytes` (RFC 4180). */
function csv(report: UsageReport): string {
  const { files: all, oldVersions, deleteMarkers, unfinishedUploads } = report
  const groups: [string, readonly Group[]][] = [
    [
      'total',
      [
        { name: 'files', ...all },
        { name: 'old versions', ...oldVersions },
        { name: 'delete markers', files: deleteMarkers, bytes: 0 },
        { name: 'unfinished uploads', ...unfinishedUploads },
      ],
    ],
    ['prefix', report.byPrefix],
    ['type', report.byType],
    ['age', report.byAge],
    ['storage class', report.byStorageClass],
  ]
  const cost = new Map(report.cost?.byStorageClass.map(({ name, perMonth }) => [name, perMonth]))
  const lines = groups.flatMap(([group, all]) =>
    all.map(({ name, files, bytes }) => {
      const perMonth = group === 'storage class' ? (cost.get(name)?.toFixed(4) ?? '') : ''
      return [quoted(group), quoted(name), files, bytes, perMonth].join(',')
    }),
  )
  return `${['group,name,files,bytes,perMonth', ...lines].join('\r\n')}\r\n`
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Gauges in the text format of Prometheus, for its node exporter's textfile collector. */
function prometheus(report: UsageReport): string {
  const { files: all, oldVersions, deleteMarkers, unfinishedUploads, byStorageClass, cost } = report
  const kinds: [string, { files: number; bytes: number }][] = [
    ['file', all],
    ['old_version', oldVersions],
    ['delete_marker', { files: deleteMarkers, bytes: 0 }],
    ['unfinished_upload', unfinishedUploads],
  ]
  const classes = byStorageClass.map(({ name, ...sum }) => ({ labels: { storage_class: name }, ...sum }))
  const gauges: [name: string, help: string, samples: [labels: Record<string, string>, value: number][]][] = [
    [
      'objects',
      'Objects, by what they are, as of the last scan.',
      kinds.map(([kind, sum]) => [{ kind }, sum.files]),
    ],
    [
      'bytes',
      'Bytes, by what they are, as of the last scan.',
      kinds.map(([kind, sum]) => [{ kind }, sum.bytes]),
    ],
    [
      'class_objects',
      'Objects of each storage class, all kinds.',
      classes.map(({ labels, files }) => [labels, files]),
    ],
    [
      'class_bytes',
      'Bytes of each storage class, all kinds.',
      classes.map(({ labels, bytes }) => [labels, bytes]),
    ],
    [
      'cost_per_month',
      'What storing it costs, by the price table.',
      (cost?.byStorageClass ?? []).map(({ name, perMonth }) => [
        { storage_class: name, currency: cost?.currency ?? '' },
        perMonth,
      ]),
    ],
    ['scan_timestamp_seconds', 'When the scan was begun.', [[{}, report.at.getTime() / 1000]]],
  ]
  return gauges
    .filter(([, , samples]) => samples.length > 0)
    .flatMap(([name, help, samples]) => [
      `# HELP holdfast_usage_${name} ${help}`,
      `# TYPE holdfast_usage_${name} gauge`,
      ...samples.map(
        ([labels, value]) =>
          `holdfast_usage_${name}${labelText({ ...labels, ...prefixLabel(report) })} ${value}`,
      ),
    ])
    .map(line => `${line}\n`)
    .join('')
}

/** The prefix is the operator's own choice, and tells scans apart. */
function prefixLabel({ prefix }: UsageReport): Record<string, string> {
  return prefix === '' ? {} : { prefix }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
