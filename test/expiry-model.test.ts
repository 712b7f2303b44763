import { expect, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import { Random } from '../src/testing/conformance-random.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { closing, ManualClock } from './support/expiry.js'
import { until, useFolder, useStub } from './support/failover-service.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const RUNS = LONG ? 40 : 2
const STEPS = 150
const KEYS = ['a', 'b', 'c/1', 'c/2', 'd']

interface Held {
  readonly content: string
  readonly expiresAt?: number | undefined
}

/** What a storage with expiries is, in its simplest form. */
class Model {
  readonly #held = new Map<string, Held>()
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  get(key: string): Held | undefined {
    const held = this.#held.get(key)
    return held?.expiresAt !== undefined && held.expiresAt <= this.#clock.time ? undefined : held
  }

  set(key: string, held: Held | undefined): void {
    if (held === undefined) this.#held.delete(key)
    else this.#held.set(key, held)
  }

  get keys(): string[] {
    return KEYS.filter(key => this.get(key) !== undefined)
  }
}

interface Place {
  open(clock: ManualClock): StorageService
  /** Takes the object store away, or brings it back. */
  toggle?(isAway: boolean): Promise<void>
  /** What it holds at the end, beside what is in use. */
  held?(): string[]
}

/** The code of what an operation was refused with; undefined if it was done. */
async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}

