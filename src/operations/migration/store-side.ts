import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Source } from '../../core/source.js'
import type { ListedObject, ObjectStat, OpenObject, PutOptions, Store, StorePage } from '../../core/store.js'
import type { Side, SideOptions, SideRange } from './side.js'
import { STORE_TROUBLE } from './types.js'

type Tags = Readonly<Record<string, string>>

/** What a side over a store is made of. */
export interface StoreSideParts
  extends Pick<Side, 'name' | 'kind' | 'isLocal' | 'hasOwnWriteIds' | 'verifiesReads' | 'heldBytes'> {
  readonly store: Store
  /** The start of the keys that are meant; empty, or with a `/` at its end. */
  readonly prefix?: string
  readonly tags?: ((key: Key, options: SideOptions) => Promise<Tags | undefined>) | undefined
  readonly finish?: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The objects of a store, or those below a prefix of it, as one side. */
export class StoreSide implements Side {
  readonly name: string
  readonly kind: Side['kind']
  readonly isLocal: boolean
  readonly hasOwnWriteIds: boolean
  readonly verifiesReads: boolean
  readonly heldBytes: number | undefined
  readonly hasStorageClasses: boolean
  readonly store: Store
  readonly prefix: string
  readonly #parts: StoreSideParts

  constructor(parts: StoreSideParts) {
    this.#parts = parts
    this.name = parts.name
    this.kind = parts.kind
    this.isLocal = parts.isLocal
    this.hasOwnWriteIds = parts.hasOwnWriteIds
    this.verifiesReads = parts.verifiesReads
    this.heldBytes = parts.heldBytes
    this.store = parts.store
    this.prefix = parts.prefix ?? ''
    this.hasStorageClasses = parts.store.capabilities.storageClasses
  }

  /** Page by page; the next is asked for while one is gone through. */
  async *objects({ prefix, signal, patience }: SideRange): AsyncGenerator<ListedObject, void, void> {
    const list = async (startAfter: string | undefined): Promise<StorePage> => {
      const range = { prefix: this.prefix + prefix, startAfter, signal }
      const page = await this.store.list(range).catch(this.named)
      if (!page.complete) throw incomplete(this.name)
      return page
    }
    const ask = (startAfter: string | undefined): Promise<StorePage> => {
      const asked = patience === undefined ? list(startAfter) : patience.run(() => list(startAfter))
      // Whoever comes to need it hears of its failure.
      asked.catch(() => {})
      return asked
    }
    let next: Promise<StorePage> | undefined = ask(undefined)
    while (next !== undefined) {
      const page: StorePage = await next
      next = page.next === undefined ? undefined : ask(page.next)
      if (this.prefix === '') yield* page.objects
      else for (const object of page.objects) yield { ...object, key: this.#nameOf(object.key) }
    }
  }

  async get(name: Key, options?: SideOptions): Promise<OpenObject> {
    return this.store.get(this.#keyOf(name), options).catch(this.named)
  }

  async head(name: Key, options?: SideOptions): Promise<ObjectStat> {
    return this.store.head(this.#keyOf(name), options).catch(this.named)
  }

  async tags(name: Key, options: SideOptions = {}): Promise<Tags | undefined> {
    return this.#parts.tags?.(this.#keyOf(name), options)
  }

  async put(name: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    return this.store.put(this.#keyOf(name), source, options).catch(this.named)
  }

  async delete(name: Key, options?: SideOptions): Promise<boolean> {
    return this.store.delete(this.#keyOf(name), options).catch(this.named)
  }

  async finish(): Promise<void> {
    await this.#parts.finish?.()
  }

  close(): Promise<void> {
    return this.#parts.close()
  }

  /** Throws an error again that says which of two stores is the trouble, if it is the store. */
  readonly named = (error: unknown): never => {
    if (!StorageError.is(error) || !STORE_TROUBLE.has(error.code)) throw error
    const { code, op, key, store, retryable, retryAfterMs } = error
    const message = `${this.name}: ${error.message}`
    throw new StorageError({ code, op, key, store, message, retryable, retryAfterMs, cause: error })
  }

  #keyOf(name: Key): Key {
    return this.prefix === '' ? name : ((this.prefix + name) as Key)
  }

  #nameOf(key: Key): Key {
    return key.slice(this.prefix.length) as Key
  }
}

function incomplete(name: string): StorageError {
  const message = `The listing of ${name} is not complete now, and nothing is decided by an incomplete one.`
  return new StorageError({ code: 'UNAVAILABLE', op: 'list', message })
}
