// A process of its own that works on a bucket with a storage folder as its net, and says, line by line, what it
// begins and what was acknowledged. `node failover-child.mjs <what> <folder> <endpoint> [seed]`, with options of
// openFailover as JSON in HOLDFAST_TEST_OPTIONS.
import { setTimeout as sleep } from 'node:timers/promises'
import { openSource } from '../../dist/core/source.js'
import { DiskSpool, openSpill } from '../../dist/failover/disk-spool.js'
import { LedgerJournal } from '../../dist/failover/ledger-journal.js'
import { openFailover } from '../../dist/failover/open.js'
import { s3Primary } from '../../dist/failover/s3-primary.js'
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

async function main() {
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
  const s3 = new S3Store({
    endpoint,
    region: 'us-east-1',
    bucket: 'stub',
    credentials: { accessKeyId: 'stubaccesskey', secretAccessKey: 'stubsecretkey' },
    deadlines: { connectMs: 1000, firstByteMs: 5000, idleMs: 5000 },
    retry: { unknownMutations: false },
    stamps: root.clock,
    uploads: {
      begin: upload => root.uploads.begin(upload),
      end: uploadId => root.uploads.end(uploadId),
      orphans: async () => root.uploads.orphans(),
    },
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
    ...options,
  })
  say({ ready: process.pid })
  await ACTS[what](failover, journal)
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
