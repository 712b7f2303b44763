import { readFile } from 'node:fs/promises'
import { StorageError, shown } from '../../core/errors.js'

/** What one storage class costs. */
export interface ClassPrice {
  /** Of a GiB for a month. */
  readonly perGiBMonth: number
  /** What an object is billed for at least; 0 unless given. */
  readonly minimumBytes?: number
  /** What an object is billed for beside its own bytes; 0 unless given. */
  readonly overheadBytes?: number
  /** Of a thousand objects for a month; 0 unless given. */
  readonly perThousandObjects?: number
}

export interface PriceTable {
  /** Such as `USD`; nothing is converted. */
  readonly currency: string
  readonly classes: Readonly<Record<string, ClassPrice>>
}

const KIB = 1024

/** List prices of Amazon S3 in us-east-1, storage alone: no requests, transfers, taxes or discounts. */
export const AWS_PRICES: PriceTable = {
  currency: 'USD',
  classes: {
    STANDARD: { perGiBMonth: 0.023 },
    REDUCED_REDUNDANCY: { perGiBMonth: 0.024 },
    STANDARD_IA: { perGiBMonth: 0.0125, minimumBytes: 128 * KIB },
    ONEZONE_IA: { perGiBMonth: 0.01, minimumBytes: 128 * KIB },
    INTELLIGENT_TIERING: { perGiBMonth: 0.023, perThousandObjects: 0.0025 },
    GLACIER_IR: { perGiBMonth: 0.004, minimumBytes: 128 * KIB },
    GLACIER: { perGiBMonth: 0.0036, overheadBytes: 32 * KIB },
    DEEP_ARCHIVE: { perGiBMonth: 0.00099, overheadBytes: 32 * KIB },
  },
}

const FIELDS = ['perGiBMonth', 'minimumBytes', 'overheadBytes', 'perThousandObjects'] as const

/**
 * Reads a price table: JSON of the form of {@link PriceTable}.
 *
 * @throws StorageError `INVALID_ARGUMENT` that names what is wrong; the system's error if the file cannot be read
 */
export async function readPrices(path: string): Promise<PriceTable> {
  const text = await readFile(path, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(path, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const { currency, classes } = record(path, 'the table', value)
  if (typeof currency !== 'string' || !/^[A-Za-z]{1,8}$/.test(currency)) {
    throw invalid(path, `currency is ${shown(currency)}; accepted: letters such as "USD"`)
  }
  const parsed: Record<string, ClassPrice> = Object.create(null)
  for (const [name, price] of Object.entries(record(path, 'classes', classes))) {
    const fields = record(path, `classes.${name}`, price)
    for (const [field, number] of Object.entries(fields)) {
      const isKnown = FIELDS.some(known => known === field)
      if (isKnown && typeof number === 'number' && number >= 0 && Number.isFinite(number)) continue
      const accepted = isKnown ? 'a number from 0 up' : `the fields ${FIELDS.join(', ')}`
      throw invalid(path, `classes.${name}.${field} is ${shown(number)}; accepted: ${accepted}`)
    }
    if (fields['perGiBMonth'] === undefined) throw invalid(path, `classes.${name} has no perGiBMonth`)
    parsed[name] = fields as unknown as ClassPrice
  }
  return { currency, classes: parsed }
}

/** Bytes that an object is billed for. */
export function billedBytes(price: ClassPrice | undefined, size: number): number {
  const { minimumBytes = 0, overheadBytes = 0 } = price ?? {}
  return Math.max(size, minimumBytes) + overheadBytes
}

function record(path: string, what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw invalid(path, `${what} is ${shown(value)}; accepted: an object`)
}

function invalid(path: string, why: string): StorageError {
  return new StorageError({
    code: 'INVALID_ARGUMENT',
    op: 'usage',
    message: `Invalid prices in ${path}: ${why}.`,
  })
}
