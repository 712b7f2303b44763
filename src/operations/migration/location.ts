import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { activeProvider, completeConfig, loadConfig, type StorageConfig, VARIABLES } from '../../config.js'
import { StorageError, shown } from '../../core/errors.js'
import { parsePrefix } from '../../core/key.js'
import type { Store } from '../../core/store.js'
import type { StoreLocation } from './types.js'

/** A place of objects, as it was named. */
export type Location =
  /** A folder: a store of ours, or files. `plain` if files are meant, whatever is there. */
  | { readonly kind: 'folder'; readonly path: string; readonly plain: boolean; readonly ledgerPath?: string }
  /** A bucket, and the start of the keys in it that are meant: empty, or with a `/` at its end. */
  | { readonly kind: 'bucket'; readonly config: StorageConfig; readonly prefix: string }
  | { readonly kind: 'store'; readonly store: Store }

const ACCEPTED =
  'a folder (./uploads, file:///srv/uploads), plain files (dir:/srv/files), a bucket (s3://bucket/prefix/?endpoint=https://…&region=…&path-style=true), or env:<file> for the store that a file of variables configures'

/**
 * Reads the name of a store.
 *
 * @param base what a bucket is completed with: its keys, and its endpoint and region unless the name has them
 * @throws StorageError `INVALID_ARGUMENT` for a name of no known form, `CONFIG_INVALID` for wrong settings in a file
 */
export function parseLocation(given: StoreLocation, base: StorageConfig): Location {
  if (typeof given === 'string') return parseText(given, base)
  if (typeof given !== 'object' || given === null) throw invalid(`Invalid store ${shown(given)}`)
  if (isStore(given)) return { kind: 'store', store: given }
  return ofConfig(completeConfig(given))
}

/** The place that a configuration stores in: its bucket, or its folder. */
export function ofConfig(config: StorageConfig): Location {
  if (activeProvider(config) !== 'local') return { kind: 'bucket', config, prefix: '' }
  const { localStoragePath, ledgerPath } = config
  return folder(localStoragePath, { ...(ledgerPath !== undefined && { ledgerPath }) })
}

/** The settings that a file of variables makes, and nothing else. @throws StorageError `CONFIG_INVALID` */
export function readConfigFile(path: string): StorageConfig {
  let text: string
  try {
    text = readFileSync(resolve(path), 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause
    const message = `The file of variables ${resolve(path)} cannot be read: ${code}.`
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'config', message, cause })
  }
  return loadConfig(parseEnv(text.replace(/^\ufeff/, '')))
}

function isStore(given: object): given is Store {
  return 'put' in given && typeof given.put === 'function'
}

function parseText(text: string, base: StorageConfig): Location {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      if (text === '') throw invalid('The name of a store is empty')
      return folder(text)
    case 'file':
      return folder(text.startsWith('file:/') ? fileUrlPath(text) : text.slice('file:'.length))
    case 'dir':
      return folder(text.slice('dir:'.length), { plain: true })
    case 'env':
      return ofConfig(text === 'env:' ? base : readConfigFile(text.slice('env:'.length)))
    case 's3':
      return parseBucket(text, base)
    default:
      // What stands behind it is not repeated: it may hold a password.
      throw invalid(`A store's name cannot begin with "${scheme}:"`)
  }
}

function folder(path: string, more: { plain?: boolean; ledgerPath?: string } = {}): Location {
  if (path === '') throw invalid('The path of a folder is empty')
  return { kind: 'folder', path: resolve(path), plain: false, ...more }
}

function fileUrlPath(text: string): string {
  try {
    return fileURLToPath(text)
  } catch {
    throw invalid(`Invalid file URL ${shown(text)}`)
  }
}

function parseBucket(text: string, base: StorageConfig): Location {
  const match = /^s3:\/\/([^/?#@:]*)(?:\/([^?#]*))?(?:\?(.*))?$/i.exec(text)
  if (match === null)
    throw invalid(
      'A bucket is named s3://bucket/prefix/?endpoint=…, without keys: those are settings, or in an env: file',
    )
  const [, bucket = '', path = '', query = ''] = match
  const settings: Record<string, unknown> = {
    objectStorageEnabled: true,
    objectStorageBucket: accepted('objectStorageBucket', 'name', bucket),
  }
  for (const [name, value] of new URLSearchParams(query)) {
    const property = PARAMETERS[name]
    if (property === undefined) {
      throw invalid(`A bucket has no setting "${name}"; there are ${Object.keys(PARAMETERS).join(', ')}`)
    }
    settings[property] = value === '' ? undefined : accepted(property, name, value)
  }
  // "minio" or "s3", where object storage is configured; "local" would name no bucket.
  if (base.objectStorageProvider !== 'minio') settings['objectStorageProvider'] = 's3'
  return { kind: 'bucket', config: { ...base, ...settings }, prefix: bucketPrefix(path) }
}

const PARAMETERS: Readonly<Record<string, keyof StorageConfig>> = {
  endpoint: 'objectStorageEndpoint',
  region: 'objectStorageRegion',
  'path-style': 'objectStoragePathStyle',
}

function accepted(property: keyof StorageConfig, name: string, text: string): unknown {
  const { parse, accepts } = VARIABLES[property]
  const value = parse(text)
  if (value === undefined) throw invalid(`Invalid ${name} ${shown(text)} of a bucket: ${accepts}`)
  return value
}

function bucketPrefix(path: string): string {
  let prefix: string
  try {
    prefix = decodeURIComponent(path)
  } catch {
    throw invalid(`Invalid prefix ${shown(path)} of a bucket`)
  }
  return parsePrefix(prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, 'migrate')
}

function invalid(what: string): StorageError {
  return new StorageError({
    code: 'INVALID_ARGUMENT',
    op: 'migrate',
    message: `${what}; accepted: ${ACCEPTED}.`,
  })
}
