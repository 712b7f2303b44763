// What the ledger adds to a durable write. Durable puts of the local store against the floor under them: the same
// bytes written to a new file, synced, renamed to their place, and the folder synced. Batch by batch and by turns
// in one run, in fresh folders (ext4 creates files slowly for minutes after many were removed), so that what else
// the machine does falls on all alike; medians.
//
//   node bench/local.mjs [--json] [--batches 1000] [--dir <folder>]
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
    batches: { type: 'string', default: '1000' },
    dir: { type: 'string', default: tmpdir() },
  },
})
const CASES = [
  { writers: 1, size: 4096 },
  { writers: 32, size: 4096 },
  { writers: 1, size: 65_536 },
  { writers: 1, size: 1_048_576 },
]
const attributes = { contentType: 'application/octet-stream', metadata: {} }

async function writeAndRename(folder, name, bytes) {
  const from = join(folder, 'tmp', name)
  const file = await open(from, 'wx', 0o444)
  await file.write(bytes)
  await file.sync()
  await file.close()
  await rename(from, join(folder, name))
}

async function syncFolder(folder) {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

async function measure({ writers, size }) {
  const folder = await mkdtemp(join(values.dir, 'holdfast-bench-'))
  const floor = join(folder, 'floor')
  const bare = join(folder, 'bare')
  for (const path of [floor, bare]) await mkdir(join(path, 'tmp'), { recursive: true })
  const root = await openRoot({ path: join(folder, 'store'), create: true, ballastBytes: 0 })
  const store = await LocalStore.open(root)
  await store.adopted
  const bytes = randomBytes(size)
  const candidates = {
    'write, fsync, rename, fsync folder': async name => {
      await writeAndRename(floor, name, bytes)
      await syncFolder(floor)
    },
    'write, fsync, rename': name => writeAndRename(bare, name, bytes),
    'LocalStore.put': async name => store.put(name, await openSource(bytes), { attributes }),
    'LocalStore.get, just written': async name => (await store.get(name)).body.bytes(),
  }
  const taken = Object.keys(candidates).map(name => ({ name, ms: [], cpuMicroseconds: 0 }))
  const batches = Math.ceil(Number(values.batches) / Math.max(writers / 4, size / 65_536, 1))
  // The first ones warm up and do not count.
  for (let batch = -Math.ceil(batches / 10); batch < batches; batch++) {
    const names = Array.from({ length: writers }, (_, i) => `file-${batch}-${i}`)
    for (const entry of taken) {
      const cpu = process.cpuUsage()
      const began = performance.now()
      await Promise.all(names.map(candidates[entry.name]))
      const { user, system } = process.cpuUsage(cpu)
      if (batch < 0) continue
      entry.ms.push((performance.now() - began) / writers)
      entry.cpuMicroseconds += (user + system) / writers / batches
    }
  }
  await store.close()
  await root.close()
  await rm(folder, { recursive: true })
  const medians = taken.map(({ name, ms, cpuMicroseconds }) => ({
    writers,
    size,
    name,
    msPerOperation: ms.sort((a, b) => a - b)[ms.length >> 1],
    cpuMicroseconds: Math.round(cpuMicroseconds),
  }))
  return medians.map(entry => ({ ...entry, timesFloor: entry.msPerOperation / medians[0].msPerOperation }))
}

const results = []
for (const one of CASES) results.push(...(await measure(one)))
if (values.json) {
  console.log(JSON.stringify(results))
} else {
  for (const { writers, size, name, msPerOperation, timesFloor, cpuMicroseconds } of results) {
    const where = `${String(writers).padStart(3)} x ${String(size).padStart(7)} bytes`
    const cost = `${msPerOperation.toFixed(3).padStart(8)} ms  ${timesFloor.toFixed(2).padStart(5)} x floor`
    console.log(`${where}  ${cost}  ${String(cpuMicroseconds).padStart(6)} us CPU  ${name}`)
  }
}
