// A process of its own that erases everything below a prefix, or goes on with what is owed, and says, line by line, how
// far it is. `node erase-child.mjs <config as JSON> [prefix]`
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageService } from '../../dist/index.js'
import { say } from './child-words.mjs'

const [config, prefix] = process.argv.slice(2)
const storage = new StorageService({ config: JSON.parse(config) })

async function isDone() {
  for await (const { finishedAt } of storage.erasures()) if (finishedAt === undefined) return false
  return true
}

if (prefix !== undefined) {
  // Opened before, so that it is the erasure that is killed.
  await isDone()
  say({ begins: true })
  await storage.erasePrefix(prefix, { onErased: ({ where }) => say({ erased: where }) })
  say({ answered: true })
} else say({ begins: true })
while (!(await isDone())) await sleep(10)
say({ done: true })
await storage.close()
