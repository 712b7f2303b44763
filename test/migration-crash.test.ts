import { spawn } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { randomFrom } from './support/random.js'

const isLong = process.env['HOLDFAST_TEST_LONG'] === '1'
const KILLS = isLong ? 20 : 6
const SMALL_FILES = isLong ? 100_000 : 400
const LARGE_BYTES = isLong ? 256 * 1024 * 1024 : 12 * 1024 * 1024

const cli = useCli()

/** The SHA-256 of every file in a folder, by its name. */
function hashes(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(root.length + 1), hash('sha256', readFileSync(path), 'hex')]
    }),
  )
}

test(
  `killed ${KILLS} times, and gone on with: everything is there, and nothing was sent more than twice`,
  async () => {
    const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
    console.log(`HOLDFAST_TEST_SEED=${seed}`)
    const random = randomFrom(seed)
    const stub = await startS3Stub({ verify: !isLong })
    onTestFinished(() => stub.close())
    const from = join(cli.folder, 'from')
    for (let n = 0; n < SMALL_FILES; n++) {
      const folder = join(from, `room${n % 100}`)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${n}.bin`), randomBytes(Math.floor(random() * 20_000)))
    }
    for (const name of ['room10/large', 'room90/large'])
      writeFileSync(join(from, name), randomBytes(LARGE_BYTES))
    const before = hashes(from)

    // What was stored, each time it was: an upload in parts when it is completed.
    const stored = new Map<string, number>()
    stub.fault = ({ operation, key }) => {
      if (operation === 'PutObject' || operation === 'CompleteMultipartUpload') {
        stored.set(key, (stored.get(key) ?? 0) + 1)
      }
      return { delayMs: isLong ? 0 : 3 }
    }
    const env = environmentOf(accessOf(stub))
    const args = ['migrate', '--from', from, '--to', 'env:', '--state', join(cli.folder, 'state'), '--json']
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [cli.main, ...args], {
        cwd: cli.folder,
        env: cli.env(env),
        stdio: 'ignore',
      })
      const ended = new Promise(resolve => child.once('close', resolve))
      // From its first request on, so that all of them do something on however slow a machine.
      const asked = stub.counts['total'] ?? 0
      while (child.exitCode === null && (stub.counts['total'] ?? 0) === asked) await sleep(5)
      await sleep(random() * (isLong ? 8_000 : 500))
      child.kill('SIGKILL')
      await ended
    }
    const last = await cli(args, { env })
    expect(last).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(last.stdout)).toMatchObject({ verified: before.size, failed: 0, unsettled: 0 })

    expect(hashes(from)).toEqual(before)
    const objects = stub.buckets.get('stub')?.objects ?? new Map()
    // A kill may leave an object that finds out what the server can do; it is hidden, like all of ours.
    const theirs = [...objects].filter(([key]) => !key.startsWith('.holdfast/'))
    const after = new Map(theirs.map(([key, { bytes }]) => [key, hash('sha256', bytes, 'hex')]))
    expect(after).toEqual(new Map([...before].sort()))
    // One that was begun and had no part when it was killed takes no room, and its id was not known yet.
    const uploads = [...(stub.buckets.get('stub')?.uploads.values() ?? [])]
    expect(uploads.filter(({ key, parts }) => before.has(key) && parts.size > 0)).toEqual([])
    for (const [key, times] of stored) {
      // What finds out whether two buckets are one is no object of anybody's.
      if (before.has(key)) expect(times, key).toBeLessThanOrEqual(2)
    }
    // Once more costs two listings.
    stub.resetCounts()
    const again = await cli(args, { env })
    expect(JSON.parse(again.stdout)).toMatchObject({ copied: 0, replaced: 0, unchanged: before.size })
    expect(Object.keys(stub.counts).sort()).toEqual(['ListObjectsV2', 'total'])
  },
  isLong ? 3_600_000 : 240_000,
)
