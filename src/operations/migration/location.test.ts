import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../config.js'
import { MemoryStore } from '../../stores/memory.js'
import { parseLocation } from './location.js'
import { nameOf } from './open-side.js'

const base = loadConfig({
  OBJECT_STORAGE_ACCESS_KEY: 'known',
  OBJECT_STORAGE_SECRET_KEY: 'hush',
  OBJECT_STORAGE_REGION: 'eu-central-1',
})

test.each([
  ['./uploads', resolve('uploads'), false],
  ['uploads', resolve('uploads'), false],
  ['file:uploads', resolve('uploads'), false],
  ['file:///srv/my%20files', '/srv/my files', false],
  ['dir:/srv/files', '/srv/files', true],
  ['C:\\files', resolve('C:\\files'), false],
])('%s is a folder', (text, path, plain) => {
  expect(parseLocation(text, base)).toEqual({ kind: 'folder', path, plain })
})

test.each([
  ['s3://chat', '', 's3://chat/?region=eu-central-1'],
  ['s3://chat/', '', 's3://chat/?region=eu-central-1'],
  ['s3://chat/old/rooms', 'old/rooms/', 's3://chat/old/rooms/?region=eu-central-1'],
  ['s3://chat/a%20b/?region=us-west-2', 'a b/', 's3://chat/a b/?region=us-west-2'],
  [
    's3://chat?endpoint=http://127.0.0.1:9000&path-style=true',
    '',
    's3://chat/?endpoint=http://127.0.0.1:9000',
  ],
])('%s is a bucket', async (text, prefix, name) => {
  const location = parseLocation(text, base)
  expect(location).toMatchObject({
    kind: 'bucket',
    prefix,
    config: { objectStorageBucket: 'chat', objectStorageAccessKey: 'known' },
  })
  expect(await nameOf(location)).toBe(name)
})

test.each([
  ['', 'is empty'],
  ['dir:', 'is empty'],
  ['ftp://host/files', 'cannot begin with "ftp:"'],
  ['s3://', 'name'],
  ['s3://No_Bucket', 'name'],
  ['s3://key:secret@chat', 'without keys'],
  ['s3://chat?secret=hush', 'no setting "secret"'],
  ['s3://chat?endpoint=nowhere', 'endpoint'],
  ['s3://chat//x', 'prefix'],
])('%s is refused', (text, why) => {
  expect(() => parseLocation(text, base)).toThrow(why)
  try {
    parseLocation(text, base)
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(String(error)).not.toMatch(/key:secret|hush/)
  }
})

test('a file of variables names the store that it configures', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'old.env')
  await writeFile(
    file,
    'OBJECT_STORAGE_ENABLED=true\nOBJECT_STORAGE_BUCKET=old\nOBJECT_STORAGE_ACCESS_KEY=k\nOBJECT_STORAGE_SECRET_KEY=hush',
  )
  expect(parseLocation(`env:${file}`, base)).toMatchObject({
    kind: 'bucket',
    config: { objectStorageBucket: 'old', objectStorageAccessKey: 'k', objectStorageRegion: 'us-east-1' },
  })
  expect(() => parseLocation(`env:${file}.not`, base)).toThrow('cannot be read: ENOENT')
  expect(parseLocation('env:', base)).toMatchObject({ kind: 'folder' })
})

test('a configuration and a store are places too', () => {
  expect(parseLocation({ localStoragePath: '/srv/uploads' }, base)).toMatchObject({ path: '/srv/uploads' })
  const store = new MemoryStore()
  expect(parseLocation(store, base)).toEqual({ kind: 'store', store })
})
