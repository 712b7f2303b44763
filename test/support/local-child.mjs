// A process of its own that works on a storage folder and says, line by line, what it begins and what was
// acknowledged. `node local-child.mjs <what> <folder> [seed]`
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { openSource } from '../../dist/core/source.js'
import { openRoot } from '../../dist/stores/local/root.js'
import { LocalStore } from '../../dist/stores/local/store.js'
import { bytesOf, randomBelow, SIZES, say } from './child-words.mjs'

const [what, folder, seedText = '1'] = process.argv.slice(2)
const attributes = { contentType: 'application/octet-stream', metadata: {} }

const random = randomBelow(seedText)

async function main() {
  let root
  try {
    root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
  } catch (error) {
    say({ refused: error.code, message: error.message })
    return
  }
  const store = await LocalStore.open(root)
  say({ ready: process.pid })
  await ACTS[what](root, store)
  await store.close()
  await root.close()
  say({ done: true })
}

async function put(store, key, name, size, options = {}) {
  return store.put(key, await openSource(bytesOf(name, size)), { attributes, ...options })
}

const ACTS = {
  /** Writes and removes for ever, a few at a time, each on keys of its own. */
  async write(_root, store) {
    let count = 0
    const work = async worker => {
      for (;;) {
        const key = `w${worker}/k${random(4)}`
        if (random(5) === 0) {
          say({ begin: key })
          await store.delete(key)
          say({ ack: key })
          continue
        }
        // Big ones seldom, or nothing else would be met.
        const size = SIZES[random(10) === 0 ? random(SIZES.length) : random(6)]
        const name = `${process.pid}-${worker}-${count++}`
        say({ begin: key, name, size })
        await put(store, key, name, size)
        say({ ack: key, name, size })
      }
    }
    await Promise.all([0, 1, 2, 3].map(work))
  },

  /** Creates, overwrites, removes and reads keys that other processes work on too. */
  async contend(_root, store) {
    const wins = []
    for (let round = 0; round < 16; round++) {
      const name = `${process.pid}-once-${round}`
      const all = await Promise.allSettled(
        Array.from({ length: 16 }, (_, i) =>
          put(store, `once/${round}`, `${name}-${i}`, 100, { ifNoneMatch: '*' }),
        ),
      )
      for (const { status, reason } of all) {
        if (status === 'fulfilled') wins.push(round)
        else if (reason.code !== 'ALREADY_EXISTS') say({ unexpected: reason.code, message: reason.message })
      }
    }
    say({ wins })
    for (let i = 0; i < 150; i++) {
      const key = `busy/${random(3)}`
      const name = `${process.pid}-busy-${i}`
      try {
        const act = random(4)
        if (act === 0) await store.delete(key)
        else if (act === 1) {
          const { stat, body } = await store.get(key)
          say({
            read: stat.etag,
            sha256: createHash('sha256')
              .update(await body.bytes())
              .digest('hex'),
          })
        } else {
          const { etag, sha256 } = await put(store, key, name, 50 + random(5000))
          say({ wrote: etag, sha256 })
        }
      } catch (error) {
        if (error.code !== 'NOT_FOUND') say({ unexpected: error.code, message: error.message })
      }
    }
  },

  /** Lets a sync fail at each kind of call, as the library preloaded by the test does when it finds the flag. */
  async sync(root, store) {
    const flag = process.env.HOLDFAST_TEST_FAIL_FLAG
    process.on('unhandledRejection', error => say({ unhandled: String(error) }))
    await put(store, 'kept', 'kept', 300_000)
    const attempt = async (call, key, size) => {
      writeFileSync(flag, call)
      const outcome = await put(store, key, key, size).then(
        () => 'acknowledged',
        error => error.code,
      )
      const found = await store.get(key).then(
        async ({ body }) => (await body.bytes()).length,
        error => error.code,
      )
      say({ call, outcome, found, health: root.health })
    }
    await attempt('fsync', 'blob', 300_000)
    await put(store, 'between', 'between', 300_000)
    await attempt('fdatasync', 'kept', 7)
    await attempt('', 'later', 300_000)
    const removed = await store.delete('kept').catch(error => error.code)
    say({ removed, problems: root.problems.map(({ code }) => code) })
  },

  /** Holds the folder until it is told to end. */
  async hold() {
    const alive = setInterval(() => {}, 1000)
    await new Promise(resolve => process.once('SIGTERM', resolve))
    clearInterval(alive)
  },

  /** Leaves many rows whose files are not in place yet: what a crash right after a burst leaves. */
  async burst(root, store) {
    root.placer.settle = async () => undefined
    const count = Number(process.env.HOLDFAST_TEST_COUNT)
    let next = 0
    const work = async () => {
      while (next < count) {
        const name = `burst/${next++ % 100}/${next}`
        await put(store, name, name, 64)
      }
    }
    await Promise.all(Array.from({ length: 64 }, work))
    say({ burst: count })
    process.kill(process.pid, 'SIGKILL')
  },
}

await main()
