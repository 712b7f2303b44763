// What a sweep of 1000 expired files costs among 10,000 objects and among 1,000,000 that all expire some time, on local
// files and on a bucket; and what uploads and downloads without an expiry cost beside those of the store below it.
// node bench/expiry.mjs [objects] [due]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compete, load, measure, printTable, runAll } from './harness.mjs'

const most = Number(process.argv[2] ?? 1_000_000)
const due = Number(process.argv[3] ?? 1000)

const { openRoot } = await load('stores/local/root.js')
const { LocalStore } = await load('stores/local/store.js')
const { S3Store } = await load('stores/s3/index.js')
const { startS3Stub } = await load('testing/s3-stub.js')
const { openSource } = await load('core/source.js')
const { parseKey } = await load('core/key.js')
const { newWriteId } = await load('core/write-id.js')
const { MemoryStore } = await load('stores/memory.js')
const { withExpiry } = await load('service/expiry/with-expiry.js')

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const attributes = { contentType: 'application/octet-stream', metadata: {} }
const content = Buffer.alloc(1024, 1)
const HOUR = 3_600_000
const CHUNK = 10_000

/** Notes writes that expire in the hours to come, as uploads would, many in one commit. */
async function noteOthers(ledger, count) {
  const writes = ledger.table('expiring')
  const times = ledger.table('expiring-due')
  const start = Date.now() + HOUR
  for (let at = 0; at < count; at += CHUNK) {
    await ledger.commit([], version => {
      for (let i = at; i < Math.min(at + CHUNK, count); i++) {
        const time = start + i * 1000
        const [key, id] = [`others/${i}`, newWriteId(time)]
        writes.put(Buffer.from(`${key}\0${id}`), { due: time }, version)
        times.put(Buffer.from(time.toString(16).padStart(12, '0') + id), key, version)
      }
    })
  }
}

/** The rows of objects that a sweep has no business with: those of files that are never looked at. */
async function addLocalRows(ledger, count) {
  for (let at = 0; at < count; at += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, count - at) }, (_, i) => ({
      key: `others/${at + i}`,
      expected: undefined,
      row: {
        object: {
          writeId: newWriteId(),
          lastModified: 0,
          attributes,
          at: 'objects',
          identity: { size: 1024, ino: 1, mtimeMs: 0, dev: 1 },
        },
      },
    }))
    await ledger.writeAll(rows)
  }
}

async function sweepAmong(count, kind) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  const root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
  const stub = kind === 'bucket' ? await startS3Stub() : undefined
  let time = Date.now()
  const store =
    stub === undefined
      ? await LocalStore.open(root)
      : new S3Store({
          endpoint: stub.endpoint,
          region: 'us-east-1',
          bucket: 'stub',
          credentials: stub.credentials,
        })
  if (stub === undefined) await addLocalRows(root.ledger, count - due)
  else {
    const others = stub.buckets.get('stub')
    const object = { bytes: content, etag: '0'.repeat(32), modified: new Date(), headers: {}, tagging: '' }
    for (let i = 0; i < count - due; i++) others.store(`others/${i}`, object)
  }
  await noteOthers(root.ledger, count - due)
  const bare = {
    provider: 'local',
    store,
    root,
    probe: async () => {},
    problems: () => [],
    close: () => store.close(),
  }
  const backend = withExpiry(bare, { logger: silent, now: () => time })
  await runAll(due, 32, async i => {
    const source = await openSource(content)
    await backend.store.put(parseKey(`due/${i}`), source, {
      attributes: { ...attributes, expiresAt: time + 60_000 },
    })
  })
  await root.ledger.foldUsage()
  stub?.resetCounts()
  time += 60_000
  let removed = 0
  const cost = await measure(async () => {
    ;({ removed } = await backend.sweepExpired())
  })
  if (removed !== due) throw new Error(`${removed} of ${due} were removed.`)
  const requests = Object.entries(stub?.counts ?? {}).map(([name, n]) => `${n} ${name}`)
  await backend.close()
  await root.close()
  await stub?.close()
  await rm(folder, { recursive: true, force: true })
  return { ...cost, requests: requests.join(', ') }
}

for (const kind of ['local', 'bucket']) {
  await sweepAmong(due * 2, kind)
  const costs = []
  for (const count of [Math.ceil(most / 100), most, most, Math.ceil(most / 100)])
    costs.push({ count, ...(await sweepAmong(count, kind)) })
  printTable(
    `A sweep, ${kind}`,
    ['objects', 'seconds', 'CPU ms', 'requests'],
    costs.map(({ count, seconds, cpuMicros, requests }) => [
      `${due} due of ${count.toLocaleString('en')}`,
      seconds.toFixed(2),
      Math.round(cpuMicros / 1000),
      requests,
    ]),
  )
  const cpuOf = count =>
    costs.filter(cost => cost.count === count).reduce((sum, { cpuMicros }) => sum + cpuMicros, 0)
  console.log(`${kind}: CPU ratio ${(cpuOf(most) / cpuOf(Math.ceil(most / 100))).toFixed(2)}`)
}

// The store below is the one that costs least, so that whatever is laid over it shows.
const bare = new MemoryStore()
const below = new MemoryStore()
const { store: over, close } = withExpiry(
  { provider: 'local', store: below, probe: async () => {}, problems: () => [], close: () => below.close() },
  { logger: silent, now: Date.now },
)
const keys = Array.from({ length: 1000 }, (_, i) => parseKey(`key/${i}`))
const putTo = store => async i => {
  await store.put(keys[i % keys.length], await openSource(content), { attributes })
}
const getFrom = store => async i => {
  await (await store.get(keys[i % keys.length])).body.bytes()
}
for (const [name, operation] of [
  ['put', putTo],
  ['get', getFrom],
]) {
  const [plain, expiring] = await compete(
    [
      { name: 'without', operation: operation(bare) },
      { name: 'with', operation: operation(over) },
    ],
    { count: 50_000, concurrency: 8, rounds: 9 },
  )
  console.log(
    `${name} without an expiry, in memory: ${plain.cpuMicros.toFixed(2)} µs of CPU, through the layer ${expiring.cpuMicros.toFixed(2)} µs`,
  )
}
await close()
