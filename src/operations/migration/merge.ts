import { compareUtf8, type Key } from '../../core/key.js'
import type { ListedObject } from '../../core/store.js'

/** What two sides hold under one name; at least one of them does. */
export interface Pair {
  readonly name: Key
  readonly source: ListedObject | undefined
  readonly target: ListedObject | undefined
}

/** Goes through two listings, each in UTF-8 byte order, side by side: of each no more than one object is held. */
export async function* merge(
  sources: AsyncIterable<ListedObject>,
  targets: AsyncIterable<ListedObject>,
): AsyncGenerator<Pair, void, void> {
  const left = sources[Symbol.asyncIterator]()
  const right = targets[Symbol.asyncIterator]()
  try {
    let [source, target] = await Promise.all([take(left), take(right)])
    while (source !== undefined || target !== undefined) {
      const order = source === undefined ? 1 : target === undefined ? -1 : compareUtf8(source.key, target.key)
      const name = (order <= 0 ? source : target)?.key as Key
      yield { name, source: order <= 0 ? source : undefined, target: order >= 0 ? target : undefined }
      if (order <= 0) source = await take(left)
      if (order >= 0) target = await take(right)
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()])
  }
}

async function take(iterator: AsyncIterator<ListedObject>): Promise<ListedObject | undefined> {
  const next = await iterator.next()
  return next.done === true ? undefined : next.value
}
