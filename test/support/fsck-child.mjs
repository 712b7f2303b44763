// A process of its own that works on a storage folder. `node fsck-child.mjs <what> <folder>`
import { writeSync } from 'node:fs'
import { openSource } from '../../dist/core/source.js'
import { DiskSpool } from '../../dist/failover/disk-spool.js'
import { LedgerJournal } from '../../dist/failover/ledger-journal.js'
import { StorageService } from '../../dist/service.js'
import { openRoot } from '../../dist/stores/local/root.js'

const [what, folder] = process.argv.slice(2)

/** At once, and whole: the process may be killed at any moment. */
function say(fields) {
  writeSync(1, `${JSON.stringify(fields)}\n`)
}

let state = 1
function random(below) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

const ACTS = {
  /** Spools bytes, and acknowledges some of them. */
  async 'cut-off'() {
    const root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
    const spool = new DiskSpool(root)
    const journal = new LedgerJournal(root.ledger)
    const files = { acknowledged: [], cutOff: [] }
    for (let i = 0; i < 5; i++) {
      const key = `${process.pid}/${i}`
      const stamp = root.clock.next()
      const writeId = `${process.pid}-${stamp.sequence}`
      const written = await spool.write(writeId, await openSource(Buffer.from(key)), { key })
      const path = spool.pathOf(written.file)
      if (i % 2 === 0) {
        files.cutOff.push(path)
        continue
      }
      const attributes = { contentType: 'text/plain', metadata: {} }
      const row = { kind: 'put', writeId, stamp, at: Date.now(), ...written, attributes }
      await journal.commit(key, undefined, { target: 'bucket', state: row })
      files.acknowledged.push(path)
    }
    say({ files })
    setInterval(() => {}, 1000)
  },

  /** Uploads, overwrites and deletes for ever, a few at a time, by the settings of its environment. */
  async busy() {
    const storage = new StorageService()
    let count = 0
    let ending = false
    const work = async worker => {
      while (!ending) {
        const key = `w${worker}/k${random(20)}`
        if (random(4) === 0) await storage.deleteFile(key)
        else await storage.uploadFile(Buffer.alloc(random(8) === 0 ? 300_000 : random(5000), key), key)
        if (++count % 50 === 0) say({ count })
      }
    }
    process.once('SIGTERM', () => {
      ending = true
    })
    await Promise.all([0, 1, 2, 3].map(work))
    await storage.close()
  },
}

await ACTS[what]()
