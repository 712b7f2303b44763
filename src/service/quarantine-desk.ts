import { checkEtags } from '../core/condition.js'
import { StorageError, shown } from '../core/errors.js'
import { parseKey } from '../core/key.js'
import type { Source } from '../core/source.js'
import type { Condition, ObjectStat } from '../core/store.js'
import { rotten } from '../failover/spool-bytes.js'
import type { Quarantine, QuarantinedFile, ReleaseOptions } from '../inspection.js'
import type { CallOptions, UploadResult } from '../storage.js'
import type { QuarantineRow, VersionedQuarantineRow } from '../stores/local/quarantine-table.js'
import { invalidArgument } from './arguments.js'
import type { Backend } from './backend.js'
import type { Calls } from './calls.js'
import { type Compression, compressUpload, type Upload, UploadProgress } from './compressing.js'
import { gatherContent } from './gathering.js'
import type { QuarantineStore } from './quarantine.js'

/** What the desk works with. */
export interface DeskParts {
  readonly run: Calls['run']
  readonly open: () => Promise<Backend>
  readonly resultOf: (backend: Backend, stat: ObjectStat) => UploadResult
}

/** The quarantine as operators use it. */
export class QuarantineDesk implements Quarantine {
  readonly #parts: DeskParts

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  async *list(options?: CallOptions): AsyncGenerator<QuarantinedFile, void, void> {
    const { run, open } = this.#parts
    // Read as they are asked for: each page as of its own moment.
    const files = await run('quarantine', options, async () => {
      const quarantine = await (await open()).quarantine?.(false)
      return quarantine === undefined ? [] : seenOf(quarantine)
    })
    yield* files
  }

  get(id: string, options?: CallOptions): Promise<QuarantinedFile> {
    return this.#parts.run('quarantine', options, async () => {
      const { quarantine, found } = await this.#find(id)
      return quarantine.seen(found)
    })
  }

  release(id: string, options: ReleaseOptions = {}): Promise<UploadResult> {
    const { run, open, resultOf } = this.#parts
    return run('release', options, async signal => {
      const { overwrite } = options
      if (overwrite !== undefined && typeof overwrite !== 'boolean')
        throw invalidArgument('release', 'overwrite', overwrite, 'true or false')
      const backend = await open()
      const { quarantine, found } = await this.#find(id)
      const stat =
        (await releasedBefore(backend, found, signal)) ??
        (await storeHeld(backend, quarantine, found, overwrite === true, signal))
      await quarantine.remove(id)
      return resultOf(backend, stat)
    })
  }

  remove(id: string, options?: CallOptions): Promise<void> {
    return this.#parts.run('quarantine', options, async () => {
      const { quarantine } = await this.#find(id)
      if (!(await quarantine.remove(id))) throw missing(id)
    })
  }

  async #find(id: string): Promise<{ quarantine: QuarantineStore; found: VersionedQuarantineRow }> {
    const quarantine = await (await this.#parts.open()).quarantine?.(false)
    const found = typeof id === 'string' ? quarantine?.get(id) : undefined
    if (quarantine === undefined || found === undefined) throw missing(id)
    return { quarantine, found }
  }
}

function* seenOf(quarantine: QuarantineStore): Generator<QuarantinedFile, void, void> {
  for (const found of quarantine.all()) yield quarantine.seen(found)
}

/** What an earlier release has stored that did not come to its end; undefined where there is none. */
async function releasedBefore(
  { store }: Backend,
  { row }: VersionedQuarantineRow,
  signal: AbortSignal | undefined,
): Promise<ObjectStat | undefined> {
  if (row.release === undefined) return undefined
  try {
    const stat = await store.head(parseKey(row.key, 'release'), { signal })
    return stat.writeId === row.release.writeId ? stat : undefined
  } catch (error) {
    if (signal?.aborted) throw error
    return undefined
  }
}

/** Stores the file as the upload would have. */
async function storeHeld(
  backend: Backend,
  quarantine: QuarantineStore,
  { id, row }: VersionedQuarantineRow,
  overwrite: boolean,
  signal: AbortSignal | undefined,
): Promise<ObjectStat> {
  const key = parseKey(row.key, 'release')
  const source = await quarantine.open(row)
  let upload: Upload | undefined
  try {
    await requireSound(source, row)
    const release = await quarantine.beginRelease(id)
    if (release === undefined) throw missing(id)
    const { writeId, expiresAt } = release
    const lasting = expiresAt === undefined ? row : { ...row, attributes: { ...row.attributes, expiresAt } }
    upload = await asUploaded(source, lasting, backend, signal)
    const { source: content, attributes, sha256 } = upload
    const put = (condition: Condition): Promise<ObjectStat> =>
      backend.store.put(key, content, {
        attributes,
        sha256,
        writeId,
        onUnknown: 'accept',
        ...condition,
        signal,
      })
    if (overwrite) return await put({})
    return await put(row.condition).catch(async error => {
      // What a server can do may be known only once it was asked.
      if (!StorageError.is(error, 'UNSUPPORTED')) throw error
      await requireUnchanged(backend, row, signal)
      return put({})
    })
  } finally {
    if (upload !== undefined && upload.source !== source) await upload.source.close()
    await source.close()
  }
}

/** The upload that it was, compressed as it was to be. */
async function asUploaded(
  source: Source,
  { attributes, sha256, compress }: QuarantineRow,
  { spillFolder }: Backend,
  signal: AbortSignal | undefined,
): Promise<Upload> {
  const upload = { source, attributes, sha256 }
  if (compress === undefined) return upload
  const progress = new UploadProgress(undefined)
  return compressUpload(upload, { compression: compress as Compression, progress, spillFolder, signal })
}

/** @throws StorageError `INTEGRITY` if the bytes are not those that came */
async function requireSound(source: Source, { key, sha256 }: QuarantineRow): Promise<void> {
  const found = await gatherContent(source, { spillFolder: undefined })
  if (found.sha256 !== sha256) throw rotten(parseKey(key, 'release'), 'has other bytes than came')
}

/** Decides the condition by asking, of a server that decides none. @throws StorageError `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
async function requireUnchanged(
  { store }: Backend,
  { key, condition }: QuarantineRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const etags: string[] = []
  try {
    etags.push((await store.head(parseKey(key, 'release'), { signal })).etag)
  } catch (error) {
    if (!StorageError.is(error, 'NOT_FOUND')) throw error
  }
  checkEtags({ op: 'release', key, store: store.kind }, etags, condition)
}

function missing(id: unknown): StorageError {
  const message = `There is no file ${shown(id)} in quarantine.`
  return new StorageError({ code: 'NOT_FOUND', op: 'quarantine', message })
}
