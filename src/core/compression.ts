/** The content codings that files are compressed with (RFC 9110, section 8.4.1; RFC 7932; RFC 8878). */
export const ENCODINGS = ['gzip', 'br', 'zstd'] as const

export type Encoding = (typeof ENCODINGS)[number]

/** What was compressed by us into the bytes that a store holds: present on such objects and no others. */
export interface Original {
  readonly encoding: Encoding
  /** Bytes before compression. */
  readonly size: number
  /** Lower-case hex, of the bytes before compression. */
  readonly sha256: string
}

/** Whether the word names a coding of ours. */
export function isEncoding(word: unknown): word is Encoding {
  return ENCODINGS.some(encoding => encoding === word)
}

/** One line of ASCII, at most 86 bytes, such as `gzip 1024 <sha256>`. */
export function formatOriginal({ encoding, size, sha256 }: Original): string {
  return `${encoding} ${size} ${sha256}`
}

/** Reads what {@link formatOriginal} wrote; undefined for anything else. */
export function parseOriginal(text: string): Original | undefined {
  const [encoding, digits = '', sha256 = '', more] = text.split(' ')
  const size = Number(digits)
  if (!isEncoding(encoding) || !/^\d+$/.test(digits) || !Number.isSafeInteger(size)) return undefined
  return more === undefined && /^[0-9a-f]{64}$/.test(sha256) ? { encoding, size, sha256 } : undefined
}
