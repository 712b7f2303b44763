import type { Storage } from '../../storage.js'
import type { ObjectFailure, Selection } from '../migration/types.js'
import type { PaceOptions } from '../pace.js'

/** What an export reads: a storage, or a scope of one. */
export type ExportSource = Pick<Storage, 'list' | 'openFile' | 'statFile' | 'getFileTags'>

export interface ExportOptions extends Pick<Selection, 'include' | 'exclude'>, PaceOptions {
  /** The starts of the keys of the files that are meant; unless given, and no `keys` are, all. */
  prefixes?: readonly string[] | undefined
  /** Single files. */
  keys?: readonly string[] | undefined
  /** Compress the archive by gzip; unless given, where it goes to a path that ends in `.gz` or `.tgz`. */
  gzip?: boolean | undefined
  /** Tell the tags of the files too, which takes a request more for each. False unless given. */
  tags?: boolean | undefined
  /**
   * Leave out what the object store alone has while it is away, rather than fail: then the manifest and the report say
   * that the archive is not complete. False unless given.
   */
  skipUnavailable?: boolean | undefined
}

/** What an export came to. */
export interface ExportReport {
  /** Files in the archive whose bytes are those that were stored, and these bytes. */
  readonly files: number
  readonly bytes: number
  /** What the archive takes. */
  readonly archiveBytes: number
  /** Files that were removed, or expired, before they were read. */
  readonly vanished: number
  /**
   * Files that are not in the archive, or not as they were stored: the manifest tells of each, and `sha256sum -c` finds
   * those that are there with other bytes.
   */
  readonly failed: number
  /** The first thousand of them. */
  readonly failures: readonly ObjectFailure[]
  /** Whether all files are known to be either in the archive or among those that failed. */
  readonly complete: boolean
  /** Where the manifest lies in the archive, and the list of hashes. */
  readonly manifest: string
  readonly sums: string
  readonly seconds: number
}
