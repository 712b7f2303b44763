import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { open, rename, rm, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { freeBytesAt } from './free-space.js'

const PIECE_BYTES = 1024 * 1024

/**
 * Disk space held in reserve, so that there is some to give up when the disk is full: the ledger copies what it
 * changes, and needs pages even to record a removal.
 */
export class Ballast {
  readonly #path: string
  readonly #draft: string
  readonly #bytes: number
  #building: Promise<boolean> | undefined

  /**
   * @param draft where it is written first: in this process's staging folder, which is swept if it is killed
   * @param bytes size of the reserve; 0 for none
   */
  constructor(path: string, draft: string, bytes: number) {
    this.#path = path
    this.#draft = draft
    this.#bytes = bytes
  }

  /** Whether the whole reserve is there. */
  get present(): boolean {
    try {
      return statSync(this.#path).size === this.#bytes
    } catch {
      return this.#bytes === 0
    }
  }

  /**
   * Lays the reserve down, if at least as much again is free.
   *
   * @returns whether it is there now
   */
  build(): Promise<boolean> {
    if (this.present) return Promise.resolve(true)
    this.#building ??= this.#build().finally(() => {
      this.#building = undefined
    })
    return this.#building
  }

  /** Gives the space up. @returns whether there was any */
  async release(): Promise<boolean> {
    await this.#building
    try {
      await unlink(this.#path)
      return true
    } catch {
      return false
    }
  }

  /** Settles when nothing is being laid down. */
  async idle(): Promise<void> {
    await this.#building
  }

  async #build(): Promise<boolean> {
    const draft = this.#draft
    try {
      if ((await freeBytesAt(dirname(this.#path))) < 2 * this.#bytes) return false
      // Random bytes really take their space, also where the filesystem compresses or shares blocks.
      const piece = randomBytes(Math.min(PIECE_BYTES, this.#bytes))
      const file = await open(draft, 'wx', 0o600)
      try {
        for (let at = 0; at < this.#bytes; at += piece.length) {
          const part = piece.subarray(0, this.#bytes - at)
          part.writeUInt32LE(at / piece.length, 0)
          await file.write(part, 0, part.length, at)
        }
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, this.#path)
      return true
    } catch {
      await rm(draft, { force: true }).catch(() => {})
      return false
    }
  }
}
