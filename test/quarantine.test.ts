import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { createServer } from '../src/http/index.js'
import type { QuarantinedFile } from '../src/index.js'
import { diagnose } from '../src/operations/doctor/doctor.js'
import type { Finding } from '../src/operations/doctor/findings.js'
import { StorageService } from '../src/service.js'
import { QuarantineTable } from '../src/stores/local/quarantine-table.js'
import { openRoot } from '../src/stores/local/root.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, useCli } from './support/cli.js'
import { until, useFolder, useStub } from './support/failover-service.js'
import { INFECTED, startFakeClamd } from './support/fake-clamd.js'
import { checkFolder, rot } from './support/fsck.js'
import { ask } from './support/http.js'
import { ROOT, signalGroup, start } from './support/process.js'
import { randomFrom } from './support/random.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const CHILD = join(ROOT, 'test', 'support', 'quarantine-child.mjs')

/** A storage in which everything whose key begins with `bad` is held. */
function holding(folder: string, config: Partial<StorageConfig> = {}): StorageService {
  const storage = new StorageService({
    config: { localStoragePath: folder, ...config },
    inspect: file => (file.key.startsWith('bad') ? { verdict: 'quarantine', reason: 'Bad' } : 'allow'),
  })
  onTestFinished(async () => void (await storage.close()))
  return storage
}

async function held(storage: StorageService): Promise<QuarantinedFile[]> {
  const files: QuarantinedFile[] = []
  for await (const file of storage.quarantine.list()) files.push(file)
  return files
}

/** The files in `objects` that are of the quarantine. */
function filesOf(folder: string): string[] {
  return readdirSync(join(folder, '.holdfast', 'objects'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.includes('quarantine-'))
    .sort()
}

/** The bytes that a name stands for, as the child makes them. */
function bytesOf(name: string, size: number): Buffer {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}

interface Said {
  readonly begun?: string
  readonly held?: string
  readonly key?: string
  readonly size?: number
  readonly releasing?: string
  readonly released?: string
  readonly removing?: string
  readonly removed?: string
}

const said = (output: string): Said[] =>
  output
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))

test('kill -9 at any moment: nothing is readable, lost or left behind', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = randomFrom(seed)
  const below = (bound: number): number => Math.floor(random() * bound)
  const folder = await useFolder()
  const all: Said[] = []
  const killed = async (childSeed: number, afterMs: number): Promise<void> => {
    const child = start(process.execPath, [CHILD, 'busy', folder, String(childSeed)])
    await child.says(/"held"/)
    await sleep(afterMs)
    signalGroup(child.process, 'SIGKILL')
    const { stdout, stderr } = await child.ended
    expect(stderr).toBe('')
    all.push(...said(stdout))
  }
  // Two at a time, so that the living meet what the dead have left, too.
  for (let round = 0; round < (LONG ? 100 : 3); round++) {
    await Promise.all([0, 1].map(() => killed(below(2 ** 31), below(400))))
  }
  const storage = holding(folder)
  await storage.uploadFile(Buffer.from('x'), 'good')
  const told = (what: 'releasing' | 'released' | 'removing' | 'removed'): Set<string> =>
    new Set(all.flatMap(line => line[what] ?? []))
  const [releasing, released, removing, removed] = [
    told('releasing'),
    told('released'),
    told('removing'),
    told('removed'),
  ]
  const name = (fact: string): string => `${fact} (seed ${seed})`
  // What is going is finished, and what nobody acknowledged is swept, in the background.
  const known = async (): Promise<Set<string>> => new Set((await held(storage)).map(file => file.path))
  await until('the crashes are tidied up', async () => {
    const paths = await known()
    return filesOf(folder).every(path => paths.has(join(folder, '.holdfast', 'objects', path)))
  })
  const present = new Map((await held(storage)).map(file => [file.id, file]))
  for (const { held: id, key = '', size = 0 } of all) {
    if (id === undefined) continue
    const file = present.get(id)
    const bytes = await storage.downloadFile(key)
    const content = bytesOf(key, size)
    if (file !== undefined) expect(readFileSync(file.path).equals(content), name('held bytes')).toBe(true)
    if (bytes !== null) {
      expect(releasing.has(id), name('only what was being released is readable')).toBe(true)
      expect(bytes.equals(content), name('released bytes')).toBe(true)
    }
    if (released.has(id)) expect([file, bytes !== null], name('released')).toEqual([undefined, true])
    if (removed.has(id)) expect([file, bytes], name('removed')).toEqual([undefined, null])
    if (!releasing.has(id) && !removing.has(id)) expect(file, name('held')).toBeDefined()
    // What was being released is in one of the two places at least.
    if (releasing.has(id)) expect(file !== undefined || bytes !== null, name('not lost')).toBe(true)
  }
  // What was never acknowledged as held is not readable either.
  for (const { begun } of all) {
    if (begun === undefined || all.some(({ key }) => key === begun)) continue
    expect(await storage.fileExists(begun), name('never acknowledged')).toBe(false)
  }
  // And can be released or removed, as if nothing had been.
  for (const id of present.keys()) {
    if (releasing.has(id)) await storage.quarantine.release(id)
    else await storage.quarantine.remove(id)
  }
  expect(await held(storage)).toEqual([])
  expect(filesOf(folder)).toEqual([])
  await storage.close()
  const { findings } = await checkFolder(folder, { hash: true })
  expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([])
})

