import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'

const cli = useCli()

let stub: S3Stub
let folder: string

/** Content that goes to a file of the spool, where `text` is small enough for the journal. */
const large = (text: string): string => text.repeat(100_000)

beforeEach(async () => {
  stub = await startS3Stub({ buckets: ['stub', 'other'] })
  folder = join(cli.folder, 'uploads')
})
afterEach(() => stub.close())

const on = (bucket = 'stub'): Partial<StorageConfig> => ({
  ...settingsOf(accessOf(stub, { bucket })),
  probeIntervalMs: 100,
  spoolReserveBytes: 0,
})
const off: Partial<StorageConfig> = { objectStorageEnabled: false }

/** Opens the folder, does something, and closes it. */
async function using<T>(
  config: Partial<StorageConfig>,
  work: (storage: StorageService) => Promise<T>,
): Promise<T> {
  const storage = new StorageService({ config: { localStoragePath: folder, ...config } })
  try {
    return await work(storage)
  } finally {
    await storage.close({ drainMs: 100 })
  }
}

async function put(storage: StorageService, files: Record<string, string>): Promise<void> {
  for (const [key, text] of Object.entries(files)) await storage.uploadFile(Buffer.from(text), key)
}

const text = async (storage: StorageService, key: string): Promise<string | undefined> =>
  (await storage.downloadFile(key))?.toString()

const detach = (...args: string[]): Promise<Outcome> => cli(['detach', ...args])

/** What is an object of the folder now, and its content. */
const all = (config: Partial<StorageConfig> = off): Promise<Record<string, string | undefined>> =>
  using(config, async storage => {
    const keys = await storage.listFiles()
    expect(keys.complete).toBe(true)
    expect(storage.getStatus()).toMatchObject({ state: 'healthy', pending: 0, problems: [] })
    const entries = [...keys].map(async key => [key, await text(storage, key)])
    return Object.fromEntries(await Promise.all(entries))
  })

