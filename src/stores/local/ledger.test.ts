import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareUtf8, isKey, parseKey } from '../../core/key.js'
import type { StorePage } from '../../core/store.js'
import { Ledger } from './ledger.js'
import { listPage } from './listing.js'
import { packRow, type Row, type StoredObject, unpackRow } from './row.js'

let folder: string
let ledger: Ledger
let version = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-ledger-'))
  ledger = await openLedger()
})
afterEach(async () => {
  await ledger.close()
  await rm(folder, { recursive: true })
})

function openLedger(): Promise<Ledger> {
  return Ledger.open(join(folder, 'ledger'), { nextVersion: () => ++version, onPoisoned: () => {} })
}

function objectOf(size: number, more: Partial<StoredObject> = {}): StoredObject {
  return {
    writeId: '11111111-2222-4333-8444-555555555555',
    lastModified: 1_700_000_000_123,
    attributes: { contentType: 'text/plain', metadata: {} },
    at: 'tree',
    identity: { dev: 0, ino: 12_345, size, mtimeMs: 1_700_000_000_123.25 },
    ...more,
  }
}

/** Keys that are hard to put in order: astral and private characters, prefixes of each other. */
const hardKey = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      '/',
      '0',
      '~',
      '\ufffd',
      '\uffff',
      '\u{1f600}',
      '\u{10ffff}',
      'é',
      'e\u0301',
      '-',
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map(parts => parts.join(''))
  .filter(isKey)

describe('rows', () => {
  it('come back as they were packed', () => {
    const attributes = {
      contentType: 'image/png',
      fileName: 'ä "b".png',
      contentDisposition: 'inline',
      cacheControl: 'no-store',
      contentEncoding: 'gzip',
      metadata: { a: '1', ['__proto__']: 'x', constructor: '' },
      tags: { t: 'v' },
    }
    const object = objectOf(2 ** 40, {
      sha256: 'ab'.repeat(32),
      stamp: { time: 1_700_000_000_000, sequence: 2 ** 50, host: 'h1' },
      attributes,
      at: 'objects',
      identity: { dev: 7, ino: 2 ** 53 - 1, size: 2 ** 40, mtimeMs: 1.5 },
    })
    const garbage = [
      { writeId: 'w', identity: object.identity, at: 'any' as const, staged: 'p2' },
      { writeId: 'v', identity: object.identity, at: 'any' as const, inline: true },
      { writeId: object.writeId, identity: object.identity, at: 'tree' as const, staged: undefined },
    ]
    const rows: Row[] = [
      { object },
      { object: objectOf(0) },
      { object, work: { by: 'p1', staged: 'p2', garbage } },
      { object, work: { by: 'p1', inline: true, garbage: [] } },
      { work: { by: 'p1', staged: undefined, garbage: [] } },
    ]
    for (const row of rows) {
      const back = unpackRow(packRow(row))
      expect(JSON.stringify(back)).toBe(JSON.stringify(JSON.parse(JSON.stringify(back))))
      expect({ ...back.object?.attributes.metadata }).toEqual({ ...row.object?.attributes.metadata })
      expect(Object.keys(back.object?.attributes.metadata ?? {})).toEqual(
        Object.keys(row.object?.attributes.metadata ?? {}),
      )
      expect(back.work).toEqual(row.work)
      expect({ ...back.object, attributes: 0 }).toEqual({
        ...row.object,
        attributes: 0,
        ...(row.object === undefined ? {} : { sha256: row.object.sha256, stamp: row.object.stamp }),
      })
    }
  })

  it('of a newer version are refused', () => {
    expect(() => unpackRow([99, null])).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('version 99') }),
    )
  })
})

