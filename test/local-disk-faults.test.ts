import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import type { ObjectStat } from '../src/core/store.js'
import { openRoot, type Root } from '../src/stores/local/root.js'
import { LocalStore } from '../src/stores/local/store.js'
import { ModelFiles, systemError } from './support/model-files.js'

let folder: string
let files: ModelFiles
let root: Root
let store: LocalStore

async function open(options: { folds?: boolean } = {}): Promise<void> {
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-faults-'))
  files = new ModelFiles(folder, options)
  for (const name of ['tmp', 'objects', 'displaced']) files.plant(`.holdfast/${name}`, 'folder')
  await reopen()
}

async function reopen(): Promise<void> {
  root = await openRoot({ path: folder, create: true, ballastBytes: 0, files })
  store = await LocalStore.open(root)
  await store.adopted
  await store.recovered
}

async function close(): Promise<void> {
  files.fault = undefined
  await store.close()
  await root.close()
}

async function put(key: string, content: string | Buffer): Promise<ObjectStat> {
  const attributes = { contentType: 'text/plain', metadata: {} }
  return store.put(parseKey(key), await openSource(Buffer.from(content)), { attributes })
}

async function text(key: string): Promise<string> {
  return (await (await store.get(parseKey(key))).body.bytes()).toString()
}

/** Names of files, but for folders and what the store keeps of itself. */
function objectFiles(): string[] {
  return Object.entries(files.dump())
    .filter(([, what]) => what !== 'folder')
    .map(([path]) => path)
}

afterEach(async () => {
  await close()
  await rm(folder, { recursive: true })
})

describe.each(['EIO', 'ENOSPC', 'EROFS', 'EACCES', 'EMFILE', 'EDQUOT'])('a disk that answers %s', code => {
  beforeEach(() => open())

  const meaning: Record<string, string> = {
    EIO: 'UNAVAILABLE',
    ENOSPC: 'NO_SPACE',
    EDQUOT: 'NO_SPACE',
    EROFS: 'PERMISSION_DENIED',
    EACCES: 'PERMISSION_DENIED',
    EMFILE: 'UNAVAILABLE',
  }

  it('once, at any call of a put, loses nothing: it is acknowledged and there, or refused and not', async () => {
    await put('dir/old', 'old')
    for (const size of [5, 100_000, 600_000]) {
      for (let at = 0; ; at++) {
        const content = Buffer.alloc(size, at % 256)
        const key = at % 2 === 0 ? 'dir/old' : `dir/new-${size}-${at}`
        const before = await text(key).catch(error => error.code)
        let calls = 0
        let failed: string | undefined
        files.fault = (call, path) => {
          if (calls++ !== at) return undefined
          failed = `${call} ${path ?? ''}`
          return systemError(code, failed)
        }
        const outcome = await put(key, content).then(
          () => undefined,
          error => error,
        )
        files.fault = undefined
        if (outcome === undefined) {
          expect(await text(key), failed).toBe(content.toString())
        } else {
          expect(outcome.code, failed).toBe(meaning[code])
          expect(await text(key).catch(error => error.code), failed).toBe(before)
        }
        if (failed === undefined) break
      }
    }
    await root.placer.flush()
    // A file that could not be moved or removed when its time had come is, when the folder is opened again.
    await close()
    await reopen()
    const { objects } = await store.list()
    for (const { key, size } of objects) expect((await text(key)).length).toBe(size)
    expect(objectFiles()).toHaveLength(objects.length)
    expect(await store.metrics()).toEqual({
      count: objects.length,
      bytes: objects.reduce((sum, { size }) => sum + size, 0),
    })
    if (code === 'EIO') await put('more', 'after all')
  })

  it('once, at any call of a removal, leaves an object or none', async () => {
    for (let at = 0; ; at++) {
      const key = `d/e/f-${at}`
      await put(key, 'content')
      let calls = 0
      let failed = false
      files.fault = () => {
        if (calls++ !== at) return undefined
        failed = true
        return systemError(code, '')
      }
      const outcome = await store.delete(parseKey(key)).catch(error => error)
      files.fault = undefined
      if (outcome === true) {
        await expect(text(key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      } else {
        expect(outcome.code).toBe(meaning[code])
        expect(await text(key)).toBe('content')
        await store.delete(parseKey(key))
      }
      if (!failed) break
    }
    await root.placer.flush()
    await close()
    await reopen()
    expect((await store.list()).objects).toEqual([])
    expect(objectFiles()).toEqual([])
    expect(await store.metrics()).toEqual({ count: 0, bytes: 0 })
  })

  it('to every read is not a missing object', async () => {
    const content = 'content'.repeat(20_000)
    await put('a', content)
    for (const call of ['openToRead', 'fstat', 'read', 'lstat']) {
      files.fault = name => (name === call ? systemError(code, '') : undefined)
      const reading = call === 'lstat' ? store.head(parseKey('a')) : text('a')
      await expect(reading, call).rejects.toMatchObject({ code: meaning[code] })
    }
    files.fault = undefined
    expect(await text('a')).toBe(content)
  })
})

describe('a failed sync', () => {
  /** Too large for the ledger: its file is synced before it is acknowledged. */
  const LARGE = Buffer.alloc(100_000, 1)

  beforeEach(() => open())

  it.each(['fsync', 'fsyncFolder'])(
    '(%s) is never tried again, and fails all who waited for it',
    async call => {
      let syncs = 0
      files.fault = name => {
        if (name !== call) return undefined
        syncs++
        return systemError('EIO', '')
      }
      const puts = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => put(`k${i}`, LARGE)))
      expect(puts.every(({ status }) => status === 'rejected')).toBe(true)
      expect(syncs).toBeLessThanOrEqual(8)
      files.fault = undefined
      expect((await store.list()).objects).toEqual([])
      expect(objectFiles()).toEqual([])
      expect(root.health).toBe('red')
      expect(root.problems.map(({ code }) => code)).toContain('DISK_ERROR')
      await put('later', 'x')
      expect(await text('later')).toBe('x')
    },
  )
})

