import type { Ballast } from '../stores/local/ballast.js'
import { freeBytesAt } from '../stores/local/free-space.js'

/** Free disk space is asked for again after this long, where somebody is about to take some. Milliseconds. */
const FREE_SPACE_AGE_MS = 250

/** How full the disk of the storage folder is. */
export class DiskWatch {
  readonly #path: string
  readonly #ballast: Pick<Ballast, 'present'>
  #asked = Number.NEGATIVE_INFINITY
  #asking: Promise<number> = Promise.resolve(0)
  #free: number | undefined
  #hasBallast: boolean

  /** @param path any folder on that disk */
  constructor(path: string, ballast: Pick<Ballast, 'present'>) {
    this.#path = path
    this.#ballast = ballast
    this.#hasBallast = ballast.present
  }

  /** Free bytes, as they were a moment ago, or as they are now. */
  freeBytes(asOfNow = false): Promise<number> {
    const now = performance.now()
    if (asOfNow || now - this.#asked > FREE_SPACE_AGE_MS) {
      this.#asked = now
      this.#asking = freeBytesAt(this.#path).then(free => {
        this.#free = free
        return free
      })
    }
    return this.#asking
  }

  /** What was found last; asks nothing. */
  get last(): { readonly freeBytes: number | undefined; readonly ballast: boolean } {
    return { freeBytes: this.#free, ballast: this.#hasBallast }
  }

  /** Has a look, in the background. */
  look(): void {
    this.#hasBallast = this.#ballast.present
    this.freeBytes().catch(() => {})
  }
}
