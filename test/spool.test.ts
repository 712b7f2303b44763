import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliDecompressSync } from 'node:zlib'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'

const cli = useCli()

let stub: S3Stub

beforeEach(async () => {
  stub = await startS3Stub()
  onTestFinished(() => stub.close())
})

const run = (args: readonly string[], input?: string): Promise<Outcome> =>
  cli(args, {
    env: {
      ...environmentOf(accessOf(stub)),
      HOLDFAST_PROBE_INTERVAL_MS: '200',
      HOLDFAST_SPOOL_RESERVE_BYTES: '0',
    },
    ...(input !== undefined && { input }),
  })

const put = async (key: string, text: string): Promise<void> => {
  expect(await run(['put', '-', key], text)).toMatchObject({ code: 0 })
}
const held = (key: string): string | undefined => stub.buckets.get('stub')?.objects.get(key)?.bytes.toString()
const entries = async (): Promise<Record<string, unknown>[]> =>
  ndjson((await run(['spool', 'ls', '--json'])).stdout)

test('what was put during an outage is listed, and drained when the store is back', async () => {
  await stub.goDown()
  await put('rooms/a', 'one')
  await put('rooms/b', 'two!')
  await put('rooms/c', 'x'.repeat(100_000))
  const listed = await run(['spool', 'ls'])
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(listed.stdout).toMatch(
    /^pending +put +3 B +\S+Z +rooms\/a\npending +put +4 B +\S+Z +rooms\/b\npending +put +100 kB +\S+Z +rooms\/c\n$/,
  )
  expect(await entries()).toEqual([
    expect.objectContaining({ key: 'rooms/a', kind: 'put', state: 'pending', size: 3 }),
    expect.objectContaining({ key: 'rooms/b', kind: 'put', state: 'pending', size: 4 }),
    expect.objectContaining({
      key: 'rooms/c',
      kind: 'put',
      state: 'pending',
      size: 100_000,
      path: expect.any(String),
    }),
  ])
  expect(await run(['spool', 'drain', '--timeout', '1s'])).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringContaining('3 of 3 still wait'),
  })
  await stub.comeBack()
  expect(await run(['spool', 'drain', '--timeout', '60s'])).toMatchObject({
    code: 0,
    stderr: 'The object store holds everything.\n',
  })
  expect([held('rooms/a'), held('rooms/b')]).toEqual(['one', 'two!'])
  expect((await entries()).filter(({ state }) => state === 'pending')).toEqual([])
})

describe('a conflict', () => {
  /** Somebody else writes the key after our write of an outage. @returns the id of the conflict */
  const makeConflict = async (ours = 'ours', options: readonly string[] = []): Promise<string> => {
    await stub.goDown()
    expect(await run(['put', '-', 'k', ...options], ours)).toMatchObject({ code: 0 })
    await stub.comeBack()
    // Clocks of others are trusted to a few seconds.
    await sleep(7000)
    stub.buckets.get('stub')?.store('k', {
      bytes: Buffer.from('theirs'),
      etag: 'b'.repeat(32),
      modified: new Date(),
      headers: { 'content-type': 'text/plain' },
      tagging: '',
    })
    expect(await run(['spool', 'drain', '--timeout', '60s'])).toMatchObject({ code: 0 })
    const [conflict, ...others] = ndjson((await run(['spool', 'conflicts', '--json'])).stdout)
    expect(others).toEqual([])
    expect(conflict).toMatchObject({ key: 'k', loser: 'ours' })
    return conflict?.['id'] as string
  }

  test('ends with the version that was kept', async () => {
    const id = await makeConflict()
    expect((await run(['spool', 'conflicts'])).stdout).toMatch(new RegExp(`^${id}  ours +4 B +\\S+Z  k\n$`))
    expect(await run(['spool', 'resolve', id])).toMatchObject({ code: 2 })
    expect(await run(['spool', 'resolve', 'no-such-id', '--keep', 'kept'])).toMatchObject({ code: 3 })
    expect(held('k')).toBe('theirs')
    expect(await run(['spool', 'resolve', id, '--keep', 'kept'])).toMatchObject({
      code: 0,
      stdout: `${id}\n`,
    })
    expect(await run(['spool', 'drain', '--timeout', '60s'])).toMatchObject({ code: 0 })
    expect(held('k')).toBe('ours')
    expect((await run(['spool', 'conflicts'])).stderr).toBe('There are no conflicts.\n')
  })

  test('ends with the version that was kept, compressed as it was', async () => {
    const text = 'a line that comes again\n'.repeat(1000)
    const id = await makeConflict(text, ['--compress', 'br'])
    expect(await run(['spool', 'resolve', id, '--keep', 'kept'])).toMatchObject({ code: 0 })
    expect(await run(['spool', 'drain', '--timeout', '60s'])).toMatchObject({ code: 0 })
    const stored = stub.buckets.get('stub')?.objects.get('k')
    expect(stored?.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(stored?.bytes ?? Buffer.alloc(0)).toString()).toBe(text)
    expect(await run(['get', 'k', '-'])).toMatchObject({ code: 0, stdout: text })
  })

  test('ends with the version that is there', async () => {
    const id = await makeConflict()
    expect(await run(['spool', 'resolve', id, '--keep', 'current'])).toMatchObject({ code: 0 })
    expect(held('k')).toBe('theirs')
    expect(ndjson((await run(['spool', 'conflicts', '--json'])).stdout)).toEqual([])
  })
})

test('what the store refuses is parked, and tried again when somebody says so', async () => {
  await stub.goDown()
  await put('poison', 'one')
  await stub.comeBack()
  const denied = '<Error><Code>AccessDenied</Code></Error>'
  const headers = { 'content-type': 'application/xml', 'x-amz-request-id': '1' }
  stub.fault = ({ key, operation }) =>
    key === 'poison' && operation === 'PutObject' ? { status: 403, body: denied, headers } : undefined
  expect(await run(['spool', 'drain', '--timeout', '3s'])).toMatchObject({ code: 5 })
  expect(await entries()).toEqual([
    expect.objectContaining({
      key: 'poison',
      state: 'parked',
      problem: expect.objectContaining({ code: 'PERMISSION_DENIED' }),
    }),
  ])
  stub.fault = undefined
  expect(await run(['spool', 'retry', 'other'])).toMatchObject({ code: 3 })
  expect(await run(['spool', 'retry'])).toMatchObject({
    code: 0,
    stdout: 'poison\n',
    stderr: '1 to be tried again.\n',
  })
  expect(await run(['spool', 'drain', '--timeout', '60s'])).toMatchObject({ code: 0 })
  expect(held('poison')).toBe('one')
})

test('usage', async () => {
  expect(await run(['spool', 'ls'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no store at'),
  })
  for (const args of [['frob'], [], ['ls', 'name'], ['drain', 'name'], ['drain', '--timeout', 'soon']]) {
    expect(await run(['spool', ...args]), args.join(' ')).toMatchObject({ code: 2, stdout: '' })
  }
  expect(readdirSync(cli.folder)).toEqual([])
})
