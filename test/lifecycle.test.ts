import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, test } from 'vitest'
import { completeConfig } from '../src/config.js'
import { silentLogger } from '../src/core/logger.js'
import { Bucket } from '../src/operations/bucket.js'
import { BucketRules } from '../src/operations/lifecycle/bucket-rules.js'
import type { DueItem } from '../src/operations/lifecycle/due-versions.js'
import { simulateBucket } from '../src/operations/lifecycle/simulate.js'
import { openBackend } from '../src/service/backend.js'
import { parseRules } from '../src/service/lifecycle/rules-file.js'
import { StorageService } from '../src/service.js'
import type { UploadOptions } from '../src/storage.js'
import { openBucket, type TestBucket } from './support/bucket.js'
import { settingsOf } from './support/bucket-settings.js'
import { describeUnless } from './support/describe.js'
import { until } from './support/failover-service.js'
import { describeReal, type RealServer, realServer } from './support/real-server.js'

const DAY_MS = 86_400_000

/** A store whose days pass quickly. */
interface Aging {
  readonly storage: StorageService
  /** What rules would do after so many days. */
  simulate(rules: string, days: number): Promise<DueItem[]>
  /** Puts rules in force, and lets at least so many days pass. */
  pass(rules: string, days: number): Promise<void>
}

/** Has something done when a test has ended. */
type Finish = (done: () => Promise<void>) => void

const YAML = (...rules: string[]): string => `rules:\n${rules.map(rule => `  - ${rule}`).join('\n')}`

const put = (
  storage: StorageService,
  key: string,
  content: string,
  options?: UploadOptions,
): Promise<unknown> =>
  storage.uploadFile(Buffer.from(content), key, { contentType: 'text/plain', ...options })

const keysOf = async (storage: StorageService): Promise<string[]> => [...(await storage.listFiles())]

/** What holds of every store, by whoever enforces its rules. */
function ages(open: (finish: Finish) => Promise<Aging>): void {
  test.concurrent('what the rules are for goes, and nothing else; a simulation says so before', async ({
    expect,
    onTestFinished,
  }) => {
    const { storage, simulate, pass } = await open(onTestFinished)
    const rules = YAML(
      '{ id: temp, filter: { prefix: temp/ }, expire: { afterDays: 1 } }',
      '{ id: drafts, filter: { prefix: rooms/, tags: { kind: draft } }, expire: { afterDays: 1 } }',
      '{ id: both, filter: { prefix: rooms/, tags: { a: "1", b: "2" } }, expire: { afterDays: 1 } }',
      '{ id: past, filter: { prefix: past/ }, expire: { on: 2020-01-01 } }',
      '{ id: future, filter: { prefix: future/ }, expire: { on: 2099-01-01 } }',
      '{ id: old, filter: { prefix: "" }, expire: { afterDays: 10000 } }',
      '{ id: off, enabled: false, filter: { prefix: kept/ }, expire: { afterDays: 1 } }',
    )
    const goes: [string, string, UploadOptions?][] = [
      ['past/a', 'past'],
      ['rooms/both', 'both', { tags: { a: '1', b: '2', c: '3' } }],
      ['rooms/ü +draft', 'drafts', { tags: { kind: 'draft' } }],
      ['temp/a', 'temp'],
      ['temp/sub/b c', 'temp'],
    ]
    const stays: [string, UploadOptions?][] = [
      ['draft', { tags: { kind: 'draft' } }],
      ['future/a'],
      ['kept/a'],
      ['rooms/final', { tags: { kind: 'final' } }],
      ['rooms/half', { tags: { a: '1' } }],
      ['rooms/plain'],
      ['temper'],
    ]
    for (const [key, , options] of goes) await put(storage, key, 'goes', options)
    for (const [key, options] of stays) await put(storage, key, 'stays', options)
    const found = await simulate(rules, 2)
    expect(found.map(({ key, rule, action, size }) => [key, rule, action, size]).sort()).toEqual(
      goes.map(([key, rule]) => [key, rule, 'expire', 4]).sort(),
    )
    expect(await keysOf(storage)).toHaveLength(goes.length + stays.length)
    await pass(rules, 2)
    await until('what goes is gone', async () => (await keysOf(storage)).length === stays.length, storage)
    await pass(rules, 1)
    expect(await keysOf(storage)).toEqual(stays.map(([key]) => key))
    expect(await simulate(rules, 2)).toEqual([])
    for (const [key] of goes) expect(await storage.downloadFile(key)).toBeNull()
  })

  test.concurrent('nothing goes without a rule', async ({ expect, onTestFinished }) => {
    const { storage, simulate, pass } = await open(onTestFinished)
    await put(storage, 'a', 'x')
    expect(await simulate('rules: []', 10_000)).toEqual([])
    await pass('rules: []', 2)
    expect(await keysOf(storage)).toEqual(['a'])
  })
}

