// A process of its own that has uploads held in quarantine. `node quarantine-child.mjs <what> <folder> <seed>`
import { StorageService } from '../../dist/service.js'
import { bytesOf, randomBelow, say } from './child-words.mjs'

const [what, folder, seed] = process.argv.slice(2)
const below = randomBelow(seed)
const MAX_BYTES = Number(process.env.MAX_BYTES ?? 2 ** 30)

const storage = new StorageService({
  config: { localStoragePath: folder, quarantineMaxBytes: MAX_BYTES },
  inspect: file => (file.key.startsWith('bad') ? 'quarantine' : 'allow'),
})

/** Uploads something that is to be held. @returns its id; undefined if there was no room */
async function hold(key) {
  const size = below(10) === 0 ? 300_000 + below(10_000_000) : below(9000)
  say({ begun: key, size })
  try {
    await storage.uploadFile(bytesOf(key, size), key)
  } catch (error) {
    if (error.code === 'REJECTED') return undefined
    if (error.code !== 'QUARANTINED') throw error
    const [, id] = / as (\S+)\.$/.exec(error.message)
    say({ held: id, key, size })
    return id
  }
  throw new Error('It was stored.')
}

const ACTS = {
  /** Holds, releases and removes for ever, several at once, and tells of each. */
  async busy() {
    const work = async worker => {
      for (let n = 0; ; n++) {
        const key = `bad/${process.pid}/${worker}/${n}`
        const id = await hold(key)
        if (id === undefined) continue
        const fate = below(3)
        if (fate === 0) {
          say({ releasing: id })
          await storage.quarantine.release(id)
          say({ released: id })
        } else if (fate === 1) {
          say({ removing: id })
          await storage.quarantine.remove(id)
          say({ removed: id })
        }
      }
    }
    await Promise.all([0, 1, 2].map(work))
  },

  /** Holds so many, and ends. */
  async fill() {
    for (let n = 0; n < 30; n++) await hold(`bad/${process.pid}/${n}`)
    await storage.close()
  },
}

await ACTS[what]()
