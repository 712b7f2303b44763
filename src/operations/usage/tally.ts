import { STANDARD } from '../../core/storage-class.js'
import { billedBytes, type PriceTable } from './prices.js'

/** Something that takes space: a file, an old version or delete marker of one, or an unfinished upload. */
export interface UsageItem {
  readonly key: string
  readonly kind: 'file' | 'old-version' | 'delete-marker' | 'unfinished-upload'
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
  readonly storageClass?: string | undefined
}

export interface Sum {
  readonly files: number
  readonly bytes: number
}

export interface Group extends Sum {
  readonly name: string
}

export interface UsageCost {
  readonly currency: string
  readonly perMonth: number
  readonly byStorageClass: readonly { readonly name: string; readonly perMonth: number }[]
  /** Storage classes that the price table does not name, and whose bytes are not in the sum. */
  readonly unpriced: readonly string[]
}

export interface UsageReport {
  /** When it was begun. */
  readonly at: Date
  readonly prefix: string
  /** What there is to read. */
  readonly files: Sum
  /** What readers do not see, and the bill does. */
  readonly oldVersions: Sum
  readonly deleteMarkers: number
  readonly unfinishedUploads: Sum
  /** What of these is not in here, since the credentials may not see it. */
  readonly notCounted: readonly ('oldVersions' | 'unfinishedUploads')[]
  /** Of the files; the largest first. */
  readonly byPrefix: readonly Group[]
  readonly byType: readonly Group[]
  /** The newest first. */
  readonly byAge: readonly Group[]
  /** Of everything, old versions and unfinished uploads included. */
  readonly byStorageClass: readonly Group[]
  /** Absent without prices. */
  readonly cost?: UsageCost
}

/** So many groups are told apart; what comes after that is counted together. */
const MAX_GROUPS = 10_000
const OTHERS = '(others)'
const DAY_MS = 86_400_000

/** Upper bounds of ages, in days. */
const AGES: readonly (readonly [name: string, days: number])[] = [
  ['under 1 day', 1],
  ['1 to 7 days', 7],
  ['7 to 30 days', 30],
  ['30 to 90 days', 90],
  ['90 days to 1 year', 365],
  ['over 1 year', Number.POSITIVE_INFINITY],
]

export interface TallyOptions {
  readonly at: Date
  readonly prefix: string
  /** How many segments of a key, behind the prefix, make a group. */
  readonly depth: number
  readonly prices: PriceTable | undefined
}

class Counted {
  files = 0
  bytes = 0
  /** As the price table has it. */
  billed = 0

  add(size: number, billed = 0): void {
    this.files++
    this.bytes += size
    this.billed += billed
  }

  get sum(): Sum {
    return { files: this.files, bytes: this.bytes }
  }
}

/** Adds up what takes space, in memory that does not grow with it. */
export class UsageTally {
  readonly #options: TallyOptions
  readonly #kinds: Record<UsageItem['kind'], Counted> = {
    file: new Counted(),
    'old-version': new Counted(),
    'delete-marker': new Counted(),
    'unfinished-upload': new Counted(),
  }
  readonly #prefixes = new Map<string, Counted>()
  readonly #types = new Map<string, Counted>()
  readonly #classes = new Map<string, Counted>()
  readonly #ages = AGES.map(([name, days]) => ({ name, days, counted: new Counted() }))

  constructor(options: TallyOptions) {
    this.#options = options
  }

  add({ key, kind, size, lastModified, storageClass = STANDARD }: UsageItem): void {
    const { prices, prefix, depth, at } = this.#options
    this.#kinds[kind].add(size)
    if (kind !== 'delete-marker') {
      grouped(this.#classes, storageClass).add(size, billedBytes(prices?.classes[storageClass], size))
    }
    if (kind !== 'file') return
    grouped(this.#prefixes, folderOf(key, prefix, depth)).add(size)
    grouped(this.#types, typeOf(key)).add(size)
    const days = (at.getTime() - lastModified.getTime()) / DAY_MS
    this.#ages.find(age => days < age.days)?.counted.add(size)
  }

  report(): UsageReport {
    const { at, prefix } = this.#options
    const cost = this.#cost()
    return {
      at,
      prefix,
      files: this.#kinds.file.sum,
      oldVersions: this.#kinds['old-version'].sum,
      deleteMarkers: this.#kinds['delete-marker'].files,
      unfinishedUploads: this.#kinds['unfinished-upload'].sum,
      notCounted: [],
      byPrefix: largest(this.#prefixes),
      byType: largest(this.#types),
      byAge: this.#ages.map(({ name, counted }) => ({ name, ...counted.sum })),
      byStorageClass: largest(this.#classes),
      ...(cost !== undefined && { cost }),
    }
  }

  #cost(): UsageCost | undefined {
    const { prices } = this.#options
    if (prices === undefined) return undefined
    const byStorageClass: { name: string; perMonth: number }[] = []
    const unpriced: string[] = []
    for (const [name, { billed, files }] of this.#classes) {
      const price = prices.classes[name]
      if (price === undefined) unpriced.push(name)
      else {
        const objects = ((price.perThousandObjects ?? 0) * files) / 1000
        byStorageClass.push({ name, perMonth: (billed / 1024 ** 3) * price.perGiBMonth + objects })
      }
    }
    const perMonth = byStorageClass.reduce((sum, part) => sum + part.perMonth, 0)
    byStorageClass.sort((a, b) => b.perMonth - a.perMonth)
    return { currency: prices.currency, perMonth, byStorageClass, unpriced: unpriced.sort() }
  }
}

function grouped(groups: Map<string, Counted>, name: string): Counted {
  const known = groups.get(name)
  if (known !== undefined) return known
  const isFull = groups.size >= MAX_GROUPS && name !== OTHERS
  if (isFull) return grouped(groups, OTHERS)
  const counted = new Counted()
  // A copy: what was cut out of a page of a listing would keep all of it.
  groups.set(Buffer.from(name).toString(), counted)
  return counted
}

function largest(groups: Map<string, Counted>): Group[] {
  return Array.from(groups, ([name, counted]) => ({ name, ...counted.sum })).sort(
    (a, b) => b.bytes - a.bytes || b.files - a.files || (a.name < b.name ? -1 : 1),
  )
}

/** The start of a key, up to the `depth`th "/" behind the prefix; a file that lies directly below has the prefix's. */
function folderOf(key: string, prefix: string, depth: number): string {
  let end = prefix.lastIndexOf('/') + 1
  for (let n = 0; n < depth; n++) {
    const slash = key.indexOf('/', Math.max(end, prefix.length))
    if (slash === -1) break
    end = slash + 1
  }
  return key.slice(0, end)
}

/** What a listing tells of a file's type is its extension. */
function typeOf(key: string): string {
  const extension = /[^/]\.([A-Za-z0-9]{1,10})$/.exec(key)?.[1]
  return extension === undefined ? '(none)' : extension.toLowerCase()
}
