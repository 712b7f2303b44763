import { StorageError } from '../../core/errors.js'
import type { Unlistable } from './side.js'
import { type ObjectFailure, STORE_TROUBLE } from './types.js'

/** So many failures are remembered; the others are counted. */
const MAX_LISTED = 1000
/** After so many failures of the store in a row, with no success among them, the rest is not tried. */
const HOPELESS = 64

/** What could not be done, each of which stops nothing else. */
export class Failures {
  readonly #listed: ObjectFailure[] = []
  #count = 0
  #inARow = 0
  #links = 0
  #hopeless: StorageError | undefined

  get count(): number {
    return this.#count
  }

  get listed(): readonly ObjectFailure[] {
    return this.#listed
  }

  /** Symbolic links that were met, and are not followed. */
  get links(): number {
    return this.#links
  }

  /** The trouble of the store for which the rest is not tried; undefined while it is worth trying. */
  get hopeless(): StorageError | undefined {
    return this.#hopeless
  }

  succeeded(): void {
    this.#inARow = 0
  }

  /** Notes what is met in a folder and is no object. */
  readonly unlistable = ({ name, error }: Unlistable): void => {
    if (error === undefined) this.#links++
    else this.add(name, error)
  }

  add(key: string, error: unknown): void {
    const known = StorageError.is(error) ? error : unforeseen(key, error)
    this.#count++
    if (this.#listed.length < MAX_LISTED) this.#listed.push({ key, error: known })
    this.#inARow = STORE_TROUBLE.has(known.code) ? this.#inARow + 1 : 0
    if (this.#inARow >= HOPELESS) this.#hopeless ??= known
  }

  /** Forgets everything: it is tried once more. */
  clear(): void {
    this.#listed.length = 0
    this.#count = 0
    this.#inARow = 0
    this.#links = 0
  }
}

function unforeseen(key: string, cause: unknown): StorageError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StorageError({ code: 'INTERNAL', op: 'migrate', key, message, cause })
}
