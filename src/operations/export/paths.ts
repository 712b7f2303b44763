import { createHash } from 'node:crypto'
import { RESERVED_PREFIX } from '../../core/key.js'

/** The longest name that common filesystems hold. */
const MAX_NAME_BYTES = 255

/**
 * Where each file lies in the archive: under its key, unless no folder can hold it so. That is a key below another
 * file's (`a/b` beside `a`), or with a segment too long for a name; such a file is named by the SHA-256 of its key, below
 * {@link RESERVED_PREFIX}, where no key can be. A key itself is never absolute and has no `..` segment.
 */
export class EntryPaths {
  /** Keys that those to come may begin with; each begins with the one before. */
  readonly #starts: string[] = []
  readonly #taken = new Set<string>()

  /** @param key must come after all those before it, in UTF-8 byte order */
  of(key: string): string {
    while (!key.startsWith(this.#starts.at(-1) ?? '')) this.#starts.pop()
    const isBelowFile = this.#starts.some(start => key[start.length] === '/')
    this.#starts.push(key)
    const [first = ''] = key.split('/', 1)
    if (OWN_NAMES.has(first.toLowerCase())) this.#taken.add(first.toLowerCase())
    if (!isBelowFile && !hasLongSegment(key)) return key
    return RESERVED_PREFIX + createHash('sha256').update(key).digest('hex')
  }

  /** Where something of the archive's own lies: under its name, unless a key has that in any letter case. */
  own(name: OwnName): string {
    return this.#taken.has(name.toLowerCase()) ? RESERVED_PREFIX + name : name
  }
}

/** The names of what an archive has beside the files. */
export const MANIFEST = 'manifest.jsonl'
export const SUMS = 'SHA256SUMS'
type OwnName = typeof MANIFEST | typeof SUMS
const OWN_NAMES: ReadonlySet<string> = new Set([MANIFEST, SUMS].map(name => name.toLowerCase()))

function hasLongSegment(key: string): boolean {
  if (key.length * 3 <= MAX_NAME_BYTES) return false
  return key.split('/').some(segment => Buffer.byteLength(segment) > MAX_NAME_BYTES)
}
