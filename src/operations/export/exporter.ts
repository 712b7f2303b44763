import { setMaxListeners } from 'node:events'
import { StorageError } from '../../core/errors.js'
import { inOrder } from '../../core/in-order.js'
import type { FileStat } from '../../storage.js'
import { Failures } from '../migration/failures.js'
import { Patience } from '../migration/patience.js'
import { paceOf } from '../pace.js'
import { TarArchive } from './archive.js'
import { type Attempt, Chosen, incomplete } from './chosen.js'
import { fileLine, LongText, type ManifestFile, missingLine, sumLine } from './manifest.js'
import { EntryPaths, MANIFEST, SUMS } from './paths.js'
import { type Found, Reader, type Tags, type WholeFile } from './reader.js'
import type { ExportOptions, ExportReport, ExportSource } from './types.js'

/** So often a file that is replaced while it is read is read anew. */
const ROUNDS = 5

/** One export, from what was asked for to its report. */
export class Exporter {
  readonly #source: ExportSource
  readonly #options: ExportOptions
  readonly #chosen: Chosen
  readonly #concurrency: number
  readonly #patience: Patience
  readonly #reader: Reader
  readonly #ending = new AbortController()
  readonly #signal: AbortSignal
  readonly #archive = new TarArchive()
  readonly #paths = new EntryPaths()
  readonly #failures = new Failures()
  readonly #manifest = new LongText()
  readonly #sums = new LongText()
  readonly #startedAt = new Date()
  #files = 0
  #bytes = 0
  #vanished = 0
  /** Entries that are in the archive, whatever is in them. */
  #entries = 0
  /** Whether the store has answered once. */
  #hasAnswered = false

