// Uploads that are compressed beside a bare zlib pipeline at the same level into a file: time, and the most memory
// that each took beyond what the process had before it.
// node bench/compress.mjs [MB of content] [rounds]
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { load } from './harness.mjs'

const MB = 1_000_000
const size = Number(process.argv[2] ?? 1000) * MB
const rounds = Number(process.argv[3] ?? 3)

const { StorageService } = await load('index.js')
const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
const storage = new StorageService({ config: { localStoragePath: join(folder, 'store') } })

/** Content of this length that repeats a block: further apart than gzip looks back. */
async function* repeated(block) {
  for (let left = size; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length))
}

function lines() {
  const parts = []
  for (let length = 0, n = 0; length < 4 * MB; n++) {
    const user = randomBytes(6).toString('hex')
    const text = `message ${randomBytes(12).toString('base64')} about order ${n * 7}`
    const line = `${JSON.stringify({ id: n, room: n % 97, user, at: 1_700_000_000_000 + n * 137, text })}\n`
    parts.push(line)
    length += line.length
  }
  return Buffer.from(parts.join(''))
}

const photo = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  randomBytes(4 * MB),
])

/** Seconds, and megabytes of memory at most. */
async function measure(run) {
  globalThis.gc?.()
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  const begun = performance.now()
  const cpu = process.cpuUsage()
  await run()
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(timer)
  return { seconds, cpuSeconds: (user + system) / MB, rssMb: most / MB }
}

const ways = {
  'JSON lines, zlib': block =>
    pipeline(repeated(block), createGzip({ level: 6 }), createWriteStream(join(folder, 'bare'))),
  'JSON lines, uploadFile': block => storage.uploadFile(repeated(block), 'lines', { compress: 'gzip' }),
  'JSON lines, downloaded': async () => {
    const hash = createHash('sha256')
    const file = await storage.openFile('lines')
    await pipeline(
      file.nodeStream(),
      new Writable({ write: (chunk, _, done) => done(void hash.update(chunk)) }),
    )
    if (hash.digest('hex') !== file.stat.sha256) throw new Error('Other bytes were read.')
  },
  'photo, zlib': block =>
    pipeline(
      Readable.from(repeated(block)),
      createGzip({ level: 6 }),
      createWriteStream(join(folder, 'bare')),
    ),
  'photo, uploadFile auto': block =>
    storage.uploadFile(repeated(block), 'photo', { compress: 'auto', contentType: 'image/jpeg' }),
  'noise, uploadFile gzip': block =>
    storage.uploadFile(repeated(block.subarray(20)), 'noise', { compress: 'gzip' }),
}

try {
  const text = lines()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(ways)) {
      const { seconds, cpuSeconds, rssMb } = await measure(() => run(name.startsWith('JSON') ? text : photo))
      const speed = (size / MB / seconds).toFixed(0)
      process.stdout.write(
        `${name.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s ${speed.padStart(5)} MB/s ${cpuSeconds.toFixed(1).padStart(6)} s CPU ${rssMb.toFixed(0).padStart(5)} MB RSS\n`,
      )
    }
  }
  const { compressed, size: bytes } = await storage.statFile('lines')
  process.stdout.write(`JSON lines shrink to ${((100 * compressed.size) / bytes).toFixed(0)} %.\n`)
} finally {
  await storage.close()
  await rm(folder, { recursive: true })
}
