import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { attachedTo } from '../src/failover/attachment.js'
import { StorageService } from '../src/service.js'
import { openRoot } from '../src/stores/local/root.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { randomFrom } from './support/random.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const STEPS = 80
const KEYS = ['a', 'b', 'c', 'legacy', 'large']
const BUCKETS = ['stub', 'other'] as const
type Bucket = (typeof BUCKETS)[number]

/** What was acknowledged last under a key for a bucket (null: deleted), and in which step. */
interface Acknowledged {
  readonly text: string | null
  readonly at: number
}

/** A storage folder whose object storage is switched about, and what was acknowledged meanwhile. */
class Switching {
  readonly stub: S3Stub
  readonly folder: string
  readonly random: () => number
  readonly truth: Record<Bucket, Map<string, Acknowledged>> = { stub: new Map(), other: new Map() }
  storage: StorageService
  mode: Bucket | 'off' = 'off'
  /** Which bucket the folder was attached to when it was opened. */
  attached: Bucket | undefined
  down = false
  step = 0

  constructor(stub: S3Stub, folder: string, random: () => number) {
    this.stub = stub
    this.folder = folder
    this.random = random
    this.storage = this.#service()
  }

  #service(): StorageService {
    const config = { localStoragePath: this.folder, spoolReserveBytes: 0 }
    if (this.mode === 'off') return new StorageService({ config })
    return new StorageService({
      config: {
        ...config,
        ...settingsOf(accessOf(this.stub, { bucket: this.mode })),
        probeIntervalMs: 20,
      },
    })
  }

  async open(mode: Bucket | 'off'): Promise<void> {
    await this.storage.close({ drainMs: 100 })
    // What came back for a bucket attaches the folder to it as a write does, which the folder alone knows.
    const root = await openRoot({ path: this.folder, create: true })
    this.attached = BUCKETS.find(name => attachedTo(root)?.endsWith(`/${name}`))
    await root.close()
    this.mode = mode
    this.storage = this.#service()
  }

  async setDown(down: boolean): Promise<void> {
    if (down && !this.down) await this.stub.goDown()
    if (!down && this.down) await this.stub.comeBack()
    this.down = down
  }

  /** Whose truth holds now. */
  get bucket(): Bucket | undefined {
    return this.mode === 'off' ? this.attached : this.mode
  }

  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)] as T
  }

  async mutate(key: string): Promise<void> {
    const { bucket, step } = this
    const text = this.random() < 0.35 ? null : `${step}${key === 'large' ? 'x'.repeat(100_000) : ''}`
    if (text === null) await this.storage.deleteFile(key)
    else await this.storage.uploadFile(Buffer.from(text), key)
    if (bucket === undefined) return
    this.truth[bucket].set(key, { text, at: step })
  }

  /** What a reader may see: what was acknowledged; or what was written for the other bucket since, and is held here. */
  allowed(key: string): (string | null)[] | undefined {
    const { bucket } = this
    const known = bucket && this.truth[bucket].get(key)
    if (known === undefined) return undefined
    const other = this.truth[bucket === 'stub' ? 'other' : 'stub'].get(key)
    return other !== undefined && other.text !== null && other.at > known.at
      ? [known.text, other.text]
      : [known.text]
  }

  async read(key: string): Promise<void> {
    const allowed = this.allowed(key)
    if (allowed === undefined) return
    const end = performance.now() + 60_000
    for (;;) {
      try {
        const text = (await this.storage.downloadFile(key))?.toString() ?? null
        return expect(allowed.map(short), `${key} in step ${this.step}`).toContain(short(text))
      } catch (error) {
        if (!StorageError.is(error, 'UNAVAILABLE')) throw error
        if (this.down || this.mode === 'off') return
        // That the bucket is back is known with the next probe.
        if (performance.now() > end) throw error
        await sleep(20)
      }
    }
  }

  async list(): Promise<void> {
    const keys = await this.storage.listFiles()
    for (const key of KEYS) {
      const allowed = this.allowed(key)
      if (allowed === undefined) continue
      const mayMiss = allowed.includes(null) || !keys.complete
      const mayShow = allowed.some(text => text !== null)
      expect(keys.includes(key) ? mayShow : mayMiss, `${key} listed in step ${this.step}`).toBe(true)
    }
  }

  async drained(): Promise<void> {
    await this.storage.ready()
    const end = performance.now() + 60_000
    while (this.storage.getStatus().pending > 0) {
      if (performance.now() > end) throw new Error(`${this.storage.getStatus().pending} are pending still`)
      await sleep(20)
    }
  }

  held(bucket: Bucket): Map<string, string> {
    const objects = [...(this.stub.buckets.get(bucket)?.objects ?? [])]
    return new Map(
      objects.filter(([key]) => !key.startsWith('.')).map(([key, { bytes }]) => [key, `${bytes}`]),
    )
  }
}

const short = (text: string | null): string | null => text?.slice(0, 10) ?? null

async function run(seed: number): Promise<void> {
  const stub = await startS3Stub({ buckets: [...BUCKETS] })
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-switching-'))
  const it = new Switching(stub, folder, randomFrom(seed))
  try {
    await it.storage.uploadFile(Buffer.from('from before'), 'legacy')
    await it.open('stub')
    for (it.step = 1; it.step <= STEPS; it.step++) {
      const chance = it.random()
      if (chance < 0.5) await it.mutate(it.pick(KEYS))
      else if (chance < 0.7) await it.read(it.pick(KEYS))
      else if (chance < 0.76) await it.list()
      else if (chance < 0.86) await it.setDown(!it.down)
      else await it.open(it.pick(['off', ...BUCKETS]))
    }
    await it.setDown(false)
    for (const bucket of BUCKETS) {
      await it.open(bucket)
      await it.drained()
      for (const key of KEYS) await it.read(key)
      await it.list()
      const held = it.held(bucket)
      for (const key of KEYS) {
        const expected = it.truth[bucket].get(key)?.text
        expect(short(held.get(key) ?? null), `${key} in ${bucket}`).toBe(short(expected ?? null))
      }
    }
  } finally {
    await it.storage.close({ drainMs: 100 })
    await stub.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const first = Number(process.env['HOLDFAST_TEST_SEED'] ?? Math.floor(Math.random() * 1e9))

test.each(Array.from({ length: LONG ? 200 : 4 }, (_, i) => first + i))(
  'switching object storage off and on, and from bucket to bucket, loses, shadows and resurrects nothing: seed %i',
  run,
  LONG ? 600_000 : 120_000,
)
