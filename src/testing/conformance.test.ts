import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { parseAttributes } from '../core/attributes.js'
import { internalKey, type Key, parseKey } from '../core/key.js'
import { openSource } from '../core/source.js'
import type {
  Capabilities,
  DeleteOptions,
  GetOptions,
  ListOptions,
  OpenObject,
  PutOptions,
  Store,
  StorePage,
} from '../core/store.js'
import { MemoryStore } from '../stores/memory.js'
import { type StoreConformanceOptions, storeConformance } from './index.js'

interface Outcome {
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
  readonly passed: number
}

const LACKS = { presign: 'no URLs', storageClasses: 'one class' }

/** Runs the suite over a store with a runner of its own; only checks that match `only`, if it is given. */
async function outcomeOf(
  make: () => Store,
  only: RegExp = /./,
  options: Partial<StoreConformanceOptions> = {},
): Promise<Outcome> {
  const checks: { name: string; run: (...context: unknown[]) => Promise<void> }[] = []
  const ends: (() => Promise<void>)[] = []
  storeConformance({
    describe: (_, define) => define(),
    it: (name, run) => void checks.push({ name, run }),
    afterAll: run => void ends.push(run),
    name: 'a store',
    randomKeys: 200,
    declaredSkips: LACKS,
    open: async () => {
      const store = make()
      return { store, close: () => store.close() }
    },
    ...options,
  })
  const failed: string[] = []
  const skipped: string[] = []
  let passed = 0
  for (const { name, run } of checks.filter(check => only.test(check.name))) {
    const before = skipped.length
    const context = { skip: (reason: string) => void skipped.push(`${name}: ${reason}`) }
    try {
      await run(context)
      if (skipped.length === before) passed++
    } catch {
      failed.push(name)
    }
  }
  for (const end of ends) await end()
  return { failed, skipped, passed }
}

/** A memory store with one thing wrong. */
class Faulty extends MemoryStore {
  readonly fault: Partial<Store>

  constructor(fault: (sound: MemoryStore) => Partial<Store>) {
    super()
    this.fault = fault(
      new Proxy(this, { get: (_, name) => Reflect.get(MemoryStore.prototype, name).bind(this) }),
    )
    Object.assign(this, this.fault)
  }
}

