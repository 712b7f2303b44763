import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { migrateFiles, StorageService } from '../src/index.js'
import { cutover } from '../src/operations/migration/live.js'
import { rollBack } from '../src/operations/migration/roll-back.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { Chat } from './support/chat.js'
import { until, useFolder, useStub } from './support/failover-service.js'
import { randomFrom } from './support/random.js'

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1'
const FILES = isLong ? 4000 : 300

function configOf(stub: S3Stub, folder: string, enabled: boolean): Partial<StorageConfig> {
  return {
    ...settingsOf(accessOf(stub)),
    objectStorageEnabled: enabled,
    localStoragePath: folder,
    spoolReserveBytes: 0,
    // No process dies in these tests, so no late request is waited for.
    settleWindowMs: 1000,
  }
}

test('a chat goes on during a migration, its cutover and the way back: no error, and no stale read', async () => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`HOLDFAST_TEST_SEED=${seed}`)
  const random = randomFrom(seed)
  const stub = await useStub()
  const folder = await useFolder()
  const [on, off] = [configOf(stub, folder, true), configOf(stub, folder, false)]
  const state = await useFolder()
  const chat = new Chat()

  const before = new StorageService({ config: off })
  for (let n = 0; n < FILES; n++) {
    const content = randomBytes(1 + Math.floor(random() * 3000))
    chat.model.set(`rooms/${n % 20}/${n}.bin`, content)
    await before.uploadFile(content, `rooms/${n % 20}/${n}.bin`)
  }
  await before.close()

  const service = new StorageService({ config: on })
  onTestFinished(async () => void (await service.close({ drainMs: 0 })))
  stub.fault = () => ({ delayMs: 2 })
  chat.start(service, random)
  await chat.goesOn(20)
  expect(await migrateFiles({ config: on, dryRun: true })).toMatchObject({ dryRun: true, failed: 0 })
  const report = await migrateFiles({ config: on, stateFolder: state })
  expect(report).toMatchObject({ failed: 0, failures: [], unsettled: 0, kept: 0 })
  expect(report.copied).toBeGreaterThan(0)
  // Again: all of it is there.
  expect(await migrateFiles({ config: on, stateFolder: state })).toMatchObject({ copied: 0, failed: 0 })
  await chat.goesOn(100)
  await chat.stop()
  await chat.check(service)

  // The way back, while the copies are in the folder: a short stop, and nothing is missing.
  await until('nothing waits', () => service.getStatus().pending + service.getStatus().settling === 0)
  await expect(rollBack({ config: on, stateFolder: state })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await service.close()
  expect(await rollBack({ config: on, stateFolder: state })).toMatchObject({ failed: 0, unsettled: 0 })
  const local = new StorageService({ config: off })
  await chat.check(local)
  chat.start(local, random)
  await chat.goesOn(100)
  await chat.stop()
  await chat.check(local)
  await local.close()
}, 240_000)

test('after the cutover the folder holds no copies, and the bucket everything', async () => {
  const random = randomFrom(7)
  const stub = await useStub()
  const folder = await useFolder()
  const [on, off] = [configOf(stub, folder, true), configOf(stub, folder, false)]
  const chat = new Chat()
  const before = new StorageService({ config: off })
  for (let n = 0; n < 60; n++) {
    chat.model.set(`rooms/${n}.bin`, Buffer.from(`file ${n}`))
    await before.uploadFile(Buffer.from(`file ${n}`), `rooms/${n}.bin`)
  }
  // However fast the chat replaces its own, these stay as they are.
  for (let n = 0; n < 10; n++) await before.uploadFile(Buffer.from(`still ${n}`), `still/${n}.bin`)
  await before.close()
  const service = new StorageService({ config: on })
  onTestFinished(async () => void (await service.close({ drainMs: 0 })))
  // Before anything was brought, nothing is removed.
  expect(await cutover({ config: on })).toMatchObject({ removed: 0, left: 70, failed: 0 })
  chat.start(service, random)
  for (let n = 0; n < 10; n++) chat.model.set(`still/${n}.bin`, Buffer.from(`still ${n}`))
  await migrateFiles({ config: on })
  const planned = await cutover({ config: on, prefix: 'still/', dryRun: true })
  expect(planned).toMatchObject({ removed: 10, left: 0, failed: 0, dryRun: true })
  expect(readdirSync(`${folder}/still`)).toHaveLength(10)
  const report = await cutover({ config: on })
  expect(report).toMatchObject({ failed: 0 })
  await chat.goesOn(50)
  await chat.stop()
  await until('nothing waits', () => service.getStatus().pending + service.getStatus().settling === 0)
  await cutover({ config: on })
  await chat.check(service)
  expect(readdirSync(folder).filter(name => name !== '.holdfast')).toEqual([])
}, 120_000)

