import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { StorageConfig } from '../config.js'
import { RESERVED_PREFIX } from '../core/key.js'
import { replaceFile } from '../stores/local/root-files.js'
import type { Feature, ProfileData } from '../stores/s3/profile.js'
import { FEATURES } from '../stores/s3/trials.js'

const FILE = 'endpoint.json'
/** Servers are upgraded, and buckets set up anew: what was found out longer ago is found out again. */
const FRESH_MS = 24 * 3600 * 1000

/** Features that are there in one of two styles. */
const STYLED: ReadonlySet<Feature> = new Set([
  'conditionalPut',
  'conditionalComplete',
  'conditionalDelete',
  'conditionalCopy',
  'copySourceIfMatch',
])

interface Kept {
  readonly endpoint: string
  readonly bucket: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly profile: ProfileData
}

/**
 * What an examination of not long ago has found out about the configured endpoint and bucket, so that an S3 store
 * need not try it out by itself; undefined if there is none.
 */
export async function readProfile(config: StorageConfig, now = Date.now()): Promise<ProfileData | undefined> {
  let kept: Partial<Kept>
  try {
    kept = JSON.parse(await readFile(fileOf(config), 'utf8'))
  } catch {
    return undefined
  }
  const { endpoint, bucket, at = 0, profile } = kept
  if (endpoint !== endpointOf(config) || bucket !== config.objectStorageBucket) return undefined
  if (!(at <= now && now - at < FRESH_MS) || typeof profile !== 'object') return undefined
  return Object.fromEntries(
    FEATURES.filter(feature => isKnown(profile, feature)).map(name => [name, profile[name]]),
  )
}

/** Keeps what was found out, in the storage folder. Its own folder must be there. */
export async function keepProfile(
  config: StorageConfig,
  profile: ProfileData,
  now = Date.now(),
): Promise<void> {
  const kept: Kept = { endpoint: endpointOf(config), bucket: config.objectStorageBucket, at: now, profile }
  await replaceFile(fileOf(config), Buffer.from(JSON.stringify(kept)))
}

/** Forgets it: after a change of the bucket that may have changed what it does. */
export async function forgetProfile(config: StorageConfig): Promise<void> {
  await rm(fileOf(config), { force: true })
}

function fileOf({ localStoragePath }: StorageConfig): string {
  return join(resolve(localStoragePath), RESERVED_PREFIX, FILE)
}

function endpointOf({ objectStorageEndpoint, objectStorageRegion }: StorageConfig): string {
  return objectStorageEndpoint ?? `aws ${objectStorageRegion}`
}

function isKnown(profile: ProfileData, feature: Feature): boolean {
  const value: unknown = profile[feature]
  return value === false || (STYLED.has(feature) ? value === 'quoted' || value === 'bare' : value === true)
}
