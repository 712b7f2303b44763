import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { completeConfig, type StorageConfig } from '../../src/config.js'
import type { S3Stub } from '../../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './bucket-settings.js'
import type { Cli } from './cli.js'

/** The oracle is a process of its own, so it needs the compiled program. */
export function oracleOf(cli: Cli): URL {
  return pathToFileURL(join(dirname(dirname(cli.main)), 'operations', 'drill', 'oracle-main.js'))
}

/** A folder of the test's own, in which the drill makes its scratch folder. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-drill-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What is rehearsed: a bucket behind deadlines that let an outage be noticed soon. */
export function configOf(stub: S3Stub, folder: string, more: Partial<StorageConfig> = {}): StorageConfig {
  return completeConfig({
    ...settingsOf(accessOf(stub)),
    objectStorageFirstByteTimeoutMs: 2000,
    localStoragePath: join(folder, 'uploads'),
    probeIntervalMs: 300,
    spoolReserveBytes: 0,
    ...more,
  })
}

/** The keys that the bucket holds. */
export function keysOf(stub: S3Stub): string[] {
  return [...(stub.buckets.get('stub')?.objects.keys() ?? [])]
}
