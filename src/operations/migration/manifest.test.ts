import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Key } from '../../core/key.js'
import type { ListedObject } from '../../core/store.js'
import { Manifest } from './manifest.js'

const object = (key: string, etag: string, size = 1): ListedObject => ({
  key: key as Key,
  size,
  etag,
  lastModified: new Date(0),
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-manifest-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

test('remembers what was done, however it was noted, and tells what is not so any more', async () => {
  const path = join(await folder(), 'one')
  const first = await Manifest.open(path, 'a', 'b')
  const name = (n: number): string => `key/${n}`
  // More than one commit takes, and without a pause: some come while others are committed.
  const noting = Array.from({ length: 3000 }, (_, n) =>
    first.note(name(n), { sourceEtag: `s${n}`, targetEtag: `t${n}`, size: 1 }),
  )
  await Promise.all(noting)
  await first.close()
  const second = await Manifest.open(path, 'a', 'b')
  for (let n = 0; n < 3000; n++) {
    expect(second.compare(object(name(n), `s${n}`), object(name(n), `t${n}`))).toBe('done')
  }
  expect(second.compare(object('key/1', 'other'), object('key/1', 't1'))).toBe('outdated')
  expect(second.compare(object('key/1', 's1', 2), object('key/1', 't1'))).toBe('outdated')
  expect(second.compare(object('key/1', 's1'), object('key/1', 'other'))).toBe('unknown')
  expect(second.compare(object('absent', 's1'), object('absent', 't1'))).toBe('unknown')
  await second.close()
})

test('is of one process at a time, and of the next when that has ended', async () => {
  const path = join(await folder(), 'one')
  const first = await Manifest.open(path, 'a', 'b')
  await expect(Manifest.open(path, 'a', 'b')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false })
  await first.close()
  await (await Manifest.open(path, 'a', 'b')).close()
  expect(await Manifest.openIfThere(join(path, 'none'), 'a', 'b')).toBeUndefined()
})

test('uploads in parts that were cut off are told of, and those under way are not', async () => {
  const path = join(await folder(), 'one')
  const upload = { uploadId: 'u', key: 'k', bucket: 'b', endpoint: 'http://s3' }
  const first = await Manifest.open(path, 'a', 'b')
  await first.uploads.begin(upload)
  await first.uploads.begin({ ...upload, uploadId: 'done' })
  await first.uploads.end('done')
  expect(await first.uploads.orphans()).toEqual([])
  await first.close()
  const second = await Manifest.open(path, 'a', 'b')
  expect(await second.uploads.orphans()).toEqual([upload])
  await second.close()
})

test('a folder that cannot be written is told of, with what to do', async () => {
  const path = join(await folder(), 'file')
  await writeFile(path, 'not a folder')
  await expect(Manifest.open(join(path, 'one'), 'a', 'b')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('--state'),
  })
})
