// What a quota costs: 4 KiB files put and removed on local storage where there is no quota, beside one, below one, and
// below one as creations, which need no look. By turns in one run; the ratio is to where there is none.
//
//   node bench/quotas.mjs [files of a turn] [rounds]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compete, load, printTable } from './harness.mjs'

const count = Number(process.argv[2] ?? 500)
const rounds = Number(process.argv[3] ?? 7)
const { StorageService } = await load('index.js')
const content = Buffer.alloc(4096, 1)

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const storage = new StorageService({ config: { localStoragePath: folder } })
  return { storage, close: () => storage.close().then(() => rm(folder, { recursive: true })) }
}

const [none, some] = [await open(), await open()]
const limits = { maxBytes: 1e12, maxFiles: 1e9 }
await some.storage.quotas.set('rooms/42/', limits)
// The files of a turn have names of their own: a put after a removal of the same key waits for nobody.
let name = 0
const putAndRemove = (storage, prefix, options) => async () => {
  const key = `${prefix}${name++}`
  await storage.uploadFile(content, key, options)
  await storage.deleteFile(key)
}
const contestants = [
  { name: 'no quota', operation: putAndRemove(none.storage, 'rooms/42/') },
  { name: 'beside a quota', operation: putAndRemove(some.storage, 'rooms/43/') },
  { name: 'below a quota', operation: putAndRemove(some.storage, 'rooms/42/') },
  { name: 'below, if new', operation: putAndRemove(some.storage, 'rooms/42/', { ifNoneMatch: '*' }) },
]
for (const concurrency of [1, 32]) {
  const results = await compete(contestants, { count, concurrency, rounds })
  const [floor] = results
  printTable(
    `A put and a removal of 4 KiB, ${concurrency} at once`,
    ['', 'a second', 'ratio', 'CPU µs', 'ratio'],
    results.map(({ name, perSecond, cpuMicros }) => [
      name,
      Math.round(perSecond),
      (perSecond / floor.perSecond).toFixed(2),
      Math.round(cpuMicros),
      (cpuMicros / floor.cpuMicros).toFixed(2),
    ]),
  )
}
await none.close()
await some.close()