async function spooledFiles(): Promise<string[]> {
  const objects = join(folder, '.holdfast', 'objects')
  const found = await readdir(objects, { recursive: true, withFileTypes: true })
  return found.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

describe('detach', () => {
  test('makes a folder with nothing pending a store of its own', async () => {
    await using(off, storage => put(storage, { mine: 'local' }))
    expect(await detach()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'The storage folder is attached to no bucket.\n',
    })
    await using(on(), storage => put(storage, { a: 'in the bucket' }))
    expect(await cli(['stat', 'absent'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('holdfast detach'),
    })
    expect(await detach('--dry-run')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Would detach/),
    })
    expect(await cli(['stat', 'absent'])).toMatchObject({ code: 4 })
    expect(await detach()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining(`Detached from ${stub.endpoint}/stub`),
    })
    expect(await cli(['stat', 'absent'])).toMatchObject({ code: 3 })
    expect(await all()).toEqual({ mine: 'local' })
  })

  test('leaves no copies of the read cache: what the journal has told of them is told no more', async () => {
    await using(on(), storage => put(storage, { a: 'in the bucket' }))
    const copies = join(folder, '.holdfast', 'cache')
    await mkdir(join(copies, 'boot', 'ab'), { recursive: true })
    expect(await detach()).toMatchObject({ code: 0 })
    await expect(readdir(copies)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is refused while something waits, and says what and how to bring it there', async () => {
    await stub.goDown()
    await using(on(), async storage => {
      await put(storage, { a: 'one', b: 'two' })
      await storage.deleteFile('c')
    })
    for (const args of [[], ['--dry-run']]) {
      expect(await detach(...args)).toMatchObject({
        code: 5,
        stdout: '',
        stderr: expect.stringMatching(
          /2 uploads \(6 B\) and 1 delete are still .*\/stub.*\n.*spool drain.*\n.*--abandon/,
        ),
      })
    }
    // Nobody brings anything anywhere while object storage is off, and nobody waits for it.
    expect(await cli(['spool', 'drain'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/switched off.*3 of 3 still wait/s),
    })
    const refused = await detach('--json')
    expect(refused).toMatchObject({ code: 5, stderr: '' })
    expect(JSON.parse(refused.stdout)).toEqual({
      detached: false,
      target: `${stub.endpoint}/stub`,
      uploads: 2,
      bytes: 6,
      deletes: 1,
      settling: 0,
      erasures: 0,
    })
    await stub.comeBack()
    await using(on(), async storage => {
      await storage.ready()
      await expect.poll(() => storage.getStatus().pending, { timeout: 30_000 }).toBe(0)
    })
    // A request of an outage whose fate nobody knows may leave something to be looked after for a while.
    const { code } = await detach('--abandon', '--yes')
    expect(code).toBe(0)
  })

  test('that abandons keeps every acknowledged upload, as a file of the folder', async () => {
    await using(off, storage => put(storage, { legacy: 'v0', replaced: 'v0', deleted: 'v0' }))
    await using(on(), storage => put(storage, { known: 'v0', 'only/there': 'v0' }))
    await stub.goDown()
    const given = { known: 'v1', replaced: large('v1'), 'new/small': 'v1', 'new/large': large('v2') }
    const before = await using(on(), async storage => {
      await put(storage, given)
      await storage.uploadFile(Buffer.from('x'), 'named', {
        fileName: 'Größe.txt',
        metadata: { room: '42' },
        storageClass: 'STANDARD_IA',
      })
      await storage.deleteFile('deleted')
      return storage.statFile('named')
    })

    const listed = await detach('--abandon', '--dry-run', '--json')
    expect(listed.code).toBe(0)
    const lines = ndjson(listed.stdout)
    expect(lines.pop()).toMatchObject({ wouldDetach: true, uploads: 5, deletes: 1 })
    expect(lines.map(({ key, here, there, size }) => [key, here, there, size])).toEqual([
      ['deleted', 'nothing', 'older', undefined],
      ['known', 'file', 'older', 2],
      ['named', 'file', 'older', 1],
      ['new/large', 'file', 'older', 200_000],
      ['new/small', 'file', 'older', 2],
      ['replaced', 'file', 'older', 200_000],
    ])
    expect(await detach('--abandon')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    const done = await detach('--abandon', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('Kept here: 5 files.') })
    expect(done.stdout).toMatch(/^deleted here .*deleted {2}\(http.*\/stub may still hold it\)$/m)
    expect(done.stdout).toMatch(/^here +2 B {2}\S+Z {2}known {2}\(.* may hold an older version, or none\)$/m)

    expect(await all()).toEqual({ legacy: 'v0', named: 'x', ...given })
    expect(await readFile(join(folder, 'new', 'large'), 'utf8')).toBe(large('v2'))
    expect(await spooledFiles()).toEqual([])
    const after = await using(off, storage => storage.statFile('named'))
    const { pending, storageClass, ...same } = before
    expect([pending, storageClass]).toEqual([true, 'STANDARD_IA'])
    expect(after).toEqual({ ...same, pending: false })

    // Attached to the same bucket again, the files of both times are read where the bucket has none.
    await stub.comeBack()
    await using(off, storage => put(storage, { later: 'v3' }))
    await using(on(), async storage => {
      expect(await text(storage, 'known')).toBe('v0')
      expect(await text(storage, 'new/small')).toBe('v1')
      expect(await text(storage, 'later')).toBe('v3')
      await put(storage, { known: 'v4' })
      await expect.poll(() => storage.getStatus().pending, { timeout: 30_000 }).toBe(0)
    })
    expect(stub.buckets.get('stub')?.objects.get('known')?.bytes.toString()).toBe('v4')
  })

  test('keeps what was for another bucket: as a file, or as a conflict where the key went on', async () => {
    await stub.goDown()
    await using(on('other'), async storage => {
      await put(storage, { only: 'for the other', both: 'for the other' })
      await storage.deleteFile('gone')
    })
    await using(on('stub'), storage => put(storage, { both: 'for this one', gone: 'put again' }))
    const listed = ndjson((await detach('--abandon', '--dry-run', '--json')).stdout)
    expect(
      listed.map(({ key, here, target }) => `${key} ${here} ${String(target).split('/').pop()}`),
    ).toEqual([
      'both conflict other',
      'gone nothing other',
      'both file stub',
      'gone file stub',
      'only file other',
      'undefined undefined stub',
    ])
    expect(await detach('--abandon', '--yes')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Kept as conflicts'),
    })
    expect(await all()).toEqual({ only: 'for the other', both: 'for this one', gone: 'put again' })
    const [conflict, ...others] = ndjson((await cli(['spool', 'conflicts', '--json'])).stdout)
    expect(others).toEqual([])
    expect(conflict).toMatchObject({ key: 'both', size: 13 })
    const { code } = await cli(['spool', 'resolve', String(conflict?.['id']), '--keep', 'kept'])
    expect(code).toBe(0)
    expect(await all()).toMatchObject({ both: 'for the other' })
  })

  test.each(['gone', 'cut'])(
    'tells of an upload whose bytes are %s, and shows no older version',
    async how => {
      await using(off, storage => put(storage, { a: 'old', b: 'old' }))
      await stub.goDown()
      await using(on(), storage => put(storage, { a: large('new'), b: 'new' }))
      const [file = ''] = await spooledFiles()
      await rm(file)
      if (how === 'cut') await writeFile(file, 'newne')
      expect(await detach('--abandon', '--yes')).toMatchObject({
        code: 5,
        stderr: expect.stringMatching(/Damaged.*:\n {2}a\n/),
      })
      expect(await all()).toEqual({ b: 'new' })
      expect(ndjson((await cli(['spool', 'conflicts', '--json'])).stdout)).toEqual(
        how === 'gone' ? [] : [expect.objectContaining({ key: 'a', size: 5 })],
      )
    },
  )

  test('is refused while somebody uses the folder, in this process or another', async () => {
    await using(on(), storage => put(storage, { a: 'x' }))
    await using(off, async storage => {
      await storage.ready()
      expect(await detach()).toMatchObject({
        code: 4,
        stderr: expect.stringContaining(`in use by process ${process.pid}`),
      })
      // It changed nothing, and keeps nobody out.
      await put(storage, { b: 'y' })
    })
    await using(off, async storage => expect(await text(storage, 'b')).toBe('y'))
    expect(await detach('--abandon', '--yes')).toMatchObject({ code: 0 })
    expect(await all()).toEqual({ b: 'y' })
  })

  test('warns where object storage is configured still', async () => {
    await using(on(), storage => put(storage, { a: 'x' }))
    const flags = ['--provider', 'minio', '--endpoint', stub.endpoint, '--bucket', 'stub']
    expect(await detach(...flags)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: Object storage is configured still'),
    })
  })
})

