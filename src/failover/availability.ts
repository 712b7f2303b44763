import { randomUUID } from 'node:crypto'
import { parseAttributes } from '../core/attributes.js'
import { StorageError } from '../core/errors.js'
import { internalKey, type Key } from '../core/key.js'
import { openSource } from '../core/source.js'
import { Breaker } from './breaker.js'
import type { Chronicle } from './chronicle.js'
import type { Direction } from './events.js'
import { type Primary, type Trouble, troubleOf } from './primary.js'

export interface AvailabilityOptions {
  readonly primary: Primary
  /** Tells the hosts of a bucket apart: each probes with an object of its own. */
  readonly host: string
  readonly intervalMs: number
  readonly chronicle: Pick<Chronicle, 'opened' | 'changed' | 'closed'>
  /** Called when the primary takes writes again, or stops to. */
  readonly onChange: () => void
}

/** Whether the primary can be read and written: two breakers, and what they ask. */
export class Availability {
  readonly reads: Breaker
  readonly writes: Breaker
  readonly #options: AvailabilityOptions
  readonly #probeKey: ReturnType<typeof internalKey>
  #answeringSince = performance.now()
  /** A question to the primary of whether it takes writes, while it takes no reads. */
  #checking: Promise<void> | undefined
  readonly #asking = new Map<Breaker, Promise<boolean>>()

  constructor(options: AvailabilityOptions) {
    this.#options = options
    this.#probeKey = internalKey(`probe/${options.host}`)
    this.reads = this.#breaker('reads', () => this.#read())
    this.writes = this.#breaker('writes', () => this.#write())
  }

  /** Since when the primary has taken writes without a gap; milliseconds of `performance.now()`. */
  get answeringSince(): number {
    return this.#answeringSince
  }

  /** Milliseconds after which a caller may try again. */
  get retryAfterMs(): number {
    return this.#options.intervalMs
  }

  /** What callers get for what only the primary could tell of, while it is away. @param reason why, if not the breakers know */
  awayError(op: string, key: Key | undefined, reason?: StorageError): StorageError {
    const { primary } = this.#options
    const off = primary.switchedOff !== undefined
    const message = off
      ? 'Object storage is switched off, and only the bucket could tell of this; "holdfast status" tells what to do.'
      : 'The object store is away, and nothing of this is known here.'
    const cause = primary.switchedOff ?? reason ?? this.reads.error ?? this.writes.error
    const retry = off ? { retryable: false } : { retryAfterMs: this.retryAfterMs }
    return new StorageError({ code: 'UNAVAILABLE', op, key, store: 's3', message, cause, ...retry })
  }

  /**
   * Asks the primary for a caller, who is told of an outage where it refuses everybody, as all who come later are.
   *
   * @throws what `question` throws, or StorageError `UNAVAILABLE`
   */
  async ask<T>(breaker: Breaker, op: string, key: Key | undefined, question: () => Promise<T>): Promise<T> {
    try {
      return await question()
    } catch (error) {
      throw (await this.isAway(breaker, error)) ? this.outageError(op, key, error) : error
    }
  }

  /**
   * {@link ask} of what nothing here stands in for: while the primary is known to be away nobody is sent there.
   *
   * @throws as {@link ask} does
   */
  async require<T>(
    breaker: Breaker,
    op: string,
    key: Key | undefined,
    question: () => Promise<T>,
  ): Promise<T> {
    if (breaker.open) throw this.awayError(op, key)
    const answer = await this.ask(breaker, op, key, question)
    breaker.succeeded()
    return answer
  }

  /**
   * What a caller gets who was the first to meet that the primary is away, as {@link isAway} found: what says so
   * itself; in the place of a refusal of everybody, `UNAVAILABLE`.
   */
  outageError(op: string, key: Key | undefined, error: unknown): unknown {
    return StorageError.is(error) && troubleOf(error) !== 'away' ? this.awayError(op, key, error) : error
  }

  /**
   * Judges how an operation failed: whether the primary is to blame, so that something else must help. A refusal
   * that may be about one object is settled by an operation of our own.
   *
   * @returns true if the primary is away; false if the error is the caller's to see
   */
  async isAway(breaker: Breaker, error: unknown): Promise<boolean> {
    const trouble = troubleOf(error)
    if (!StorageError.is(error) || trouble === 'answered') {
      if (StorageError.is(error) && error.store !== undefined) breaker.succeeded()
      return false
    }
    if (trouble === 'refused') return this.#refusesAll(breaker, error)
    this.#note(breaker, error, trouble)
    return true
  }

  /** Counts a silence that a caller did not wait out. */
  silent(breaker: Breaker, error: StorageError): void {
    this.#note(breaker, error, 'away')
  }

  /** Probes now where a breaker is open. */
  async probe(): Promise<void> {
    await this.#checking
    await Promise.all([this.reads.probe(), this.writes.probe()])
  }

  close(): void {
    this.reads.close()
    this.writes.close()
  }

  #note(breaker: Breaker, error: StorageError, trouble: Trouble): void {
    breaker.failed(error, trouble)
  }

  async #refusesAll(breaker: Breaker, error: StorageError): Promise<boolean> {
    if (breaker.open) return true
    let asking = this.#asking.get(breaker)
    if (asking === undefined) {
      asking = (breaker === this.writes ? this.#write() : this.#read())
        .then(
          () => false,
          () => true,
        )
        .finally(() => this.#asking.delete(breaker))
      this.#asking.set(breaker, asking)
    }
    if (!(await asking)) return false
    breaker.trip(error)
    return true
  }

  #breaker(what: Direction, probe: () => Promise<void>): Breaker {
    const { intervalMs, chronicle, onChange } = this.#options
    return new Breaker({
      intervalMs,
      probe,
      onCause: error => chronicle.changed(what, error, troubleOf(error) !== 'away'),
      onChange: (open, error) => {
        // Whoever switched it off knows.
        if (this.#options.primary.switchedOff !== undefined) return
        if (open) {
          if (error !== undefined) chronicle.opened(what, error, troubleOf(error) !== 'away')
          if (what === 'reads') this.#checking = this.#checkWrites()
        } else {
          if (what === 'writes') this.#answeringSince = performance.now()
          chronicle.closed(what)
          // What lets one of them through is likely to let the other through too.
          void (what === 'writes' ? this.reads : this.writes).probe()
        }
        onChange()
      },
    })
  }

  /** What keeps reads out is likely to keep writes out: it is found out before an upload has to wait for it. */
  async #checkWrites(): Promise<void> {
    if (this.writes.open) return
    try {
      await this.#write()
    } catch (error) {
      if (StorageError.is(error) && troubleOf(error) !== 'answered') this.writes.trip(error)
    }
  }

  async #read(): Promise<void> {
    const { store } = this.#options.primary
    try {
      await store.head(this.#probeKey, ONCE)
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return
      // Where listing is not granted, S3 refuses to tell that an object is missing; so there shall be one.
      if (!StorageError.is(error, 'PERMISSION_DENIED')) throw error
      await this.#write()
      await store.head(this.#probeKey, ONCE)
    }
  }

  async #write(): Promise<void> {
    const source = await openSource(Buffer.from(randomUUID()))
    await this.#options.primary.store.put(this.#probeKey, source, { ...ONCE, attributes: PROBE_ATTRIBUTES })
  }
}

/** A probe is one request: more of them would not tell more. */
const ONCE = { once: true }
const PROBE_ATTRIBUTES = parseAttributes({ contentType: 'text/plain' })
