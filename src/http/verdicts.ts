import { LRUCache } from 'lru-cache'
import { PROOF_BYTES, proveContentType } from '../core/content-type.js'
import { StorageError } from '../core/errors.js'
import type { FileStat } from '../storage.js'
import type { HttpStorage } from './options.js'

/** Verdicts kept: a key and an ETag of at most 1.1 KB each. */
const MAX_VERDICTS = 4096

/** What a file's first bytes prove: a media type, or nothing. */
export interface Verdict {
  readonly proven: string | undefined
}

/** Remembers what the first bytes of files prove, so that ranges and HEADs need not read them each time. */
export class Verdicts {
  readonly #storage: HttpStorage
  readonly #known = new LRUCache<string, Verdict>({ max: MAX_VERDICTS })

  constructor(storage: HttpStorage) {
    this.#storage = storage
  }

  /** The verdict on this version of the file, if there is one already. */
  known(stat: FileStat): Verdict | undefined {
    return this.#known.get(id(stat))
  }

  /** What the file's content proves, judged by its first bytes. */
  async ofBytes(stat: FileStat, firstBytes: Uint8Array): Promise<string | undefined> {
    const known = this.known(stat)
    return known === undefined ? this.#judge(stat, firstBytes) : known.proven
  }

  /** What the file's content proves; reads its first bytes where that is not known. Undefined if they are gone. */
  async ofFile(stat: FileStat): Promise<string | undefined> {
    const known = this.known(stat)
    if (known !== undefined) return known.proven
    if (stat.size === 0) return undefined
    try {
      const range = { start: 0, end: PROOF_BYTES - 1 }
      const file = await this.#storage.openFile(stat.key, { range, ifMatch: stat.etag })
      return await this.#judge(stat, await file.bytes({ maxBytes: PROOF_BYTES }))
    } catch (error) {
      // Written over or removed in the meantime: the bytes that are being answered can no longer be judged.
      if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND'))
        return undefined
      throw error
    }
  }

  async #judge(stat: FileStat, firstBytes: Uint8Array): Promise<string | undefined> {
    const proven = await proveContentType(firstBytes)
    this.#known.set(id(stat), { proven })
    return proven
  }
}

function id(stat: FileStat): string {
  return `${stat.etag} ${stat.key}`
}
