import { execFileSync } from 'node:child_process'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { compareUtf8, type Key } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import { PlainFiles } from './plain-files.js'
import type { SideRange, Unlistable } from './side.js'

let root = ''
let files: PlainFiles

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'holdfast-plain-')))
  files = new PlainFiles(root)
  onTestFinished(() => rm(root, { recursive: true, force: true }))
})

async function write(name: string, text = name): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), text)
}

async function names(range: SideRange = { prefix: '' }, found?: Unlistable[]): Promise<string[]> {
  const listed: string[] = []
  for await (const { key } of files.objects(range, one => found?.push(one))) listed.push(key)
  return listed
}

const put = async (name: string, text: string, condition: object = {}): Promise<string> => {
  const options = { attributes: { contentType: 'text/plain', metadata: {} }, ...condition }
  return (await files.put(name as Key, await openSource(Buffer.from(text)), options)).etag
}

test('lists in the order of keys, which is not that of folders', async () => {
  const all = ['a', 'a.txt', 'b/1', 'b-1', 'b/2/x', 'b.d/3', 'ü', '\uffee', '😀', '.hidden', 'c/.d/e']
  for (const name of all) await write(name)
  expect(await names()).toEqual([...all].sort(compareUtf8))
})

test('a prefix is the start of a name, in whatever folder it ends', async () => {
  const all = ['room/1/a', 'room/1/b', 'room/11/c', 'room1', 'rooms/d', 'other']
  for (const name of all) await write(name)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...all), fc.nat(8), async (name, length) => {
      const prefix = name.slice(0, length)
      if (prefix.endsWith('/..')) return
      expect(await names({ prefix })).toEqual(all.filter(one => one.startsWith(prefix)).sort(compareUtf8))
    }),
  )
  expect(await names({ prefix: 'absent/x' })).toEqual([])
})

test('links are passed over, and what cannot be a key is told', async () => {
  await write('kept')
  await write('back\\slash')
  await symlink('/etc/passwd', join(root, 'link'))
  await symlink('/etc', join(root, 'folder-link'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  await writeFile(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff])]), 'x')
  const found: Unlistable[] = []
  expect(await names({ prefix: '' }, found)).toEqual(['kept'])
  expect(
    found
      .filter(({ error }) => error === undefined)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['folder-link', 'link'])
  expect(found.filter(({ error }) => error !== undefined)).toHaveLength(3)
  // Nor is anything read or written through a link.
  await expect(files.get('folder-link/passwd' as Key)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(put('folder-link/x', 'x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(files.get('link' as Key)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})

test('a file is read whole or not at all', async () => {
  await write('big', 'x'.repeat(3_000_000))
  const opened = await files.get('big' as Key)
  expect(opened.stat).toMatchObject({ size: 3_000_000 })
  expect((await opened.body.bytes()).length).toBe(3_000_000)
  for (const change of [
    () => appendFile(join(root, 'big'), 'more'),
    () => writeFile(join(root, 'big'), 'less'),
    () => utimes(join(root, 'big'), 1, 1),
  ]) {
    const { body } = await files.get('big' as Key)
    let first = true
    const reading = async (): Promise<void> => {
      for await (const _ of body) {
        if (first) await change()
        first = false
      }
    }
    const size = (await stat(join(root, 'big'))).size
    if (size > 1_000_000) await expect(reading()).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    else await body.close()
  }
})

test('a put is whole, has the time of its object, and keeps conditions', async () => {
  const etag = await put('a/b', 'one', {
    ifNoneMatch: '*',
    stamp: { time: 1_600_000_000_000, sequence: 1, host: 'h' },
  })
  expect((await stat(join(root, 'a/b'))).mtimeMs).toBe(1_600_000_000_000)
  await expect(put('a/b', 'two', { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  await expect(put('a/b', 'two', { ifMatch: 'other' })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  await expect(put('a/b', 'two', { sha256: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  expect(await readFile(join(root, 'a/b'), 'utf8')).toBe('one')
  await put('a/b', 'two', { ifMatch: etag })
  expect(await readFile(join(root, 'a/b'), 'utf8')).toBe('two')
  await expect(put('a', 'x', { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(put('a', 'x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(put('a/b/c', 'x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(put(`${'n'.repeat(300)}`, 'x')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await files.close()
  expect(await readdir(root)).toEqual(['a'])
})

test('a delete is conditional too, and one of nothing is none', async () => {
  const etag = await put('a', 'one')
  await expect(files.delete('a' as Key, { ifMatch: 'other' })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
  })
  expect(await files.delete('a' as Key, { ifMatch: etag })).toBe(true)
  expect(await files.delete('a' as Key)).toBe(false)
  await expect(files.head('a' as Key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('what a run that was killed has left is neither listed nor kept', async () => {
  await write('.holdfast-incoming/half', 'ha')
  await write('whole')
  expect(await names()).toEqual(['whole'])
  await files.prepare()
  expect(await readdir(root)).toEqual(['whole'])
})
