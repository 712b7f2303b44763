// A process of its own that stores files to expire in a second, or not, keeps some in that second and removes others,
// and says, line by line, what it begins and what was acknowledged. `node expiry-child.mjs <config as JSON> <seed>`
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageService } from '../../dist/index.js'
import { randomBelow, say } from './child-words.mjs'

const [config, seed] = process.argv.slice(2)
const random = randomBelow(seed)
const storage = new StorageService({ config: JSON.parse(config) })

/** One after the other, on keys that nobody else writes. */
async function work(worker) {
  for (let n = 0; ; n++) {
    const key = `${seed}/${worker}/${random(4)}`
    const content = `${key} ${n}`
    const what = ['expiring', 'expiring', 'lasting', 'keep', 'keep', 'delete'][random(6)]
    say({ key, begin: what, content })
    try {
      if (what === 'keep') await storage.keepFile(key)
      else if (what === 'delete') await storage.deleteFile(key)
      else
        await storage.uploadFile(
          Buffer.from(content),
          key,
          what === 'expiring' ? { expiresInSeconds: 1 } : {},
        )
      say({ key, ack: what, content })
    } catch (error) {
      say({ key, failed: what, code: error.code })
    }
    await sleep(random(200))
  }
}

for (let worker = 0; worker < 8; worker++) void work(worker)