describe('a failed sync after the acknowledgement', () => {
  beforeEach(() => open())

  it('of a small object costs its file, which is made anew from the ledger', async () => {
    await put('a', 'one')
    await put('b', 'two')
    let syncs = 0
    files.fault = name => (name === 'fsync' && syncs++ === 0 ? systemError('EIO', '') : undefined)
    await root.placer.flush()
    files.fault = undefined
    expect(root.health).toBe('red')
    expect(root.ledger.pendingKeys()).toHaveLength(1)
    for (const [key, content] of [
      ['a', 'one'],
      ['b', 'two'],
    ] as const) {
      expect(await text(key)).toBe(content)
    }
    await close()
    await reopen()
    expect(root.ledger.pendingKeys()).toEqual([])
    expect(await text('a')).toBe('one')
    expect(await text('b')).toBe('two')
    expect(objectFiles().sort()).toEqual(['a', 'b'])
  })
})

describe('a filesystem that folds names', () => {
  beforeEach(() => open({ folds: true }))

  it('is noticed, and holds every key: twins never meet', async () => {
    expect(root.foldsNames).toBe(true)
    const twins = [
      'photo.jpg',
      'Photo.jpg',
      'PHOTO.JPG',
      'caf\u00e9',
      'cafe\u0301',
      'CAF\u00c9',
      'dir/a',
      'Dir/a',
      'DIR/A',
    ]
    for (const key of twins) await put(key, `bytes of ${key}`)
    for (const key of twins) expect(await text(key)).toBe(`bytes of ${key}`)
    await root.placer.flush()
    for (const key of twins) expect(await text(key)).toBe(`bytes of ${key}`)
    expect((await store.head(parseKey('photo.jpg'))).path).toBe(join(folder, 'photo.jpg'))
    expect((await store.head(parseKey('Photo.jpg'))).path).toContain('.holdfast/objects')
    expect(root.problems.filter(({ code }) => code === 'DISPLACED')).toEqual([])
    for (const key of twins.slice(0, 5)) await store.delete(parseKey(key))
    for (const key of twins.slice(5)) expect(await text(key)).toBe(`bytes of ${key}`)
  })
})
