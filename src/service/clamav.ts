import pLimit from 'p-limit'
import type { Inspect, InspectionResult } from '../inspection.js'
import { checkOptions, checkWord, invalidArgument } from './arguments.js'
import { clamdVersion, requireClamdAddress, scanStream } from './clamd.js'

export interface ClamavOptions {
  /** Where clamd listens: the path of its socket, such as `/run/clamav/clamd.ctl`, or `host:port`. */
  address: string
  /** What becomes of content in which a signature was found; `reject` unless given. */
  action?: 'reject' | 'quarantine' | undefined
  /** What becomes of content above clamd's `StreamMaxLength`, which it does not scan; `reject` unless given. */
  tooLarge?: 'reject' | 'quarantine' | 'allow' | undefined
  /** Scans at once, 1 to 1000; 8 unless given. clamd's `MaxThreads` is 10 unless set. */
  concurrency?: number | undefined
  /** Longest wait for a connection, in milliseconds; 3000 unless given. */
  connectTimeoutMs?: number | undefined
}

const CONCURRENCY = 8
const CONNECT_MS = 3000

/**
 * An inspector that asks ClamAV's daemon, by its `INSTREAM` command: clamd needs no access to any file. The reason is
 * the signature's name. Connects when there is something to scan, and not before.
 *
 * @throws StorageError `INVALID_ARGUMENT` for options that are none
 */
export function clamav(options: ClamavOptions): Inspect {
  checkOptions('open', options)
  const {
    action = 'reject',
    tooLarge = 'reject',
    concurrency = CONCURRENCY,
    connectTimeoutMs = CONNECT_MS,
  } = options
  const address = requireClamdAddress(options.address)
  checkWord('open', 'action', action, ['reject', 'quarantine'])
  checkWord('open', 'tooLarge', tooLarge, ['reject', 'quarantine', 'allow'])
  checkWhole('concurrency', concurrency, 1000)
  checkWhole('connectTimeoutMs', connectTimeoutMs, 3_600_000)
  const turn = pLimit(concurrency)
  const inspect: Inspect = file =>
    turn(async (): Promise<InspectionResult> => {
      file.signal.throwIfAborted()
      const found = await scanStream(address, file.stream(), { signal: file.signal, connectTimeoutMs })
      if (found === 'clean') return 'allow'
      if (found !== 'too large') return { verdict: action, reason: found.found }
      return { verdict: tooLarge, reason: "it is larger than ClamAV's StreamMaxLength" }
    })
  inspect.check = signal => clamdVersion(address, { signal, connectTimeoutMs })
  return inspect
}

function checkWhole(name: string, value: unknown, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  throw invalidArgument('open', name, value, `a whole number from 1 to ${most}`)
}
