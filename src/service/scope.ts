import { StorageError } from '../core/errors.js'
import { type Key, parseKey, parsePrefix } from '../core/key.js'
import type { Body } from '../core/store.js'
import type {
  CallOptions,
  CopyFileOptions,
  DeleteReport,
  FileStat,
  KeyList,
  ListedFile,
  ListFilesOptions,
  Listing,
  ListPage,
  OpenedFile,
  OpenOptions,
  PresignUrlOptions,
  QuotaLimits,
  QuotaUsage,
  ReadOptions,
  Scope,
  Storage,
  StorageMetrics,
  ThawFileOptions,
  UploadOptions,
  UploadResult,
} from '../storage.js'
import { checkOptions } from './arguments.js'
import { givenKeys } from './deletion.js'
import { StoredFile } from './opened-file.js'
import { parseLimits } from './quotas/administration.js'
import { parseScopePrefix } from './scope-prefix.js'

/** Keeps to quotas on behalf of scopes. */
export interface ScopeQuotas {
  declare(prefix: string, limits: QuotaLimits, options: CallOptions | undefined): Promise<void>
  usage(prefix: string, options: CallOptions | undefined): Promise<QuotaUsage>
}

interface Limited {
  readonly prefix: string
  readonly limits: QuotaLimits
}

/**
 * A storage confined to a prefix. Every key and prefix is parsed before the scope's own is put before it, and no key
 * has a `..` segment, so that none leads out; what comes back loses the prefix again.
 */
export class PrefixScope implements Scope {
  readonly prefix: string
  readonly #storage: Storage
  readonly #quotas: ScopeQuotas
  readonly #limits: readonly Limited[]
  #declared: Promise<void> | undefined

  /** @param outer the limits of the scopes around it */
  constructor(
    storage: Storage,
    quotas: ScopeQuotas,
    prefix: string,
    limits: QuotaLimits | undefined,
    outer: readonly Limited[] = [],
  ) {
    this.#storage = storage
    this.#quotas = quotas
    this.prefix = prefix
    this.#limits = limits === undefined ? outer : [...outer, { prefix, limits }]
  }

