import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageService, syncFiles, verifyFiles } from '../src/index.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { Chat } from './support/chat.js'
import { healthy, useFolder, useStub } from './support/failover-service.js'
import { randomFrom } from './support/random.js'

const FILES = process.env['HOLDFAST_TEST_LONG'] === '1' ? 4000 : 200

test('a chat moves to another provider with a short stop, and finds everything there', async () => {
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`HOLDFAST_TEST_SEED=${seed}`)
  const random = randomFrom(seed)
  const [stub, other] = [await useStub(), await useStub()]
  const [folder, stateFolder] = [await useFolder(), await useFolder()]
  // The folder stays the same, as with settings of which only the bucket's are changed.
  const more: Partial<StorageConfig> = {
    localStoragePath: folder,
    spoolReserveBytes: 0,
    probeIntervalMs: 200,
    settleWindowMs: 1000,
  }
  const from = { ...settingsOf(accessOf(stub)), ...more }
  const to = { ...settingsOf(accessOf(other)), ...more }
  const options = { from, to, config: {}, stateFolder }
  const open = (config: Partial<StorageConfig>): StorageService => {
    const storage = new StorageService({ config })
    onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
    return storage
  }

  const chat = new Chat()
  const service = open(from)
  for (let n = 0; n < FILES; n++) {
    const [key, content] = [`rooms/${n % 20}/${n}.bin`, randomBytes(1 + Math.floor(random() * 3000))]
    await service.uploadFile(content, key)
    chat.model.set(key, content)
  }
  chat.start(service, random)
  await chat.goesOn(20)
  // While it runs: most of it, and some that is out of date when it has been copied.
  for (let pass = 0; pass < 2; pass++) expect(await syncFiles(options)).toMatchObject({ failed: 0 })

  // The bucket is away when the service ends: what waits for it is not forgotten.
  await chat.stop()
  await stub.goDown()
  for (let n = 0; n < 10; n++) {
    const content = randomBytes(100)
    await service.uploadFile(content, `rooms/late-${n}`)
    chat.model.set(`rooms/late-${n}`, content)
  }
  await service.deleteFile('rooms/0/0.bin')
  chat.model.set('rooms/0/0.bin', null)
  expect(service.getStatus().pending).toBeGreaterThan(0)
  await service.close({ drainMs: 0 })
  await stub.comeBack()
  await expect(syncFiles({ ...options, delete: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const draining = open(from)
  await draining.ready()
  await healthy(draining)
  await draining.close()

  // The stop.
  const last = await syncFiles({ ...options, delete: true })
  expect(last).toMatchObject({ failed: 0, unsettled: 0, vanished: 0 })
  expect(last.copied + last.replaced).toBeLessThan(chat.model.size)
  const compared = await verifyFiles({ from, to, config: {} })
  expect(compared).toMatchObject({ missing: 0, extra: 0, different: 0, failed: 0 })

  // Nothing of what follows needs the old one.
  await stub.goDown()
  const moved = open(to)
  await chat.check(moved)
  chat.start(moved, random)
  await chat.goesOn(100)
  await chat.stop()
  await chat.check(moved)
}, 120_000)
