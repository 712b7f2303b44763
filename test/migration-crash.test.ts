import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { appendFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { concurrently } from '../src/core/concurrently.js'
import type { Key } from '../src/core/key.js'
import { S3Store } from '../src/stores/s3/store.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { openBucket } from './support/bucket.js'
import { type BucketAccess, environmentOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { startCountingProxy } from './support/counting-proxy.js'
import { randomFrom } from './support/random.js'
import { realServer } from './support/real-server.js'

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1'
const KILLS = isLong ? 20 : 6
const SMALL_FILES = isLong ? Number(process.env['HOLDFAST_TEST_FILES'] ?? 100_000) : 400
const SMALL_BYTES = 43_000
const LARGE_FILES = isLong ? 4 : 2
const LARGE_MIB = isLong ? 1024 : 24
const MEBIBYTE = 1024 * 1024
/** A migrating process takes no more memory than this, however much there is to do. */
const MAX_RSS = 300 * MEBIBYTE

const cli = useCli()

/** The SHA-256 and size of every file in a folder, by its name. */
async function contentOf(
  root: string,
): Promise<Map<string, { sha256: string; size: number; mtimeMs: number }>> {
  const found = new Map<string, { sha256: string; size: number; mtimeMs: number }>()
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const { size, mtimeMs } = await stat(path)
    found.set(path.slice(root.length + 1), { sha256: await hashOf(createReadStream(path)), size, mtimeMs })
  }
  return found
}

/** The names under which two folders hold something else. */
function differences(a: Awaited<ReturnType<typeof contentOf>>, b: typeof a): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter(
    name => JSON.stringify(a.get(name)) !== JSON.stringify(b.get(name)),
  )
}

async function hashOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const sha256 = createHash('sha256')
  for await (const piece of pieces) sha256.update(piece)
  return sha256.digest('hex')
}

function credentialsOf({ accessKey, secretKey }: { accessKey: string; secretKey: string }) {
  return { accessKeyId: accessKey, secretAccessKey: secretKey }
}

/** The real server where a long run has one; else a stub. */
async function openTarget(): Promise<BucketAccess> {
  const server = isLong ? realServer() : undefined
  if (server !== undefined) {
    const { endpoint, accessKey, secretKey, region } = server
    const { bucket, remove } = await openBucket({ endpoint, accessKey, secretKey, region })
    onTestFinished(async () => {
      const store = new S3Store({ endpoint, region, bucket, credentials: credentialsOf(server) })
      for (let page = await store.list(); page.objects.length > 0; page = await store.list())
        await store.deleteMany(page.objects.map(({ key }) => key))
      await store.close()
      await remove()
    }, 1_800_000)
    return { endpoint, accessKey, secretKey, region, bucket }
  }
  const stub = await startS3Stub({ verify: !isLong })
  onTestFinished(() => stub.close())
  // So that kills find something under way.
  stub.fault = () => ({ delayMs: 3 })
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = stub.credentials
  return { endpoint: stub.endpoint, bucket: 'stub', accessKey, secretKey, region: 'us-east-1' }
}

test(
  `killed ${KILLS} times, and gone on with: everything is there, and nothing was sent more than twice`,
  async () => {
    const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
    console.log(`HOLDFAST_TEST_SEED=${seed}`)
    const random = randomFrom(seed)
    const from = join(cli.folder, 'from')
    const block = randomBytes(8 * MEBIBYTE)
    for (let n = 0; n < SMALL_FILES; n++) {
      const folder = join(from, `room${n % 100}`)
      mkdirSync(folder, { recursive: true })
      const at = Math.floor(random() * (block.length - SMALL_BYTES))
      writeFileSync(join(folder, `${n}.bin`), block.subarray(at, at + Math.floor(random() * SMALL_BYTES)))
    }
    for (let n = 0; n < LARGE_FILES; n++) {
      const path = join(from, `room${1 + n * 25}`, 'large')
      for (let mib = 0; mib < LARGE_MIB; mib += 8) await appendFile(path, randomBytes(8 * MEBIBYTE))
    }
    const before = await contentOf(from)

    const target = await openTarget()
    const proxy = await startCountingProxy(target.endpoint, target.bucket)
    onTestFinished(() => proxy.close())
    const env = environmentOf({ ...target, endpoint: proxy.endpoint })
    const args = ['migrate', '--from', from, '--to', 'env:', '--state', join(cli.folder, 'state'), '--json']
    const started = performance.now()
    let peak = 0
    const run = async (killAfterMs: number | undefined) => {
      const child = spawn(process.execPath, [cli.main, ...args], {
        cwd: cli.folder,
        env: cli.env(env),
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      let output = ''
      child.stdout.on('data', text => {
        output += text
      })
      const ended = new Promise<number | null>(resolve => child.once('close', resolve))
      const watch = setInterval(() => {
        peak = Math.max(peak, peakOf(child.pid))
      }, 100)
      if (killAfterMs !== undefined) {
        // From its first request on, so that all of them do something on however slow a machine.
        const asked = proxy.requests
        while (child.exitCode === null && proxy.requests === asked) await sleep(5)
        await sleep(killAfterMs)
        child.kill('SIGKILL')
      }
      const code = await ended
      clearInterval(watch)
      return { code, output }
    }
    let kills = 0
    while (kills < KILLS && (await run(random() * (isLong ? 30_000 : 500))).code === null) kills++
    const last = await run(undefined)
    expect(last.code).toBe(0)
    expect(JSON.parse(last.output)).toMatchObject({ verified: before.size, failed: 0, unsettled: 0 })
    const seconds = (performance.now() - started) / 1000

    expect(differences(await contentOf(from), before)).toEqual([])
    const store = new S3Store({
      ...{ endpoint: target.endpoint, region: 'us-east-1', bucket: target.bucket },
      credentials: credentialsOf(target),
    })
    onTestFinished(() => store.close())
    const wrong: string[] = []
    await concurrently(Readable.from(before.keys()), 16, async (key: Key) => {
      if ((await hashOf((await store.get(key)).body)) !== before.get(key)?.sha256) wrong.push(key)
      return true
    })
    expect(wrong).toEqual([])
    let most = { key: '', times: 0 }
    for (const [key, { size }] of before) {
      const { objects = 0, bytes = 0 } = proxy.taken.get(key) ?? {}
      if (objects === 0) wrong.push(key)
      const times = Math.max(objects, size === 0 ? 0 : bytes / size)
      if (times > most.times) most = { key, times }
    }
    const figures = { seed, kills, files: before.size, seconds, most, peakMegabytes: peak / 1e6 }
    console.log(`killed and gone on with: ${JSON.stringify(figures)}`)
    expect(wrong).toEqual([])
    expect(most.times).toBeLessThanOrEqual(2)
    expect(kills).toBe(KILLS)
    expect(peak).toBeLessThan(MAX_RSS)
    // No part of anything is left behind; what was begun and had none when it was killed takes no room.
    for await (const upload of store.unfinishedUploads('')) {
      if (before.has(upload.key)) expect(await store.bytesOfUpload(upload)).toBe(0)
    }
    // Once more costs two listings.
    const asked = proxy.requests
    expect(JSON.parse((await run(undefined)).output)).toMatchObject({
      copied: 0,
      replaced: 0,
      unchanged: before.size,
    })
    expect(proxy.requests - asked).toBeLessThanOrEqual(2 + Math.ceil(before.size / 1000) * 2)
  },
  isLong ? 3_600_000 : 240_000,
)

/** The most memory that a process has had so far, in bytes (proc(5)); 0 once it has ended, or where that is not told. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
