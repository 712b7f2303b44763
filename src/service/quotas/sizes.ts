import pLimit from 'p-limit'
import { compareUtf8, type Key } from '../../core/key.js'
import type { Store } from '../../core/store.js'
import { NONE, type Size } from './rows.js'

const CONCURRENCY = 16
/** Keys a page below which asking for each is cheaper than listing what lies between them. */
const WORTH_LISTING = 50

/**
 * What many keys have. Keys that follow one another in the store, such as those of a listing, are looked up by listing;
 * others one by one.
 *
 * @param look asks for one key
 */
export async function sizesOf(
  store: Store,
  keys: readonly Key[],
  look: (key: Key) => Promise<Size>,
  signal: AbortSignal | undefined,
): Promise<Map<Key, Size>> {
  const sizes = new Map<Key, Size>()
  const left = [...keys].sort(compareUtf8)
  const prefix = commonFolder(left[0] ?? '', left.at(-1) ?? '')
  let isDense = left.length > WORTH_LISTING
  while (isDense) {
    const first = left.shift()
    if (first === undefined) break
    sizes.set(first, await look(first))
    const page = await store.list({ prefix, startAfter: first, signal })
    const listed = new Map(page.objects.map(({ key, size }) => [key, size]))
    let found = 0
    for (;;) {
      const [next] = left
      if (next === undefined || (page.next !== undefined && compareUtf8(next, page.next) > 0)) break
      left.shift()
      found++
      const size = listed.get(next)
      // A page that misses something tells of nothing that it is not there.
      if (size !== undefined || page.complete) sizes.set(next, size ?? NONE)
    }
    isDense = page.next !== undefined && found > WORTH_LISTING
  }
  await pLimit(CONCURRENCY).map(left, async key => sizes.set(key, await look(key)))
  return sizes
}

/** The folder that both lie in. */
function commonFolder(a: string, b: string): string {
  let end = 0
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === '/') end = at + 1
  return a.slice(0, end)
}
