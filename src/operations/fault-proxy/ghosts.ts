/** A request held back: what delivers it, and the bytes that it keeps in memory. */
interface Ghost {
  readonly bytes: number
  readonly deliver: () => void
  readonly timer: NodeJS.Timeout
}

/** Requests that their senders have given up, and that are delivered later all the same. */
export class Ghosts {
  readonly #held = new Set<Ghost>()
  readonly #maxBytes: number
  #bytes = 0

  /** @param maxBytes of the bodies that are held at once */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#held.size
  }

  /** Bytes that may still be held. */
  get room(): number {
    return this.#maxBytes - this.#bytes
  }

  /** Holds a request of `bytes` for `delayMs`, then calls `deliver`. */
  hold(bytes: number, delayMs: number, deliver: () => void): void {
    const ghost: Ghost = { bytes, deliver, timer: setTimeout(() => this.#release(ghost), delayMs) }
    this.#held.add(ghost)
    this.#bytes += bytes
  }

  /** Delivers all of them now, the oldest first. */
  releaseAll(): void {
    for (const ghost of this.#held) this.#release(ghost)
  }

  /** Forgets all of them. */
  drop(): void {
    for (const { timer } of this.#held) clearTimeout(timer)
    this.#held.clear()
    this.#bytes = 0
  }

  #release(ghost: Ghost): void {
    if (!this.#held.delete(ghost)) return
    clearTimeout(ghost.timer)
    this.#bytes -= ghost.bytes
    ghost.deliver()
  }
}
