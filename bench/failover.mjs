// What failover costs, as ratios of one run: the drain of a spool beside direct uploads, a healthy FailoverStore
// beside the bare S3 store, puts during an outage beside durable local puts, and the start with a long journal.
// All against a stub in another process, whose work does not count. Rounds are interleaved, so that what else the
// machine does falls on all alike.
// node bench/failover.mjs [--json] [--only drain,healthy,outage,restart] [--objects 10000] [--rounds 3] [--dir <folder>]
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { load, measure, median, printTable, runAll, startStub } from './harness.mjs'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: 'drain,healthy,outage,restart' },
    objects: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    dir: { type: 'string', default: tmpdir() },
    // What a child is to open; see restart().
    open: { type: 'string' },
  },
})
const objects = Number(values.objects)
const rounds = Number(values.rounds)
const CONCURRENCY = 32
const DEADLINE_MS = 1000
const PROBE_MS = 200

const { completeConfig } = await load('config.js')
const { silentLogger } = await load('core/logger.js')
const { openSource } = await load('core/source.js')
const { parseAttributes } = await load('core/attributes.js')
const { openFailoverBackend } = await load('service/failover-backend.js')
const attributes = parseAttributes({ contentType: 'application/octet-stream' })

/** Opens failover as the service does. `until(state)` resolves at the moment at which the state holds. */
async function openNet(stub, path, more = {}) {
  const watching = new Set()
  const onChange = () => {
    for (const watch of watching) watch()
  }
  const config = completeConfig({
    objectStorageEnabled: true,
    objectStorageProvider: 'minio',
    objectStorageEndpoint: stub.endpoint,
    objectStorageBucket: stub.bucket,
    objectStorageRegion: stub.credentials.region,
    objectStorageAccessKey: stub.credentials.accessKeyId,
    objectStorageSecretKey: stub.credentials.secretAccessKey,
    objectStorageFirstByteTimeoutMs: DEADLINE_MS,
    probeIntervalMs: PROBE_MS,
    localStoragePath: path,
    ...more,
  })
  const backend = await openFailoverBackend('minio', config, silentLogger, true, {
    changed: onChange,
    wants: () => false,
    tell: () => {},
  })
  const until = async holds => {
    while (!holds(backend.failover())) {
      await new Promise(resolve => {
        watching.add(resolve)
        setTimeout(resolve, 100)
      })
      watching.clear()
    }
  }
  return {
    ...backend,
    until,
    put: async (key, bytes) => backend.store.put(key, await openSource(bytes), { attributes }),
  }
}

/** Different bytes each time, as uploads are. */
function contentsOf(size) {
  const contents = Array.from({ length: 64 }, () => randomBytes(size))
  return i => contents[i % contents.length]
}

function percentile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Rates of direct uploads and of the drain of as many spooled ones, by turns. */
async function drain(stub, folder) {
  const net = await openNet(stub, join(folder, 'drain'))
  const content = contentsOf(10 * 1024)
  const direct = []
  const drained = []
  const uploadDirectly = async round => {
    const { seconds, cpuMicros } = await measure(() =>
      runAll(objects, CONCURRENCY, i => net.put(`direct/${round}/${i}`, content(i))),
    )
    return { perSecond: objects / seconds, micros: cpuMicros / objects }
  }
  const spoolAndDrain = async (round, count) => {
    await stub.tell('down')
    await runAll(count, CONCURRENCY, i => net.put(`spooled/${round}/${i}`, content(i)))
    const { pending } = net.failover()
    if (pending < count - CONCURRENCY) throw new Error(`${pending} of ${count} uploads are spooled.`)
    await stub.tell('up')
    await net.until(({ away }) => !away)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const { seconds, cpuMicros } = await measure(() => net.until(status => status.pending === 0))
    delay.disable()
    return { perSecond: pending / seconds, micros: cpuMicros / pending, delayMs: delay.percentile(99) / 1e6 }
  }
  await runAll(objects / 4, CONCURRENCY, i => net.put(`direct/warm/${i}`, content(i)))
  await spoolAndDrain('warm', Math.ceil(objects / 4))
  for (let round = 0; round < rounds; round++) {
    const before = await uploadDirectly(`${round}-before`)
    drained.push(await spoolAndDrain(round, objects))
    const after = await uploadDirectly(`${round}-after`)
    direct.push({
      perSecond: (before.perSecond + after.perSecond) / 2,
      micros: (before.micros + after.micros) / 2,
    })
  }
  await net.close()
  const ratio = median(drained.map(({ perSecond }, i) => perSecond / direct[i].perSecond))
  const middle = (of, what) => median(of.map(one => one[what]))
  return {
    title: `Drain of ${objects} spooled objects of 10 KiB, medians of ${rounds} rounds`,
    header: ['', 'objects/s', 'of direct uploads', 'CPU µs/object'],
    rows: [
      [
        'direct uploads',
        middle(direct, 'perSecond').toFixed(0),
        '1.00 x',
        middle(direct, 'micros').toFixed(0),
      ],
      [
        'drain',
        middle(drained, 'perSecond').toFixed(0),
        `${ratio.toFixed(2)} x`,
        middle(drained, 'micros').toFixed(0),
      ],
      ['p99 of the event loop delay meanwhile, ms', middle(drained, 'delayMs').toFixed(1), '', ''],
    ],
    ratios: { drain: ratio },
    targets: { drain: '>= 0.70' },
  }
}