test('a file that is overwritten while the bucket is asked for it was not kept from being copied', async () => {
  const stub = await useStub()
  const folder = await useFolder()
  const [on, off] = [configOf(stub, folder, true), configOf(stub, folder, false)]
  const before = new StorageService({ config: off })
  await before.uploadFile(Buffer.from('old'), 'k')
  await before.close()
  const service = new StorageService({ config: on })
  onTestFinished(async () => void (await service.close({ drainMs: 0 })))
  await service.ready()
  let asked = 0
  stub.fault = ({ method }) => (method === 'HEAD' && ++asked === 1 ? { delayMs: 2000 } : undefined)
  const migrating = migrateFiles({ config: on })
  await until('the bucket is asked', () => asked > 0)
  await service.uploadFile(Buffer.from('new'), 'k')
  await until('it is in the bucket', () => stub.buckets.get('stub')?.objects.has('k') === true)
  expect(await migrating).toMatchObject({ kept: 0, copied: 0, vanished: 1, failed: 0 })
  expect((await service.downloadFile('k'))?.toString()).toBe('new')
})

test('a delete or an overwrite at any moment of it is never undone', async () => {
  const stub = await useStub()
  const folder = await useFolder()
  const [on, off] = [configOf(stub, folder, true), configOf(stub, folder, false)]
  const count = isLong ? 600 : 80
  const before = new StorageService({ config: off })
  for (let n = 0; n < count; n++) await before.uploadFile(Buffer.from('old'), `k${n}`)
  await before.close()
  const service = new StorageService({ config: on })
  onTestFinished(async () => void (await service.close({ drainMs: 0 })))
  await service.ready()
  stub.fault = () => ({ delayMs: 1 })
  const migrating = migrateFiles({ config: on, concurrency: 4 })
  const wrong: string[] = []
  const mutate = async (n: number): Promise<void> => {
    await sleep((n * 7) % 400)
    if (n % 2 === 0) await service.deleteFile(`k${n}`)
    else await service.uploadFile(Buffer.from('new'), `k${n}`)
    for (let look = 0; look < 5; look++) {
      const found = (await service.downloadFile(`k${n}`))?.toString()
      if (found !== (n % 2 === 0 ? undefined : 'new')) wrong.push(`k${n}: ${found}`)
      await sleep(10)
    }
  }
  await Promise.all([migrating, ...Array.from({ length: count }, (_, n) => mutate(n))])
  expect(wrong).toEqual([])
  await until('nothing waits', () => service.getStatus().pending + service.getStatus().settling === 0)
  const objects = stub.buckets.get('stub')?.objects ?? new Map()
  for (let n = 0; n < count; n++) {
    expect(objects.get(`k${n}`)?.bytes.toString(), `k${n}`).toBe(n % 2 === 0 ? undefined : 'new')
    expect((await service.downloadFile(`k${n}`))?.toString()).toBe(n % 2 === 0 ? undefined : 'new')
  }
}, 120_000)