test('several processes share the room, and exceed it in no moment', async () => {
  const folder = await useFolder()
  const maxBytes = 40 * 4096
  const env = { MAX_BYTES: String(maxBytes) }
  const children = [1, 2, 3].map(seed =>
    start(process.execPath, [CHILD, 'fill', folder, String(seed)], { env }),
  )
  const ended = await Promise.all(children.map(child => child.ended))
  for (const { code, stderr } of ended) expect([code, stderr]).toEqual([0, ''])
  const storage = holding(folder, { quarantineMaxBytes: maxBytes })
  await storage.uploadFile(Buffer.from('x'), 'good')
  const files = await held(storage)
  const acknowledged = ended.flatMap(({ stdout }) => said(stdout)).filter(line => line.held !== undefined)
  expect(files.map(({ id }) => id).sort()).toEqual(acknowledged.map(line => line.held).sort())
  const bytes = files.reduce((sum, { size }) => sum + Math.max(1, Math.ceil(size / 4096)) * 4096, 0)
  expect(bytes).toBeLessThanOrEqual(maxBytes)
  await until('the quarantine is open', () => storage.getStatus().inspection?.quarantine !== undefined)
  expect(storage.getStatus().inspection?.quarantine).toEqual({ files: files.length, bytes, maxBytes })
  expect(filesOf(folder)).toHaveLength(files.length)
})

describe('fsck', () => {
  async function withHeld(): Promise<{ folder: string; files: QuarantinedFile[] }> {
    const folder = await useFolder()
    const storage = holding(folder)
    for (const key of ['bad1', 'bad2', 'bad3'])
      await storage.uploadFile(Buffer.from(key), key).catch(() => {})
    const files = await held(storage)
    await storage.close()
    return { folder, files }
  }

  test('has nothing to say of a quarantine in order', async () => {
    const { folder } = await withHeld()
    expect((await checkFolder(folder, { hash: true })).findings).toEqual([])
  })

  test('finds bytes that are gone or others', async () => {
    const { folder, files } = await withHeld()
    const [gone, other] = files
    rmSync(gone?.path ?? '')
    chmodSync(other?.path ?? '', 0o600)
    rot(other?.path ?? '')
    const { findings } = await checkFolder(folder, { hash: true, repair: true })
    expect(findings).toMatchObject([
      { code: 'QUARANTINE_MISSING', severity: 'loss', key: 'bad1', repaired: false },
      { code: 'QUARANTINE_ROTTEN', severity: 'loss', key: 'bad2', repaired: false },
    ])
    expect(findings[0]?.message).toContain(gone?.id)
  })

  test('finishes a removal, and corrects the sum', async () => {
    const { folder, files } = await withHeld()
    const root = await openRoot({ path: folder, create: false })
    const table = new QuarantineTable(root.ledger)
    const id = files[0]?.id ?? ''
    const found = table.get(id)
    if (found !== undefined) await table.replace(found, { ...found.row, going: true })
    // A row that went without the sum.
    const [, , last] = files
    const rows = root.ledger.table('quarantine')
    await root.ledger.commit([], () => rows.remove(Buffer.from(last?.id ?? '')))
    rmSync(last?.path ?? '')
    await root.close()
    const before = await checkFolder(folder)
    expect(before.findings.map(({ code }) => code)).toEqual(['QUARANTINE_GOING', 'QUARANTINE_SUM'])
    const { findings } = await checkFolder(folder, { repair: true })
    expect(findings).toMatchObject([
      { code: 'QUARANTINE_GOING', repaired: true },
      { code: 'QUARANTINE_SUM', repaired: true },
    ])
    expect((await checkFolder(folder, { hash: true })).findings).toEqual([])
    expect(filesOf(folder)).toHaveLength(1)
  })
})

