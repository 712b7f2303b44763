import { StorageError } from '../core/errors.js'
import { type Key, parseKey, parsePrefix, RESERVED_PREFIX } from '../core/key.js'
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
  ReadOptions,
  Scope,
  Storage,
  StorageMetrics,
  ThawFileOptions,
  UploadOptions,
  UploadResult,
} from '../storage.js'
import { checkOptions, invalidArgument } from './arguments.js'
import { givenKeys } from './deletion.js'
import { StoredFile } from './opened-file.js'

/**
 * The start of a scope's keys. It ends in `/`: a scope of `rooms/42` would hold room 421 too.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseScopePrefix(value: unknown): string {
  const prefix = parsePrefix(value, 'scope')
  if (!prefix.endsWith('/') || prefix.startsWith(RESERVED_PREFIX)) {
    const accepted = `the start of keys with "/" at its end, such as "rooms/42/", and not below "${RESERVED_PREFIX}"`
    throw invalidArgument('scope', 'prefix', value, accepted)
  }
  return prefix
}

/**
 * A storage confined to a prefix. Every key and prefix is parsed before the scope's own is put before it, and no key
 * has a `..` segment, so that none leads out; what comes back loses the prefix again.
 */
export class PrefixScope implements Scope {
  readonly prefix: string
  readonly #storage: Storage

  constructor(storage: Storage, prefix: string) {
    this.#storage = storage
    this.prefix = prefix
  }

  uploadFile(content: Parameters<Storage['uploadFile']>[0], key: string, options?: UploadOptions | string) {
    return this.#run(async () =>
      this.#result(await this.#storage.uploadFile(content, this.#inside(key, 'put'), options)),
    )
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
    return this.#run(async () =>
      this.#result(
        await this.#storage.copyFile(this.#inside(from, 'copy'), this.#inside(to, 'copy'), options),
      ),
    )
  }

  moveFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult> {
    return this.#run(async () =>
      this.#result(
        await this.#storage.moveFile(this.#inside(from, 'move'), this.#inside(to, 'move'), options),
      ),
    )
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
    return this.#run(() => this.#storage.generatePresignedUrl(this.#inside(key, 'presign'), options))
  }

  getStorageMetrics(options: CallOptions & { prefix?: string | undefined } = {}): Promise<StorageMetrics> {
    return this.#run(async () => {
      checkOptions('list', options)
      const prefix = this.prefix + parsePrefix(options.prefix === undefined ? '' : options.prefix)
      return this.#storage.getStorageMetrics({ ...options, prefix })
    })
  }

  scope(prefix: string): Scope {
    return new PrefixScope(this.#storage, this.prefix + parseScopePrefix(prefix))
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
