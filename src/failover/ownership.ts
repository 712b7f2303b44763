import { type Context, withRelief } from './context.js'

export interface OwnershipOptions {
  readonly processId: string
  /** Whether the process that an id names is known to have ended. */
  readonly isDead: (processId: string) => boolean
  /** Registers this process, whose death from now on is a reason to doubt. */
  readonly enter: () => Promise<void> | undefined
  /** Milliseconds between two signs of life. */
  readonly beatMs: number
  /** Milliseconds without one after which a living owner is replaced. */
  readonly staleMs: number
}

/**
 * One process of a folder replicates. Its epoch is in the ledger, and each of its commits is conditional on it:
 * who was replaced, or stopped and woken, changes nothing any more. What a replaced or dead process may still
 * have on its way is waited for.
 */
export class Ownership {
  readonly #context: Context
  readonly #options: OwnershipOptions
  #epoch: number | undefined
  #beatAt = 0
  /** When it was last known that nobody has taken over. */
  #heardAt = 0
  /** The other owner's last sign of life, and when it was first seen. */
  #seen: { readonly mark: string; readonly at: number } | undefined

  constructor(context: Context, options: OwnershipOptions) {
    this.#context = context
    this.#options = options
  }

  /** The epoch if this process is the owner, as far as it knows. */
  get epoch(): number | undefined {
    return this.#epoch
  }

  /** Becomes or stays the owner, if nobody else is. @returns the epoch */
  async hold(): Promise<number | undefined> {
    if (this.#epoch !== undefined) {
      if (performance.now() - this.#beatAt < this.#options.beatMs) return this.#epoch
      await this.beat()
      if (this.#epoch !== undefined) return this.#epoch
    }
    return this.#claim()
  }

  /** Gives a sign of life. */
  async beat(): Promise<void> {
    if (this.#epoch === undefined) return
    const epoch = this.#epoch
    const began = performance.now()
    if (await withRelief(this.#context, () => this.#context.journal.beat(epoch))) this.#heard(began)
    else this.lost()
  }

  /** Another process is the owner now. */
  lost(): void {
    if (this.#epoch !== undefined)
      this.#context.logger.warn({}, 'Another process has taken the replication over')
    this.#epoch = undefined
  }

  /** Whether the epoch has passed, asked of the journal. */
  check(): boolean {
    this.#heardAt = performance.now()
    if (this.#epoch !== undefined && this.#context.journal.owner()?.epoch !== this.#epoch) this.lost()
    return this.#epoch !== undefined
  }

  /** Whether this process is the owner: after a pause, in which another may have taken over, the journal is asked. */
  isHeld(): boolean {
    if (this.#epoch === undefined) return false
    return performance.now() - this.#heardAt < this.#options.staleMs / 2 || this.check()
  }

  async release(): Promise<void> {
    const epoch = this.#epoch
    this.#epoch = undefined
    if (epoch !== undefined) await this.#context.journal.release(epoch)
  }

  /** Looks for processes that died with a request on its way. */
  async findDead(): Promise<void> {
    const { journal, primary, logger } = this.#context
    for (const process of journal.processes()) {
      if (process === this.#options.processId || !this.#options.isDead(process)) continue
      logger.warn({ process }, 'A process has died; what it had on its way to the object store is waited for')
      await withRelief(this.#context, () => journal.suspect(primary.now()))
      await withRelief(this.#context, () => journal.leave(process))
    }
  }

  async #claim(): Promise<number | undefined> {
    const { journal, primary, logger } = this.#context
    const { processId, isDead } = this.#options
    const owner = journal.owner()
    if (owner !== undefined && owner.holder !== '' && owner.holder !== processId && !isDead(owner.holder)) {
      if (!this.#isStale(`${owner.epoch} ${owner.beat}`)) return undefined
      logger.warn({ owner: owner.holder }, 'The process that replicated stands still; this one takes over')
      // Before the first commit of the new epoch, so that no key is found settled too early.
      await withRelief(this.#context, () => journal.suspect(primary.now()))
    }
    // An owner that died is among the dead: what it had on its way is suspected before anything is settled.
    await this.findDead()
    await this.#options.enter()
    const began = performance.now()
    this.#epoch = await withRelief(this.#context, () => journal.claim(owner, processId))
    this.#heard(began)
    return this.#epoch
  }

  /** @param at a moment before the journal was asked: what happens behind it is not known */
  #heard(at: number): void {
    this.#beatAt = at
    this.#heardAt = at
  }

  #isStale(mark: string): boolean {
    const now = performance.now()
    if (this.#seen?.mark !== mark) this.#seen = { mark, at: now }
    return now - this.#seen.at >= this.#options.staleMs
  }
}
