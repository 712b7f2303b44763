// A process of its own that works on a bucket with a storage folder as its net, and says, line by line, what it
// begins and what was acknowledged. `node failover-child.mjs <what> <folder> <endpoint> [seed]`, with options of
// openFailover as JSON in HOLDFAST_TEST_OPTIONS.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../../dist/core/errors.js'
import { openSource } from '../../dist/core/source.js'
import { DiskSpool, openSpill } from '../../dist/failover/disk-spool.js'
import { LedgerJournal } from '../../dist/failover/ledger-journal.js'
import { openFailover } from '../../dist/failover/open.js'
import { s3Primary } from '../../dist/failover/s3-primary.js'
import { UploadSweep } from '../../dist/service/upload-sweep.js'
import { openRoot } from '../../dist/stores/local/root.js'
import { S3Store } from '../../dist/stores/s3/store.js'
import { bytesOf, randomBelow, SIZES, say } from './child-words.mjs'

const [what, folder, endpoint, seedText = '1'] = process.argv.slice(2)
const attributes = { contentType: 'application/octet-stream', metadata: {} }
const random = randomBelow(seedText)
const options = JSON.parse(process.env.HOLDFAST_TEST_OPTIONS ?? '{}')

/** Commits that have not ended, and a gate that keeps more from beginning. */
let commits = 0
let gate
/** How long it took to open the folder. */
let openMs

async function main() {
  if (what === 'sync') {
    // No reservation of stamps, which takes a sync too, comes in between.
    const started = Date.now()
    Date.now = () => started
  }
  const began = performance.now()
  let root
  try {
    root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
  } catch (error) {
    say({ refused: error.code, message: error.message })
    return
  }
  const commit = root.ledger.commit.bind(root.ledger)
  root.ledger.commit = async (...args) => {
    while (gate !== undefined) await gate
    commits++
    try {
      return await commit(...args)
    } finally {
      commits--
    }
  }
  const uploads = new UploadSweep(root, { debug() {}, info() {}, warn() {}, error() {} })
  const s3 = new S3Store({
    endpoint,
    region: 'us-east-1',
    bucket: 'stub',
    credentials: { accessKeyId: 'stubaccesskey', secretAccessKey: 'stubsecretkey' },
    deadlines: { connectMs: 1000, firstByteMs: 5000, idleMs: 5000 },
    retry: { unknownMutations: false },
    stamps: root.clock,
    uploads,
  })
  const journal = new LedgerJournal(root.ledger)
  const failover = await openFailover({
    primary: s3Primary(s3, endpoint),
    journal,
    bytes: new DiskSpool(root),
    clock: root.clock,
    openSpill: () => openSpill(root),
    processId: `${root.processId}/1`,
    isDead: id => root.isDead(id.slice(0, id.lastIndexOf('/'))),
    probeIntervalMs: 50,
    backoffMs: 50,
    tickMs: 100,
    settleWindowMs: 500,
    onTick: () => uploads.look(() => s3.abortOrphans()),
    ...options,
  })
  say({ ready: process.pid })
  openMs = performance.now() - began
  await ACTS[what](failover, journal, root)
  await failover.store.close()
  await root.close()
  say({ done: true })
}

/** Whole, or piece by piece as a client sends it. */
async function put({ store }, key, name, size, asStream = false) {
  const bytes = bytesOf(name, size)
  const source = await openSource(asStream ? pieces(bytes) : bytes)
  return store.put(key, source, { attributes })
}

