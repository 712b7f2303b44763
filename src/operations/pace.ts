import { wholeNumber } from './whole-number.js'

/** What everything takes that works through many files. */
export interface PaceOptions {
  /** Files at once, 1 to 256; 16 unless given. Of an export, the small ones that are read ahead. */
  concurrency?: number | undefined
  /** How long a store that is away is waited for before it is given up, in milliseconds; 10 minutes unless given. */
  patienceMs?: number | undefined
  signal?: AbortSignal | undefined
  /** Told of what has come through; called often. */
  onProgress?: ((moved: { readonly files: number; readonly bytes: number }) => void) | undefined
  /** If given, files are counted ahead, and it is told what there is in all. */
  onTotal?: ((total: { readonly files: number; readonly bytes: number }) => void) | undefined
}

const CONCURRENCY = 16
const PATIENCE_MS = 10 * 60_000

/** How many files are worked on at once, and how long a store is waited for. @throws StorageError `INVALID_ARGUMENT` */
export function paceOf(op: string, options: PaceOptions): { concurrency: number; patienceMs: number } {
  return {
    concurrency: wholeNumber(op, 'concurrency', options.concurrency, 1, 256) ?? CONCURRENCY,
    patienceMs: wholeNumber(op, 'patienceMs', options.patienceMs, 0, 2 ** 31 - 1) ?? PATIENCE_MS,
  }
}
