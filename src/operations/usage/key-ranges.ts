import { compareUtf8 } from '../../core/key.js'

/** A place in a listing: behind a key, or behind one of its versions. */
export interface Position {
  readonly key: string
  readonly versionId?: string | undefined
}

/** What of the order of keys one worker goes through: everything after a place, up to `until` and that included. */
interface KeyRange {
  after: Position
  until: string | undefined
}

/** A page of a listing: where it ends, or undefined if it is the last. */
export interface RangePage<T> {
  readonly items: readonly T[]
  readonly next: Position | undefined
}

export interface RangeReader<T extends { readonly key: string }> {
  /** The page that begins after a place. */
  page(after: Position): Promise<RangePage<T>>
  /** The next names, after a key, of what lies directly below a prefix: keys, and prefixes that end in "/". */
  names(prefix: string, after: string): Promise<readonly string[]>
}

/** How deep into the tree of keys a place to divide at is looked for. */
const MAX_DEPTH = 32

/**
 * Goes through a listing by several workers at once, each in a range of keys of its own. A listing tells page after page, so
 * one worker begins; whoever has nothing to do takes the second half of what another still has to go through. Where that
 * half begins is seen in the tree of keys, or guessed where they have no tree: a bad guess costs one request. Every item is
 * told once; the memory is that of a page for each worker.
 *
 * @param prefix that all keys begin with
 * @param tell called with each page's items
 */
export async function eachInRanges<T extends { readonly key: string }>(
  reader: RangeReader<T>,
  prefix: string,
  workers: number,
  tell: (items: readonly T[]) => void,
): Promise<void> {
  const waiting: KeyRange[] = [{ after: { key: '' }, until: undefined }]
  const idle: (() => void)[] = []
  let busy = 0
  let failure: { error: unknown } | undefined

  const wake = (): void => {
    for (const resume of idle.splice(0)) resume()
  }
  /** A range to go through; undefined once nobody has any, or one has failed. */
  const take = async (): Promise<KeyRange | undefined> => {
    for (;;) {
      if (failure !== undefined) return undefined
      const range = waiting.shift()
      if (range !== undefined) {
        busy++
        return range
      }
      if (busy === 0) return undefined
      await new Promise<void>(resume => idle.push(resume))
    }
  }
  const work = async (): Promise<void> => {
    for (let range = await take(); range !== undefined; range = await take()) {
      try {
        await goThrough(range)
      } catch (error) {
        failure ??= { error }
      }
      busy--
      wake()
    }
  }
  const goThrough = async (range: KeyRange): Promise<void> => {
    while (failure === undefined) {
      const { items, next } = await reader.page(range.after)
      const { until } = range
      const within = until === undefined ? items : items.filter(item => isUpTo(item.key, until))
      tell(within)
      if (
        next === undefined ||
        within.length < items.length ||
        (until !== undefined && !isUpTo(next.key, until))
      )
        return
      range.after = next
      // One attempt a page: what is guessed wrong never costs more than what is read.
      if (idle.length > 0 && waiting.length === 0) {
        const boundary = await divide(reader, prefix, range)
        if (boundary === undefined) continue
        waiting.push({ after: { key: boundary }, until: range.until })
        range.until = boundary
        wake()
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  if (failure !== undefined) throw failure.error
}

function isUpTo(key: string, until: string): boolean {
  return compareUtf8(key, until) <= 0
}

/** A key within the range that leaves work on both sides, as far as can be seen; undefined if none is found. */
async function divide<T extends { readonly key: string }>(
  reader: RangeReader<T>,
  prefix: string,
  { after: { key: after }, until }: KeyRange,
): Promise<string | undefined> {
  const isInside = (name: string): boolean =>
    compareUtf8(name, after) > 0 && (until === undefined || compareUtf8(name, until) < 0)
  let below = prefix
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const names = await reader.names(below, after)
    const folders = names.filter(name => name.endsWith('/'))
    const inside = folders.filter(isInside)
    const middle = inside[inside.length >> 1]
    // Something comes before it; else it is all there is, and is divided itself.
    if (middle !== undefined && middle !== names[0]) return middle
    const only = middle ?? folders.find(name => after.startsWith(name))
    if (only === undefined) {
      const guessed = guess(below, after, until)
      // What is left may be versions of one key alone.
      return guessed !== undefined && isInside(guessed) ? guessed : undefined
    }
    below = only
  }
  return undefined
}

/** Halfway between two keys that have no tree, by the next character in which they can differ. */
export function guess(below: string, after: string, until: string | undefined): string | undefined {
  const start = after.startsWith(below) ? after : below
  for (let at = below.length; at <= start.length; at++) {
    const low = start.charCodeAt(at) || 0x20
    const isShared = until?.startsWith(start.slice(0, at)) === true
    const high = Math.min((isShared ? until?.charCodeAt(at) : undefined) || LAST, LAST)
    const middle = (low + high) >> 1
    // Beyond ASCII the halves of characters would be no text.
    if (low < LAST && middle > low && start.slice(0, at).isWellFormed())
      return start.slice(0, at) + String.fromCharCode(middle)
  }
  return undefined
}

const LAST = 0x7f
