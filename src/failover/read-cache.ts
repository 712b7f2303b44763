import type { Key } from '../core/key.js'
import type { ObjectStat } from '../core/store.js'

/** What the copies come to, as far as this process knows. */
export interface CacheUsage {
  readonly files: number
  /** Of the disk. */
  readonly bytes: number
  readonly maxBytes: number
  /** Reads that took the bytes from a copy. */
  readonly hits: number
}

/**
 * Copies of what the primary holds, kept on this disk for a while. None is ever the only one of anything: each may
 * be lost, or given up, at any moment.
 *
 * The copy of a quiet key is what the primary held at a moment after every mutation of the key that a process of
 * this folder has acknowledged. Three rules keep it so:
 *
 * - Whoever has seen a mutation of a key applied calls {@link forget} before acknowledging it, and so does whoever is
 *   about to remove the key's row from the journal: what was acknowledged by that row is at the primary by then.
 * - A fill is begun before the primary is asked for the bytes.
 * - To forget a key ends its fills on their way too, in all processes, in one step.
 */
export interface ReadCache {
  /** Whether copies are made and served; a cache that is switched off still forgets. */
  readonly keeps: boolean
  readonly usage: CacheUsage
  /** Whether an object of this many bytes is one to keep, as far as there is room. */
  takes(size: number): boolean
  /** Whether there may be a copy. Costs microseconds. */
  holds(key: Key): boolean
  /**
   * What a small copy, that was opened here before, is of: it is still there, and still the same. Costs microseconds.
   */
  known(key: Key): KnownCopy | undefined
  /** The copy, if there is one and it is whole. Never rejects. */
  open(key: Key): Promise<Copy | undefined>
  /** Begins a copy of what the primary is asked for after this; undefined where there is no room. Never rejects. */
  begin(key: Key): Promise<Fill | undefined>
  /**
   * Removes the copy, and ends what is filled, before it resolves. Never rejects.
   *
   * @returns undefined where there is nothing to remove, which is what a put of a new key meets
   */
  forget(key: Key): Promise<void> | undefined
  /** Removes the copies of all keys that are meant, in whatever time that takes, and waits until their bytes are gone. */
  forgetAll(isMeant: (key: Key) => boolean): Promise<ForgottenCopy[]>
  /** Resolves when the bytes of all that was forgotten are gone. */
  forgotten(): Promise<void>
  /** Gives up copies that were not used for the longest time. @returns the bytes of the disk that this freed */
  makeRoom(bytes: number): Promise<number>
  /** Resolves when nothing is being written or removed. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Content up to this size is small: to send it costs the primary and us no more than to ask about it. */
export const SMALL_BYTES = 64 * 1024

/** A copy that was removed. */
export interface ForgottenCopy {
  readonly key: Key
  readonly size: number
  readonly path: string
}

/** What is remembered of a copy. */
export interface KnownCopy {
  readonly stat: ObjectStat
  /** Notes that the primary has just confirmed it. */
  confirmed(): void
}

/** An opened copy. It stays readable when it is forgotten. Its reader closes it. */
export interface Copy {
  /** As the primary told it, with its own ETag. */
  readonly stat: ObjectStat
  /** When the primary last had this very object. */
  readonly confirmedAt: Date
  /** Bytes of a piece; the last one is shorter. */
  readonly pieceBytes: number
  /** Bytes of the piece of this number; undefined if they are not those that were written. Never rejects. */
  piece(index: number): Promise<Buffer | undefined>
  /** Notes that it is used, and whether the primary has just confirmed it. */
  used(confirmed: boolean): void
  close(): Promise<void>
}

/** A copy that is being written. Its writer ends it, by either of two ways. */
export interface Fill {
  /** Says what the bytes will be. @returns false where they are too many: then the fill has ended */
  accept(stat: ObjectStat): boolean
  /**
   * Takes a copy of the next bytes. Where the disk fails or cannot follow, the fill gives itself up.
   *
   * @returns a moment to wait for, never long, where the disk is behind
   */
  add(chunk: Buffer): Promise<void> | undefined
  /** Makes the copy one to be read, unless the key was forgotten since. Never rejects. */
  finish(): Promise<void>
  /** Gives it up. */
  abandon(): void
}
