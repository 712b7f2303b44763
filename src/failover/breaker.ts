import { StorageError } from '../core/errors.js'
import type { Trouble } from './primary.js'

export interface BreakerOptions {
  /** Asks the primary something small; resolves if it works. */
  readonly probe: () => Promise<void>
  /** Milliseconds; each wait between two probes is this, and up to half as much again. */
  readonly intervalMs: number
  /** Told when it opens (with the error that opened it) and when it closes. */
  readonly onChange: (open: boolean, error: StorageError | undefined) => void
  /** Told when a probe has failed in another way than what was known. */
  readonly onCause?: ((error: StorageError) => void) | undefined
  readonly random?: (() => number) | undefined
}

/** Points that open the breaker: one silence, two refused connections, or three bad answers in a row. */
const LIMIT = 6
const WEIGHTS: Partial<Record<StorageError['code'], number>> = { TIMEOUT: 6, UNAVAILABLE: 3, THROTTLED: 2 }

/**
 * Remembers whether the primary works. While open, nobody is sent there but a probe of its own, in the
 * background, one an interval: no caller's operation is ever the probe, or waits for it.
 */
export class Breaker {
  readonly #options: BreakerOptions
  #points = 0
  #error: StorageError | undefined
  #timer: NodeJS.Timeout | undefined
  #probing: Promise<void> | undefined
  #openSince = 0
  #nextProbeAt: number | undefined
  #closed = false

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get open(): boolean {
    return this.#error !== undefined
  }

  /** What opened it, or what the last probe found. */
  get error(): StorageError | undefined {
    return this.#error
  }

  /** When it opened, while it is open: milliseconds since the epoch. */
  get openSince(): number {
    return this.#openSince
  }

  /** When it is asked again: milliseconds since the epoch; undefined while a probe is on its way. */
  get nextProbeAt(): number | undefined {
    return this.#nextProbeAt
  }

  /** An operation that the primary answered. */
  succeeded(): void {
    this.#points = 0
  }

  /** An operation that it did not answer, or refuses to everybody. */
  failed(error: StorageError, trouble: Trouble): void {
    if (this.open || this.#closed) return
    this.#points += trouble === 'locked' ? LIMIT : (WEIGHTS[error.code] ?? 2)
    if (this.#points >= LIMIT) this.trip(error)
  }

  /** Opens at once. */
  trip(error: StorageError): void {
    if (this.open || this.#closed) return
    this.#error = error
    this.#openSince = Date.now()
    this.#options.onChange(true, error)
    this.#schedule()
  }

  /** Probes now, unless a probe is on its way. @returns when it has ended */
  probe(): Promise<void> {
    if (!this.open || this.#closed) return Promise.resolve()
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  /** Ends the probing. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #probe(): Promise<void> {
    clearTimeout(this.#timer)
    this.#nextProbeAt = undefined
    try {
      await this.#options.probe()
    } catch (error) {
      if (StorageError.is(error)) {
        const isOther = error.code !== this.#error?.code
        this.#error = error
        if (isOther) this.#options.onCause?.(error)
      }
      if (!this.#closed) this.#schedule()
      return
    }
    if (this.#closed) return
    this.#error = undefined
    this.#points = 0
    this.#options.onChange(false, undefined)
  }

  #schedule(): void {
    const random = (this.#options.random ?? Math.random)()
    const waitMs = this.#options.intervalMs * (1 + random / 2)
    this.#nextProbeAt = Date.now() + waitMs
    this.#timer = setTimeout(() => void this.probe(), waitMs)
    this.#timer.unref()
  }
}
