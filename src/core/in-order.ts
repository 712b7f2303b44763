/**
 * Calls `work` for every item, at most `concurrency` at once, and gives the results in the order of the items: any
 * number of items in constant memory. A result is held until those before it are taken. Calls under way when it ends
 * before its end are not waited for.
 *
 * @throws what `items` throws; what `work` rejects with, in the place of its result
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const iterator = items[Symbol.asyncIterator]()
  const begun: Promise<R>[] = []
  let isEnd = false
  try {
    for (;;) {
      while (!isEnd && begun.length < concurrency) {
        const next = await iterator.next()
        isEnd = next.done === true
        if (next.done === true) break
        const result = work(next.value)
        // Whoever comes to take it hears of its failure.
        result.catch(() => {})
        begun.push(result)
      }
      const first = begun.shift()
      if (first === undefined) return
      yield await first
    }
  } finally {
    await iterator.return?.()
  }
}
