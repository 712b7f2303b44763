import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageService } from '../src/service.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { closing } from './support/expiry.js'
import { said } from './support/failover-folder.js'
import { until, useFolder, useStub } from './support/failover-service.js'
import { ROOT, start } from './support/process.js'

const CHILD = join(ROOT, 'test', 'support', 'expiry-child.mjs')
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const ROUNDS = LONG ? 40 : 3

/** What a key holds, once every expiry has passed: its content, or nothing. */
type Held = string | null

interface Known {
  /** What is there now. */
  readonly content: Held
  readonly lasts: boolean
}

const NOTHING: Known = { content: null, lasts: true }

/** What the lines of the children say of every key: one outcome, or several where something was under way. */
class Oracle {
  readonly #known = new Map<string, readonly Known[]>()

  get keys(): Iterable<string> {
    return this.#known.keys()
  }

  add(output: string): void {
    for (const { key, begin, ack, failed, code, content } of said(output)) {
      if (typeof key !== 'string') continue
      const before = this.#known.get(key) ?? [NOTHING]
      if (begin !== undefined)
        this.#known.set(key, [...before, ...after(String(begin), before, String(content))])
      else if (ack === 'keep')
        this.#known.set(
          key,
          before.map(known => ({ ...known, lasts: true })),
        )
      else if (ack !== undefined) this.#known.set(key, after(String(ack), before, String(content)))
      else if (failed === 'keep' && code === 'NOT_FOUND') this.#known.set(key, [NOTHING])
    }
  }

  allowed(key: string): Held[] {
    const known = this.#known.get(key) ?? [NOTHING]
    return known.map(({ content, lasts }) => (lasts ? content : null))
  }
}

function after(what: string, before: readonly Known[], content: string): readonly Known[] {
  if (what === 'delete') return [NOTHING]
  if (what === 'keep') return before.map(known => ({ ...known, lasts: true }))
  return [{ content, lasts: what === 'lasting' }]
}

/** Runs children on one folder, kills them at any moment, and looks at what is left when all has expired. */
async function survives(
  config: Partial<StorageConfig>,
  disturb: (round: number) => Promise<void>,
  settle: (storage: StorageService) => Promise<void>,
): Promise<StorageService> {
  const oracle = new Oracle()
  const seed = Math.floor(Math.random() * 1e6)
  for (let round = 0; round < ROUNDS; round++) {
    const children = [1, 2].map(n =>
      start(process.execPath, [CHILD, JSON.stringify(config), String(seed + 2 * round + n)]),
    )
    await Promise.all(children.map(child => child.says(/"ack"/)))
    await disturb(round)
    await sleep(500 + Math.random() * 1500)
    for (const child of children) child.process.kill('SIGKILL')
    for (const child of children) {
      const { stdout, stderr } = await child.ended
      expect(stderr).toBe('')
      oracle.add(stdout)
    }
  }
  const storage = closing(new StorageService({ config }))
  await settle(storage)
  await sleep(1000)
  for (const key of oracle.keys) {
    const held = (await storage.downloadFile(key))?.toString() ?? null
    if (!oracle.allowed(key).includes(held))
      throw new Error(`Seed ${seed}: ${key} is ${held}, and not one of ${oracle.allowed(key).join(' | ')}`)
  }
  await until('nothing is due any more', async () => {
    await storage.removeExpired()
    const files = await storage.listFiles()
    return files.complete && (await storage.getStorageMetrics()).fileCount === files.length
  })
  for (const key of oracle.keys)
    expect(oracle.allowed(key)).toContain((await storage.downloadFile(key))?.toString() ?? null)
  return storage
}

describe('processes that are killed leave nothing behind that has expired, and lose nothing that was kept', () => {
  test('on local files', async () => {
    const config = { objectStorageProvider: 'local', localStoragePath: await useFolder() }
    await survives(
      config,
      async () => {},
      async () => {},
    )
  }, 600_000)

  test('over a bucket that goes and comes back', async () => {
    const stub = await useStub()
    const config: Partial<StorageConfig> = {
      ...settingsOf(accessOf(stub)),
      localStoragePath: await useFolder(),
      objectStorageConnectTimeoutMs: 1000,
      objectStorageFirstByteTimeoutMs: 1000,
      objectStorageIdleTimeoutMs: 1000,
      probeIntervalMs: 100,
      settleWindowMs: 500,
      spoolReserveBytes: 0,
    }
    const storage = await survives(
      config,
      async round => {
        if (round % 2 === 0) await stub.goDown()
        else await stub.comeBack()
      },
      async over => {
        await stub.comeBack()
        await until('everything is at the bucket', async () => {
          await over.fileExists('x').catch(() => {})
          const { state, pending } = over.getStatus()
          return state !== 'degraded' && pending === 0
        })
      },
    )
    await until('the bucket holds what is listed, and no more', async () => {
      await storage.removeExpired()
      const held = [...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => !key.startsWith('.'))
      return held.length === (await storage.listFiles()).length && storage.getStatus().pending === 0
    })
  }, 600_000)
})
