import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'

const cli = useCli()
let stub: S3Stub

beforeEach(async () => {
  stub = await startS3Stub({ buckets: ['old', 'new'] })
  onTestFinished(() => stub.close())
})

function write(name: string, text = name): void {
  const path = join(cli.folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Runs a command on the settings of a bucket of the stub. */
const run = (...args: string[]): Promise<Outcome> =>
  cli([...args, '--state', 'state'], { env: environmentOf(accessOf(stub, { bucket: 'old' })) })

test('copies, tells what it did, and does nothing again', async () => {
  write('from/a/1.txt')
  write('from/a/2.tmp')
  write('from/b/3.txt')
  symlinkSync('/etc', join(cli.folder, 'from', 'link'))
  const plan = await run('migrate', '--from', 'from', '--exclude', '*.tmp', '--dry-run')
  expect(plan).toMatchObject({ code: 0, stdout: 'copy     a/1.txt\ncopy     b/3.txt\n' })
  expect(plan.stderr).toContain('Would copy 2 files, 24 B.')
  expect(stub.buckets.get('old')?.objects.size).toBe(0)
  expect(readdirSync(cli.folder)).toEqual(['from'])

  const done = await run('migrate', '--from', 'from', '--exclude', '*.tmp')
  expect(done).toMatchObject({ code: 0, stdout: '' })
  expect(done.stderr).toMatch(
    /^Copied 2 files, 24 B in .*\.\nSymbolic links are not followed: 1 passed over\.\nBoth sides hold the same of 2 files, 24 B\.\n$/,
  )
  const again = await run('migrate', '--from', 'from')
  expect(again.stderr).toMatch(/^Copied 1 file, 12 B in .*; 2 already there\.\n/)
  const report = await run('migrate', '--from', 'from', '--json')
  expect(JSON.parse(report.stdout)).toMatchObject({
    copied: 0,
    unchanged: 3,
    verified: 3,
    links: 1,
    failed: 0,
  })
  expect(report).toMatchObject({ code: 0, stderr: '' })
})

test('between two endpoints with keys of their own', async () => {
  const other = await startS3Stub({
    buckets: ['new'],
    credentials: { accessKeyId: 'other-key', secretAccessKey: 'other-secret' },
  })
  onTestFinished(() => other.close())
  const lines = Object.entries(environmentOf(accessOf(other, { bucket: 'new' }))).map(pair => pair.join('='))
  write('new.env', lines.join('\n'))
  write('from/a')
  expect(await run('migrate', '--from', 'from')).toMatchObject({ code: 0 })
  const moved = await run('migrate', '--from', 'env:', '--to', 'env:new.env', '--json')
  expect(JSON.parse(moved.stdout)).toMatchObject({
    from: `s3://old/?endpoint=${stub.endpoint}`,
    to: `s3://new/?endpoint=${other.endpoint}`,
    copied: 1,
  })
  expect(other.buckets.get('new')?.objects.get('a')?.bytes.toString()).toBe('from/a')
  // Names alone do not tell: the second is the first by another.
  write(
    'twin.env',
    Object.entries(
      environmentOf(accessOf(stub, { bucket: 'old', endpoint: `http://localhost:${stub.port}` })),
    )
      .map(pair => pair.join('='))
      .join('\n'),
  )
  const refused = await run('migrate', '--from', 'env:', '--to', 'env:twin.env')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('both where objects come from') })
})

test('one file that fails makes it partly done, and a store that is away is given up', async () => {
  write('from/a')
  write('from/b')
  stub.fault = ({ method, key }) =>
    method === 'PUT' && key === 'a'
      ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
      : undefined
  const partly = await run('migrate', '--from', 'from')
  expect(partly).toMatchObject({ code: 5 })
  expect(partly.stderr).toMatch(
    /1 failed:\n {2}a: .*\(PERMISSION_DENIED\)\n[\s\S]*The same command goes on with what is left\.\n$/,
  )
  await stub.goDown()
  const away = await run('migrate', '--from', 'from', '--patience', '1s')
  expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining('UNAVAILABLE') })
  expect(away.stderr).toContain('the same command goes on with what is left')
})

