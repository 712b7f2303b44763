import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareUtf8, type Key } from '../../core/key.js'
import type { ListedObject } from '../../core/store.js'
import { merge } from './merge.js'

const object = (key: string): ListedObject => ({
  key: key as Key,
  size: 1,
  etag: key,
  lastModified: new Date(0),
})

async function* listing(keys: Iterable<string>): AsyncGenerator<ListedObject> {
  for (const key of [...keys].sort(compareUtf8)) yield object(key)
}

test('tells of every name once, in order, with what each side has', async () => {
  const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', 'é', '\uffee', '😀') }))
  await fc.assert(
    fc.asyncProperty(names, names, async (left, right) => {
      const found: [string, boolean, boolean][] = []
      for await (const { name, source, target } of merge(listing(left), listing(right))) {
        expect([name, name]).toEqual([source?.key ?? name, target?.key ?? name])
        found.push([name, source !== undefined, target !== undefined])
      }
      const all = [...new Set([...left, ...right])].sort(compareUtf8)
      expect(found).toEqual(all.map(name => [name, left.includes(name), right.includes(name)]))
    }),
  )
})

test('closes both listings when it is given up', async () => {
  let closed = 0
  async function* endless(): AsyncGenerator<ListedObject> {
    try {
      for (let n = 0; ; n++) yield object(String(n).padStart(9, '0'))
    } finally {
      closed++
    }
  }
  for await (const _ of merge(endless(), endless())) break
  expect(closed).toBe(2)
})
