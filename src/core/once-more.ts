import type { Source } from './source.js'

/** Content that knows whether it can be read once more from its start. */
export class OnceMore implements Source {
  readonly #source: Source
  #released = false

  constructor(source: Source) {
    this.#source = source
  }

  /** Whether nothing of it has been given up. */
  get readable(): boolean {
    return !this.#released || this.#source.replayable === true
  }

  get size(): number | undefined {
    return this.#source.size
  }

  get replayable(): boolean {
    return this.#source.replayable === true
  }

  read(offset: number, length: number): Promise<Buffer> {
    return this.#source.read(offset, length)
  }

  release(offset: number): void {
    if (offset > 0) this.#released = true
    this.#source.release(offset)
  }

  /** The source stays its owner's to close. */
  async close(): Promise<void> {}
}