  uploadFile(content: Parameters<Storage['uploadFile']>[0], key: string, options?: UploadOptions | string) {
    return this.#run(async () => {
      const inside = this.#inside(key, 'put')
      await this.#declare(typeof options === 'string' ? undefined : options)
      return this.#result(await this.#storage.uploadFile(content, inside, options))
    })
  }

  downloadFile(
    key: string,
    options?: ReadOptions & { maxBytes?: number | undefined },
  ): Promise<Buffer | null> {
    return this.#run(() => this.#storage.downloadFile(this.#inside(key, 'get'), options))
  }

  openFile(key: string, options?: OpenOptions): Promise<OpenedFile> {
    return this.#run(async () => {
      const file = await this.#storage.openFile(this.#inside(key, 'get'), options)
      const { range, encoding } = file
      return new StoredFile({ stat: this.#result(file.stat), range, encoding, body: this.#bodyOf(file) })
    })
  }

  statFile(key: string, options?: CallOptions): Promise<FileStat> {
    return this.#run(async () =>
      this.#result(await this.#storage.statFile(this.#inside(key, 'head'), options)),
    )
  }

  keepFile(key: string, options?: CallOptions): Promise<FileStat> {
    return this.#run(async () =>
      this.#result(await this.#storage.keepFile(this.#inside(key, 'keep'), options)),
    )
  }

  fileExists(key: string, options?: CallOptions): Promise<boolean> {
    return this.#run(() => this.#storage.fileExists(this.#inside(key, 'head'), options))
  }

  deleteFile(key: string, options?: CallOptions & { ifMatch?: string | undefined }): Promise<boolean> {
    return this.#run(() => this.#storage.deleteFile(this.#inside(key, 'delete'), options))
  }

  deleteFiles(keys: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<DeleteReport> {
    return this.#run(async () => {
      const refused: DeleteReport['failed'][number][] = []
      const given = givenKeys(keys, options?.signal)
      const inside = async function* (this: PrefixScope): AsyncGenerator<string, void, void> {
        for await (const key of given) {
          try {
            yield this.#inside(key, 'delete')
          } catch (error) {
            if (!StorageError.is(error)) throw error
            refused.push({ key, error })
          }
        }
      }
      const { deleted, failed } = await this.#storage.deleteFiles(inside.call(this), options)
      return { deleted, failed: [...refused, ...this.#failures(failed)] }
    })
  }

  deletePrefix(prefix: string, options?: CallOptions): Promise<DeleteReport> {
    return this.#run(async () => {
      const below = parsePrefix(prefix, 'delete')
      if (below === '') return this.#storage.deletePrefix(below, options)
      const { deleted, failed } = await this.#storage.deletePrefix(this.prefix + below, options)
      return { deleted, failed: this.#failures(failed) }
    })
  }

  copyFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult> {
    return this.#run(async () => {
      const [source, target] = [this.#inside(from, 'copy'), this.#inside(to, 'copy')]
      await this.#declare(options)
      return this.#result(await this.#storage.copyFile(source, target, options))
    })
  }

  moveFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult> {
    return this.#run(async () => {
      const [source, target] = [this.#inside(from, 'move'), this.#inside(to, 'move')]
      await this.#declare(options)
      return this.#result(await this.#storage.moveFile(source, target, options))
    })
  }

  getFileTags(key: string, options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    return this.#run(() => this.#storage.getFileTags(this.#inside(key, 'tags'), options))
  }

  setFileTags(key: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void> {
    return this.#run(() => this.#storage.setFileTags(this.#inside(key, 'tags'), tags, options))
  }

  setStorageClass(
    key: string,
    storageClass: string,
    options?: CallOptions & { ifMatch?: string | undefined },
  ): Promise<FileStat> {
    return this.#run(async () =>
      this.#result(await this.#storage.setStorageClass(this.#inside(key, 'class'), storageClass, options)),
    )
  }

  thawFile(key: string, options?: ThawFileOptions): Promise<FileStat> {
    return this.#run(async () =>
      this.#result(await this.#storage.thawFile(this.#inside(key, 'thaw'), options)),
    )
  }

  listFiles(prefix = '', options?: CallOptions): Promise<KeyList> {
    return this.#run(async () => {
      const keys = await this.#storage.listFiles(this.prefix + parsePrefix(prefix), options)
      return Object.assign(
        keys.map(key => this.#relative(key)),
        { complete: keys.complete },
      )
    })
  }

  list(options: ListFilesOptions = {}): Listing {
    const pages = (): AsyncGenerator<ListPage> => this.#pages(options)
    return {
      pages,
      async *[Symbol.asyncIterator](): AsyncGenerator<ListedFile> {
        for await (const page of pages()) yield* page.files
      },
    }
  }

  /** The file's address in the storage, outside of the scope. */
  urlFor(key: string): string {
    return this.#storage.urlFor(this.#inside(key, 'urlFor'))
  }

  generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string> {
    return this.#run(async () => {
      const inside = this.#inside(key, 'presign')
      // What is uploaded by it is not uploaded by this scope, and yet to be counted.
      if (typeof options === 'object' && options.method === 'PUT') await this.#declare(undefined)
      return this.#storage.generatePresignedUrl(inside, options)
    })
  }

  getStorageMetrics(options: CallOptions & { prefix?: string | undefined } = {}): Promise<StorageMetrics> {
    return this.#run(async () => {
      checkOptions('list', options)
      const prefix = this.prefix + parsePrefix(options.prefix === undefined ? '' : options.prefix)
      return this.#storage.getStorageMetrics({ ...options, prefix })
    })
  }

  usage(options?: CallOptions): Promise<QuotaUsage> {
    return this.#run(async () => {
      await this.#declare(options)
      return this.#quotas.usage(this.prefix, options)
    })
  }

  scope(prefix: string, limits?: QuotaLimits): Scope {
    const inner = this.prefix + parseScopePrefix(prefix)
    return new PrefixScope(this.#storage, this.#quotas, inner, parseLimits(limits), this.#limits)
  }

  /** Sees to it, once, that the quotas of this scope and those around it are there. */
  async #declare(options: CallOptions | undefined): Promise<void> {
    if (this.#limits.length === 0) return
    this.#declared ??= this.#declareAll(options).catch(error => {
      this.#declared = undefined
      throw error
    })
    await this.#declared
  }

  async #declareAll(options: CallOptions | undefined): Promise<void> {
    for (const { prefix, limits } of this.#limits) await this.#quotas.declare(prefix, limits, options)
  }

  async *#pages(options: ListFilesOptions): AsyncGenerator<ListPage> {
    checkOptions('list', options)
    const prefix = this.prefix + parsePrefix(options.prefix === undefined ? '' : options.prefix)
    try {
      for await (const page of this.#storage.list({ ...options, prefix }).pages()) {
        yield {
          ...page,
          files: page.files.map(file => this.#result(file)),
          prefixes: page.prefixes.map(rolledUp => this.#relative(rolledUp)),
        }
      }
    } catch (error) {
      throw this.#error(error)
    }
  }

  /** The whole key of one in the scope. @throws StorageError `INVALID_KEY`, also for one that is too long with the prefix */
  #inside(key: string, op: string): Key {
    return parseKey(this.prefix + parseKey(key, op), op)
  }

  #relative(key: string): string {
    return key.slice(this.prefix.length)
  }

  #result<T extends { readonly key: string }>(told: T): T {
    return { ...told, key: this.#relative(told.key) }
  }

  #failures(failed: DeleteReport['failed']): DeleteReport['failed'] {
    return failed.map(({ key, error }) => ({ key: this.#relative(key), error: this.#error(error) }))
  }

  async #run<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      throw this.#error(error)
    }
  }

  /** The error as those in the scope know its file. */
  #error<E>(error: E): E | StorageError {
    if (!StorageError.is(error) || error.key?.startsWith(this.prefix) !== true) return error
    const { code, op, store, retryable, retryAfterMs, cause } = error
    const key = this.#relative(error.key)
    const message = error.message.replaceAll(error.key, () => key)
    return new StorageError({ code, op, message, key, store, retryable, retryAfterMs, cause })
  }

  /** The bytes of an opened file; what goes wrong while they are read is told as in the scope, too. */
  #bodyOf(file: OpenedFile): Body {
    const told = (error: unknown): unknown => this.#error(error)
    return {
      bytes: maxBytes => this.#run(() => file.bytes({ maxBytes })),
      close: () => file.close(),
      async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
        try {
          for await (const piece of file) {
            yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
          }
        } catch (error) {
          throw told(error)
        }
      },
    }
  }
}