  constructor(source: ExportSource, options: ExportOptions) {
    this.#source = source
    this.#options = options
    this.#chosen = new Chosen(source, options)
    const { concurrency, patienceMs } = paceOf('export', options)
    this.#concurrency = concurrency
    this.#signal = AbortSignal.any([
      this.#ending.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ])
    // All that is read ahead listens to it.
    setMaxListeners(0, this.#signal)
    this.#patience = new Patience(patienceMs, this.#signal)
    this.#reader = new Reader(source, {
      attempt: this.#attempt,
      withTags: options.tags === true,
      skipsUnavailable: options.skipUnavailable === true,
      signal: this.#signal,
    })
  }

  /** The archive's bytes. They end early, by an error, where it cannot be finished; never as if it were whole. */
  async *archive(): AsyncGenerator<Uint8Array, void, void> {
    if (this.#options.onTotal !== undefined) void this.#countAhead(this.#options.onTotal)
    const written = this.#write().catch((error: unknown) => this.#archive.fail(error))
    try {
      yield* this.#archive.bytes
    } finally {
      this.#ending.abort()
      await written
      await Promise.all([this.#manifest.close(), this.#sums.close()])
    }
  }

  report(archiveBytes: number): ExportReport {
    return {
      files: this.#files,
      bytes: this.#bytes,
      archiveBytes,
      vanished: this.#vanished,
      failed: this.#failures.count,
      failures: this.#failures.listed,
      complete: this.#chosen.isComplete,
      manifest: this.#paths.own(MANIFEST),
      sums: this.#paths.own(SUMS),
      seconds: (Date.now() - this.#startedAt.getTime()) / 1000,
    }
  }

  async #write(): Promise<void> {
    const { prefixes, keys } = this.#options
    const about = { createdAt: this.#startedAt, prefixes, keys }
    await this.#manifest.line(JSON.stringify({ export: about }))
    const files = this.#chosen.files(this.#attempt, this.#signal)
    for await (const found of inOrder(files, this.#concurrency, file => this.#reader.find(file))) {
      await this.#add(found)
    }
    if (this.#entries === 0 && this.#failures.listed.every(({ error }) => error.code === 'NOT_FOUND')) {
      // While the store is away nobody knows that.
      throw this.#chosen.isComplete ? nothing(this.#chosen.description) : incomplete()
    }
    const { files: count, bytes, failed, vanished, complete } = this.report(0)
    await this.#manifest.line(
      JSON.stringify({ summary: { files: count, bytes, failed, vanished, complete } }),
    )
    const manifest = this.#paths.own(MANIFEST)
    await this.#sums.line(sumLine(await this.#addText(manifest, this.#manifest), manifest))
    await this.#addText(this.#paths.own(SUMS), this.#sums)
    this.#archive.finish()
  }

  async #add(found: Found): Promise<void> {
    const path = this.#paths.of(found.key)
    switch (found.kind) {
      case 'whole':
        return this.#addWhole(path, found.content, found.tags)
      case 'long':
        return this.#addLong(path, found.key, found.tags)
      case 'gone':
        this.#vanished++
        return
      case 'failed':
        return this.#miss(found.key, found.error)
    }
  }

  async #addWhole(path: string, { stat, pieces, error }: WholeFile, tags: Tags | undefined): Promise<void> {
    const entry = this.#archive.begin({ path, size: stat.size, modified: stat.lastModified })
    for (const piece of pieces) await entry.write(piece)
    const given = await entry.end()
    this.#moved(0, given.size)
    await this.#tell({ path, stat, tags }, { ...given, error })
  }

  /** A file that is replaced while it is read follows anew, by the same name: that is the one that is extracted. */
  async #addLong(path: string, key: string, tags: Tags | undefined): Promise<void> {
    let before: { readonly stat: FileStat; readonly error: StorageError } | undefined
    for (let round = 1; ; round++) {
      const opened = await this.#reader.open(key).catch((error: unknown) => this.#reader.endured(error))
      if (opened instanceof StorageError) {
        if (before !== undefined)
          return this.#tell({ path, stat: before.stat, tags }, { error: brokenOff(before) })
        if (!StorageError.is(opened, 'NOT_FOUND')) return this.#miss(key, opened)
        this.#vanished++
        return
      }
      const { stat } = opened
      const entry = this.#archive.begin({ path, size: stat.size, modified: stat.lastModified })
      let error: StorageError | undefined
      try {
        for await (const piece of this.#reader.pieces(opened)) {
          await entry.write(piece)
          this.#moved(0, piece.length)
        }
      } catch (thrown) {
        error = this.#reader.endured(thrown)
      }
      const isBrokenOff = error !== undefined && entry.left > 0
      const given = await entry.end()
      if (error === undefined || !isBrokenOff) {
        return this.#tell({ path, stat, tags }, { ...given, error })
      }
      before = { stat, error }
      if (!CHANGED.has(error.code) || round === ROUNDS) {
        return this.#tell({ path, stat, tags }, { error: brokenOff(before) })
      }
      this.#moved(0, -given.size)
    }
  }

  /** Notes an entry that is in the archive, and whether its bytes are those that were stored. */
  async #tell(
    file: Pick<ManifestFile, 'path' | 'stat' | 'tags'>,
    read: { readonly sha256?: string; readonly size?: number; readonly error: StorageError | undefined },
  ): Promise<void> {
    const { path, stat } = file
    const isWrong = read.size !== stat.size || (stat.sha256 !== undefined && stat.sha256 !== read.sha256)
    const error = read.error ?? (isWrong ? rotten(stat.key) : undefined)
    // Of bytes that are wrong, what they should be: whoever checks the hashes finds them.
    const sha256 = error === undefined ? read.sha256 : stat.sha256
    this.#entries++
    if (error === undefined) {
      this.#files++
      this.#bytes += stat.size
      this.#moved(1, 0)
    } else this.#failures.add(stat.key, error)
    await this.#manifest.line(fileLine({ ...file, sha256, ...(error !== undefined && { error }) }))
    if (sha256 !== undefined) await this.#sums.line(sumLine(sha256, path))
  }

  /** Notes a file that is not in the archive. */
  async #miss(key: string, error: StorageError): Promise<void> {
    this.#failures.add(key, error)
    await this.#manifest.line(missingLine(key, error))
  }

  /** @returns the SHA-256 of what was added */
  async #addText(path: string, text: LongText): Promise<string> {
    const { size, pieces } = await text.finish()
    const entry = this.#archive.begin({ path, size, modified: this.#startedAt })
    for await (const piece of pieces()) await entry.write(piece)
    return (await entry.end()).sha256
  }

  /** A store that is away from the start is not waited for: whoever asks is told at once. */
  readonly #attempt: Attempt = async work => {
    if (this.#hasAnswered && !this.#options.skipUnavailable) return this.#patience.run(work)
    const result = await work()
    this.#hasAnswered = true
    return result
  }

  #moved(files: number, bytes: number): void {
    this.#options.onProgress?.({ files, bytes })
  }

  async #countAhead(onTotal: NonNullable<ExportOptions['onTotal']>): Promise<void> {
    let [files, bytes] = [0, 0]
    try {
      for await (const { key, size } of this.#chosen.files(work => work(), this.#signal)) {
        files++
        bytes += size ?? (await this.#source.statFile(key, { signal: this.#signal })).size
      }
      onTotal({ files, bytes })
    } catch {
      // Told by the export itself.
    }
  }
}

/** Codes that say that a file is not the one any more that was opened. */
const CHANGED: ReadonlySet<string> = new Set(['PRECONDITION_FAILED', 'NOT_FOUND'])

function brokenOff({ stat, error }: { readonly stat: FileStat; readonly error: StorageError }): StorageError {
  const { code, key = stat.key } = error
  const message = `The file broke off while it was read, and zeros stand in the archive for the rest of it: ${error.message}`
  return new StorageError({ code, op: 'export', key, message, cause: error })
}

function rotten(key: string): StorageError {
  const message = 'The bytes that were read are not those that were stored.'
  return new StorageError({ code: 'INTEGRITY', op: 'export', key, message })
}

function nothing(description: string): StorageError {
  const message = `There is no file to export: none that is meant lies at or below ${description}.`
  return new StorageError({ code: 'NOT_FOUND', op: 'export', message })
}