describe('the command line', () => {
  const cli = useCli()

  test('put has files inspected, and quarantine lists, shows, releases and removes', async () => {
    const clamd = await startFakeClamd()
    const env = { CLAMD_ADDRESS: clamd.address, CLAMD_ACTION: 'quarantine' }
    const run = (...args: string[]) => cli(args, { env })
    expect(await cli(['put', '-', 'good'], { env, input: 'good' })).toMatchObject({ code: 0 })
    const refused = await cli(['put', '-', 'bad.txt', '--metadata', 'room=42'], { env, input: INFECTED })
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toMatch(
      /^holdfast: The content is held in quarantine as \S+: Holdfast\.Test\.Signature\. \(QUARANTINED\)\n$/,
    )
    await cli(['put', '-', 'worse'], { env, input: INFECTED })
    const listed = ndjson((await run('quarantine', 'ls', '--json')).stdout)
    expect(listed).toMatchObject([
      { key: 'bad.txt', reason: 'Holdfast.Test.Signature', size: INFECTED.length, metadata: { room: '42' } },
      { key: 'worse' },
    ])
    const [id, other] = listed.map(file => String(file['id']))
    expect((await run('quarantine', 'ls')).stdout).toMatch(
      new RegExp(`^${id} {2}\\S+Z +\\d+ B {2}bad\\.txt {2}Holdfast\\.Test\\.Signature\\n${other} .*\\n$`),
    )
    const shown = await run('quarantine', 'show', id ?? '')
    expect(shown.stdout).toContain('metadata.room  42')
    expect(ndjson((await run('quarantine', 'show', '--json', id ?? '')).stdout)).toEqual([listed[0]])
    expect((await run('get', 'bad.txt', '-')).code).toBe(3)
    expect((await run('ls')).stdout).toBe('good\n')
    expect((await run('quarantine', 'release', '--dry-run', id ?? '')).stdout).toBe('bad.txt\n')
    expect(await run('quarantine', 'release', id ?? '')).toMatchObject({ code: 0, stdout: 'bad.txt\n' })
    expect((await run('get', 'bad.txt', '-')).bytes).toEqual(INFECTED)
    // Also where nothing is inspected any more.
    expect(await cli(['quarantine', 'rm', '--dry-run', other ?? ''])).toMatchObject({ code: 0 })
    expect(await cli(['quarantine', 'rm', other ?? '', '--json'])).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ id: other, removed: true })}\n`,
    })
    expect(await cli(['quarantine', 'ls'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Nothing is in quarantine.\n',
    })
  })

  test('a release that would replace something newer fails, unless --overwrite', async () => {
    const clamd = await startFakeClamd()
    const env = { CLAMD_ADDRESS: clamd.address, CLAMD_ACTION: 'quarantine' }
    await cli(['put', '-', 'file'], { env, input: INFECTED })
    await cli(['put', '-', 'file'], { env, input: 'newer' })
    const [file] = ndjson((await cli(['quarantine', 'ls', '--json'])).stdout)
    const id = String(file?.['id'])
    const refused = await cli(['quarantine', 'release', id], { env })
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ALREADY_EXISTS')])
    expect((await cli(['get', 'file', '-'])).stdout).toBe('newer')
    expect(await cli(['quarantine', 'release', id, '--overwrite'], { env })).toMatchObject({ code: 0 })
    expect((await cli(['get', 'file', '-'])).bytes).toEqual(INFECTED)
  })

  test('several at once: each is told of, and rm asks', async () => {
    const clamd = await startFakeClamd()
    const env = { CLAMD_ADDRESS: clamd.address, CLAMD_ACTION: 'quarantine' }
    for (const key of ['a', 'b', 'c']) await cli(['put', '-', key], { env, input: INFECTED })
    const ids = ndjson((await cli(['quarantine', 'ls', '--json'])).stdout).map(file => String(file['id']))
    const some = await cli(['quarantine', 'release', 'none', ids[0] ?? ''])
    expect([some.code, some.stdout]).toEqual([5, 'a\n'])
    expect(some.stderr).toContain('There is no file "none" in quarantine')
    expect((await cli(['quarantine', 'rm', '--all'])).code).toBe(2)
    expect(await cli(['quarantine', 'rm', '--all', '--yes'])).toMatchObject({
      code: 0,
      stdout: `${ids[1]}\n${ids[2]}\n`,
    })
  })

  test('what makes no sense is told', async () => {
    await cli(['put', '-', 'good'], { input: 'x' })
    const senseless = [
      ['quarantine'],
      ['quarantine', 'ls', 'x'],
      ['quarantine', 'show'],
      ['quarantine', 'rm'],
      ['quarantine', 'rm', '--all', 'x'],
      ['quarantine', 'ls', '--all'],
      ['quarantine', 'rm', 'x', '--overwrite'],
    ]
    const codes = await Promise.all(senseless.map(async args => [args.join(' '), (await cli(args)).code]))
    expect(codes).toEqual(senseless.map(args => [args.join(' '), 2]))
    expect((await cli(['quarantine', 'show', 'x'])).code).toBe(3)
    expect(
      (await cli(['put', '-', 'x'], { env: { CLAMD_ADDRESS: 'nowhere' }, input: 'x' })).stderr,
    ).toContain('CLAMD_ADDRESS: got "nowhere"; accepted: the path of clamd\'s socket')
  })

  test('a daemon that is away keeps uploads out, and status says so', async () => {
    await cli(['put', '-', 'good'], { input: 'x' })
    const env = { CLAMD_ADDRESS: `${cli.folder}/none.sock` }
    const put = await cli(['put', '-', 'file'], { env, input: 'x' })
    expect([put.code, put.stderr]).toEqual([4, expect.stringContaining('could not be inspected')])
    const status = await cli(['status'], { env })
    expect(status.stdout).toContain('(INSPECTOR_AWAY)')
    expect(status.stdout).toMatch(/^quarantine +0 files, 0 B of 1 GB$/m)
    const open = { ...env, HOLDFAST_INSPECT_ON_FAILURE: 'allow' }
    expect((await cli(['put', '-', 'file'], { env: open, input: 'x' })).code).toBe(0)
    const { stdout } = await cli(['status', '--json'], { env: open })
    expect(JSON.parse(stdout)).toMatchObject({ state: 'degraded', inspection: { onFailure: 'allow' } })
  })

  test('over a bucket, away or not', async () => {
    const clamd = await startFakeClamd()
    const stub = await useStub()
    const env = {
      ...environmentOf(accessOf(stub)),
      CLAMD_ADDRESS: clamd.address,
      CLAMD_ACTION: 'quarantine',
      HOLDFAST_SPOOL_RESERVE_BYTES: '0',
    }
    expect((await cli(['put', '-', 'file'], { env, input: INFECTED })).code).toBe(1)
    expect([...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => !key.startsWith('.'))).toEqual(
      [],
    )
    const [file] = ndjson((await cli(['quarantine', 'ls', '--json'], { env })).stdout)
    stub.fault = () => 'refuse'
    expect((await cli(['put', '-', 'other'], { env, input: INFECTED })).code).toBe(1)
    expect(ndjson((await cli(['quarantine', 'ls', '--json'], { env })).stdout)).toHaveLength(2)
    stub.fault = undefined
    const released = await cli(['quarantine', 'release', String(file?.['id']), '--json'], { env })
    expect(JSON.parse(released.stdout)).toMatchObject({ key: 'file', provider: 'minio', fallback: false })
    expect(stub.buckets.get('stub')?.objects.get('file')?.bytes).toEqual(INFECTED)
  })
})

describe('the doctor', () => {
  const examine = async (config: Partial<StorageConfig>): Promise<Finding | undefined> => {
    const found: Finding[] = []
    const settings = completeConfig({ localStoragePath: await useFolder(), ...config })
    for await (const finding of diagnose({ config: settings })) found.push(finding)
    return found.find(({ check }) => check === 'clamd')
  }

  test('has the daemon scan what every scanner finds', async () => {
    expect(await examine({})).toBeUndefined()
    const clamd = await startFakeClamd()
    const config = { clamdAddress: clamd.address }
    expect(await examine(config)).toMatchObject({ state: 'notice', says: expect.stringContaining('EICAR') })
    // By its hash, since this file is not to be found either.
    const digest = createHash('sha256')
      .update(clamd.scanned[0] ?? '')
      .digest('hex')
    expect(digest).toBe('275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f')
    clamd.manner = (socket, command) =>
      socket.end(command === 'zVERSION' ? 'ClamAV 1.4.6\0' : 'stream: Eicar FOUND\0')
    expect(await examine(config)).toMatchObject({ state: 'good' })
    clamd.manner = socket => socket.destroy()
    expect(await examine(config)).toMatchObject({
      state: 'fault',
      code: 'UNAVAILABLE',
      remedy: expect.stringContaining('CLAMD_ADDRESS'),
    })
  })
})

test('over HTTP the uploader is told what was found, and not where the inspector is', async () => {
  const clamd = await startFakeClamd()
  const folder = await useFolder()
  const config = { localStoragePath: folder, clamdAddress: clamd.address }
  const storage = new StorageService({ config })
  onTestFinished(async () => void (await storage.close()))
  const server = createServer(storage, { port: 0 })
  onTestFinished(async () => void (await server.close({ drainMs: 0 })))
  const { port } = await server.listen()
  const bad = await ask(port, 'PUT', '/uploads/bad', { body: INFECTED })
  expect([bad.status, bad.headers['x-holdfast-error']]).toEqual([422, 'REJECTED'])
  expect(bad.json.error.message).toContain('Holdfast.Test.Signature')
  expect((await ask(port, 'PUT', '/uploads/good', { body: 'good' })).status).toBe(201)
  clamd.manner = socket => socket.destroy()
  const away = await ask(port, 'PUT', '/uploads/file', { body: 'x' })
  expect([away.status, away.headers['retry-after']]).toEqual([503, '1'])
  expect(away.text).not.toContain(clamd.address)
  expect(away.json.error.message).toBe(
    'The upload could not be inspected, and nothing was stored; try again later.',
  )
  expect((await ask(port, 'GET', '/readyz')).status).toBe(200)
  const metrics = await ask(port, 'GET', '/metrics')
  for (const line of [
    'holdfast_inspections_total{outcome="allowed"} 1',
    'holdfast_inspections_total{outcome="rejected"} 1',
    'holdfast_inspections_total{outcome="failed"} 1',
    'holdfast_quarantine_files 0',
    'holdfast_problems{code="INSPECTOR_AWAY",severity="warning"} 1',
  ]) {
    expect(metrics.text).toContain(line)
  }
})
