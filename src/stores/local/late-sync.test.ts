import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseKey } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import { diskFiles, type Files } from './files.js'
import { openRoot, type Root } from './root.js'
import { LocalStore } from './store.js'

let outer: string
let root: Root
let store: LocalStore
/** Descriptors that files were written through, and are open still. */
let written: Set<number>
/** Syncs through such a descriptor, and through others. */
let synced: { own: number; others: number }

const files: Files = {
  ...diskFiles,
  async create(path) {
    const fd = await diskFiles.create(path)
    written.add(fd)
    return fd
  },
  fsync(fd) {
    if (written.has(fd)) synced.own++
    else synced.others++
    return diskFiles.fsync(fd)
  },
  close(fd) {
    written.delete(fd)
    return diskFiles.close(fd)
  },
}

beforeEach(async () => {
  written = new Set()
  synced = { own: 0, others: 0 }
  outer = await mkdtemp(join(tmpdir(), 'holdfast-late-sync-'))
  root = await openRoot({ path: outer, create: true, ballastBytes: 0, files })
  store = await LocalStore.open(root)
  await store.adopted
})
afterEach(async () => {
  await store.close()
  await root.close()
  expect(written.size).toBe(0)
  await rm(outer, { recursive: true })
})

async function put(key: string, expiresAt?: number): Promise<void> {
  const attributes = {
    contentType: 'text/plain',
    metadata: {},
    ...(expiresAt !== undefined && { expiresAt }),
  }
  await store.put(parseKey(key), await openSource(Buffer.from(key)), { attributes })
}

describe('a small file, which is synced after it was acknowledged', () => {
  it('is synced through the descriptor that it was written through', async () => {
    await put('a')
    await put('elsewhere than in the tree', Date.now() + 3_600_000)
    expect(written.size).toBe(2)
    await root.placer.flush()
    expect(synced).toEqual({ own: 2, others: 0 })
    expect(written.size).toBe(0)
  })

  it('is let go when it was replaced or deleted before', async () => {
    for (let i = 0; i < 5; i++) await put('a')
    await put('b')
    await store.delete(parseKey('b'))
    expect(written.size).toBe(1)
    await root.placer.flush()
    expect(written.size).toBe(0)
  })

  it('is let go when its condition does not hold', async () => {
    await put('a')
    const attributes = { contentType: 'text/plain', metadata: {} }
    const again = store.put(parseKey('a'), await openSource(Buffer.from('x')), {
      attributes,
      ifNoneMatch: '*',
    })
    await expect(again).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await root.placer.flush()
    expect(written.size).toBe(0)
  })

  it('is opened anew where very many wait', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(`many/${i}`)))
    expect(written.size).toBeLessThanOrEqual(256)
    await root.placer.flush()
    expect(synced.own).toBeLessThanOrEqual(256)
    expect(synced.own + synced.others).toBe(300)
    expect(written.size).toBe(0)
  })
})