async function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += 100_000) {
    yield bytes.subarray(at, at + 100_000)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Nanoseconds of a clock that all processes of the machine share. */
function now() {
  return Number(process.hrtime.bigint())
}

let count = 0

/** One write or delete, told before and after. */
async function change(failover, key, sizes) {
  const name = `${process.pid}-${count++}`
  const begin = now()
  if (random(5) === 0) {
    say({ begin: key, id: name, at: begin })
    await failover.store.delete(key)
    say({ ack: key, id: name, at: now() })
    return
  }
  const size = sizes[random(10) === 0 ? random(sizes.length) : random(Math.min(6, sizes.length))]
  say({ begin: key, id: name, at: begin, name, size })
  const { pending = false } = await put(failover, key, name, size, random(2) === 0)
  say({ ack: key, id: name, at: now(), name, size, pending })
}

const ACTS = {
  /** Writes and removes for ever, a few at a time, each on keys of its own. */
  async write(failover) {
    const work = async worker => {
      for (;;) await change(failover, `w${worker}/k${random(4)}`, SIZES)
    }
    await Promise.all([0, 1, 2, 3].map(work))
  },

  /** Leaves many entries that the bucket is still to receive, and dies. */
  async burst(failover) {
    const total = Number(process.env.HOLDFAST_TEST_COUNT)
    let next = 0
    const work = async () => {
      while (next < total) {
        const name = `burst/${next++}`
        await put(failover, name, name, 64)
      }
    }
    await Promise.all(Array.from({ length: 64 }, work))
    say({ burst: total })
    process.kill(process.pid, 'SIGKILL')
  },

  /** Dies when so many entries have reached the bucket and are about to be removed from the journal. */
  async finish(failover, journal) {
    const commit = journal.commit.bind(journal)
    let waiting = Number(process.env.HOLDFAST_TEST_COUNT)
    journal.commit = (key, seen, next, how) => {
      if (how?.epoch === undefined || next?.state !== undefined) return commit(key, seen, next, how)
      say({ finished: key })
      if (--waiting === 0) process.kill(process.pid, 'SIGKILL')
      return new Promise(() => {})
    }
    failover.replicator.wakeAll()
    await sleep(60_000)
  },

  /** Lets a sync fail at each call of a put, as the library preloaded by the test does when it finds the flag. */
  async sync(failover, _journal, root) {
    const flag = process.env.HOLDFAST_TEST_FAIL_FLAG
    const { availability } = failover.context
    process.on('unhandledRejection', error => say({ unhandled: String(error) }))
    await put(failover, 'quiet', 'quiet', 1000)
    const gone = new StorageError({ code: 'UNAVAILABLE', op: 'put', store: 's3', message: 'It is away.' })
    availability.writes.trip(gone)
    availability.reads.trip(gone)
    const attempt = async (call, skip, key, size) => {
      writeFileSync(flag, `${call} ${skip}`)
      const outcome = await put(failover, key, key, size).then(
        () => 'acknowledged',
        error => error.code,
      )
      // All calls went by.
      if (call !== 'none' && existsSync(flag)) {
        say({ went: key, outcome })
        return false
      }
      say({ call, outcome, found: await sizeOf(failover, key), health: root.health })
      return true
    }
    // Each sync of the first files, for which folders are made, and then of a later one.
    for (const round of [1, 2]) {
      for (let skip = 0; await attempt('fsync', skip, `blob-${round}-${skip}`, 300_000); skip++);
      rmSync(flag)
    }
    await put(failover, 'kept', 'kept', 300_000)
    if (await attempt('fdatasync', Number(seedText), 'kept', 7)) {
      const before = filesOf(root)
      await attempt('none', 0, 'later', 300_000)
      const removed = await failover.store.delete('kept').catch(error => error.code)
      say({
        removed,
        left: filesOf(root) - before,
        problems: root.problems.map(({ code }) => code).filter(code => code !== 'PASSING_STORAGE'),
      })
      await availability.probe()
      const quiet = await put(failover, 'quiet2', 'quiet2', 1000)
      const replaced = await put(failover, 'quiet', 'quiet', 10)
      // In parts, which the ledger cannot list any more.
      const large = await put(failover, 'large', 'large', 9_000_000, true)
      say({
        quiet: quiet.pending ? 'journal' : 'primary',
        read: await sizeOf(failover, 'quiet2'),
        kept: await sizeOf(failover, 'kept'),
        replaced: replaced.pending ? 'journal' : 'primary',
        large: large.pending ? 'journal' : 'primary',
      })
    }
    rmSync(flag, { force: true })
  },

  /** Fills the journal with entries, whose bytes are of no matter. */
  async plant({ context }, journal) {
    const total = Number(process.env.HOLDFAST_TEST_COUNT)
    let next = 0
    const work = async () => {
      while (next < total) {
        const id = String(next++).padStart(9, '0')
        const state = {
          kind: 'put',
          writeId: `00000000-0000-4000-8000-000${id}`,
          stamp: context.clock.next(),
          at: Date.now(),
          file: `00/00000000-0000-4000-8000-000${id}`,
          size: 10_000,
          sha256: '0'.repeat(64),
          attributes,
        }
        await journal.commit(`channel/${id}.bin`, undefined, { target: context.primary.target, state })
      }
    }
    await Promise.all(Array.from({ length: 2000 }, work))
  },

  /** Says how long it took to open a long journal and to go through it, and what memory it took. */
  async scan({ context }, journal) {
    const began = performance.now()
    await context.totals.count(journal)
    const scanMs = Math.round(performance.now() - began)
    const { pending } = context.totals.totals
    const rssMiB = Math.round(process.memoryUsage.rss() / 2 ** 20)
    say({ pending, openMs: Math.round(openMs), scanMs, rssMiB })
  },

  /** Changes keys that other processes change too until it is told to end, and says when it comes to replicate. */
  async share(failover) {
    let ending = false
    process.once('SIGTERM', () => {
      ending = true
    })
    process.on('SIGUSR2', () => void stop())
    let epoch
    const watch = setInterval(() => {
      if (failover.replicator.ownership.epoch === epoch) return
      epoch = failover.replicator.ownership.epoch
      say({ epoch: epoch ?? null })
    }, 5)
    const work = async worker => {
      while (!ending) {
        await change(
          failover,
          random(2) === 0 ? `own/${seedText}/${worker}` : `all/${random(3)}`,
          [0, 1, 5000],
        )
        await sleep(random(20))
      }
    }
    await Promise.all([0, 1, 2].map(work))
    clearInterval(watch)
  },
}

/** How many files there are in the spool. */
function filesOf({ ownPath }) {
  const entries = readdirSync(join(ownPath, 'objects'), { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).length
}

/** What a key holds: its size, or why that cannot be told. */
async function sizeOf({ store }, key) {
  try {
    const { body } = await store.get(key)
    return (await body.bytes()).length
  } catch (error) {
    return error.code === 'UNAVAILABLE' && error.store === 's3' ? 'away' : error.code
  }
}

/** Stops the whole process as SIGSTOP does, but in no commit, where it would hold up every other one. */
async function stop() {
  let open
  gate = new Promise(resolve => {
    open = resolve
  })
  while (commits > 0) await new Promise(resolve => setImmediate(resolve))
  say({ stopped: true })
  process.kill(process.pid, 'SIGSTOP')
  gate = undefined
  open()
  say({ woken: true })
}

await main()
