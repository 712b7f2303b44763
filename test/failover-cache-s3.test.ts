import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { ask, serveStorage } from './support/http.js'
import { ROOT, start } from './support/process.js'

const CHILD = join(ROOT, 'test', 'support', 'cache-child.mjs')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
/** A cache keeps nothing before other processes have had time to notice it. */
const NOTICED_MS = 1100

let stub: S3Stub
let folder: string
const opened: StorageService[] = []

function configOf(more: Partial<StorageConfig> = {}): Partial<StorageConfig> {
  return {
    ...settingsOf(accessOf(stub)),
    localStoragePath: folder,
    localCacheMaxBytes: 64 * 1024 * 1024,
    probeIntervalMs: 100,
    spoolReserveBytes: 0,
    ...more,
  }
}

async function open(more: Partial<StorageConfig> = {}): Promise<StorageService> {
  const storage = new StorageService({ config: configOf(more) })
  opened.push(storage)
  await storage.ready()
  return storage
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to be: ${what}`)
    await sleep(20)
  }
}

/** What a download gives: the bytes, null, or the code of the failure. */
async function outcome(storage: StorageService, key: string): Promise<Buffer | null | string> {
  try {
    return await storage.downloadFile(key)
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error)
  }
}

/** How many copies there are. */
async function copies(): Promise<number> {
  const entries = await readdir(join(folder, '.holdfast', 'cache'), { recursive: true })
  return entries.filter(name => name.endsWith('/copy')).length
}

beforeEach(async () => {
  stub = await startS3Stub()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cache-'))
})

afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close({ drainMs: 100 })
  await stub.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the read cache over S3', () => {
  it('shows pictures during an outage, over HTTP with their age, and those deleted elsewhere never', async () => {
    const storage = await open()
    // A process that was started without the setting, such as a command of an operator.
    const other = await open({ localCacheMaxBytes: 0 })
    const picture = randomBytes(700_000)
    for (const key of ['shown.bin', 'deleted.bin', 'replaced.bin', 'unread.bin'])
      await storage.uploadFile(picture, key, { fileName: 'Größe.bin', metadata: { room: '42' } })
    await sleep(NOTICED_MS)
    const { port } = await serveStorage(storage, { authorize: () => true })
    for (const key of ['shown.bin', 'deleted.bin', 'replaced.bin']) {
      const answer = await ask(port, 'GET', `/uploads/${key}`)
      expect(answer.status).toBe(200)
      expect(answer.headers).not.toHaveProperty('age')
    }
    await until('three copies', async () => (await copies()) === 3)
    await other.deleteFile('deleted.bin')
    await other.uploadFile(Buffer.from('new'), 'replaced.bin')
    const before = await ask(port, 'HEAD', '/uploads/shown.bin')
    await stub.goDown()

    const answer = await ask(port, 'GET', '/uploads/shown.bin')
    expect(answer.status).toBe(200)
    expect(answer.body.equals(picture)).toBe(true)
    expect(Number(answer.headers['age'])).toBeGreaterThanOrEqual(0)
    for (const name of ['etag', 'last-modified', 'content-type', 'content-disposition', 'repr-digest'])
      expect(answer.headers[name], name).toBe(before.headers[name])
    const part = await ask(port, 'GET', '/uploads/shown.bin', { headers: { range: 'bytes=300000-300009' } })
    expect(part.status).toBe(206)
    expect(part.body.equals(picture.subarray(300_000, 300_010))).toBe(true)
    const same = await ask(port, 'GET', '/uploads/shown.bin', {
      headers: { 'if-none-match': String(before.headers['etag']) },
    })
    expect(same.status).toBe(304)
    expect((await ask(port, 'HEAD', '/uploads/shown.bin')).status).toBe(200)
    for (const key of ['deleted.bin', 'replaced.bin', 'unread.bin']) {
      expect((await ask(port, 'GET', `/uploads/${key}`)).status, key).toBe(503)
    }
    expect(await storage.statFile('shown.bin')).toMatchObject({
      confirmedAt: expect.any(Date),
      pending: false,
    })
    expect(storage.getStatus().cache).toMatchObject({ maxBytes: 64 * 1024 * 1024 })
    expect(storage.getStatus().cache?.hits).toBeGreaterThan(0)
    expect(other.getStatus().cache).toBeUndefined()

    await stub.comeBack()
    await until('the store is back', () => storage.getStatus().state === 'healthy')
    expect(await storage.statFile('shown.bin')).not.toHaveProperty('confirmedAt')
    expect(await outcome(storage, 'deleted.bin')).toBeNull()
  })

  it('asks for no bytes that it has, once the store has confirmed them', async () => {
    const storage = await open()
    await storage.uploadFile(randomBytes(500_000), 'a.bin')
    await sleep(NOTICED_MS)
    const first = await storage.downloadFile('a.bin')
    await until('a copy', async () => (await copies()) === 1)
    stub.resetCounts()
    const again = await storage.downloadFile('a.bin')
    expect(again !== null && first?.equals(again)).toBe(true)
    expect(stub.counts).toEqual({ HeadObject: 1, total: 1 })
  })

  it('survives kill -9 of two processes at any instant: what is shown then is whole, and none of it was deleted', async () => {
    let shown = 0
    for (let kill = 0; kill < (LONG ? 200 : 4); kill++) {
      const whole = folder
      folder = join(whole, `${kill}`)
      const config = JSON.stringify(configOf())
      const children = [
        ['one', 'two'],
        ['two', 'one'],
      ].map(([own, others]) =>
        start(process.execPath, [CHILD, `${kill}-${own}`, `${kill}-${others}`, config]),
      )
      for (const child of children) await child.says(/ready/)
      await sleep(NOTICED_MS + 100 + ((kill * 7919) % 300))
      for (const child of children) child.process.kill('SIGKILL')
      // What each key may hold: the last acknowledged state, and any that was under way.
      const states = new Map<string, (string | null)[]>()
      for (const child of children) {
        const { stdout, stderr } = await child.ended
        expect(stderr).toBe('')
        for (const line of stdout.slice(0, stdout.lastIndexOf('\n')).split('\n')) {
          const { begin, end, version } = JSON.parse(line)
          if (begin !== undefined) states.set(begin, [...(states.get(begin) ?? [null]), version])
          if (end !== undefined) states.set(end, [version])
        }
      }
      await stub.goDown()
      const storage = await open()
      for (const [key, allowed] of states) {
        const found = await outcome(storage, key)
        if (found === 'UNAVAILABLE') continue
        if (!Buffer.isBuffer(found)) {
          expect(allowed, key).toContain(found)
          continue
        }
        shown++
        const [version = '', repeated = ''] = found.toString().split(' ')
        expect(allowed, key).toContain(version)
        const hash = createHash('sha256').update(version).digest('hex')
        expect(repeated.length % 64).toBe(0)
        expect(repeated.replaceAll(hash, '')).toBe('')
      }
      await storage.close()
      await stub.comeBack()
      folder = whole
    }
    expect(shown).toBeGreaterThan(0)
  })
})
