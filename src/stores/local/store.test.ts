import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isKey, parseKey } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import type { ObjectStat, PutOptions } from '../../core/store.js'
import { openRoot, type Root } from './root.js'
import { LocalStore } from './store.js'

let outer: string
let folder: string
let root: Root
let store: LocalStore

beforeEach(async () => {
  outer = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  folder = join(outer, 'root')
  await open()
})
afterEach(async () => {
  await close()
  await rm(outer, { recursive: true })
})

async function open(): Promise<void> {
  root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
  store = await LocalStore.open(root)
  await store.adopted
  await store.recovered
}

async function close(): Promise<void> {
  await store.close()
  await root.close()
}

async function put(
  key: string,
  content: string | Buffer,
  options: Partial<PutOptions> = {},
): Promise<ObjectStat> {
  const attributes = { contentType: 'text/plain', metadata: {} }
  return store.put(parseKey(key), await openSource(Buffer.from(content)), { attributes, ...options })
}

async function text(key: string): Promise<string> {
  return (await (await store.get(parseKey(key))).body.bytes()).toString()
}

async function keys(prefix = ''): Promise<string[]> {
  return (await store.list({ prefix })).objects.map(({ key }) => key)
}

/** Every file below a folder, as paths relative to it. */
async function filesIn(path: string): Promise<string[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  return found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()
}

