import type { Source } from '../../core/source.js'

/** What is reserved ahead of a stream at first, and at most; in between as much as has come already. Bytes. */
const FIRST_STEP = 256 * 1024
const MAX_STEP = 64 * 1024 * 1024

/** A source whose bytes are handed out only once there is room for them. */
export class MeteredSource implements Source {
  readonly #source: Source
  readonly #reserve: (total: number, wanted: number) => Promise<number>
  #room: number
  #reserving: Promise<void> = Promise.resolve()
  #isEnded = false

  /**
   * @param room bytes that there is room for already
   * @param reserve makes room for `wanted` bytes in all, or if that is too much for `total`; tells for how many there is.
   *   Rejects where there is no room for `total`.
   */
  constructor(source: Source, room: number, reserve: (total: number, wanted: number) => Promise<number>) {
    this.#source = source
    this.#room = room
    this.#reserve = reserve
  }

  get size(): number | undefined {
    return this.#source.size
  }

  get replayable(): boolean {
    return this.#source.replayable === true
  }

  /** Whether its last byte was handed out: before that, nobody can have stored it. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.#source.read(offset, length)
    const total = offset + bytes.length
    const isEnd = bytes.length < length || total === this.size
    if (total > this.#room) {
      this.#reserving = this.#reserving.then(() => this.#makeRoom(total, isEnd))
      await this.#reserving
    }
    if (isEnd) this.#isEnded = true
    return bytes
  }

  release(offset: number): void {
    this.#source.release(offset)
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  async #makeRoom(total: number, isEnd: boolean): Promise<void> {
    if (total <= this.#room) return
    const step = isEnd ? 0 : Math.min(Math.max(FIRST_STEP, total), MAX_STEP)
    this.#room = await this.#reserve(total, total + step)
  }
}
