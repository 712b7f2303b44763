import prettyBytes from 'pretty-bytes'

/** How far a transfer is. */
export interface Figures {
  readonly bytes: number
  readonly files: number
  /** What it will be in the end; undefined until that is known. */
  readonly total: { readonly bytes: number; readonly files: number } | undefined
  readonly bytesPerSecond: number
}

/** How much of a transfer is done, from 0 to 1; 0 while nobody knows how much there is. */
export function shareOf({ bytes, total }: Figures): number {
  return total === undefined || total.bytes === 0 ? 0 : Math.max(0, Math.min(1, bytes / total.bytes))
}

/** The line that tells how far a transfer is. */
export function transferLine(figures: Figures, bar: string): string {
  const { bytes, total, bytesPerSecond } = figures
  const rate = `${size(bytesPerSecond)}/s`
  if (total === undefined) return `${size(bytes)}  ${rate}  ${files(figures.files)}`
  const left = bytesPerSecond > 0 ? `  ${timeLeft((total.bytes - bytes) / bytesPerSecond)} left` : ''
  const done = total.files > 1 ? `  ${number(figures.files)} of ${files(total.files)}` : ''
  const percent = `${Math.floor(shareOf(figures) * 100)}%`.padStart(4)
  return `${bar}${percent}  ${size(bytes)} of ${size(total.bytes)}  ${rate}${left}${done}`
}

/** Bytes as people read them: `1.2 MB`. */
export function size(bytes: number): string {
  return prettyBytes(Math.max(0, bytes), { maximumFractionDigits: 1 })
}

/** A number with its thousands set apart: `1,234`. */
export function number(value: number): string {
  return value.toLocaleString('en')
}

/** `1 key`, `1,234 keys`. @param noun whose plural has an `s` */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `1 file`, `1,234 files`. */
export function files(count: number): string {
  return counted(count, 'file')
}

/** Seconds that something took, as people read them: `0.3 s`, `2:05`, `1:02:03`. */
export function duration(seconds: number): string {
  return seconds < 59.5 ? `${seconds.toFixed(1)} s` : timeLeft(seconds)
}

/** Seconds to come, as people read them: `8 s`, `2:05`, `1:02:03`. */
export function timeLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return `${whole} s`
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** Rows as lines, each column as wide as its widest cell (up to 40 characters). */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, Math.min(cell.length, MAX_PADDING))
    }
  }
  return rows
    .map(row =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const MAX_PADDING = 40
