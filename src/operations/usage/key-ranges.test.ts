import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { compareUtf8 } from '../../core/key.js'
import { Random } from '../../testing/conformance-random.js'
import { eachInRanges, guess, type RangeReader } from './key-ranges.js'

const PAGE = 20

/** A listing of these keys, which counts what it is asked; `versions` of each key are told one after the other. */
function readerOf(keys: readonly string[], versions = 1) {
  const sorted = [...keys].sort(compareUtf8)
  const all = sorted.flatMap(key => Array.from({ length: versions }, (_, i) => ({ key, versionId: `${i}` })))
  const counts = { pages: 0, names: 0, atOnce: 0, most: 0 }
  const reader: RangeReader<{ key: string; versionId: string }> = {
    page: async ({ key, versionId }) => {
      counts.pages++
      counts.most = Math.max(counts.most, ++counts.atOnce)
      await turn()
      const from = all.findIndex(item => {
        const order = compareUtf8(item.key, key)
        return order > 0 || (order === 0 && versionId !== undefined && item.versionId > versionId)
      })
      counts.atOnce--
      const items = from === -1 ? [] : all.slice(from, from + PAGE)
      const last = items.at(-1)
      const next = from + PAGE < all.length && last !== undefined && from !== -1 ? last : undefined
      return { items, next }
    },
    names: async (prefix, after) => {
      counts.names++
      const names = new Set<string>()
      for (const key of sorted) {
        if (!key.startsWith(prefix) || compareUtf8(key, after) <= 0) continue
        const slash = key.indexOf('/', prefix.length)
        names.add(slash === -1 ? key : key.slice(0, slash + 1))
        if (names.size === PAGE) break
      }
      return [...names]
    },
  }
  return { reader, counts, all }
}

const random = new Random(Math.floor(Math.random() * 2 ** 32))
const letters = (n: number, of: string): string =>
  Array.from({ length: n }, () => of[random.below(of.length)]).join('')

const KEYS: Readonly<Record<string, () => string[]>> = {
  none: () => [],
  'a single one': () => ['a'],
  'a tree': () => Array.from({ length: 2000 }, (_, i) => `rooms/${i % 37}/${i % 3}/${i}`),
  'one deep folder': () => Array.from({ length: 2000 }, (_, i) => `a/b/c/d/${i}`),
  'a folder beside many small ones': () =>
    Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? `big/${i}` : `small-${i}/x`)),
  'no tree': () => Array.from({ length: 2000 }, () => letters(16, '0123456789abcdef')),
  'no tree, and a common start': () => Array.from({ length: 2000 }, (_, i) => `img-2026-${i}`),
  'beyond ASCII': () =>
    Array.from(
      { length: 1000 },
      () => `${letters(3, 'äöüß漢字')}/${letters(3, 'aé🎉b'.slice(0, 2))}${random.below(1e6)}`,
    ),
  'files and folders mixed': () =>
    Array.from({ length: 2000 }, (_, i) =>
      i % 5 === 0 ? `${i}` : `${i % 100}/${i % 7 === 0 ? 'x/' : ''}${i}`,
    ),
}

test.each(Object.keys(KEYS))('every key is told once: %s', async name => {
  const keys = [...new Set(KEYS[name]?.() ?? [])]
  for (const versions of [1, 3]) {
    for (const workers of [1, 8]) {
      const { reader, counts, all } = readerOf(keys, versions)
      const told: string[] = []
      await eachInRanges(reader, '', workers, items => {
        for (const { key, versionId } of items) told.push(`${key} ${versionId}`)
      })
      expect(told.sort()).toEqual(all.map(({ key, versionId }) => `${key} ${versionId}`).sort())
      if (workers === 1) expect(counts.names).toBe(0)
      // What is read by several costs little more than what is read by one.
      expect(counts.pages).toBeLessThan(2.5 * (all.length / PAGE) + 40)
    }
  }
})

test.each(['a tree', 'one deep folder', 'no tree', 'no tree, and a common start'])(
  'several work at once where there is enough to do: %s',
  async name => {
    const { reader, counts } = readerOf([...new Set(KEYS[name]?.() ?? [])])
    await eachInRanges(reader, '', 4, () => {})
    expect(counts.most).toBe(4)
  },
)

test('a failure ends all of it', async () => {
  const { reader } = readerOf(KEYS['a tree']?.() ?? [])
  let pages = 0
  const failing = {
    ...reader,
    page: (after: { key: string }) =>
      ++pages === 9 ? Promise.reject(new Error('away')) : reader.page(after),
  }
  await expect(eachInRanges(failing, '', 4, () => {})).rejects.toThrow('away')
})

test('a guess lies between', () => {
  for (const [after, until] of [
    ['a', undefined],
    ['abc', 'abd'],
    ['img-1', 'img-9'],
    ['a/0', 'a/1'],
    ['', undefined],
    ['a', 'b'],
  ] as const) {
    const found = guess('', after, until)
    if (found === undefined) throw new Error(`None between ${after} and ${until}`)
    expect(compareUtf8(found, after)).toBeGreaterThan(0)
    if (until !== undefined) expect(compareUtf8(found, until)).toBeLessThan(0)
  }
})
