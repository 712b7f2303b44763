import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AttributesInput } from '../../core/attributes.js'
import { parseAttributes } from '../../core/attributes.js'
import { StorageError } from '../../core/errors.js'
import { type Key, parseKey } from '../../core/key.js'
import { type Logger, silentLogger } from '../../core/logger.js'
import { openSource } from '../../core/source.js'
import type { Store } from '../../core/store.js'
import { openRoot, type Root } from '../../stores/local/root.js'
import { LocalStore } from '../../stores/local/store.js'
import { identityOf } from '../identity.js'
import { WorkLease } from '../work-lease.js'
import { LocalLifecycle } from './local-lifecycle.js'

const DAY_MS = 86_400_000

let folder: string
let root: Root
let store: LocalStore
let lifecycle: LocalLifecycle
/** Of the clock that the rules go by; the files are written by the machine's. */
let aheadMs: number
let said: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lifecycle-'))
  await open()
})
afterEach(async () => {
  await close()
  await rm(folder, { recursive: true })
})

async function open(): Promise<void> {
  aheadMs = 0
  said = []
  root = await openRoot({ path: join(folder, 'root'), create: true, ballastBytes: 0 })
  store = await LocalStore.open(root, { stillMs: 0 })
  await store.adopted
  lifecycle = lifecycleOf(store)
}

async function close(): Promise<void> {
  await lifecycle.close()
  await store.close()
  await root.close()
}

function lifecycleOf(of: Store): LocalLifecycle {
  const say = (_fields: object, message: string): void => void said.push(message)
  const logger: Logger = { debug: () => {}, info: say, warn: say, error: say }
  return new LocalLifecycle({
    store: of,
    tables: root.ledger,
    lease: leaseOf(root),
    rulesPath: join(folder, 'rules.yaml'),
    intervalHours: 24,
    logger,
    now: () => Date.now() + aheadMs,
  })
}

function leaseOf({ ledger: tables }: Root): WorkLease {
  const { processId: holder, isDead } = identityOf(root)
  return new WorkLease({ name: 'lifecycle', tables, holder, isDead })
}

const rules = (...all: string[]): Promise<void> =>
  writeFile(
    join(folder, 'rules.yaml'),
    all.length === 0 ? 'rules: []' : `rules:\n${all.map(rule => `  - ${rule}`).join('\n')}`,
  )

async function put(key: string, content: string, attributes: AttributesInput = {}): Promise<Key> {
  const parsed = parseKey(key)
  await store.put(parsed, await openSource(Buffer.from(content)), { attributes: parseAttributes(attributes) })
  return parsed
}

async function keys(): Promise<string[]> {
  return (await store.list()).objects.map(({ key }) => key)
}

async function due(at = Date.now() + aheadMs): Promise<string[]> {
  const found: string[] = []
  for await (const page of lifecycle.due(at)) for (const { rule, key } of page) found.push(`${rule} ${key}`)
  return found
}

const TEMP = '{ id: temp, filter: { prefix: temp/ }, expire: { afterDays: 7 } }'

