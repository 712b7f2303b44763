import { statfs } from 'node:fs/promises'
import { failure } from './io-error.js'

/** What stays free for the ledger: to settle rows, and to record removals, which free more. */
export const MIN_FREE_BYTES = 2 * 1024 * 1024
/** How long an answer of the filesystem is good for. */
const FRESH_MS = 200

/** Bytes of the disk of a path that are free for this user. */
export async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/**
 * Keeps writers of new bytes from filling the disk to its last block, where not even the ledger could commit: it
 * writes new pages before it frees old ones, and takes a write cut short by a full disk for a broken one.
 */
export class FreeSpace {
  readonly #paths: readonly string[]
  #low = false
  #asked = Number.NEGATIVE_INFINITY
  #asking: Promise<boolean> | undefined

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** @throws StorageError `NO_SPACE` if there is no room for more */
  async check(op: string, key: string): Promise<void> {
    // Room is believed in for a moment; that there is none is asked again, for it may have been made.
    if (!this.#low && performance.now() - this.#asked < FRESH_MS) return
    if (!(await this.isLow())) return
    throw failure('NO_SPACE', op, key, `The ${op} failed: the disk is full but for what the ledger needs.`)
  }

  /** Whether there is no room for more, asked now. */
  isLow(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<boolean> {
    let low = false
    for (const path of this.#paths) {
      if ((await freeBytesAt(path)) < MIN_FREE_BYTES) low = true
    }
    this.#low = low
    this.#asked = performance.now()
    return low
  }
}
