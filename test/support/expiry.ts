import { onTestFinished } from 'vitest'
import type { StorageConfig } from '../../src/config.js'
import { StorageService } from '../../src/service.js'
import { type BucketAccess, settingsOf } from './bucket-settings.js'
import { useFolder } from './failover-service.js'

/** A clock that goes on only when it is told to. */
export class ManualClock {
  time = Date.now()
  readonly now = (): number => this.time

  advance(seconds: number): void {
    this.time += seconds * 1000
  }
}

/** A storage whose clock the test sets. */
export interface Timed {
  readonly storage: StorageService
  readonly clock: ManualClock
  readonly folder: string
}

/** A service that ends with the test. */
export function closing(storage: StorageService): StorageService {
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return storage
}

export async function openLocal(): Promise<Timed> {
  const clock = new ManualClock()
  const folder = await useFolder()
  const config = { objectStorageProvider: 'local', localStoragePath: folder }
  return { storage: closing(new StorageService({ config, now: clock.now })), clock, folder }
}

/** A service over a bucket, with deadlines that let a test of them end soon. */
export async function openOver(
  access: BucketAccess,
  given: { folder?: string; clock?: ManualClock; config?: Partial<StorageConfig> } = {},
): Promise<Timed> {
  const { clock = new ManualClock(), folder = await useFolder(), config } = given
  const storage = new StorageService({
    config: {
      ...settingsOf(access),
      objectStorageConnectTimeoutMs: 2000,
      objectStorageFirstByteTimeoutMs: 2000,
      objectStorageIdleTimeoutMs: 2000,
      localStoragePath: folder,
      probeIntervalMs: 100,
      spoolReserveBytes: 0,
      ...config,
    },
    now: clock.now,
  })
  return { storage: closing(storage), clock, folder }
}