describe('the ledger', () => {
  it('agrees with a model under conditional writes, in the order of UTF-8, and after reopening', async () => {
    const write = fc.record({ key: hardKey, size: fc.nat(1000), remove: fc.boolean(), stale: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 40 }), async writes => {
        for (const { key } of [...ledger.range(Buffer.alloc(0))]) {
          const found = ledger.get(key)
          const bytes = -(found?.row.object?.identity.size ?? 0)
          await ledger.write({ key, expected: found?.version, row: undefined, usage: { count: -1, bytes } })
        }
        const model = new Map<string, number>()
        for (const { key, size, remove, stale } of writes) {
          const found = ledger.get(key)
          expect(found?.row.object?.identity.size).toBe(model.get(key))
          const before = model.get(key)
          const expected = stale ? (found === undefined ? 1 : undefined) : found?.version
          const done = await ledger.write({
            key,
            expected,
            row: remove ? undefined : { object: objectOf(size) },
            usage: {
              count: (remove ? 0 : 1) - (before === undefined ? 0 : 1),
              bytes: (remove ? 0 : size) - (before ?? 0),
            },
          })
          expect(done !== undefined).toBe(!stale)
          if (stale) continue
          if (remove) model.delete(key)
          else model.set(key, size)
        }
        const keys = [...model.keys()].sort(compareUtf8)
        expect([...ledger.range(Buffer.alloc(0))].map(({ key }) => key)).toEqual(keys)
        expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
        const usage = { count: keys.length, bytes: [...model.values()].reduce((a, b) => a + b, 0) }
        expect(ledger.usage()).toEqual(usage)
        await ledger.foldUsage()
        expect(ledger.usage()).toEqual(usage)
      }),
      { numRuns: 40 },
    )
    const before = [...ledger.range(Buffer.alloc(0))]
    await ledger.close()
    ledger = await openLedger()
    expect([...ledger.range(Buffer.alloc(0))]).toEqual(before)
  })

  it('lists pages as a model does, whatever the prefix, delimiter and limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(hardKey, { maxLength: 30 }),
        fc.oneof(fc.constant(''), hardKey),
        fc.constantFrom('', '/', 'a', '\u{1f600}', 'b/'),
        fc.integer({ min: 1, max: 5 }),
        async (keys, prefix, delimiter, limit) => {
          for (const { key } of [...ledger.range(Buffer.alloc(0))]) {
            await ledger.write({ key, expected: ledger.get(key)?.version, row: undefined })
          }
          await ledger.writeAll(keys.map(key => ({ key, expected: undefined, row: { object: objectOf(1) } })))
          const expected = rolledUp(keys, prefix, delimiter)
          const found: string[] = []
          let startAfter: string | undefined
          for (;;) {
            const page: StorePage = listPage(ledger, { prefix, delimiter, limit, startAfter }, true)
            const names = [...page.objects.map(({ key }): string => key), ...page.prefixes].sort(compareUtf8)
            expect(names.length).toBeLessThanOrEqual(limit)
            found.push(...names)
            expect(page.next).toBe(found.length < expected.length ? names.at(-1) : undefined)
            if (page.next === undefined) break
            startAfter = page.next
          }
          expect(found).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('passes over what is below a rolled-up prefix without reading it', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `${i % 2}/${String(i).padStart(6, '0')}`)
    for (let i = 0; i < many.length; i += 2000) {
      await ledger.writeAll(
        many.slice(i, i + 2000).map(key => ({ key, expected: undefined, row: { object: objectOf(1) } })),
      )
    }
    let read = 0
    const counting = {
      range: function* (start: Buffer, end?: Buffer) {
        for (const row of ledger.range(start, end)) {
          read++
          yield row
        }
      },
    }
    const page = listPage(counting as unknown as Ledger, { delimiter: '/' }, true)
    expect(page.prefixes).toEqual(['0/', '1/'])
    expect(read).toBe(2)
  })

  it('takes keys of 1024 bytes', async () => {
    for (const key of ['a'.repeat(1024), '\u{1f600}'.repeat(256), `${'a/'.repeat(511)}bb`]) {
      parseKey(key)
      await ledger.write({ key, expected: undefined, row: { object: objectOf(5) } })
      expect(ledger.get(key)?.row.object?.identity.size).toBe(5)
    }
  })

  it('lets one of many writers of one version through', async () => {
    const first = await ledger.write({ key: 'k', expected: undefined, row: { object: objectOf(0) } })
    const done = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        ledger.write({ key: 'k', expected: first, row: { object: objectOf(i + 1) } }),
      ),
    )
    expect(done.filter(version => version !== undefined)).toHaveLength(1)
    const none = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        ledger.write({ key: 'new', expected: undefined, row: { object: objectOf(i) } }),
      ),
    )
    expect(none.filter(version => version !== undefined)).toHaveLength(1)
  })

  it('keeps the usage right while several fold it', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `k${i}`)
    await Promise.all(
      keys.map(async (key, i) => {
        await ledger.write({
          key,
          expected: undefined,
          row: { object: objectOf(i) },
          usage: { count: 1, bytes: i },
        })
        if (i % 10 === 0) await Promise.all([ledger.foldUsage(), ledger.foldUsage()])
      }),
    )
    const bytes = (299 * 300) / 2
    expect(ledger.usage()).toEqual({ count: 300, bytes })
    await ledger.foldUsage()
    expect(ledger.usage()).toEqual({ count: 300, bytes })
  })

  it('remembers uploads until they end', async () => {
    const entry = { uploadId: 'x'.repeat(2000), key: 'k', bucket: 'b', endpoint: 'http://127.0.0.1' }
    await ledger.addUpload(entry, 'p1')
    await ledger.addUpload({ ...entry, uploadId: 'y' }, 'p2')
    expect(ledger.uploads()).toHaveLength(2)
    expect(ledger.uploads()).toContainEqual({ entry, process: 'p1' })
    await ledger.removeUpload(entry.uploadId)
    expect(ledger.uploads().map(({ process }) => process)).toEqual(['p2'])
  })

  it('refuses to work when closed', async () => {
    await ledger.close()
    expect(() => ledger.get('a')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
    await expect(ledger.write({ key: 'a', expected: undefined, row: undefined })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })
})

