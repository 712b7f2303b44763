// What the read cache costs and saves, against a stub in another process.
// node bench/cache.mjs [operations per round] [rounds]
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compete, load, printTable, startStub } from './harness.mjs'

const count = Number(process.argv[2] ?? 1000)
const rounds = Number(process.argv[3] ?? 5)
const concurrency = 16

const { StorageService } = await load('index.js')
const stub = await startStub('0', 'unverified')
const folders = []

async function open(localCacheMaxBytes) {
  const localStoragePath = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  folders.push(localStoragePath)
  const storage = new StorageService({
    config: {
      objectStorageEnabled: true,
      objectStorageProvider: 'minio',
      objectStorageEndpoint: stub.endpoint,
      objectStorageBucket: stub.bucket,
      objectStorageAccessKey: stub.credentials.accessKeyId,
      objectStorageSecretKey: stub.credentials.secretAccessKey,
      localStoragePath,
      localCacheMaxBytes,
    },
  })
  await storage.ready()
  return storage
}

const off = await open(0)
const on = await open(8 * 1024 ** 3)
// Nothing is kept in the first second.
await new Promise(resolve => setTimeout(resolve, 1100))

const small = Buffer.alloc(4096, 'holdfast')
const large = Buffer.alloc(1024 * 1024, 'holdfast')
let next = 0

for (let i = 0; i < count; i++) await off.uploadFile(small, `small/${i}`)
for (let i = 0; i < 50; i++) await off.uploadFile(large, `large/${i}`)
for (let i = 0; i < count; i++) await on.downloadFile(`small/${i}`)
for (let i = 0; i < 50; i++) await on.downloadFile(`large/${i}`)

async function table(title, contestants, operations) {
  const results = await compete(contestants, { count: operations, concurrency, rounds })
  const [first] = results
  printTable(
    `${title}, ${concurrency} at once, median of ${rounds} rounds of ${operations}`,
    ['', 'operations/s', 'CPU µs/operation', 'CPU beside the first'],
    results.map(({ name, perSecond, cpuMicros }) => [
      name,
      perSecond.toFixed(0),
      cpuMicros.toFixed(1),
      `${(cpuMicros / first.cpuMicros).toFixed(2)} x`,
    ]),
  )
}

await table(
  '4 KiB put to a new key',
  [
    { name: 'without a cache', operation: () => off.uploadFile(small, `put/${next++}`) },
    { name: 'with one', operation: () => on.uploadFile(small, `put/${next++}`) },
  ],
  count,
)
await table(
  '4 KiB get',
  [
    { name: 'without a cache', operation: i => off.downloadFile(`small/${i}`) },
    { name: 'with one, of which there is a copy', operation: i => on.downloadFile(`small/${i}`) },
  ],
  count,
)
await table(
  '4 KiB get that makes a copy',
  [
    { name: 'without a cache', operation: i => off.downloadFile(`small/${i}`) },
    { name: 'with one', operation: () => on.downloadFile(`put/${--next}`) },
  ],
  count,
)
await table(
  '1 MiB get',
  [
    { name: 'without a cache', operation: i => off.downloadFile(`large/${i % 50}`) },
    { name: 'with one, from a copy', operation: i => on.downloadFile(`large/${i % 50}`) },
  ],
  Math.min(count, 200),
)
if (!existsSync(join(folders[1], '.holdfast', 'cache'))) process.exitCode = 1

await off.close()
await on.close()
await stub.stop()
for (const folder of folders) await rm(folder, { recursive: true, force: true })