/** CPU of operations through failover over those of the bare store, while all is well. */
async function healthy(stub, folder) {
  const net = await openNet(stub, join(folder, 'healthy'))
  const { S3Store } = await load('stores/s3/index.js')
  const { endpoint, bucket, credentials } = stub
  const bare = new S3Store({ endpoint, region: credentials.region, bucket, credentials })
  const content = contentsOf(4096)
  const count = Math.ceil(objects / 5)
  const operations = {
    PUT: store => async i => store.put(`healthy/${i % 1000}`, await openSource(content(i)), { attributes }),
    GET: store => async i => (await store.get(`healthy/${i % 1000}`)).body.bytes(),
  }
  const rows = []
  const ratios = {}
  for (const [verb, of] of Object.entries(operations)) {
    const contestants = [of(bare), of(net.store)]
    const cpu = [[], []]
    for (let round = -2; round < rounds * 7; round++) {
      // By turns, and each first in every other round.
      for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const { cpuMicros } = await measure(() => runAll(count, CONCURRENCY, contestants[which]))
        if (round >= 0) cpu[which].push(cpuMicros / count)
      }
    }
    const ratio = median(cpu[1].map((micros, round) => micros / cpu[0][round]))
    rows.push([`${verb} through the bare S3 store`, median(cpu[0]).toFixed(1), '1.00 x'])
    rows.push([`${verb} through FailoverStore`, median(cpu[1]).toFixed(1), `${ratio.toFixed(3)} x`])
    ratios[`healthy${verb}`] = ratio
  }
  await bare.close()
  await net.close()
  return {
    title: `4 KiB while all is well, ${CONCURRENCY} at once, medians of ${rounds * 7} rounds of ${count}`,
    header: ['', 'CPU µs/operation', 'of the bare store'],
    rows,
    ratios,
    targets: { healthyPUT: '<= 1.10', healthyGET: '<= 1.10' },
  }
}

/** Puts while the store accepts connections and says nothing. */
async function outage(stub, folder) {
  const { openRoot } = await load('stores/local/root.js')
  const { LocalStore } = await load('stores/local/store.js')
  const content = contentsOf(4096)
  const large = randomBytes(8 * 1024 * 1024)

  // The first ones that meet the silence: by a deadline of their own, whatever their size.
  const until = []
  for (let round = 0; round < rounds; round++) {
    const net = await openNet(stub, join(folder, `silence-${round}`))
    await net.put('warm', content(0))
    await stub.tell('hang')
    await Promise.all([
      ...Array.from({ length: 8 }, async (_, i) =>
        until.push(await timed(() => net.put(`small/${round}/${i}`, content(i)))),
      ),
      ...Array.from({ length: 2 }, async (_, i) =>
        until.push(await timed(() => net.put(`large/${round}/${i}`, large))),
      ),
    ])
    await stub.tell('up')
    await net.close()
  }

  const net = await openNet(stub, join(folder, 'outage'))
  const root = await openRoot({ path: join(folder, 'local'), create: true })
  const local = await LocalStore.open(root)
  await local.adopted
  await net.put('warm', content(0))
  await stub.tell('hang')
  await net.put('opens-the-breaker', content(0))
  await net.until(({ away }) => away)
  const contestants = [
    async key => local.put(key, await openSource(content(0)), { attributes }),
    key => net.put(key, content(0)),
  ]
  const taken = [[], []]
  for (let i = 0; i < 200; i++) for (const put of contestants) await put(`warm/${i}`)
  // A probe takes as long as the deadline, since nothing is said.
  const end = performance.now() + 6 * (DEADLINE_MS + PROBE_MS)
  for (let i = 0; performance.now() < end; i++) {
    for (const which of i % 2 === 0 ? [0, 1] : [1, 0]) {
      taken[which].push(await timed(() => contestants[which](`outage/${i}`)))
    }
  }
  await stub.tell('up')
  await net.close()
  await local.close()
  await root.close()
  const [ownP99, netP99] = taken.map(times => percentile(times, 0.99))
  const [ownP50, netP50] = taken.map(times => median(times))
  const longest = Math.max(...until)
  return {
    title: `4 KiB puts while the store hangs, over 6 probes, ${taken[0].length} of each by turns`,
    header: ['', 'median ms', 'p99 ms', 'of local, median', 'of local, p99'],
    rows: [
      ['local store', ownP50.toFixed(2), ownP99.toFixed(2), '1.00 x', '1.00 x'],
      [
        'FailoverStore',
        netP50.toFixed(2),
        netP99.toFixed(2),
        `${(netP50 / ownP50).toFixed(2)} x`,
        `${(netP99 / ownP99).toFixed(2)} x`,
      ],
      [
        `until the breaker opens, up to 8 MiB: longest, deadline ${DEADLINE_MS}`,
        '',
        longest.toFixed(0),
        '',
        '',
      ],
    ],
    ratios: {
      outageP50: netP50 / ownP50,
      outageP99: netP99 / ownP99,
      beforeOpenMs: longest,
    },
    targets: { outageP99: '<= 1.50', beforeOpenMs: `<= ${DEADLINE_MS + 500}` },
  }
}

