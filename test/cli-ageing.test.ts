import { hash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'

const cli = useCli()

interface Opened {
  readonly stub: S3Stub
  /** The storage class that the bucket has of a key. */
  readonly classOf: (key: string) => string
  run(...args: string[]): Promise<Outcome>
}

async function open(): Promise<Opened> {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  const env = environmentOf(accessOf(stub))
  const run = (...args: string[]): Promise<Outcome> => cli(args, { env, input: 'content' })
  for (const key of ['a/1', 'a/2', 'a/3', 'b']) {
    const headers = { 'content-type': 'a/b', ...(key === 'a/3' && { 'x-amz-storage-class': 'STANDARD_IA' }) }
    const bytes = Buffer.from('content')
    const etag = hash('md5', bytes, 'hex')
    stub.buckets.get('stub')?.store(key, { bytes, etag, modified: new Date(), headers, tagging: 'k=v' })
  }
  const classOf = (key: string): string =>
    stub.buckets.get('stub')?.find(key).headers['x-amz-storage-class'] ?? 'STANDARD'
  return { stub, classOf, run }
}

test('class', async () => {
  const { stub, classOf, run } = await open()
  const counted = await run('class', 'ls')
  expect(counted).toMatchObject({
    code: 0,
    stdout: 'STANDARD     21 B  3 files\nSTANDARD_IA  7 B   1 file\n',
  })
  expect(ndjson((await run('class', 'ls', 'a/', '--json')).stdout)).toEqual([
    { storageClass: 'STANDARD', files: 2, bytes: 14 },
    { storageClass: 'STANDARD_IA', files: 1, bytes: 7 },
  ])

  const dry = await run('class', 'set', '-r', '-n', 'STANDARD_IA', 'a')
  expect(dry).toMatchObject({ code: 0, stdout: 'a/1\na/2\n' })
  expect(dry.stderr).toBe('Would change 2 files, 14 B; 1 in STANDARD_IA already.\n')
  expect(['a/1', 'a/2'].map(classOf)).toEqual(['STANDARD', 'STANDARD'])

  // One that cannot be changed stops none of the others.
  const body = '<Error><Code>InvalidObjectState</Code></Error>'
  stub.fault = ({ operation, key }) =>
    operation === 'CopyObject' && key === 'a/1' ? { status: 403, body } : undefined
  const set = await run('class', 'set', '-r', 'STANDARD_IA', 'a')
  expect(set.code).toBe(5)
  expect(set.stderr).toMatch(
    /^Changed 1 file, 7 B; 1 in STANDARD_IA already; 1 failed:\n {2}a\/1: .*ARCHIVED/,
  )
  stub.fault = undefined
  expect(['a/1', 'a/2', 'a/3', 'b'].map(classOf)).toEqual([
    'STANDARD',
    'STANDARD_IA',
    'STANDARD_IA',
    'STANDARD',
  ])
  const json = await run('class', 'set', 'STANDARD_IA', 'a/1', 'a/2', '--json')
  expect(ndjson(json.stdout)).toEqual([{ key: 'a/1', from: 'STANDARD', to: 'STANDARD_IA' }])

  const one = await run('class', 'set', 'ONEZONE_IA', 'b')
  expect(one).toMatchObject({ code: 0, stdout: '', stderr: 'Brought b from STANDARD to ONEZONE_IA.\n' })
  expect((await run('class', 'set', 'ONEZONE_IA', 'b')).stderr).toBe('b is in ONEZONE_IA already.\n')
  expect((await run('class', 'set', 'onezone_ia', 'b')).code).toBe(2)

  // Nobody brings a folder to where it cannot be read by accident.
  expect((await run('class', 'set', '-r', 'GLACIER', 'a')).stderr).toContain('--yes says yes')
  expect(classOf('a/1')).toBe('STANDARD_IA')
  expect((await run('class', 'set', '-r', 'GLACIER', 'a', '--yes')).code).toBe(0)
})

test('thaw', async () => {
  const { stub, run } = await open()
  expect((await run('class', 'set', '-r', 'GLACIER', 'a', '-y')).code).toBe(0)
  const told = await run('thaw', '-r', 'a', '--status')
  expect(told).toMatchObject({ code: 5, stderr: 'Looked at 3 files, 21 B.\n' })
  expect(told.stdout.split('\n').sort()).toEqual(['', 'archived  a/1', 'archived  a/2', 'archived  a/3'])

  stub.restoreMs = 3_600_000
  const asked = await run('thaw', 'a/1', '--days', '2', '--tier', 'bulk')
  expect(asked).toMatchObject({ code: 0, stdout: 'thawing   a/1\n' })
  const late = await run('thaw', 'a/1', '--wait', '--timeout', '1')
  expect([late.code, late.stderr]).toEqual([5, expect.stringContaining('cannot be read yet')])

  stub.restoreMs = 1500
  const waited = await run('thaw', 'a/2', 'a/3', '--wait', '--json')
  expect(waited.code).toBe(0)
  const lines = ndjson(waited.stdout)
  expect(lines.filter(line => Object(line).archive.state === 'thawing')).toHaveLength(2)
  expect(lines.slice(-2)).toMatchObject([
    { key: 'a/2', storageClass: 'GLACIER', archive: { state: 'thawed' } },
    { key: 'a/3', storageClass: 'GLACIER', archive: { state: 'thawed' } },
  ])
  expect(await run('get', 'a/2', '-')).toMatchObject({ code: 0, stdout: 'content' })
  expect((await run('thaw', 'a/2', '--status')).stdout).toMatch(
    /^thawed {4}until \d{4}-\d\d-\d\dT[\d:]+Z {2}a\/2\n$/,
  )

  expect(await run('thaw', 'b')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'b is in no archive: it can be read.\n',
  })
  expect((await run('thaw', 'none')).code).toBe(3)
  expect((await run('thaw', 'b', '--tier', 'fast')).code).toBe(2)
})

test('tags, and the stat that shows them', async () => {
  const { stub, run } = await open()
  expect(await run('tags', 'b', 'x=1', 'y=2 3')).toMatchObject({ code: 0, stdout: 'k  v\nx  1\ny  2 3\n' })
  expect(await run('tags', 'b', 'x=4', '--remove', 'k', '--remove', 'none')).toMatchObject({
    code: 0,
    stdout: 'x  4\ny  2 3\n',
  })
  expect(stub.buckets.get('stub')?.find('b').tagging).toBe('x=4&y=2+3')
  expect((await run('stat', 'b')).stdout).toMatch(/^tag\.x +4\ntag\.y +2 3$/m)
  expect(JSON.parse((await run('stat', 'b', '--json')).stdout)).toMatchObject({
    tagCount: 2,
    tags: { x: '4', y: '2 3' },
  })
  expect(JSON.parse((await run('tags', 'b', 'z=5', '--clear', '--json')).stdout)).toEqual({
    key: 'b',
    tags: { z: '5' },
  })
  expect(await run('tags', 'b', '--clear')).toMatchObject({ code: 0, stdout: '', stderr: 'b has no tags.\n' })
  const wrong = await run('tags', 'b', 'noequals')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain("'noequals'")
  expect((await run('tags', 'b', 'a=1', '--remove', 'a')).code).toBe(2)
  expect((await run('tags', 'b', `a=${'v'.repeat(300)}`)).code).toBe(2)
})
