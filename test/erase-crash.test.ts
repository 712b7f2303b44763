import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { Bucket } from '../src/operations/bucket.js'
import { StorageService } from '../src/service.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { said, until } from './support/failover-folder.js'
import { useFolder, useStub } from './support/failover-service.js'
import { ROOT, start } from './support/process.js'
import { randomFrom } from './support/random.js'
import { marked, searchBucket, searchExport, searchFolder } from './support/traces.js'

const CHILD = `${ROOT}/test/support/erase-child.mjs`
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const ROUNDS = LONG ? 200 : 8

/** What is stored for a round: all that there can be of files that are to go, and the same of files that are not. */
interface Planted {
  readonly marks: string[]
  readonly kept: Map<string, Buffer>
  /** Of what is kept where no reader gets it. */
  readonly keptMarks: string[]
}

/** Stores the same below both prefixes: old files, versions, deleted ones, cached, held back, unfinished and waiting ones. */
async function plant(stub: S3Stub, config: Partial<StorageConfig>): Promise<Planted> {
  const planted: Planted = { marks: [], kept: new Map(), keptMarks: [] }
  const content = (prefix: string, size: number): Buffer => {
    const { mark, content } = marked(size)
    if (prefix === 'gone/') planted.marks.push(mark)
    return content
  }
  const both = ['gone/', 'kept/']
  const { localStoragePath = '' } = config
  const before = new StorageService({ config: { objectStorageEnabled: false, localStoragePath } })
  const put = async (storage: StorageService, key: string, bytes: Buffer): Promise<void> => {
    await storage.uploadFile(bytes, key)
    if (key.startsWith('kept/')) planted.kept.set(key, bytes)
  }
  for (const prefix of both) await put(before, `${prefix}legacy`, content(prefix, 900))
  await before.close()
  const storage = new StorageService({
    config,
    inspect: async ({ key }) => ({
      verdict: key.endsWith('held') ? 'quarantine' : 'allow',
      reason: 'as named',
    }),
  })
  const bucket = new Bucket(storage.config)
  await bucket.setVersioning(true)
  await bucket.close()
  for (const prefix of both) {
    for (const key of ['versions', 'cached', 'deleted', 'replaced'])
      for (const size of [700, 90_000]) await put(storage, prefix + key, content(prefix, size))
    await storage.deleteFile(`${prefix}deleted`)
    await storage.downloadFile(`${prefix}cached`)
    const held = content(prefix, 5000)
    await expect(storage.uploadFile(held, `${prefix}held`)).rejects.toMatchObject({ code: 'QUARANTINED' })
    if (prefix === 'kept/') planted.keptMarks.push(held.toString('latin1', 0, 24))
    const begun = new Date(Date.now() - 1000)
    const part = { bytes: content(prefix, 400), etag: 'e', modified: begun }
    const upload = { key: `${prefix}versions`, headers: {}, tagging: '', begun, parts: new Map([[1, part]]) }
    stub.buckets.get('stub')?.uploads.set(`of ${prefix}`, upload)
  }
  await stub.goDown()
  for (const prefix of both)
    for (const [key, size] of Object.entries({ small: 300, large: 80_000, replaced: 2000 }))
      await put(storage, prefix + key, content(prefix, size))
  planted.kept.delete('kept/deleted')
  await storage.close({ drainMs: 0 })
  return planted
}

const ends = { before: 0, during: 0, after: 0 }

/** Erases, killed once or twice, and looks at what is left when nothing is owed any more. */
async function survives(seed: number, round: number): Promise<void> {
  const next = randomFrom(seed + round)
  const random = (below: number): number => Math.floor(next() * below)
  const stub = await useStub()
  const config: Partial<StorageConfig> = {
    ...settingsOf(accessOf(stub)),
    localStoragePath: await useFolder(),
    localCacheMaxBytes: 32 * 1024 * 1024,
    objectStorageFirstByteTimeoutMs: 2000,
    probeIntervalMs: 50,
    settleWindowMs: 200,
    spoolReserveBytes: 0,
  }
  const { localStoragePath: folder = '' } = config
  const where = `round ${round} of seed ${seed}`
  const { marks, kept, keptMarks } = await plant(stub, config)
  // The bucket is back before it, comes back meanwhile, or after it.
  const isBackAt = random(3)
  if (isBackAt === 0) await stub.comeBack()
  let isAsked = false
  for (let kills = 1 + random(2); kills > 0; kills--) {
    const child = start(process.execPath, [CHILD, JSON.stringify(config), ...(isAsked ? [] : ['gone/'])])
    await child.says(/"begins"/)
    await sleep(random(700))
    child.process.kill('SIGKILL')
    const { stdout, stderr } = await child.ended
    expect(stderr, where).toBe('')
    const words = said(stdout)
    const isAnswered = words.some(({ answered }) => answered === true)
    if (!isAsked) ends[isAnswered ? 'after' : words.length > 1 ? 'during' : 'before']++
    isAsked ||= isAnswered || words.length > 1
    if (isBackAt === 1) await stub.comeBack()
  }
  await stub.comeBack()
  const storage = new StorageService({ config })
  onTestFinished(async () => void (await storage.close()))
  // One that was killed before it was noted was never asked for; whoever asked had no answer, and asks again.
  for await (const _ of storage.erasures()) isAsked = true
  if (!isAsked) await storage.erasePrefix('gone/')
  await until(`${where} is erased`, async () => {
    for await (const { finishedAt } of storage.erasures()) if (finishedAt === undefined) return false
    return storage.getStatus().pending === 0
  })
  expect([...(await storage.listFiles('gone/'))], where).toEqual([])
  for (const [key, bytes] of kept)
    expect((await storage.downloadFile(key))?.equals(bytes), `${key} in ${where}`).toBe(true)
  expect(await searchExport(storage, marks), where).toEqual([])
  await storage.close()
  expect(searchFolder(folder, marks), where).toEqual([])
  expect(searchBucket(stub, marks), where).toEqual([])
  expect(searchFolder(folder, keptMarks).length, where).toBe(keptMarks.length)
  expect([...(stub.buckets.get('stub')?.uploads.keys() ?? [])], where).toEqual(['of kept/'])
  await stub.close()
}

test(
  `${ROUNDS} erasures that are killed at any moment are finished, and take nothing else`,
  async () => {
    const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 1e9))
    console.log(`erasures that are killed: seed ${seed}`)
    const rounds = Array.from({ length: ROUNDS }, (_, round) => round)
    // They mostly wait.
    const limit = pLimit(4)
    await Promise.all(rounds.map(round => limit(() => survives(seed, round))))
    console.log(`killed before it was noted or told, during, after: ${Object.values(ends).join(', ')}`)
  },
  LONG ? 7_200_000 : 600_000,
)