/** What goes wrong, the check that must notice, and how it is done. */
const FAULTS: readonly (readonly [string, RegExp, (sound: MemoryStore) => Partial<Store>])[] = [
  [
    'content is cut short',
    /^keeps 64 KiB$/,
    sound => ({
      put: (key, source, options) =>
        sound.put(
          key,
          { ...bound(source), read: async (o, n) => (await source.read(o, n)).subarray(0, 60_000) },
          options,
        ),
    }),
  ],
  [
    'a failed stream leaves what came of it',
    /whose stream fails after 50 %/,
    sound => ({
      put: async (key, source, options) => {
        try {
          return await sound.put(key, source, options)
        } catch (error) {
          await sound.put(key, await openSource(Buffer.from('what came')), { attributes: options.attributes })
          throw error
        }
      },
    }),
  ],
  [
    'a write in place is visible before it is whole',
    /old bytes or the new, whole/,
    sound => ({
      put: async (key, source, options) => {
        await sound.put(key, await openSource(Buffer.from('half')), { attributes: options.attributes })
        await sleep(1)
        return sound.put(key, source, options)
      },
    }),
  ],
  [
    'the SHA-256 is not checked',
    /another SHA-256 than declared/,
    sound => ({ put: (key, source, options) => sound.put(key, source, { ...options, sha256: undefined }) }),
  ],
  [
    'a signal is not heard',
    /signal fired before|signal that fired before/,
    sound => ({ put: (key, source, options) => sound.put(key, source, { ...options, signal: undefined }) }),
  ],
  [
    'the create-only condition is checked before the content arrives, and not again',
    /^lets one of 64 concurrent create-only puts win$/,
    sound => ({
      put: async (key, source, options: PutOptions) => {
        if (options.ifNoneMatch === '*' && (await exists(sound, key))) return sound.put(key, source, options)
        await sleep(1)
        return sound.put(key, source, { ...options, ifNoneMatch: undefined })
      },
    }),
  ],
  [
    'a condition is ignored',
    /^replaces only the object of the ETag given$/,
    sound => ({ put: (key, source, options) => sound.put(key, source, { ...options, ifMatch: undefined }) }),
  ],
  [
    'a conditional delete deletes in any case',
    /^deletes only the object of the ETag given$/,
    sound => ({
      delete: (key, options: DeleteOptions = {}) => sound.delete(key, { ...options, ifMatch: undefined }),
    }),
  ],
  [
    'a capability is not declared, and its use not refused',
    /refuses it unread without conditionalPut/,
    () => ({ capabilities: { ...new MemoryStore().capabilities, conditionalPut: false } as Capabilities }),
  ],
  [
    'keys are normalised',
    /^does not take one name for another that looks like it$/,
    sound => ({
      get: (key, options) => sound.get(key.normalize() as Key, options),
      head: (key, options) => sound.head(key.normalize() as Key, options),
      put: (key, source, options) => sound.put(key.normalize() as Key, source, options),
    }),
  ],
  [
    'a listing is in UTF-16 order',
    /^lists in UTF-8 byte order/,
    sound => ({ list: async options => resorted(await sound.list({ ...options, limit: 1000 })) }),
  ],
  [
    'a listing forgets the last entry of a page',
    /^lists 2500 objects/,
    sound => ({
      list: async options => {
        const page = await sound.list(options)
        return page.next === undefined ? page : { ...page, objects: page.objects.slice(0, -1) }
      },
    }),
  ],
  [
    'a listing gives a rolled-up prefix again on the next page',
    /^rolls up what lies behind a delimiter$/,
    sound => ({
      list: (options: ListOptions = {}) => {
        const { startAfter } = options
        return sound.list(startAfter?.endsWith('/') ? { ...options, startAfter: `${startAfter}!` } : options)
      },
    }),
  ],
  [
    'a prefix is taken for a folder',
    /^takes a prefix as the start of a name/,
    sound => ({
      list: (options: ListOptions = {}) => {
        const { prefix = '' } = options
        return sound.list({ ...options, prefix: prefix.endsWith('/') ? prefix : `${prefix}/` })
      },
    }),
  ],
  [
    'names of its own are listed',
    /^hides names of its own/,
    sound => ({
      list: async (options: ListOptions = {}) => {
        const page = await sound.list(options)
        const own = { key: internalKey('x'), size: 1, etag: 'x', lastModified: new Date() }
        return options.prefix === '.holdfast/' ? { ...page, objects: [own] } : page
      },
    }),
  ],
  [
    'a range is off by one',
    /^gives parts of 1000 bytes/,
    sound => ({
      get: async (key, options: GetOptions = {}) => {
        const { range } = options
        const isLast = range !== undefined && 'last' in range
        return sound.get(key, isLast ? { ...options, range: { last: range.last + 1 } } : options)
      },
    }),
  ],
  [
    'a range that holds no byte is answered with no byte',
    /^refuses ranges that hold no byte$/,
    sound => ({
      get: (key, options) => sound.get(key, options).catch(() => sound.get(key)),
    }),
  ],
  [
    'a body may be read twice, and is empty then',
    /^is read once/,
    sound => ({
      get: async (key, options) => {
        const opened = await sound.get(key, options)
        let isRead = false
        const body: OpenObject['body'] = {
          [Symbol.asyncIterator]: () => opened.body[Symbol.asyncIterator](),
          close: () => opened.body.close(),
          bytes: async max => {
            if (isRead) return Buffer.alloc(0)
            isRead = true
            return opened.body.bytes(max)
          },
        }
        return { ...opened, body }
      },
    }),
  ],
  [
    'metadata is lost',
    /^keeps all attributes together/,
    sound => ({
      head: async (key, options) => ({ ...(await sound.head(key, options)), metadata: {} }),
    }),
  ],
  [
    'old attributes stay with a replaced object',
    /^forgets the attributes of an object that was replaced$/,
    sound => ({
      put: async (key, source, options) => {
        const old = await sound.head(key).catch(() => undefined)
        const attributes = old === undefined ? options.attributes : { ...old, ...options.attributes }
        return sound.put(key, source, { ...options, attributes })
      },
    }),
  ],
  [
    'deleting what is not there fails',
    /^succeeds in deleting what is not there$/,
    sound => ({
      delete: async (key, options) => {
        await sound.head(key)
        return sound.delete(key, options)
      },
    }),
  ],
  [
    'a copy keeps the write id of its source',
    /^copies 1000 bytes/,
    sound => ({
      copy: async (from, to) => {
        const { stat, body } = await sound.get(from)
        const { writeId } = stat
        return sound.put(to, await openSource(await body.bytes()), { attributes: stat, writeId })
      },
    }),
  ],
  [
    'a copy ignores what its source was seen to be',
    /^copies only the source of the ETag given$/,
    sound => ({
      copy: (from, to, options) => sound.copy(from, to, { ...options, sourceIfMatch: undefined }),
    }),
  ],
  [
    'an error is no StorageError',
    /^says of what is not there/,
    () => ({
      head: async () => {
        throw Object.assign(new Error('gone'), { code: 'NOT_FOUND' })
      },
    }),
  ],
  [
    'operations go on after close()',
    /^refuses every operation after it was closed/,
    () => ({ close: async () => {} }),
  ],
]

