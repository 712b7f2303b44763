import type { QuotasStatus, QuotaUsage } from '../../storage.js'
import { heldBy } from './accounts.js'
import type { QuotaBook } from './book.js'
import { isExact, type QuotaRow } from './rows.js'

/** Quotas that are told of by name. */
const NAMED = 100
/** Quotas that are read in one turn. */
const PAGE = 1000
/** From this share on a quota is nearly full. */
const NEARLY = 0.9

interface Seen {
  readonly usage: QuotaUsage
  readonly share: number
}

/** What a round through all quotas has seen. */
interface Round {
  nearlyFull: number
  inexact: number
  fullest: Seen[]
}

/**
 * An overview of all quotas, kept up by reading some of them at a time: so that telling it costs nothing, however many there
 * are.
 */
export class QuotaSurvey {
  readonly #book: QuotaBook
  #after: string | undefined
  #round = emptyRound()
  /** The last round that came to its end. */
  #whole: Round | undefined

  constructor(book: QuotaBook) {
    this.#book = book
  }

  /** Reads on. */
  look(): void {
    const page = this.#book.page(this.#after, PAGE)
    const round = this.#round
    for (const { prefix, row } of page) {
      const usage = usageOf(prefix, row)
      const share = shareOf(usage)
      if (share >= NEARLY) round.nearlyFull++
      if (!usage.exact) round.inexact++
      round.fullest.push({ usage, share })
    }
    round.fullest = round.fullest.sort((one, other) => other.share - one.share).slice(0, NAMED)
    this.#after = page.length < PAGE ? undefined : page.at(-1)?.prefix
    if (this.#after !== undefined) return
    this.#whole = round
    this.#round = emptyRound()
  }

  /** As of the last round; of the first one, as far as it is. Undefined where there is no quota. */
  status(): QuotasStatus | undefined {
    const count = this.#book.tables.quotas.count()
    if (count === 0) return undefined
    const { nearlyFull, inexact, fullest } = this.#whole ?? this.#round
    return { count, nearlyFull, inexact, fullest: fullest.map(({ usage }) => usage) }
  }
}

function emptyRound(): Round {
  return { nearlyFull: 0, inexact: 0, fullest: [] }
}

/** How much of what it allows is taken, or held for uploads; 1 is all. */
function shareOf({ bytes, reservedBytes, maxBytes, files, reservedFiles, maxFiles }: QuotaUsage): number {
  return Math.max(
    shareOfLimit(bytes + reservedBytes, maxBytes),
    shareOfLimit(files + reservedFiles, maxFiles),
  )
}

function shareOfLimit(taken: number, limit: number | undefined): number {
  if (limit === undefined) return 0
  return limit === 0 ? 1 : taken / limit
}

/** How a quota stands, as users see it. */
export function usageOf(prefix: string, row: QuotaRow): QuotaUsage {
  const { maxBytes, maxFiles, bytes, files, countedAt } = row
  const held = heldBy(row)
  return {
    prefix,
    bytes,
    files,
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxFiles !== undefined && { maxFiles }),
    reservedBytes: held.bytes,
    reservedFiles: held.files,
    exact: isExact(row),
    ...(countedAt !== undefined && { countedAt: new Date(countedAt) }),
  }
}
