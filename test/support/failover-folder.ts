import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StorageConfig } from '../../src/config.js'
import { StorageError } from '../../src/core/errors.js'
import { StorageService } from '../../src/service.js'
import type { S3Stub } from '../../src/testing/index.js'
import { accessOf, settingsOf } from './bucket-settings.js'

/** A storage over a stub's bucket, with a folder as its net. */
export function storageOver(
  stub: Pick<S3Stub, 'endpoint' | 'credentials'>,
  folder: string,
  more: Partial<StorageConfig> = {},
): StorageService {
  return new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      objectStorageFirstByteTimeoutMs: 5000,
      localStoragePath: folder,
      probeIntervalMs: 50,
      settleWindowMs: 500,
      spoolReserveBytes: 0,
      ...more,
    },
  })
}

/** What a storage reads under a key: `away` where only the bucket could tell. */
export async function readKey(storage: StorageService, key: string): Promise<Buffer | null | 'away'> {
  try {
    return await storage.downloadFile(key)
  } catch (error) {
    if (StorageError.is(error, 'UNAVAILABLE')) return 'away'
    throw error
  }
}

/** All objects that the stub holds, Holdfast's own left out. */
export function held(stub: S3Stub): Map<string, Buffer> {
  const objects = new Map<string, Buffer>()
  for (const [key, object] of stub.buckets.get('stub')?.objects ?? []) {
    if (!key.startsWith('.holdfast/')) objects.set(key, object.bytes)
  }
  return objects
}

/** Resolves when the bucket has received everything, and nothing is in doubt any more. */
export async function converged(storage: StorageService): Promise<void> {
  await until('everything has come to the bucket', () => {
    const { pending = 0, settling = 0, away } = statusOf(storage)
    return pending === 0 && settling === 0 && !away
  })
}

function statusOf(storage: StorageService): { pending?: number; settling?: number; away: boolean } {
  const { pending, settling, problems } = storage.getStatus()
  return { pending, settling, away: problems.some(({ code }) => code === 'PRIMARY_AWAY') }
}

/** Waits without a limit of its own but the test's, and says every half minute for what. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  let told = performance.now()
  while (!(await holds())) {
    if (performance.now() - told > 30_000) {
      told = performance.now()
      process.stderr.write(`still waiting until ${what}\n`)
    }
    await sleep(10)
  }
}

/** The files of the spool that are there. */
export async function spooledFiles(folder: string): Promise<string[]> {
  const objects = join(folder, '.holdfast', 'objects')
  const entries = await readdir(objects, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

/** The whole lines that a child has said. */
export function said(output: string): { readonly [name: string]: unknown }[] {
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