function bound(source: Parameters<Store['put']>[1]): Parameters<Store['put']>[1] {
  return {
    size: source.size,
    read: (offset, length) => source.read(offset, length),
    release: offset => source.release(offset),
    close: () => source.close(),
  }
}

async function exists(store: Store, key: Key): Promise<boolean> {
  return store.head(key).then(
    () => true,
    () => false,
  )
}

function resorted(page: StorePage): StorePage {
  return { ...page, objects: [...page.objects].sort((a, b) => (a.key < b.key ? -1 : 1)) }
}

describe('the store conformance suite', () => {
  it('finds nothing wrong with a sound store, and says why it skipped what it skipped', async () => {
    const { failed, skipped, passed } = await outcomeOf(() => new MemoryStore())
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(150)
    expect(skipped).toContain('keeps the storage class, and lists it: no storageClasses: one class')
    expect(skipped.every(text => text.endsWith('no URLs') || text.endsWith('one class'))).toBe(true)
  })

  it.each(FAULTS)('notices that %s', async (_, check, fault) => {
    expect((await outcomeOf(() => new MemoryStore(), check)).failed).toEqual([])
    const { failed } = await outcomeOf(() => new Faulty(fault), check)
    expect(failed.length).toBeGreaterThan(0)
  })

  it('fails a skip that was not declared, and a declared one that is none', async () => {
    const undeclared = await outcomeOf(() => new MemoryStore(), /storage class, and lists it|lacks/, {
      declaredSkips: {},
    })
    expect(undeclared).toMatchObject({ failed: ['keeps the storage class, and lists it'], skipped: [] })
    const stale = await outcomeOf(() => new MemoryStore(), /^lacks what was declared/, {
      declaredSkips: { ...LACKS, tags: 'it had none once' },
    })
    expect(stale.failed).toEqual(['lacks what was declared as lacking'])
  })

  it('leaves what is not its own alone in a shared place, and nothing of its own', async () => {
    const store = new MemoryStore()
    const keys = ['a', 'shared/a', 'shared/other', 'z'].map(key => parseKey(key))
    for (const key of keys) {
      await store.put(key, await openSource(Buffer.from(key)), { attributes: parseAttributes({}) })
    }
    const open = async () => ({ store, close: async () => {} })
    // The last check closes the store for good.
    const { failed } = await outcomeOf(() => store, /^(?!refuses every operation after)/, {
      keyPrefix: 'shared/c-',
      open,
    })
    expect(failed).toEqual([])
    expect((await store.list()).objects.map(object => object.key)).toEqual(keys)
  })

  it('cleans up after a check that failed', async () => {
    const make = () =>
      new Faulty(sound => ({
        head: async (key, options) => ({ ...(await sound.head(key, options)), size: 1 }),
      }))
    const { failed } = await outcomeOf(make, /^(keeps a block|is left as it was found)$/)
    expect(failed).toEqual(['keeps a block'])
  })
})
