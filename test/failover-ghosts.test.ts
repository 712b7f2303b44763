import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { StorageService } from '../src/service.js'
import { type FaultProxy, startFaultProxy } from '../src/testing/fault-proxy.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'

// Requests whose answers were lost, and that land after newer ones.

let stub: S3Stub
let proxy: FaultProxy
let storage: StorageService

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ghosts-'))
  stub = await startS3Stub()
  proxy = await startFaultProxy({ target: stub.endpoint })
  storage = new StorageService({
    config: {
      ...settingsOf(accessOf(stub, { endpoint: proxy.endpoint })),
      localStoragePath: join(folder, 'uploads'),
      probeIntervalMs: 200,
      spoolReserveBytes: 0,
    },
  })
  onTestFinished(async () => {
    await proxy.apply()
    await storage.close()
    await proxy.close()
    await stub.close()
    rmSync(folder, { recursive: true, force: true })
  })
})

const put = (text: string) => storage.uploadFile(Buffer.from(text), 'k', 'text/plain')
const get = async (): Promise<string | undefined> => (await storage.downloadFile('k'))?.toString()

/** Holds back the first write that the work sends; a repetition would pass. */
async function withGhost(work: () => Promise<unknown>): Promise<void> {
  await proxy.apply({ fault: { kind: 'ghost', minMs: 60_000, maxMs: 60_000 }, of: 'writes' })
  const working = work()
  while (proxy.ghosts === 0) await sleep(1)
  await proxy.apply()
  await working
  expect(proxy.ghosts).toBe(1)
}

test('a put without an answer, which lands after a newer put', async () => {
  await put('zero')
  await withGhost(() => put('one'))
  await put('two')
  await proxy.settle()
  expect(await get()).toBe('two')
})

test('a put without an answer, which lands after a delete', async () => {
  await put('zero')
  await withGhost(() => put('one'))
  await storage.deleteFile('k')
  await proxy.settle()
  expect(await get()).toBeUndefined()
})

test('a delete without an answer, which lands after a newer put', async () => {
  await put('zero')
  await withGhost(() => storage.deleteFile('k'))
  await put('two')
  await proxy.settle()
  expect(await get()).toBe('two')
})

test('a replay that was cut before it took effect, and whose repetition meets an older version', async () => {
  await put('one')
  await stub.goDown()
  // Once the store is known to be away, nothing is sent there: the entry has not been tried before its return.
  for (let i = 0; !storage.getStatus().fallbackMode; i++) {
    await storage.uploadFile(Buffer.from('x'), `other-${i}`, 'text/plain')
  }
  await put('two')
  let puts = 0
  stub.fault = ({ operation, key }) =>
    operation === 'PutObject' && key === 'k' && ++puts === 1 ? 'reset' : undefined
  await stub.comeBack()
  for (let i = 0; i < 100 && storage.getStatus().pending > 0; i++) await sleep(50)
  expect(storage.getStatus()).toMatchObject({ pending: 0, parked: 0 })
})

test('an outage that only reads have met shows in the status, before an upload has waited for it', async () => {
  await put('zero')
  await stub.goDown()
  for (let i = 0; i < 3; i++) await storage.fileExists('other').catch(() => undefined)
  for (let i = 0; i < 100 && !storage.getStatus().fallbackMode; i++) await sleep(20)
  expect(storage.getStatus()).toMatchObject({ fallbackMode: true, state: 'degraded' })
  await stub.comeBack()
  for (let i = 0; i < 100 && storage.getStatus().state !== 'healthy'; i++) await sleep(50)
  expect(storage.getStatus()).toMatchObject({ fallbackMode: false, state: 'healthy', pending: 0 })
})

test('the status of a closed storage can be asked for', async () => {
  await put('one')
  await storage.close()
  expect(storage.getStatus().state).toBe('closed')
})

test('a copy that was carried out without an answer does not stand in its own way', async () => {
  await put('one')
  let copies = 0
  stub.fault = ({ operation, key }) =>
    operation === 'CopyObject' && key === 'copy' && ++copies === 1 ? 'lose-answer' : undefined
  await storage.copyFile('k', 'copy', { ifNoneMatch: '*' })
  expect(copies).toBe(1)
  expect((await storage.downloadFile('copy'))?.toString()).toBe('one')
})
