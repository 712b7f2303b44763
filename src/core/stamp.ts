/**
 * The order of a write among all writes of a bucket: hybrid time first, then this host's own count, then the
 * host. Against a host's own writes its ledger's order decides, never the stamp.
 */
export interface Stamp {
  /** Milliseconds since the epoch, never below one already used or seen. */
  readonly time: number
  /** Counts every write of the host, for ever. */
  readonly sequence: number
  /** Identifies the host: lower-case letters and digits. */
  readonly host: string
}

/** A moment of a {@link StampClock}: no stamp at or below it is given out again. */
export type StampMark = Pick<Stamp, 'time' | 'sequence'>

/** Compares two stamps: negative when `a` is the older. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.host === b.host) return a.sequence - b.sequence
  return a.host < b.host ? -1 : 1
}

/** The stamp as text, `<time>.<sequence>.<host>` in base 36: what object metadata carries. */
export function formatStamp(stamp: Stamp): string {
  return `${stamp.time.toString(36)}.${stamp.sequence.toString(36)}.${stamp.host}`
}

/** Reads what {@link formatStamp} wrote; undefined for anything else. */
export function parseStamp(text: string | undefined): Stamp | undefined {
  const match = text?.match(/^([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-z]{1,16})$/)
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined
  const stamp = {
    time: Number.parseInt(match[1], 36),
    sequence: Number.parseInt(match[2], 36),
    host: match[3],
  }
  return Number.isSafeInteger(stamp.time) && Number.isSafeInteger(stamp.sequence) ? stamp : undefined
}

/** What a {@link StampClock} needs. */
export interface StampClockOptions {
  readonly host: string
  /** The high-water mark left by an earlier run; every new stamp is above it. */
  readonly floor?: StampMark
  /**
   * Makes durable, before the first of them is given out, that every stamp up to `to` may be; so a clock that
   * steps back, or a crash, never repeats one. Returns the sequence above which `to.sequence - from.sequence`
   * many now belong to this clock alone: `from.sequence`, or a higher one where other processes of the host
   * have reserved sequences too.
   */
  readonly reserve?: (from: StampMark, to: StampMark) => number
  /** Milliseconds since the epoch; `Date.now` unless a test gives another. */
  readonly now?: () => number
}

/** Enough that a busy host waits for a reservation every few seconds, and few enough to last for ever. */
const RESERVED_SEQUENCES = 65_536
const RESERVED_MS = 10_000
/** How long after a reservation that failed the next is tried, by those who can do without. */
const RETRY_MS = 1000

/** Gives out stamps that only ever grow, whatever the machine's clock does. */
export class StampClock {
  readonly host: string
  #last: StampMark
  #reserved: StampMark
  readonly #reserve: StampClockOptions['reserve']
  readonly #now: () => number
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(options: StampClockOptions) {
    this.host = options.host
    this.#last = options.floor ?? { time: 0, sequence: 0 }
    this.#reserved = this.#last
    this.#reserve = options.reserve
    this.#now = options.now ?? Date.now
  }

  /** The highest stamp given out so far. */
  get mark(): StampMark {
    return this.#last
  }

  /**
   * The next stamp: above every one given out before, and above `seen` if one is given (the stamp that the
   * key already carries). Where none can be reserved, for a disk that is full or failing, it is given out without:
   * a write to an object store that works depends on no local disk.
   */
  next(seen?: Stamp): Stamp {
    try {
      return this.#next(seen, Math.abs(this.#now() - this.#failedAt) >= RETRY_MS)
    } catch {
      this.#failedAt = this.#now()
      return this.#next(seen, false)
    }
  }

  /**
   * The next stamp with a sequence that no other clock of this host ever gives out.
   *
   * @throws what the reservation throws
   */
  nextReserved(): Stamp {
    return this.#next(undefined, true)
  }

  #next(seen: Stamp | undefined, reserves: boolean): Stamp {
    const seenTime = seen === undefined ? 0 : seen.time + (seen.host === this.host ? 0 : 1)
    const time = Math.max(this.#now(), this.#last.time, seenTime)
    let sequence = Math.max(this.#last.sequence, seen?.host === this.host ? seen.sequence : 0) + 1
    const isOut = time > this.#reserved.time || sequence > this.#reserved.sequence
    if (this.#reserve !== undefined && isOut && reserves) {
      const from = { time, sequence: sequence - 1 }
      const to = { time: time + RESERVED_MS, sequence: from.sequence + RESERVED_SEQUENCES }
      const floor = this.#reserve(from, to)
      this.#reserved = { time: to.time, sequence: floor + RESERVED_SEQUENCES }
      sequence = floor + 1
    }
    this.#last = { time, sequence }
    return { time, sequence, host: this.host }
  }
}