async function run(place: Place, seed: number): Promise<void> {
  const random = new Random(seed)
  const clock = new ManualClock()
  const model = new Model(clock)
  let storage = place.open(clock)
  let isAway = false
  const log: string[] = []
  const fail = (what: string): never => {
    throw new Error(`Seed ${seed}: ${what}\n${log.join('\n')}`)
  }
  /** Whether a refusal is that of a store that is away; what it did not say is not held against it. */
  const unknown = (code: string | undefined): boolean => code === 'UNAVAILABLE' && isAway

  const check = async (key: string): Promise<void> => {
    const held = model.get(key)
    let found: string | undefined
    let code: string | undefined
    await until('it is read', async () => {
      code = await refusal(storage.downloadFile(key).then(bytes => (found = bytes?.toString())))
      return code !== 'UNAVAILABLE' || isAway
    })
    if (unknown(code)) return
    if (code !== undefined || found !== held?.content)
      fail(`${key} is ${code ?? found}, and not ${held?.content}`)
  }

  const steps: Record<string, (key: string, n: number) => Promise<void>> = {
    put: async (key, n) => {
      const expiresInSeconds = random.below(3) === 0 ? undefined : 1 + random.below(40)
      const code = await refusal(storage.uploadFile(Buffer.from(`${n}`), key, { expiresInSeconds }))
      if (code !== undefined) fail(`put ${key}: ${code}`)
      const expiresAt = expiresInSeconds === undefined ? undefined : clock.time + expiresInSeconds * 1000
      model.set(key, { content: `${n}`, expiresAt })
    },
    create: async (key, n) => {
      let code: string | undefined
      // A process may have met the outage last, and take the store for away until it has asked it again.
      await until('it is decided', async () => {
        code = await refusal(storage.uploadFile(Buffer.from(`${n}`), key, { ifNoneMatch: '*' }))
        return code !== 'UNAVAILABLE' || isAway
      })
      if (unknown(code)) return
      if (code !== (model.get(key) === undefined ? undefined : 'ALREADY_EXISTS'))
        fail(`create ${key}: ${code}`)
      if (code === undefined) model.set(key, { content: `${n}` })
    },
    keep: async key => {
      let code: string | undefined
      await until('it is kept or not', async () => {
        code = await refusal(storage.keepFile(key))
        return code !== 'UNAVAILABLE' || isAway
      })
      const held = model.get(key)
      if (unknown(code)) return
      if (code !== (held === undefined ? 'NOT_FOUND' : undefined)) fail(`keep ${key}: ${code}`)
      if (held !== undefined) model.set(key, { content: held.content })
    },
    delete: async key => {
      const code = await refusal(storage.deleteFile(key))
      if (code !== undefined) fail(`delete ${key}: ${code}`)
      model.set(key, undefined)
    },
    copy: async (key, n) => {
      const from = KEYS[n % KEYS.length] ?? ''
      let code: string | undefined
      await until('it is copied or not', async () => {
        code = await refusal(storage.copyFile(from, key))
        return code !== 'UNAVAILABLE' || isAway
      })
      const held = model.get(from)
      if (unknown(code)) return
      if (code !== (held === undefined ? 'NOT_FOUND' : undefined)) fail(`copy ${from} to ${key}: ${code}`)
      model.set(key, held ?? model.get(key))
    },
    read: check,
    list: async () => {
      const files = await storage.listFiles()
      const extra = files.filter(key => model.get(key) === undefined)
      const missing = files.complete ? model.keys.filter(key => !files.includes(key)) : []
      if (extra.length + missing.length > 0) fail(`listed too many: ${extra}, and not: ${missing}`)
    },
    advance: async () => clock.advance(random.below(20)),
    sweep: async () => void (await storage.removeExpired()),
    restart: async () => {
      await storage.close()
      storage = place.open(clock)
      await refusal(storage.fileExists('a'))
    },
    toggle: async () => {
      if (place.toggle === undefined) return
      isAway = !isAway
      await place.toggle(isAway)
      // What it missed is still on its way then.
      if (!isAway) await until('it is known to be back', () => storage.getStatus().state !== 'degraded')
    },
  }
  const weighted = ['put', 'put', 'create', 'keep', 'keep', 'delete', 'copy', 'read', 'read', 'list'].concat(
    'advance advance sweep sweep restart toggle'.split(' '),
  )
  for (let n = 0; n < STEPS; n++) {
    const what = weighted[random.below(weighted.length)] ?? ''
    const key = KEYS[random.below(KEYS.length)] ?? ''
    log.push(`${what} ${key} ${isAway ? '(away)' : ''}`)
    await steps[what]?.(key, n)
  }
  isAway = false
  await place.toggle?.(false)
  await until('everything is settled', async () => {
    await storage.listFiles()
    const { state, pending } = storage.getStatus()
    return pending === 0 && state !== 'degraded'
  })
  for (const key of KEYS) await check(key)
  clock.advance(1000)
  await until('all that has expired is removed', async () => (await storage.removeExpired()).complete)
  for (const key of KEYS) await check(key)
  expect([...(await storage.listFiles())]).toEqual(model.keys)
  const held = place.held
  if (held !== undefined) {
    await until('the bucket holds that and no more', async () => {
      await storage.removeExpired()
      return JSON.stringify(held().sort()) === JSON.stringify(model.keys)
    })
  }
  await storage.close()
}

const seeds = Array.from({ length: RUNS }, () => Math.floor(Math.random() * 2 ** 32))

test.each(seeds)(
  'local files do what the model does (seed %i)',
  async seed => {
    const config = { objectStorageProvider: 'local', localStoragePath: await useFolder() }
    await run({ open: clock => closing(new StorageService({ config, now: clock.now })) }, seed)
  },
  300_000,
)

test.each(seeds)(
  'a bucket that goes and comes back does what the model does (seed %i)',
  async seed => {
    const stub = await useStub()
    const config: Partial<StorageConfig> = {
      ...settingsOf(accessOf(stub)),
      localStoragePath: await useFolder(),
      objectStorageConnectTimeoutMs: 5000,
      objectStorageFirstByteTimeoutMs: 5000,
      objectStorageIdleTimeoutMs: 5000,
      probeIntervalMs: 50,
      settleWindowMs: 500,
      spoolReserveBytes: 0,
    }
    await run(
      {
        open: clock => closing(new StorageService({ config, now: clock.now })),
        toggle: isAway => (isAway ? stub.goDown() : stub.comeBack()),
        held: () => [...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => !key.startsWith('.')),
      },
      seed,
    )
  },
  300_000,
)
