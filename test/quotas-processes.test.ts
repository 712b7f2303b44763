import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { StorageService } from '../src/service.js'
import { useFolder } from './support/failover-service.js'

const PREFIX = 'rooms/42/'
const MAX_BYTES = 6000
/** Of one upload. */
const LARGEST = 200
const ROUNDS = process.env['HOLDFAST_TEST_LONG'] === '1' ? 20 : 2

async function start(folder: string, name: string): Promise<ChildProcess> {
  const script = join('test', 'support', 'quota-child.mjs')
  const args = [script, join('dist', 'index.js'), folder, name, '25', String(MAX_BYTES)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('The child has no output.')
  await once(child.stdout, 'data')
  child.stdout.resume()
  return child
}

test(`a hundred writers in four processes that are killed keep to the quota, and leave it counted right, ${ROUNDS} times`, async () => {
  const folder = await useFolder()
  const storage = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await storage.close()))
  await storage.quotas.set(PREFIX, { maxBytes: MAX_BYTES })
  const taken = async (): Promise<[number, number]> => {
    const { totalSizeBytes, fileCount } = await storage.getStorageMetrics({ prefix: PREFIX })
    return [totalSizeBytes, fileCount]
  }
  for (let round = 0; round < ROUNDS; round++) {
    const children = await Promise.all(['a', 'b', 'c', 'd'].map(name => start(folder, `${name}${round}`)))
    for (let looks = 0; looks < 5; looks++) {
      await sleep(200)
      expect((await taken())[0]).toBeLessThanOrEqual(MAX_BYTES + LARGEST)
    }
    const ended = children.map(child => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
    // What the dead have reserved is found and given back by whoever lives.
    for (;;) {
      const usage = await storage.quotas.get(PREFIX)
      if (usage?.reservedBytes === 0 && usage.reservedFiles === 0) break
      await sleep(100)
    }
    await storage.deleteFile('rooms/42/shared')
    const usage = await storage.quotas.get(PREFIX)
    expect([usage?.bytes, usage?.files]).toEqual(await taken())
    const counted = await storage.quotas.recount(PREFIX)
    expect([counted.bytes, counted.files]).toEqual(await taken())
  }
}, 240_000)