/** Files of the folder's own that hold objects' bytes. */
async function ownFiles(): Promise<string[]> {
  const own = await filesIn(join(folder, '.holdfast'))
  return own.filter(path => /^(tmp|objects|displaced)\//.test(path))
}

/** Makes a file look as if nobody had touched it for a while. */
async function age(path: string, seconds = 60): Promise<void> {
  const then = Date.now() / 1000 - seconds
  await utimes(path, then, then)
}

describe('where bytes live', () => {
  it('is the key as a path, and put and head say so', async () => {
    const stat = await put('images/cats/one.png', 'bytes')
    expect(stat.path).toBe(join(folder, 'images/cats/one.png'))
    expect(await readFile(join(folder, 'images/cats/one.png'), 'utf8')).toBe('bytes')
    expect((await lstat(join(folder, 'images/cats/one.png'))).mode & 0o777).toBe(0o444)
    expect((await store.head(parseKey('images/cats/one.png'))).path).toBe(stat.path)
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
    expect((await store.head(parseKey('images/cats/one.png'))).path).toBe(stat.path)
  })

  it('is under the write id where the filesystem cannot hold the key', async () => {
    const long = 'x'.repeat(256)
    const reserved = ['.HOLDFAST', '.Holdfast/lease', '.holdfasT/ledger/data.mdb']
    for (const key of [`${long}/a`, `a/${long}`, ...reserved]) {
      const stat = await put(key, key)
      expect(stat.path).toBe(join(folder, '.holdfast/objects', stat.etag.slice(0, 2), stat.etag))
      expect(await text(key)).toBe(key)
    }
    await root.placer.flush()
    expect((await put('y'.repeat(255), 'fits')).path).toBe(join(folder, 'y'.repeat(255)))
    expect(await filesIn(join(folder, '.holdfast/objects'))).toHaveLength(5)
    for (const key of await keys()) await store.delete(parseKey(key))
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
  })

  it('is decided between a key and those below it by who came first', async () => {
    await put('a/b', 'below')
    expect((await put('a', 'above')).path).toContain('.holdfast/objects')
    await put('c', 'above')
    expect((await put('c/d/e', 'below')).path).toContain('.holdfast/objects')
    for (const key of ['a', 'a/b', 'c', 'c/d/e'])
      expect(await text(key)).toBe(key.includes('/') ? 'below' : 'above')
    await store.delete(parseKey('a/b'))
    await store.delete(parseKey('c'))
    expect(await text('a')).toBe('above')
    expect(await text('c/d/e')).toBe('below')
    // What was in the way is gone: the next version takes its place.
    expect((await put('a', 'again')).path).toBe(join(folder, 'a'))
    expect((await put('c/d/e', 'again')).path).toBe(join(folder, 'c/d/e'))
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
  })

  it('leaves no empty folders behind, and none that is needed', async () => {
    await put('a/b/c/one', '1')
    await put('a/two', '2')
    await store.delete(parseKey('a/b/c/one'))
    expect(await readdir(join(folder, 'a'))).toEqual(['two'])
    await store.delete(parseKey('a/two'))
    expect(existsSync(join(folder, 'a'))).toBe(false)
  })

  it('never makes a put fail that needs a folder which a removal is taking away', async () => {
    for (let i = 0; i < 40; i++) {
      await put('d/e/f/one', '1')
      const [, stat] = await Promise.all([store.delete(parseKey('d/e/f/one')), put('d/e/f/two', '2')])
      expect(stat.path).toBe(join(folder, 'd/e/f/two'))
      expect(await text('d/e/f/two')).toBe('2')
      await store.delete(parseKey('d/e/f/two'))
    }
    expect(existsSync(join(folder, 'd'))).toBe(false)
  })

  it('changes with each version, whose file is its own', async () => {
    const first = await put('a', 'first')
    const opened = await store.get(parseKey('a'))
    await put('a', 'second, and longer')
    expect((await opened.body.bytes()).toString()).toBe('first')
    expect(opened.stat.etag).toBe(first.etag)
    expect(await text('a')).toBe('second, and longer')
    const before = await store.get(parseKey('a'))
    await store.delete(parseKey('a'))
    expect((await before.body.bytes()).toString()).toBe('second, and longer')
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
  })

  it('is displaced, not overwritten, where a stranger is in the way', async () => {
    await writeFile(join(folder, 'a'), "a stranger's")
    await put('a', 'ours')
    expect(await text('a')).toBe('ours')
    const [displaced] = await readdir(join(folder, '.holdfast/displaced'))
    expect(await readFile(join(folder, '.holdfast/displaced', displaced ?? ''), 'utf8')).toBe("a stranger's")
    expect(root.problems).toEqual([{ code: 'DISPLACED', message: expect.stringContaining('object a ') }])
  })

  it('round-trips every valid key', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'a',
        'A',
        'CON',
        'nul.txt',
        'a.',
        ' a',
        'a ',
        '...',
        '.hidden',
        '%2e%2e',
        '__proto__',
        '~',
        '-rf',
        '*',
      ),
      fc.constantFrom(
        'e\u0301',
        '\u00e9',
        '\u202egpj',
        '\u200b',
        '\ufeff',
        '\u{1f600}',
        '\ufffd',
        ':',
        '"',
        "'",
        '?',
        '|',
      ),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('x'.repeat(255), 'x'.repeat(256), '\u{1f600}'.repeat(64)),
    )
    const key = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('/'))
      .filter(isKey)
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 12 }), async all => {
        await Promise.all(all.map(name => put(name, `bytes of ${name}`)))
        for (const name of all) {
          expect(await text(name)).toBe(`bytes of ${name}`)
          const { path = '' } = await store.head(parseKey(name))
          expect(await readFile(path, 'utf8')).toBe(`bytes of ${name}`)
        }
        expect(new Set(await keys())).toEqual(new Set(all))
        const report = await store.deleteMany(all.map(name => parseKey(name)))
        expect(report).toEqual({ deleted: all.length, failed: [] })
        expect(await keys()).toEqual([])
        await root.placer.flush()
        expect((await filesIn(folder)).filter(path => !path.startsWith('.holdfast/'))).toEqual([])
        expect(await ownFiles()).toEqual([])
      }),
      { numRuns: 25 },
    )
  })
})

