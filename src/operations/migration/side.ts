import type { Key } from '../../core/key.js'
import type { Source } from '../../core/source.js'
import type { ListedObject, ObjectStat, OpenObject, PutOptions } from '../../core/store.js'
import type { Patience } from './patience.js'

/** What reading or removing an object of a side takes. */
export interface SideOptions {
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a listing of a side takes. */
export interface SideRange {
  /** The start of the names; `''` for all. */
  readonly prefix: string
  readonly signal?: AbortSignal | undefined
  /** Asks for a part of the listing, and again while the store is away. */
  readonly patience?: Patience | undefined
}

/** Something in a folder that is no object: a symbolic link, which is not followed, or what cannot be one, and why. */
export interface Unlistable {
  readonly name: string
  /** Absent for a link. */
  readonly error?: Error
}

/**
 * One side of a migration: objects by their names, which are their keys without the prefix that the side was named
 * with. Every method rejects with a StorageError.
 */
export interface Side {
  /** As it is shown: without secrets, and the same whenever the same is meant. */
  readonly name: string
  readonly kind: 'bucket' | 'folder' | 'files' | 'store'
  /** Whether its bytes lie on this machine, so that reading them is no traffic. */
  readonly isLocal: boolean
  /** Whether it keeps storage classes, so that an object may be given one. */
  readonly hasStorageClasses: boolean
  /** Whether write ids are its own for each key: they are in a ledger, but anybody may copy an object of a bucket with all that it carries. */
  readonly hasOwnWriteIds: boolean
  /** Whether it finds out by itself whether bytes are those that were written, when they are read to the end. */
  readonly verifiesReads: boolean
  /** How many bytes of a large object are held while it is put, where they are sent in parts. */
  readonly heldBytes?: number | undefined

  /**
   * All objects in UTF-8 byte order of their names, in memory that does not grow with their number.
   *
   * @param unlistable told of what is there and cannot be an object
   * @throws StorageError `UNAVAILABLE` where the listing cannot be complete
   */
  objects(
    range: SideRange,
    unlistable?: (found: Unlistable) => void,
  ): AsyncGenerator<ListedObject, void, void>
  get(name: Key, options?: SideOptions): Promise<OpenObject>
  head(name: Key, options?: SideOptions): Promise<ObjectStat>
  /** The tags of an object, where its stat does not tell them. */
  tags?(name: Key, options?: SideOptions): Promise<Readonly<Record<string, string>> | undefined>
  put(name: Key, source: Source, options: PutOptions): Promise<ObjectStat>
  delete(name: Key, options?: SideOptions): Promise<boolean>
  /** Before anything is written to it. */
  prepare?(): Promise<void>
  /** When everything is written: what was broken off, and nobody has gone on with, is ended. */
  finish?(): Promise<void>
  close(): Promise<void>
}