describe('what goes and what stays', () => {
  test('by prefix and age, at a midnight; a simulation says the same before', async () => {
    await rules(TEMP)
    for (const key of ['temp/a', 'temp/b', 'temper', 'other/temp/a']) await put(key, 'x')
    const { lastModified } = await store.head(parseKey('temp/b'))
    const midnight = Math.ceil((lastModified.getTime() + 7 * DAY_MS) / DAY_MS) * DAY_MS
    aheadMs = midnight - 1 - Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      expect(await due()).toEqual([])
      expect(await lifecycle.run()).toMatchObject({ files: 0 })
      aheadMs++
      expect(await due()).toEqual(['temp temp/a', 'temp temp/b'])
      expect(await lifecycle.run()).toEqual({
        rules: { temp: { files: 2, bytes: 2 } },
        files: 2,
        bytes: 2,
        failed: 0,
      })
    } finally {
      vi.useRealTimers()
    }
    expect(await keys()).toEqual(['other/temp/a', 'temper'])
    expect(await store.metrics()).toEqual({ count: 2, bytes: 2 })
  })

  test('by tags and size, the first rule that is for it; those that are not enabled do nothing', async () => {
    await rules(
      '{ id: off, enabled: false, filter: { prefix: "" }, expire: { on: 2020-01-01 } }',
      '{ id: draft, filter: { prefix: a/, tags: { kind: draft } }, expire: { on: 2020-01-01 } }',
      '{ id: large, filter: { largerThan: 10, smallerThan: 20 }, expire: { on: 2020-01-01 } }',
      '{ id: later, filter: { prefix: "" }, expire: { on: 2999-01-01 } }',
    )
    await put('a/1', 'x', { tags: { kind: 'draft', more: 'y' } })
    await put('a/2', 'x', { tags: { kind: 'final' } })
    await put('a/3', 'x'.repeat(11), { tags: { kind: 'draft' } })
    await put('b/draft', 'x', { tags: { kind: 'draft' } })
    await put('b/10', 'x'.repeat(10))
    await put('b/19', 'x'.repeat(19))
    await put('b/20', 'x'.repeat(20))
    expect(await due()).toEqual(['draft a/1', 'draft a/3', 'large b/19'])
    await lifecycle.run()
    expect(await keys()).toEqual(['a/2', 'b/10', 'b/20', 'b/draft'])
  })

  test('other actions than expire do nothing to local files', async () => {
    await rules(
      '{ id: all, filter: { prefix: "" }, transitions: [{ afterDays: 0, storageClass: GLACIER }], expireOldVersions: { afterDays: 1 }, abortIncompleteUploads: { afterDays: 1 } }',
    )
    await put('a', 'x')
    aheadMs = 10 * DAY_MS
    expect(await due()).toEqual([])
    expect(await lifecycle.run()).toMatchObject({ files: 0 })
  })

  test('nothing without a rule', async () => {
    await rules()
    await put('a', 'x')
    aheadMs = 10_000 * DAY_MS
    expect(await lifecycle.run()).toEqual({ rules: {}, files: 0, bytes: 0, failed: 0 })
    expect(await keys()).toEqual(['a'])
  })

  test('a file that was stored anew since it was listed stays', async () => {
    await rules('{ id: all, filter: { prefix: "" }, expire: { on: 2020-01-01 } }')
    for (const key of ['a', 'b', 'c']) await put(key, 'old')
    const racing: Store = {
      ...bound(store),
      async delete(key, options) {
        if (key === 'b') await put('b', 'new')
        return store.delete(key, options)
      },
    }
    await lifecycle.close()
    lifecycle = lifecycleOf(racing)
    expect(await lifecycle.run()).toMatchObject({ files: 2, failed: 0 })
    expect(await keys()).toEqual(['b'])
  })

  test('one that cannot be removed stops none of the others, and is told of', async () => {
    await rules('{ id: all, filter: { prefix: "" }, expire: { on: 2020-01-01 } }')
    for (const key of ['a', 'b', 'c']) await put(key, 'old')
    const failing: Store = {
      ...bound(store),
      async delete(key, options) {
        if (key !== 'b') return store.delete(key, options)
        throw new StorageError({ code: 'NO_SPACE', op: 'delete', message: 'full' })
      },
    }
    await lifecycle.close()
    lifecycle = lifecycleOf(failing)
    const failed: string[] = []
    expect(await lifecycle.run({ onFailed: ({ key }) => void failed.push(key) })).toMatchObject({
      files: 2,
      failed: 1,
    })
    expect(failed).toEqual(['b'])
  })

  test('thousands, in pages, each file once', async () => {
    await rules(
      '{ id: a, filter: { prefix: a/ }, expire: { on: 2020-01-01 } }',
      '{ id: all, filter: { prefix: "" }, expire: { on: 2020-01-01 } }',
    )
    const count = 1100
    await Promise.all(Array.from({ length: count }, (_, i) => put(`${i % 2 === 0 ? 'a' : 'b'}/${i}`, 'x')))
    expect(await lifecycle.run()).toMatchObject({
      files: count,
      rules: { a: { files: count / 2, bytes: count / 2 }, all: { files: count / 2, bytes: count / 2 } },
    })
    expect(await keys()).toEqual([])
  })

  test('files that were in the folder before are as old as they are', async () => {
    await close()
    const path = join(folder, 'root', 'found')
    await writeFile(path, 'x')
    await utimes(path, new Date('2020-01-01'), new Date('2020-01-01'))
    await rm(join(folder, 'root', '.holdfast'), { recursive: true })
    await open()
    await rules('{ id: all, filter: { prefix: "" }, expire: { afterDays: 30 } }')
    expect(await due()).toEqual(['all found'])
  })

  test('nothing as long as not all files are known', async () => {
    await rules('{ id: all, filter: { prefix: "" }, expire: { on: 2020-01-01 } }')
    await put('a', 'x')
    const partial: Store = {
      ...bound(store),
      list: async options => ({ ...(await store.list(options)), complete: false }),
    }
    await lifecycle.close()
    lifecycle = lifecycleOf(partial)
    await expect(lifecycle.run()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await lifecycle.look()
    expect(lifecycle.problems()).toEqual([])
    expect(await keys()).toEqual(['a'])
  })
})

