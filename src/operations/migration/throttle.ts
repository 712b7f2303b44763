import { pause } from './pause.js'

/** How much may come at once after a pause, in seconds of the rate. */
const BURST_SECONDS = 0.25

/** Lets bytes through at a rate: those who want some wait until the ones before them are paid for. */
export class Throttle {
  readonly #bytesPerMs: number
  readonly #signal: AbortSignal | undefined
  /** When all that was let through is paid for, in milliseconds of the monotonic clock. */
  #paidAt = Number.NEGATIVE_INFINITY

  /** @param bytesPerSecond undefined for no limit */
  constructor(bytesPerSecond: number | undefined, signal: AbortSignal | undefined) {
    this.#bytesPerMs = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : bytesPerSecond / 1000
    this.#signal = signal
  }

  /** Resolves when so many bytes may go; undefined if they may at once. @throws `ABORTED` */
  take(bytes: number): Promise<void> | undefined {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return undefined
    const now = performance.now()
    this.#paidAt = Math.max(this.#paidAt, now - BURST_SECONDS * 1000) + bytes / this.#bytesPerMs
    const wait = this.#paidAt - now
    return wait > 0 ? pause(wait, this.#signal) : undefined
  }
}
