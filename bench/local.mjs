// What the ledger adds to a durable write. Durable puts of the local store against the floor under them: the same
// bytes written to a new file, synced, renamed to their place, and the folder synced. Both in fresh folders (ext4
// creates files slowly for minutes after many were deleted), by turns, in one run.
//
//   node bench/local.mjs [--json] [--rounds 5] [--puts 1500] [--size 4096] [--dir <folder>]
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSource } from '../dist/core/source.js'
import { openRoot } from '../dist/stores/local/root.js'
import { LocalStore } from '../dist/stores/local/store.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    puts: { type: 'string', default: '1500' },
    size: { type: 'string', default: '4096' },
    dir: { type: 'string', default: tmpdir() },
  },
})
const rounds = Number(values.rounds)
const puts = Number(values.puts)
const bytes = randomBytes(Number(values.size))
const attributes = { contentType: 'application/octet-stream', metadata: {} }

/** Each takes a fresh folder and returns how to write one object, and how to end. */
const CANDIDATES = {
  async 'write, fsync, rename, fsync folder'(folder) {
    const tmp = join(folder, 'tmp')
    await mkdir(tmp)
    return {
      put: async name => {
        await writeAndRename(join(tmp, name), join(folder, name))
        const handle = await open(folder, 'r')
        await handle.sync()
        await handle.close()
      },
    }
  },
  async 'write, fsync, rename'(folder) {
    const tmp = join(folder, 'tmp')
    await mkdir(tmp)
    return { put: name => writeAndRename(join(tmp, name), join(folder, name)) }
  },
  async 'LocalStore.put'(folder) {
    const root = await openRoot({ path: folder, create: true, ballastBytes: 0 })
    const store = await LocalStore.open(root)
    await store.adopted
    return {
      put: async name => store.put(name, await openSource(bytes), { attributes }),
      end: async () => {
        await store.close()
        await root.close()
      },
    }
  },
}

async function writeAndRename(from, to) {
  const file = await open(from, 'wx', 0o444)
  await file.write(bytes)
  await file.sync()
  await file.close()
  await rename(from, to)
}

async function measure(candidate, writers) {
  const folder = await mkdtemp(join(values.dir, 'holdfast-bench-'))
  try {
    const { put, end } = await candidate(folder)
    let next = 0
    const began = performance.now()
    const write = async () => {
      while (next < puts) await put(`file-${next++}`)
    }
    await Promise.all(Array.from({ length: writers }, write))
    const perSecond = (puts / (performance.now() - began)) * 1000
    await end?.()
    return perSecond
  } finally {
    await rm(folder, { recursive: true })
  }
}

const results = []
for (const writers of [1, 32]) {
  const rates = new Map(Object.keys(CANDIDATES).map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, candidate] of Object.entries(CANDIDATES))
      rates.get(name).push(await measure(candidate, writers))
  }
  for (const [name, all] of rates) {
    const median = all.sort((a, b) => a - b)[Math.floor(all.length / 2)]
    results.push({ writers, name, perSecond: Math.round(median) })
  }
}
if (values.json) {
  console.log(JSON.stringify(results))
} else {
  for (const { writers, name, perSecond } of results) {
    console.log(`${String(writers).padStart(3)} writers  ${String(perSecond).padStart(6)}/s  ${name}`)
  }
}