describe('a detach that is killed', () => {
  /** Runs it with an end at the n-th call of a function of the filesystem whose paths match. */
  const killed = async (call: string, paths: RegExp, n: number): Promise<Outcome> => {
    const preload = join(cli.folder, 'kill.mjs')
    await writeFile(
      preload,
      `import fs from 'node:fs'
      const call = fs.${call}
      let calls = 0
      fs.${call} = (...args) => {
        if (${paths}.test(args.join(' ')) && ++calls >= ${n}) process.kill(process.pid, 'SIGKILL')
        return call(...args)
      }`,
    )
    return cli(['detach', '--abandon', '--yes'], {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` },
    })
  }

  test.each([
    ['before its first file is named, twice', 'link', /objects\/\S+ \S+tmp\//, [1, 1]],
    ['before a file is named', 'link', /objects\/\S+ \S+tmp\//, [4]],
    ['before a file is put in its place', 'link', /tmp\/\S+ \S+uploads\/k/, [3]],
    ['before a file loses its old name', 'unlink', /objects\//, [1]],
    ['before its last file loses its old name', 'unlink', /objects\//, [6]],
  ] as const)('%s, is finished by running it again', async (_, call, paths, moments) => {
    const given = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`k${i}`, i % 2 === 0 ? large(`v${i}`) : `v${i}`]),
    )
    await using(off, storage => put(storage, { k0: 'old', k1: 'old', deleted: 'old', kept: 'old' }))
    await stub.goDown()
    await using(on(), async storage => {
      await put(storage, given)
      await storage.deleteFile('deleted')
    })
    for (const n of moments) {
      expect(await killed(call, paths, n)).toMatchObject({ signal: 'SIGKILL' })
      for (const args of [['ls'], ['put', '-', 'k']]) {
        expect(await cli(args, { input: 'x' })).toMatchObject({
          code: 2,
          stderr: expect.stringContaining('run "holdfast detach" again'),
        })
      }
    }
    const { code, stderr } = await detach('--abandon', '--yes')
    expect(code, stderr).toBe(0)
    expect(await all()).toEqual({ ...given, kept: 'old' })
    expect(await spooledFiles()).toEqual([])
  })
})

test('the command line, with object storage switched off and on again, shadows nothing', async () => {
  const env = {
    ...environmentOf(accessOf(stub)),
    HOLDFAST_SPOOL_RESERVE_BYTES: '0',
  }
  for (const key of ['overwritten', 'kept']) {
    expect(await cli(['put', '-', key], { env, input: 'old' })).toMatchObject({ code: 0 })
  }
  const warned = { stderr: expect.stringMatching(/warning: Object storage is switched off.*holdfast detach/) }
  expect(await cli(['put', '-', 'overwritten'], { input: 'new' })).toMatchObject({ code: 0, ...warned })
  expect(await cli(['rm', 'overwritten'])).toMatchObject({ code: 0 })
  expect(await cli(['put', '-', 'overwritten'], { input: 'newer' })).toMatchObject({ code: 0 })
  expect(await cli(['get', 'kept', '-'])).toMatchObject({ code: 4, stdout: '', ...warned })
  expect(await cli(['ls'])).toMatchObject({ code: 5, stdout: 'overwritten\n' })
  const { code, stdout } = await cli(['status'])
  expect(code).toBe(5)
  expect(stdout).toMatch(
    /^state +degraded.*\nto do +switch object storage on again, or run "holdfast detach"/,
  )
  expect(stdout).toMatch(/^pending +1 operations/m)
  expect(stdout).not.toMatch(/asked again/)
  expect(await cli(['spool', 'drain', '--timeout', '60s'], { env })).toMatchObject({ code: 0 })
  const objects = [...(stub.buckets.get('stub')?.objects ?? [])].filter(([key]) => !key.startsWith('.'))
  expect(objects.map(([key, { bytes }]) => `${key} ${bytes}`).sort()).toEqual([
    'kept old',
    'overwritten newer',
  ])
})

test('usage', async () => {
  expect(await detach()).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no store at'),
  })
  expect(await detach('name')).toMatchObject({ code: 2 })
  await mkdir(folder)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  expect(await detach()).toMatchObject({ code: 2 })
})
