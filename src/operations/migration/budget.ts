/** Memory that what is done at once may take together. */
export class Budget {
  #free: number
  readonly #total: number
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = []

  constructor(totalBytes: number) {
    this.#total = totalBytes
    this.#free = totalBytes
  }

  /** Runs `work` when there is room for so many bytes; something larger than everything is alone. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#total)
    if (this.#waiting.length === 0 && this.#free >= taken) this.#free -= taken
    else await new Promise<void>(go => this.#waiting.push({ bytes: taken, go }))
    try {
      return await work()
    } finally {
      this.#free += taken
      this.#next()
    }
  }

  #next(): void {
    let first = this.#waiting[0]
    while (first !== undefined && first.bytes <= this.#free) {
      this.#free -= first.bytes
      this.#waiting.shift()
      first.go()
      first = this.#waiting[0]
    }
  }
}
