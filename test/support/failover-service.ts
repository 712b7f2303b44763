import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { StorageConfig } from '../../src/config.js'
import { StorageError } from '../../src/core/errors.js'
import type { Logger } from '../../src/core/logger.js'
import { StorageService } from '../../src/service.js'
import { type S3Stub, type S3StubOptions, startS3Stub } from '../../src/testing/s3-stub.js'
import { type BucketAccess, settingsOf } from './bucket-settings.js'

export interface ServiceOptions {
  readonly config?: Partial<StorageConfig>
  /** The storage folder; a new one, removed when the test ends, unless given. */
  readonly folder?: string
  readonly logger?: Logger
}

/** A stub that ends with the test. */
export async function useStub(options: S3StubOptions = {}): Promise<S3Stub> {
  const stub = await startS3Stub(options)
  onTestFinished(() => stub.close())
  return stub
}

/** A folder that goes with the test. */
export async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A service over a bucket, with deadlines that let a test of them end soon; it ends with the test. */
export async function useService(
  access: BucketAccess,
  options: ServiceOptions = {},
): Promise<StorageService> {
  const { folder = await useFolder(), config = {}, logger } = options
  const storage = new StorageService({
    config: {
      ...settingsOf(access),
      objectStorageConnectTimeoutMs: 1000,
      objectStorageFirstByteTimeoutMs: 1000,
      objectStorageIdleTimeoutMs: 1000,
      localStoragePath: folder,
      probeIntervalMs: 200,
      spoolReserveBytes: 0,
      ...config,
    },
    ...(logger !== undefined && { logger }),
  })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return storage
}

/** Waits until something is so. @throws Error naming it, with the status of the storage, if that takes too long */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  storage?: StorageService,
  withinMs = 60_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > end) {
      throw new Error(`Not within ${withinMs} ms: ${what} ${JSON.stringify(storage?.getStatus())}`)
    }
    await sleep(20)
  }
}

/** Waits until the bucket holds everything and all is well. */
export function healthy(storage: StorageService, withinMs?: number): Promise<void> {
  const isHealthy = (): boolean => {
    const { state, pending } = storage.getStatus()
    return state === 'healthy' && pending === 0
  }
  return until('all is well', isHealthy, storage, withinMs)
}

/** What callers are told while the store is away; the first of them, why. */
const OUTAGES = new Set(['UNAVAILABLE', 'TIMEOUT', 'THROTTLED', 'UNAUTHENTICATED', 'NO_SUCH_BUCKET'])

/** What a read tells: the text, null for nothing, or the code of an outage. @throws any other error */
export async function textOf(storage: StorageService, key: string): Promise<string | null | 'away'> {
  try {
    return (await storage.downloadFile(key))?.toString() ?? null
  } catch (error) {
    if (StorageError.is(error) && OUTAGES.has(error.code)) return 'away'
    throw error
  }
}

/** What the stub holds, Holdfast's own objects left out: texts by key. */
export function heldBy(stub: S3Stub, bucket = 'stub'): Map<string, string> {
  const objects = new Map<string, string>()
  for (const [key, object] of stub.buckets.get(bucket)?.objects ?? []) {
    if (!key.startsWith('.holdfast/')) objects.set(key, object.bytes.toString())
  }
  return objects
}

/** The time below which this share of the times lies. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