async function all(items: AsyncIterable<DueItem>): Promise<DueItem[]> {
  const found: DueItem[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('local files', () => {
  ages(async finish => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-aging-'))
    const lifecycleRules = join(folder, 'rules.yaml')
    const config = completeConfig({ localStoragePath: join(folder, 'files'), lifecycleRules })
    let aheadMs = 0
    const now = (): number => Date.now() + aheadMs
    const storage = new StorageService({ config, now })
    await storage.ready()
    const listener = { wants: () => false, tell: () => {}, changed: () => {} }
    const backend = await openBackend(config, { logger: silentLogger, listener, create: false, now })
    finish(async () => {
      await backend.close()
      await storage.close()
      await rm(folder, { recursive: true })
    })
    return {
      storage,
      simulate: async (rules, days) => {
        await writeFile(lifecycleRules, rules)
        const found: DueItem[] = []
        for await (const page of backend.lifecycle?.due(now() + days * DAY_MS) ?? [])
          found.push(...page.map(file => ({ ...file, action: 'expire' as const })))
        return found
      },
      pass: async (rules, days) => {
        await writeFile(lifecycleRules, rules)
        aheadMs += days * DAY_MS
        await backend.lifecycle?.look()
      },
    }
  })
})

const daySeconds = Number(process.env['HOLDFAST_TEST_S3_DAY_SECONDS'] ?? 0)
const longDays = realServer() !== undefined && daySeconds === 0

describeUnless(longDays ? 'a day of the server is a real day' : undefined, 'with short days', () => {
  describeReal('a bucket', server => {
    ages(finish => openAging(server, finish))

    test.concurrent('old versions, delete markers and unfinished uploads go as the simulation says', async ({
      expect,
      onTestFinished,
    }) => {
      const { storage, simulate, pass, bucket } = await openAging(server, onTestFinished)
      const setup = new Bucket(storage.config)
      onTestFinished(() => setup.close())
      await setup.setVersioning(true)
      for (const text of ['1', '22', '333']) await put(storage, 'rooms/a', text)
      await put(storage, 'other', 'x')
      await put(storage, 'other', 'y')
      await put(storage, 'rooms/gone', '4444')
      await storage.deleteFile('rooms/gone')
      const { client } = bucket
      const upload = async (Key: string): Promise<void> => {
        const named = { Bucket: bucket.bucket, Key }
        const { UploadId } = await client.send(new CreateMultipartUploadCommand(named))
        await client.send(new UploadPartCommand({ ...named, UploadId, PartNumber: 1, Body: 'part' }))
      }
      await upload('rooms/half')
      await upload('other-half')
      const rules = YAML(
        '{ id: old, filter: { prefix: rooms/ }, expireOldVersions: { afterDays: 1 } }',
        '{ id: uploads, filter: { prefix: rooms/ }, abortIncompleteUploads: { afterDays: 1 } }',
        '{ id: markers, filter: { prefix: rooms/ }, removeExpiredDeleteMarkers: true }',
      )
      const told = (items: DueItem[]): string[] =>
        items.map(({ rule, action, key, size }) => `${rule} ${action} ${key} ${size}`)
      const first = told(await simulate(rules, 2))
      expect(first).toEqual([
        'old expire-old-version rooms/a 2',
        'old expire-old-version rooms/a 1',
        'old expire-old-version rooms/gone 4',
        'uploads abort-upload rooms/half 4',
      ])
      const versions = async (): Promise<string[]> => {
        const found: string[] = []
        for await (const { key, isDeleteMarker, size } of storage.listVersions({ prefix: '' }))
          found.push(`${key} ${isDeleteMarker ? 'deleted' : size}`)
        return found
      }
      const uploads = async (): Promise<(string | undefined)[]> =>
        ((await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.bucket }))).Uploads ?? []).map(
          ({ Key }) => Key,
        )
      await pass(rules, 2)
      // The marker goes after what it hid.
      await until(
        'they are gone',
        async () => (await versions()).length === 3 && (await uploads()).length === 1,
      )
      expect(await versions()).toEqual(['other 1', 'other 1', 'rooms/a 3'])
      expect(await uploads()).toEqual(['other-half'])
      expect(await simulate(rules, 2)).toEqual([])
    })

    test.concurrent('a file that expires in a bucket with versions becomes an old one', async ({
      expect,
      onTestFinished,
    }) => {
      const { storage, simulate, pass } = await openAging(server, onTestFinished)
      const setup = new Bucket(storage.config)
      onTestFinished(() => setup.close())
      await setup.setVersioning(true)
      await put(storage, 'temp/a', 'x')
      const rules = YAML('{ id: temp, filter: { prefix: temp/ }, expire: { afterDays: 1 } }')
      expect(await simulate(rules, 2)).toMatchObject([{ action: 'become-old', key: 'temp/a' }])
      await pass(rules, 2)
      await until('it is gone', async () => (await keysOf(storage)).length === 0)
      const [marker, old] = await listed(storage)
      expect([marker?.isDeleteMarker, old?.size]).toEqual([true, 1])
    })

    test.concurrent('files move to another class', async ({ expect, onTestFinished }) => {
      const { storage, simulate, pass } = await openAging(server, onTestFinished)
      await put(storage, 'archive/a', 'x')
      await put(storage, 'b', 'x')
      const rules = YAML(
        '{ id: move, filter: { prefix: archive/ }, transitions: [{ afterDays: 1, storageClass: STANDARD_IA }, { afterDays: 10000, storageClass: GLACIER }] }',
      )
      expect(await simulate(rules, 2)).toMatchObject([
        { rule: 'move', action: 'transition', key: 'archive/a', storageClass: 'STANDARD_IA' },
      ])
      await pass(rules, 2)
      await until(
        'it has moved',
        async () => (await storage.statFile('archive/a')).storageClass === 'STANDARD_IA',
      )
      expect(await simulate(rules, 2)).toEqual([])
      expect(await storage.statFile('b')).not.toHaveProperty('storageClass')
      expect(String(await storage.downloadFile('archive/a'))).toBe('x')
    })
  })
})

async function listed(storage: StorageService) {
  const found = []
  for await (const version of storage.listVersions({ prefix: '' })) found.push(version)
  return found
}

async function openAging(
  server: RealServer,
  finish: Finish,
): Promise<Aging & { readonly bucket: TestBucket }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-aging-'))
  const bucket = await openBucket(server)
  const storage = new StorageService({
    config: {
      ...settingsOf({ ...server, bucket: bucket.bucket }),
      localStoragePath: folder,
    },
  })
  const settings = new BucketRules(completeConfig(storage.config))
  finish(async () => {
    await settings.close()
    await storage.close()
    await bucket.remove()
    await rm(folder, { recursive: true })
  })
  return {
    storage,
    bucket,
    simulate: async (rules, days) => {
      const inForce = await settings.inForce(await parseRules(rules, 'rules.yaml'))
      return all(simulateBucket(storage.config, inForce, { at: Date.now() + days * DAY_MS }))
    },
    pass: async (rules, days) => {
      await settings.apply(await settings.plan(await parseRules(rules, 'rules.yaml')))
      await sleep(days * daySeconds * 1000)
    },
  }
}
