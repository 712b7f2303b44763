// Puts, reads and deletes files over an S3 server, with a read cache, until it is killed. Says what it is about to do,
// and what was acknowledged: a line of JSON each.
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { StorageService } from '../../dist/index.js'

const [, , own, others, configuration] = process.argv
const storage = new StorageService({ config: JSON.parse(configuration) })
const say = fields => writeSync(1, `${JSON.stringify(fields)}\n`)
const pick = list => list[Math.floor(Math.random() * list.length)]
const keys = [0, 1, 2, 3, 4, 5].map(index => `${own}/${index}`)
const all = [...keys, ...[0, 1, 2, 3, 4, 5].map(index => `${others}/${index}`)]

/** Content that tells whether it is whole. */
function contentOf(version) {
  const hash = createHash('sha256').update(version).digest('hex')
  return Buffer.from(`${version} ${hash.repeat(1 + ((version.length * 997) % 5000))}`)
}

async function work(worker) {
  for (let turn = 0; ; turn++) {
    const kind = pick(['put', 'delete', 'get', 'get', 'get', 'get'])
    if (kind === 'get') {
      await storage.downloadFile(pick(all))
      continue
    }
    // One key has one writer at a time.
    const key = keys[worker * 2 + (turn % 2)]
    const version = kind === 'put' ? `${key}-${worker}-${turn}` : null
    say({ begin: key, version })
    if (version === null) await storage.deleteFile(key)
    else await storage.uploadFile(contentOf(version), key)
    say({ end: key, version })
  }
}

await storage.ready()
say({ ready: true })
await Promise.all([0, 1, 2].map(work))
