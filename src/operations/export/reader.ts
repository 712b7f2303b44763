import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { FileStat, OpenedFile } from '../../storage.js'
import { STORE_TROUBLE } from '../migration/types.js'
import type { Attempt, ChosenFile } from './chosen.js'
import type { ExportSource } from './types.js'

/** Up to this size a file is read ahead, and as a whole. */
export const WHOLE_BYTES = 1024 * 1024
/** So often in a row it is gone on with what breaks off before it has brought anything. */
const TRIES = 5

export type Tags = Readonly<Record<string, string>>

/** What came of looking for a file. */
export type Found =
  | {
      readonly kind: 'whole'
      readonly key: string
      readonly content: WholeFile
      readonly tags: Tags | undefined
    }
  /** It is to be read piece by piece. */
  | { readonly kind: 'long'; readonly key: string; readonly tags: Tags | undefined }
  /** It was removed since it was listed. */
  | { readonly kind: 'gone'; readonly key: string }
  | { readonly kind: 'failed'; readonly key: string; readonly error: StorageError }

/** A file that was read to its end. */
export interface WholeFile {
  readonly stat: FileStat
  readonly pieces: readonly Uint8Array[]
  /** What the storage says of these bytes at their end. */
  readonly error?: StorageError
}

export interface ReaderOptions {
  readonly attempt: Attempt
  readonly withTags: boolean
  /** Whether what cannot be had now is left out, rather than that the export ends. */
  readonly skipsUnavailable: boolean
  readonly signal: AbortSignal
}

/** Reads the files of an export. */
export class Reader {
  readonly #source: ExportSource
  readonly #options: ReaderOptions

  constructor(source: ExportSource, options: ReaderOptions) {
    this.#source = source
    this.#options = options
  }

  /** Reads a small file, and finds out which are long. @throws StorageError that ends the export */
  async find({ key, size }: ChosenFile): Promise<Found> {
    const { attempt, withTags } = this.#options
    try {
      const tags = withTags ? await attempt(() => this.#tags(key)) : undefined
      if (size !== undefined && size > WHOLE_BYTES) return { kind: 'long', key, tags }
      const content = await attempt(() => this.#whole(key))
      return content === undefined ? { kind: 'long', key, tags } : { kind: 'whole', key, content, tags }
    } catch (error) {
      const failure = this.endured(error)
      // One that was named is missed.
      if (failure.code === 'NOT_FOUND' && size !== undefined) return { kind: 'gone', key }
      return { kind: 'failed', key, error: failure }
    }
  }

  open(key: string): Promise<OpenedFile> {
    const { attempt, signal } = this.#options
    return attempt(() => this.#source.openFile(key, { signal }))
  }

  /**
   * The bytes of an opened file. Where they break off, they are gone on with from there, as long as the file is the same.
   *
   * @throws StorageError `PRECONDITION_FAILED` or `NOT_FOUND` if it is not, or is gone
   */
  async *pieces(opened: OpenedFile): AsyncGenerator<Uint8Array, void, void> {
    const { attempt, signal } = this.#options
    const { key, etag, size } = opened.stat
    let file = opened
    let at = 0
    for (let tries = 0; ; ) {
      try {
        for await (const piece of file) {
          at += piece.length
          tries = 0
          yield piece
        }
        return
      } catch (error) {
        if (!StorageError.is(error) || !error.retryable || ++tries > TRIES || at >= size) throw error
      } finally {
        await file.close()
      }
      const range = { start: at }
      file = await attempt(() => this.#source.openFile(key, { range, ifMatch: etag, signal }))
    }
  }

  /** An error that stops nothing else. @throws any other */
  endured(error: unknown): StorageError {
    const { signal, skipsUnavailable } = this.#options
    throwIfAborted(signal, 'export')
    if (!StorageError.is(error)) throw error
    if (STORE_TROUBLE.has(error.code) && !skipsUnavailable) throw error
    return error
  }

  async #tags(key: string): Promise<Tags | undefined> {
    try {
      return await this.#source.getFileTags(key, { signal: this.#options.signal })
    } catch (error) {
      if (StorageError.is(error, 'UNSUPPORTED')) return undefined
      throw error
    }
  }

  /** @returns undefined for a file that is too long to be held */
  async #whole(key: string): Promise<WholeFile | undefined> {
    await using file = await this.#source.openFile(key, { signal: this.#options.signal })
    const { stat } = file
    if (stat.size > WHOLE_BYTES) return undefined
    const pieces: Uint8Array[] = []
    let size = 0
    try {
      for await (const piece of file) {
        size += piece.length
        pieces.push(piece)
      }
    } catch (error) {
      // All of it came, and is not what was stored: that is better than nothing, and is told.
      if (StorageError.is(error, 'INTEGRITY') && size === stat.size) return { stat, pieces, error }
      throw error
    }
    return { stat, pieces }
  }
}