test('removes the source only when it is told, and only after a question', async () => {
  write('from/a')
  write('from/b')
  await run('migrate', '--from', 'from')
  write('from/b', 'changed since')
  expect(await run('migrate', '--from', 'from', '--delete-source')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Remove 1 file, 6 B, from'),
  })
  const plan = await run('migrate', '--from', 'from', '--delete-source', '--dry-run')
  expect(plan).toMatchObject({ code: 5, stdout: 'remove   a\n' })
  const done = await run('migrate', '--from', 'from', '--delete-source', '--yes')
  expect(done).toMatchObject({ code: 5, stderr: expect.stringContaining('1 stay') })
  expect(readdirSync(join(cli.folder, 'from'))).toEqual(['b'])
})

test('compares two sides, and tells what differs', async () => {
  write('from/a')
  write('from/b')
  await run('migrate', '--from', 'from')
  const verify = (...args: string[]): Promise<Outcome> =>
    cli(['verify', ...args], { env: environmentOf(accessOf(stub, { bucket: 'old' })) })
  expect(await verify('--from', 'from')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('The same: 2 files, 12 B'),
  })
  write('from/b', 'FROM/b')
  write('from/c')
  const found = await verify('--from', 'from', '--json')
  expect(found.code).toBe(6)
  expect(
    ndjson(found.stdout).sort((one, other) => String(one['key']).localeCompare(String(other['key']))),
  ).toEqual([
    { key: 'b', kind: 'different', size: 6 },
    { key: 'c', kind: 'missing', size: 6 },
    expect.objectContaining({ same: 1, missing: 1, different: 1, extra: 0 }),
  ])
  expect(await verify('--from', 'from', '--quick', '--read')).toMatchObject({ code: 2 })
})

test('makes a backup, of which nothing is removed without --delete', async () => {
  write('from/a')
  write('from/b')
  expect(await run('sync', '--from', 'from', '--to', 'dir:backup')).toMatchObject({ code: 0 })
  write('backup/extra')
  expect(await run('sync', '--from', 'from', '--to', 'dir:backup')).toMatchObject({ code: 0 })
  expect(readdirSync(join(cli.folder, 'backup'))).toEqual(['a', 'b', 'extra'])
  expect(await run('sync', '--from', 'from', '--to', 'dir:backup', '--delete')).toMatchObject({ code: 2 })
  const done = await run('sync', '--from', 'from', '--to', 'dir:backup', '--delete', '--yes')
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('1 removed at the target') })
  expect(readdirSync(join(cli.folder, 'backup'))).toEqual(['a', 'b'])
  expect(readFileSync(join(cli.folder, 'backup', 'a'), 'utf8')).toBe('from/a')
})

test('brings the files of the folder to its bucket, cuts over, and goes back', async () => {
  for (const key of ['a', 'b/c']) await cli(['put', '-', key], { input: key })
  expect(readdirSync(join(cli.folder, 'uploads'))).toEqual(expect.arrayContaining(['a', 'b']))
  const bucket = stub.buckets.get('old')
  expect(await run('migrate', '--dry-run')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('copy     b/c'),
  })
  expect(bucket?.objects.size).toBe(0)
  expect(await run('migrate', 'cutover', '--yes')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('2 stay'),
  })
  const done = await run('migrate')
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('Copied 2 files, 4 B') })
  expect([...(bucket?.objects.keys() ?? [])].filter(key => !key.startsWith('.')).sort()).toEqual(['a', 'b/c'])
  expect(await run('migrate', 'cutover')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Remove the copies of 2 files'),
  })
  expect(await run('migrate', 'cutover', '--yes')).toMatchObject({ code: 0 })
  expect(readdirSync(join(cli.folder, 'uploads')).filter(name => name !== '.holdfast')).toEqual([])
  expect(await run('migrate', 'rollback', '--to', 'x')).toMatchObject({ code: 2 })
  const back = await run('migrate', 'rollback')
  expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining('OBJECT_STORAGE_ENABLED=false') })
  expect(await cli(['get', 'b/c', '-'])).toMatchObject({ code: 0, stdout: 'b/c' })
  expect(await run('migrate', '--verify')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no verify'),
  })
})

test('says what is wrong with the name of a store, and no secret', async () => {
  const refused = await run('migrate', '--from', 's3://key:hush@old', '--to', 'dir:x')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('A bucket is named') })
  expect(refused.stderr).not.toContain('hush')
  expect(await run('migrate', '--from', 'absent')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is not there'),
  })
})