/** Keys and rolled-up prefixes as a listing gives them. */
function rolledUp(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const names = new Set<string>()
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    names.add(at === -1 ? key : key.slice(0, at + delimiter.length))
  }
  return [...names].sort(compareUtf8)
}

describe('reading all of it', () => {
  const put = (key: string, size: number): Promise<number | undefined> =>
    ledger.write({
      key,
      expected: ledger.get(key)?.version,
      row: { object: objectOf(size) },
      usage: { count: 1, bytes: size },
    })

  it('counts the objects against the sum that is kept', async () => {
    await ledger.setFact('id', 'the id')
    await put('a', 1)
    await put('b', 2)
    // Holdfast's own do not count.
    await ledger.write({ key: '.holdfast/c', expected: undefined, row: { object: objectOf(3) } })
    const table = ledger.table<{ n: number }>('things')
    await ledger.commit([], version => table.put(Buffer.from('k'), { n: 1 }, version))
    const sound = { count: 2, bytes: 3 }
    expect(ledger.inspect()).toEqual({ id: 'the id', counted: sound, kept: sound, corrected: undefined })
    expect(await ledger.correctUsage({ count: 1, bytes: -2 }, undefined)).toBe(true)
    // What two find out at the same time is corrected once.
    expect(await ledger.correctUsage({ count: 1, bytes: -2 }, undefined)).toBe(false)
    const { kept, corrected } = ledger.inspect()
    expect(kept).toEqual({ count: 3, bytes: 1 })
    expect(await ledger.correctUsage({ count: -1, bytes: 2 }, corrected)).toBe(true)
    expect(ledger.inspect()).toMatchObject({ counted: sound, kept: sound })
    await ledger.foldUsage()
    expect(ledger.usage()).toEqual(sound)
  })

  it('names what cannot be read', async () => {
    await ledger.close()
    const { open } = await import('lmdb')
    const environment = open({ path: join(folder, 'ledger'), noSubdir: false, maxDbs: 32 })
    const raw = { keyEncoding: 'binary', encoding: 'binary', useVersions: true } as const
    await environment.openDB<Buffer, Buffer>('x-things', raw).put(Buffer.from('k'), Buffer.from('{'), 1)
    await environment.close()
    ledger = await openLedger()
    expect(() => ledger.inspect()).toThrow('the things entry "k" is no such: SyntaxError')
  })

  it('goes page by page', async () => {
    for (const key of ['a', 'b', 'c']) await put(key, 1)
    expect(ledger.page(undefined, 2).map(({ key }) => key)).toEqual(['a', 'b'])
    expect(ledger.page('b', 2)).toEqual([
      { key: 'c', row: { object: objectOf(1) }, version: ledger.get('c')?.version },
    ])
    await ledger.commit([], () => {
      for (const id of ['journal:1', 'x', 'y']) ledger.putBytes(id, Buffer.from(id))
    })
    expect(ledger.bytesPage(undefined, 2)).toEqual(['journal:1', 'x'])
    expect(ledger.bytesPage('x', 2)).toEqual(['y'])
    expect(ledger.pendingPage(undefined, 2)).toEqual([])
  })

  it('can be as of one moment, whatever is committed meanwhile', async () => {
    const table = ledger.table<number>('things')
    await put('a', 1)
    await ledger.commit([], version => table.put(Buffer.from('k'), 1, version))
    const at = ledger.snapshot()
    await put('b', 1)
    await ledger.commit([], version => table.put(Buffer.from('k'), 2, version))
    await new Promise(resolve => setImmediate(resolve))
    expect(ledger.get('b')).toBeDefined()
    expect(ledger.page(undefined, 9, at).map(({ key }) => key)).toEqual(['a'])
    expect(table.range(Buffer.alloc(0), undefined, 9, at).map(({ value }) => value)).toEqual([1])
    at.done()
    expect(ledger.page(undefined, 9).map(({ key }) => key)).toEqual(['a', 'b'])
    expect(table.range(Buffer.alloc(0), undefined, 9).map(({ value }) => value)).toEqual([2])
  })
})