describe('symbolic links', () => {
  it('are followed at no level, by reads, writes and removals alike', async () => {
    const outside = join(outer, 'root-sibling')
    await mkdir(join(outside, 'deep'), { recursive: true })
    await writeFile(join(outside, 'secret'), 'secret')
    await writeFile(join(outside, 'deep', 'secret'), 'secret')
    await symlink(outside, join(folder, 'one'))
    await mkdir(join(folder, 'two'))
    await symlink(join(outside, 'deep'), join(folder, 'two', 'link'))
    await symlink(join(outside, 'secret'), join(folder, 'file'))
    await symlink('../root-sibling/nothing', join(folder, 'dangling'))
    for (const key of ['one/secret', 'one/deep/secret', 'two/link/secret', 'file', 'dangling', 'one/new']) {
      await expect(store.get(parseKey(key))).rejects.toMatchObject({ code: 'NOT_FOUND' })
      expect(await store.delete(parseKey(key))).toBe(false)
      await put(key, 'ours')
      expect(await text(key)).toBe('ours')
      expect(await store.delete(parseKey(key))).toBe(true)
    }
    expect(await filesIn(outside)).toEqual(['deep/secret', 'secret'])
    for (const name of ['deep/secret', 'secret'])
      expect(await readFile(join(outside, name), 'utf8')).toBe('secret')
    expect(root.problems.map(({ code }) => code)).toContain('SYMLINK_REFUSED')
  })

  it("are no way to another place's bytes once an object is placed", async () => {
    const outside = join(outer, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'file'), 'secret')
    await put('dir/file', 'ours!!')
    await root.placer.flush()
    await rename(join(folder, 'dir'), join(folder, 'moved'))
    await symlink(outside, join(folder, 'dir'))
    await age(join(outside, 'file'))
    await expect(store.get(parseKey('dir/file'))).rejects.toMatchObject({ code: 'INTEGRITY' })
    await put('dir/file', 'new')
    expect(await text('dir/file')).toBe('new')
    await store.delete(parseKey('dir/file'))
    expect(await readFile(join(outside, 'file'), 'utf8')).toBe('secret')
  })

  it('are not adopted or imported', async () => {
    await writeFile(join(outer, 'secret'), 'secret')
    await symlink(join(outer, 'secret'), join(folder, 'file'))
    await symlink(outer, join(folder, 'dir'))
    const report = await store.importFiles()
    expect(report.imported).toBe(0)
    expect(report.skipped.map(({ path }) => path).sort()).toEqual(['dir', 'file'])
    await expect(store.importFiles('dir/secret')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(store.importFiles('../secret')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(store.importFiles(join(outer, 'secret'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('files that somebody changed', () => {
  it('become a new version once they have stood still', async () => {
    const first = await put('doc.txt', 'first', {
      attributes: { contentType: 'text/x', metadata: { a: '1' } },
    })
    await root.placer.flush()
    const path = first.path ?? ''
    await unlink(path)
    await writeFile(path, 'edited by hand')
    const early = await store.get(parseKey('doc.txt')).catch(error => error)
    expect(early).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(early.retryAfterMs).toBeGreaterThan(0)
    await age(path)
    const stat = await store.head(parseKey('doc.txt'))
    expect(stat).toMatchObject({ size: 14, contentType: 'text/x', metadata: { a: '1' }, path })
    expect(stat.etag).not.toBe(first.etag)
    expect(stat.sha256).toBeUndefined()
    expect(await text('doc.txt')).toBe('edited by hand')
    expect((await store.head(parseKey('doc.txt'))).etag).toBe(stat.etag)
    expect(await store.metrics()).toEqual({ count: 1, bytes: 14 })
    await expect(put('doc.txt', 'x', { ifMatch: first.etag })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await put('doc.txt', 'third', { ifMatch: stat.etag })
    expect(await text('doc.txt')).toBe('third')
    expect(await readdir(join(folder, '.holdfast/displaced'))).toEqual([])
  })

  it('keep their version where only their inode is another: a restored backup', async () => {
    const first = await put('a', 'the same bytes')
    await root.placer.flush()
    const path = first.path ?? ''
    await rename(path, `${path}.old`)
    await writeFile(path, 'the same bytes')
    await unlink(`${path}.old`)
    expect(await text('a')).toBe('the same bytes')
    expect((await store.head(parseKey('a'))).etag).toBe(first.etag)
  })

  it('are displaced when a newer version is written, or the object removed', async () => {
    for (const act of [() => put('a', 'newer'), () => store.delete(parseKey('a'))]) {
      const { path = '' } = await put('a', 'ours')
      await root.placer.flush()
      await unlink(path)
      await writeFile(path, 'edited')
      await act()
      const displaced = join(folder, '.holdfast/displaced')
      const [name = ''] = await readdir(displaced)
      expect(await readFile(join(displaced, name), 'utf8')).toBe('edited')
      await unlink(join(displaced, name))
    }
    expect(await keys()).toEqual([])
  })

  it('are damage where nobody could have meant it', async () => {
    const long = 'x'.repeat(256)
    const { path = '' } = await put(long, 'bytes')
    await root.placer.flush()
    await rename(path, `${path}.old`)
    await writeFile(path, 'other')
    await age(path)
    await expect(text(long)).rejects.toMatchObject({ code: 'INTEGRITY' })
    const placed = await put('gone', 'bytes')
    await root.placer.flush()
    await unlink(placed.path ?? '')
    for (const read of [() => store.get(parseKey('gone')), () => store.head(parseKey('gone'))]) {
      await expect(read()).rejects.toMatchObject({ code: 'INTEGRITY' })
    }
    expect(await store.delete(parseKey('gone'))).toBe(true)
    await expect(text('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('are never read as the old bytes, nor cut short, while they are read', async () => {
    const { path = '' } = await put('big', Buffer.alloc(3_000_000, 'a'))
    const shorter = await store.get(parseKey('big'))
    const changed = await store.get(parseKey('big'))
    const iterator = changed.body[Symbol.asyncIterator]()
    await iterator.next()
    await truncate(path, 2_000_000)
    await expect(shorter.body.bytes()).rejects.toMatchObject({ code: 'INTEGRITY' })
    await expect(
      (async () => {
        while (!(await iterator.next()).done);
      })(),
    ).rejects.toMatchObject({ code: 'INTEGRITY' })
  })

  it('and are a pipe or a folder now hold nobody up', async () => {
    for (const [key, replace] of [
      ['pipe', (path: string) => execFileSync('mkfifo', [path])],
      ['folder', (path: string) => mkdir(path)],
    ] as const) {
      const { path = '' } = await put(key, 'bytes')
      await root.placer.flush()
      await unlink(path)
      await replace(path)
      await expect(text(key)).rejects.toMatchObject({ code: 'INTEGRITY' })
      await put(key, 'again')
      expect(await text(key)).toBe('again')
    }
  })

  it('with another name of theirs are the same file', async () => {
    const { path = '' } = await put('a', 'bytes')
    await link(path, `${path}.other`)
    expect(await text('a')).toBe('bytes')
    await unlink(`${path}.other`)
  })
})

describe('files that were there before', () => {
  async function reopenOver(build: (at: string) => Promise<void>): Promise<void> {
    await close()
    await rm(folder, { recursive: true })
    await mkdir(folder)
    await build(folder)
    root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
    store = await LocalStore.open(root, { stillMs: 300 })
  }

  it('are objects at once, in place, and listed when the scan is done', async () => {
    await reopenOver(async at => {
      for (const name of ['a.png', 'sub/b.txt', 'sub/deep/c', 'empty.json']) {
        await mkdir(dirname(join(at, name)), { recursive: true })
        await writeFile(join(at, name), name === 'empty.json' ? '' : `bytes of ${name}`)
        await age(join(at, name))
      }
    })
    expect(await text('sub/b.txt')).toBe('bytes of sub/b.txt')
    const page = await store.list()
    expect(page.complete).toBe(true)
    expect(page.objects.map(({ key }) => key)).toEqual(['a.png', 'empty.json', 'sub/b.txt', 'sub/deep/c'])
    const stat = await store.head(parseKey('a.png'))
    expect(stat).toMatchObject({ contentType: 'image/png', path: join(folder, 'a.png'), size: 14 })
    expect(Date.now() - stat.lastModified.getTime()).toBeGreaterThan(50_000)
    expect((await store.head(parseKey('sub/deep/c'))).contentType).toBe('application/octet-stream')
    expect(await store.metrics()).toEqual({ count: 4, bytes: 51 })
  })

  it('are adopted only once they stand still', async () => {
    await reopenOver(async at => writeFile(join(at, 'growing'), 'one'))
    await expect(store.get(parseKey('growing'))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await writeFile(join(folder, 'growing'), 'one two')
    await store.adopted
    expect(await text('growing')).toBe('one two')
    expect((await store.list()).complete).toBe(true)
  })

  it('can be overwritten and removed before the scan has come to them', async () => {
    await reopenOver(async at => {
      for (const name of ['over', 'gone']) {
        await writeFile(join(at, name), 'old')
        await age(join(at, name))
      }
    })
    await put('over', 'new')
    expect(await store.delete(parseKey('gone'))).toBe(true)
    await store.adopted
    expect(await keys()).toEqual(['over'])
    expect(await text('over')).toBe('new')
    expect(existsSync(join(folder, 'gone'))).toBe(false)
    expect(await readdir(join(folder, '.holdfast/displaced'))).toEqual([])
    expect(await store.metrics()).toEqual({ count: 1, bytes: 3 })
  })

  it('with names that cannot be keys are left alone and told', async () => {
    await reopenOver(async at => {
      await writeFile(Buffer.from(`${at}/bad-\xff`, 'latin1'), 'x')
      await writeFile(join(at, 'back\\slash'), 'x')
      await writeFile(join(at, 'new\nline'), 'x')
      await writeFile(join(at, 'good'), 'x')
      await age(join(at, 'good'))
    })
    await store.adopted
    expect(await keys()).toEqual(['good'])
    expect(root.problems.map(({ code }) => code)).toEqual(['NOT_ADOPTED', 'NOT_ADOPTED', 'NOT_ADOPTED'])
    expect(await filesIn(folder)).toContain('back\\slash')
  })

  it('are taken up where a scan was left', async () => {
    const names = Array.from({ length: 700 }, (_, i) => `d${i % 7}/f${String(i).padStart(4, '0')}`)
    await reopenOver(async at => {
      for (let i = 0; i < 7; i++) await mkdir(join(at, `d${i}`))
      for (const name of names) {
        await writeFile(join(at, name), 'x')
        await age(join(at, name))
      }
    })
    await close()
    await open()
    expect(new Set(await keys())).toEqual(new Set(names))
    expect(await store.metrics()).toEqual({ count: 700, bytes: 700 })
  })

  it('that come later are not objects until they are imported', async () => {
    await mkdir(join(folder, 'in'))
    for (const name of ['in/a.txt', 'in/b.txt', 'c.txt']) {
      await writeFile(join(folder, name), name)
      await age(join(folder, name))
    }
    expect(await keys()).toEqual([])
    await expect(text('c.txt')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await store.importFiles('in')).toEqual({ imported: 2, skipped: [] })
    expect(await keys()).toEqual(['in/a.txt', 'in/b.txt'])
    expect(await store.importFiles(join(folder, 'c.txt'))).toEqual({ imported: 1, skipped: [] })
    expect(await store.importFiles()).toEqual({ imported: 0, skipped: [] })
    await writeFile(join(folder, 'fresh'), 'x')
    expect(await store.importFiles('fresh')).toEqual({
      imported: 0,
      skipped: [{ path: 'fresh', reason: 'it is still being written' }],
    })
    await rm(join(folder, 'fresh'))
  })

  it('that are objects which were just stored or overwritten are passed over without a word', async () => {
    const large = 'x'.repeat(200_000)
    for (const [name, content] of [
      ['small', 'new'],
      ['empty', ''],
      ['large', large],
    ] as const) {
      for (const text of [content, `${content}, again`, content]) {
        await put(name, text)
        expect(await store.importFiles()).toEqual({ imported: 0, skipped: [] })
      }
    }
    await store.delete(parseKey('small'))
    expect(await store.importFiles()).toEqual({ imported: 0, skipped: [] })
    expect(await text('large')).toBe(large)
  })
})

describe('writes', () => {
  it('that fail leave nothing: content that breaks off, is too short, too long, or another', async () => {
    await put('a', 'before')
    const failing = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 50; i++) yield Buffer.alloc(100_000)
      throw new Error('the client is gone')
    }
    const attributes = { contentType: 'text/plain', metadata: {} }
    const sources = [
      () => openSource(failing()),
      () => openSource(Readable.from([Buffer.alloc(10)]), { size: 11 }),
      () => openSource(Readable.from([Buffer.alloc(10)]), { size: 9 }),
      () => openSource(Readable.from([Buffer.alloc(700_000)]), { maxBytes: 600_000 }),
    ]
    for (const source of sources) {
      await expect(store.put(parseKey('a'), await source(), { attributes })).rejects.toThrow()
    }
    await expect(put('a', 'x', { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await expect(put('a', 'x', { writeId: '../../x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const controller = new AbortController()
    const stalled = openSource(
      Readable.from(
        (async function* () {
          yield Buffer.alloc(1000)
          controller.abort()
          await new Promise(() => {})
        })(),
      ),
    )
    await expect(
      store.put(parseKey('a'), await stalled, { attributes, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' })
    await root.placer.flush()
    expect(await text('a')).toBe('before')
    expect(await ownFiles()).toEqual([])
  })

  it('to one key by many come one after the other, and one creates it', async () => {
    const created = await Promise.allSettled(
      Array.from({ length: 64 }, (_, i) => put('one', String(i), { ifNoneMatch: '*' })),
    )
    const winners = created.filter(({ status }) => status === 'fulfilled')
    expect(winners).toHaveLength(1)
    const all = await Promise.all(Array.from({ length: 64 }, (_, i) => put('one', `again ${i}`)))
    const stat = await store.head(parseKey('one'))
    const winner = all.findIndex(({ etag }) => etag === stat.etag)
    expect(await text('one')).toBe(`again ${winner}`)
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
    expect(await filesIn(folder)).toContain('one')
    expect(root.problems).toEqual([])
    expect(await store.metrics()).toEqual({ count: 1, bytes: stat.size })
  })

  it('and removals at the same time leave the last of them, whole', async () => {
    const versions = new Map<string, string>()
    let done = false
    const reading = (async () => {
      while (!done) {
        try {
          const { stat, body } = await store.get(parseKey('busy'))
          const bytes = (await body.bytes()).toString()
          const expected = versions.get(stat.etag)
          if (expected !== undefined) expect(bytes).toBe(expected)
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_FOUND' })
        }
        await new Promise(resolve => setImmediate(resolve))
      }
    })()
    for (let i = 0; i < 60; i++) {
      const content = `version ${i} `.repeat(1 + (i % 7))
      const stat = await put('busy', content)
      versions.set(stat.etag, content)
      if (i % 3 === 0) await Promise.all([put('busy', `other ${i}`), store.delete(parseKey('busy'))])
    }
    await put('busy', 'last')
    done = true
    await reading
    expect(await text('busy')).toBe('last')
    await root.placer.flush()
    expect(await ownFiles()).toEqual([])
  })

  it('let readers who ask again and again wait for the write, and not hold it up', async () => {
    await put('small', 'x')
    let reads = 0
    const reading = (async () => {
      for (;;) {
        reads++
        await text('small')
        const found = await store.head(parseKey('awaited')).catch(() => undefined)
        if (found !== undefined) return
      }
    })()
    await put('awaited', 'y')
    await reading
    expect(reads).toBeGreaterThan(0)
  })

  it('repeated under their own id leave the object whole', async () => {
    const writeId = '00000000-0000-4000-8000-000000000001'
    for (const content of ['small', 'x'.repeat(100_000)]) {
      for (const key of ['in/the/tree', `${'long'.repeat(80)}`]) {
        await put(key, content, { writeId })
        await root.placer.flush()
        await put(key, content, { writeId })
        await root.placer.flush()
        expect(await text(key)).toBe(content)
        await store.delete(parseKey(key))
      }
    }
  })

  it('are refused when the store is closed', async () => {
    await store.close()
    await expect(put('a', 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    await expect(store.list()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('sums', () => {
  it('follow every write, also across reopening', async () => {
    for (let i = 0; i < 20; i++) await put(`k${i % 7}`, 'x'.repeat(i))
    await store.delete(parseKey('k0'))
    await store.copy(parseKey('k1'), parseKey('copy'))
    const listed = (await store.list()).objects
    const expected = { count: listed.length, bytes: listed.reduce((sum, { size }) => sum + size, 0) }
    expect(await store.metrics()).toEqual(expected)
    await close()
    await open()
    expect(await store.metrics()).toEqual(expected)
  })
})

describe('signed URLs', () => {
  it("are signed with the folder's key, or those that are given", async () => {
    const options = { method: 'GET', expiresInSeconds: 60 } as const
    const url = await store.presign(parseKey('a b'), options)
    expect(await store.verifySignedUrl('GET', url)).toMatchObject({ method: 'GET', key: 'a b' })
    expect(await store.verifySignedUrl('PUT', url)).toBeUndefined()
    const other = await LocalStore.open(root, { signingKeys: ['k'], publicUrl: 'https://example.org' })
    expect(await other.verifySignedUrl('GET', url)).toBeUndefined()
    const theirs = await other.presign(parseKey('a'), options)
    expect(theirs).toMatch(/^https:\/\/example\.org\/uploads\/a\?/)
    expect(await other.verifySignedUrl('GET', theirs.slice('https://example.org'.length))).toBeDefined()
    await other.close()
  })
})
