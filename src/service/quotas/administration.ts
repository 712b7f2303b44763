import { StorageError } from '../../core/errors.js'
import type { QuotaCountOptions, QuotaLimits, QuotaUsage, StorageQuotas } from '../../storage.js'
import { checkOptions, invalidArgument } from '../arguments.js'
import { parseScopePrefix } from '../scope-prefix.js'
import type { Quotas } from './quotas.js'
import { usageOf } from './survey.js'

/** @throws StorageError `INVALID_ARGUMENT` for limits that would not limit */
export function parseLimits(limits: QuotaLimits | undefined): QuotaLimits | undefined {
  checkOptions('scope', limits, 'limits')
  if (limits === undefined) return undefined
  const { maxBytes, maxFiles } = limits
  for (const [name, limit] of Object.entries({ maxBytes, maxFiles })) {
    if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) continue
    throw invalidArgument('scope', name, limit, 'a whole number from 0 up')
  }
  return maxBytes === undefined && maxFiles === undefined ? undefined : { maxBytes, maxFiles }
}

/** The quotas of a storage, as its users have them. */
export class QuotaAdministration implements StorageQuotas {
  readonly #open: () => Promise<Quotas>
  readonly #isBusy: () => boolean

  /**
   * @param open rejects where there is no place for quotas
   * @param isBusy whether there are calls under way
   */
  constructor(open: () => Promise<Quotas>, isBusy: () => boolean) {
    this.#open = open
    this.#isBusy = isBusy
  }

  async *list(): AsyncGenerator<QuotaUsage> {
    for (const { prefix, row } of (await this.#settled()).all()) yield usageOf(prefix, row)
  }

  async get(prefix: string): Promise<QuotaUsage | undefined> {
    const parsed = parseScopePrefix(prefix, 'quota')
    const row = (await this.#settled()).book.get(parsed)
    return row === undefined ? undefined : usageOf(parsed, row)
  }

  async set(prefix: string, limits: QuotaLimits, options: QuotaCountOptions = {}): Promise<QuotaUsage> {
    const parsed = parseScopePrefix(prefix, 'quota')
    const given = parseLimits(limits)
    if (given === undefined) {
      throw invalidArgument('quota', 'limits', limits, 'maxBytes, maxFiles, or both')
    }
    const quotas = await this.#open()
    await quotas.declare(parsed, given, {
      ...countOptions(options),
      isBusy: this.#isBusy(),
    })
    return this.#usage(quotas, parsed)
  }

  async remove(prefix: string): Promise<boolean> {
    const parsed = parseScopePrefix(prefix, 'quota')
    return (await this.#open()).remove(parsed)
  }

  async recount(prefix: string, options: QuotaCountOptions = {}): Promise<QuotaUsage> {
    const parsed = parseScopePrefix(prefix, 'quota')
    const quotas = await this.#settled()
    const usage = this.#usage(quotas, parsed)
    const { signal, onProgress } = countOptions(options)
    for (;;) {
      signal?.throwIfAborted()
      const counted = await quotas.recount(parsed, onProgress)
      if (counted === 'counted') return this.#usage(quotas, parsed)
      // Where somebody else counts, what that comes to may be from before this call.
      if (counted === 'away') {
        const message = `The listing of ${parsed} is incomplete while the store is away; ${usage.files} files and ${usage.bytes} bytes are known, and it is counted when the store is back.`
        throw new StorageError({ code: 'UNAVAILABLE', op: 'quota', message })
      }
    }
  }

  /** The quotas, once they have counted all that this process has done. */
  async #settled(): Promise<Quotas> {
    const quotas = await this.#open()
    await quotas.settled()
    return quotas
  }

  #usage(quotas: Quotas, prefix: string): QuotaUsage {
    const row = quotas.book.get(prefix)
    if (row !== undefined) return usageOf(prefix, row)
    throw new StorageError({ code: 'NOT_FOUND', op: 'quota', message: `There is no quota of ${prefix}.` })
  }
}

function countOptions({ signal, onProgress }: QuotaCountOptions): {
  signal: AbortSignal | undefined
  onProgress?: (files: number) => void
} {
  return { signal, ...(onProgress !== undefined && { onProgress: files => onProgress({ files }) }) }
}