function bound(of: LocalStore): Store {
  const { kind, capabilities } = of
  return {
    kind,
    capabilities,
    put: of.put.bind(of),
    get: of.get.bind(of),
    head: of.head.bind(of),
    delete: of.delete.bind(of),
    list: of.list.bind(of),
    close: async () => {},
  }
}

describe('when it looks', () => {
  test('once a day, at whatever time of it', async () => {
    await rules(TEMP)
    await put('temp/a', 'x')
    // At noon, so that no midnight is near.
    aheadMs = (Math.ceil(Date.now() / DAY_MS) + 0.5) * DAY_MS - Date.now()
    await lifecycle.look()
    const first = lifecycle.last()
    expect(first).toMatchObject({ outcome: { files: 0 } })
    await lifecycle.look()
    expect(lifecycle.last()).toEqual(first)
    aheadMs += 9 * DAY_MS
    await lifecycle.look()
    expect(lifecycle.last()).toMatchObject({ outcome: { files: 1, bytes: 1 } })
    expect(said).toEqual(['Local files went by the lifecycle rules'])
    expect(await keys()).toEqual([])
  })

  test('by itself soon after the start, and again later; not without a file of rules', async () => {
    await rules(TEMP)
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] })
    try {
      const looked = vi.spyOn(lifecycle, 'look')
      lifecycle.start()
      vi.advanceTimersByTime(60_000)
      expect(looked).toHaveBeenCalledTimes(1)
      vi.advanceTimersByTime(3_600_000)
      expect(looked.mock.calls.length).toBeGreaterThan(10)
      await lifecycle.close()
      const calls = looked.mock.calls.length
      vi.advanceTimersByTime(3_600_000)
      expect(looked).toHaveBeenCalledTimes(calls)
      const idle = new LocalLifecycle({
        store,
        tables: root.ledger,
        lease: leaseOf(root),
        rulesPath: undefined,
        intervalHours: 24,
        logger: silentLogger,
        now: Date.now,
      })
      idle.start()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('by one process of the folder at a time', async () => {
    await rules(TEMP)
    const other = leaseOf(root)
    await other.hold()
    await expect(lifecycle.run()).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    await lifecycle.look()
    expect(lifecycle.last()).toBeUndefined()
    await other.release()
    await lifecycle.look()
    expect(lifecycle.last()).toMatchObject({ outcome: { files: 0 } })
  })

  test('begins anew where a process was ended while it looked', async () => {
    await rules(TEMP)
    await leaseOf(root).hold()
    await close()
    await open()
    await lifecycle.look()
    expect(lifecycle.last()).toMatchObject({ outcome: { files: 0 } })
  })

  test('what is wrong with the rules is a problem until it is mended, and nothing goes', async () => {
    await put('temp/a', 'x')
    aheadMs = 9 * DAY_MS
    for (let i = 0; i < 2; i++) await lifecycle.look()
    expect(lifecycle.problems()).toEqual([
      { code: 'LIFECYCLE', severity: 'warning', message: expect.stringMatching(/cannot be read: ENOENT/) },
    ])
    expect(said.length).toBe(1)
    await rules('{ id: temp, filter: {}, expire: { afterDays: 7 } }')
    await lifecycle.look()
    expect(lifecycle.problems()).toMatchObject([{ message: expect.stringContaining('line 2, column') }])
    expect(await keys()).toEqual(['temp/a'])
    await rules(TEMP)
    await lifecycle.look()
    expect(lifecycle.problems()).toEqual([])
    expect(await keys()).toEqual([])
  })

  test('ends when it is closed, and goes on with the next', async () => {
    await rules('{ id: all, filter: { prefix: "" }, expire: { on: 2020-01-01 } }')
    for (const key of ['a', 'b']) await put(key, 'x')
    let reached = (): void => {}
    const isListing = new Promise<void>(resolve => {
      reached = resolve
    })
    const slow: Store = {
      ...bound(store),
      list: options => {
        reached()
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
        })
      },
    }
    await lifecycle.close()
    const stuck = lifecycleOf(slow)
    void stuck.look()
    await isListing
    await stuck.close()
    expect(await keys()).toEqual(['a', 'b'])
    lifecycle = lifecycleOf(store)
    await lifecycle.look()
    expect(await keys()).toEqual([])
  })
})