/** What a process needs to open a folder whose journal is long, the store being away. */
async function restart(stub, folder) {
  const { openRoot } = await load('stores/local/root.js')
  const { LedgerJournal } = await load('failover/ledger-journal.js')
  const rows = []
  const ratios = {}
  await stub.tell('down')
  for (const count of [0, 10_000, 100_000]) {
    const path = join(folder, `restart-${count}`)
    const root = await openRoot({ path, create: true, ballastBytes: 0 })
    const journal = new LedgerJournal(root.ledger)
    const target = `${stub.endpoint}/${stub.bucket}`
    await runAll(count, 1000, i =>
      journal.commit(`restart/${i}`, undefined, { target, state: stateOf(i, root.clock) }),
    )
    await root.close()
    const child = fork(new URL(import.meta.url), ['--open', JSON.stringify({ stub, path })])
    const [{ ms, pending, rss }] = await once(child, 'message')
    await once(child, 'exit')
    if (pending !== count) throw new Error(`${pending} of ${count} entries were found.`)
    rows.push([`${count} pending`, ms.toFixed(0), (rss / 1e6).toFixed(0)])
    ratios[`restart${count}Ms`] = ms
    ratios[`restart${count}MB`] = rss / 1e6
  }
  await stub.tell('up')
  return {
    title: 'Start of a process that opens a folder, the store being away',
    header: ['', 'ms until open', 'highest RSS, MB'],
    rows,
    ratios,
    targets: { restart10000Ms: '<= 5000', restart100000Ms: '<= 10000', restart100000MB: '<= 200' },
  }
}

function stateOf(i, clock) {
  return {
    kind: 'put',
    writeId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    stamp: clock.next(),
    at: Date.now(),
    file: `aa/00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    size: 10 * 1024,
    sha256: 'ab'.repeat(32),
    attributes,
  }
}

/** The child's part of {@link restart}: it opens the folder, and stays open for a while. */
async function openAsChild({ stub, path }) {
  let net
  const ms = await timed(async () => {
    net = await openNet(stub, path)
  })
  const { pending } = net.failover()
  await sleep(3000)
  process.send({ ms, pending, rss: process.resourceUsage().maxRSS * 1024 })
  await net.close()
  process.disconnect()
}

async function main() {
  const sections = { drain, healthy, outage, restart }
  const stub = await startStub()
  const folder = await mkdtemp(join(values.dir, 'holdfast-bench-'))
  const all = []
  for (const name of values.only.split(',')) {
    const { title, header, rows, ...rest } = await sections[name](stub, folder)
    if (!values.json) printTable(title, header, rows)
    all.push(rest)
  }
  const ratios = Object.assign({}, ...all.map(result => result.ratios))
  const targets = Object.assign({}, ...all.map(result => result.targets))
  if (values.json) console.log(JSON.stringify({ ratios, targets }))
  else
    printTable(
      'Targets',
      ['', 'measured', 'target'],
      Object.entries(targets).map(([name, target]) => [name, ratios[name].toFixed(2), target]),
    )
  await stub.stop()
  await rm(folder, { recursive: true, force: true })
}

await (values.open === undefined ? main() : openAsChild(JSON.parse(values.open)))
