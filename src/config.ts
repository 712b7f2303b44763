import { isIP } from 'node:net'
import { parseClamdAddress } from './core/clamd-address.js'
import { StorageError, shown } from './core/errors.js'
import { isOrigin } from './core/origin.js'

/** Where objects live and how they are served. Each property is set by one environment variable. */
export interface StorageConfig {
  /** `OBJECT_STORAGE_ENABLED`: false keeps every file on the local disk. */
  readonly objectStorageEnabled: boolean
  /** `OBJECT_STORAGE_PROVIDER`: `s3`, `minio` or `local`; an unknown one warns and uses local storage. */
  readonly objectStorageProvider: string
  /** `OBJECT_STORAGE_BUCKET` */
  readonly objectStorageBucket: string
  /** `OBJECT_STORAGE_ENDPOINT`: of MinIO or another S3-compatible server; AWS unless given. */
  readonly objectStorageEndpoint: string | undefined
  /** `OBJECT_STORAGE_ACCESS_KEY`: without keys, the AWS default credential chain is used. */
  readonly objectStorageAccessKey: string | undefined
  /** `OBJECT_STORAGE_SECRET_KEY` */
  readonly objectStorageSecretKey: string | undefined
  /** `OBJECT_STORAGE_SESSION_TOKEN`: of temporary credentials. */
  readonly objectStorageSessionToken: string | undefined
  /** `OBJECT_STORAGE_REGION` */
  readonly objectStorageRegion: string
  /** `OBJECT_STORAGE_PATH_STYLE`: `endpoint/bucket/key` rather than `bucket.endpoint/key`. */
  readonly objectStoragePathStyle: boolean | undefined
  /** `OBJECT_STORAGE_PUBLIC_ENDPOINT`: the endpoint as browsers reach it, for presigned URLs. */
  readonly objectStoragePublicEndpoint: string | undefined
  /** `OBJECT_STORAGE_PUBLIC_URL`: of a CDN or public bucket; the `url` of uploads begins with it. */
  readonly objectStoragePublicUrl: string | undefined
  /** `OBJECT_STORAGE_CONNECT_TIMEOUT_MS` */
  readonly objectStorageConnectTimeoutMs: number
  /** `OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS`: from the last byte sent to the first byte of the answer. */
  readonly objectStorageFirstByteTimeoutMs: number
  /** `OBJECT_STORAGE_IDLE_TIMEOUT_MS`: between two pieces of a request or an answer. */
  readonly objectStorageIdleTimeoutMs: number
  /** `OBJECT_STORAGE_CONNECTIONS`: to the endpoint at once. */
  readonly objectStorageConnections: number
  /** `OBJECT_STORAGE_PART_BYTES`: larger content is sent in parts of this size; held in memory, a few at a time. */
  readonly objectStoragePartBytes: number
  /** `OBJECT_STORAGE_FALLBACK`: uploads are taken on the local disk while the object store is away. */
  readonly objectStorageFallback: boolean
  /** `OBJECT_STORAGE_WRITE_MODE`: `direct`, or `behind` to take every upload on the local disk first. */
  readonly objectStorageWriteMode: 'direct' | 'behind'
  /** `HOLDFAST_PROBE_INTERVAL_MS`: between two questions whether an object store that is away is back. */
  readonly probeIntervalMs: number
  /** `HOLDFAST_SETTLE_WINDOW_MS`: how long after its signing the object store may still take a request. */
  readonly settleWindowMs: number
  /** `HOLDFAST_SPOOL_MAX_BYTES`: of uploads that wait for the object store; only the disk's size counts unless given. */
  readonly spoolMaxBytes: number | undefined
  /** `HOLDFAST_SPOOL_RESERVE_BYTES`: of free disk that waiting uploads leave alone. */
  readonly spoolReserveBytes: number
  /** `HOLDFAST_QUOTA_RECOUNT_SECONDS`: after so long a quota is counted again by listing; 0 for never. */
  readonly quotaRecountSeconds: number
  /** `LOCAL_CACHE_MAX_BYTES`: of the local disk, for copies of what is read from the object store; 0 keeps none. */
  readonly localCacheMaxBytes: number
  /** `LOCAL_STORAGE_PATH`: the folder of local files, and of what Holdfast remembers beside them. */
  readonly localStoragePath: string
  /** `HOLDFAST_LEDGER_PATH`: a folder on a local disk for the ledger, if the storage folder is not on one. */
  readonly ledgerPath: string | undefined
  /** `HOLDFAST_HOST`: the address to listen on. */
  readonly host: string
  /** `HOLDFAST_PORT` (or `PORT`) */
  readonly port: number
  /** `HOLDFAST_PUBLIC_URL`: of this server as browsers reach it; signed URLs begin with it, over a bucket too. */
  readonly publicUrl: string | undefined
  /** `HOLDFAST_API_KEYS`: comma-separated; each grants all access over HTTP. */
  readonly apiKeys: readonly string[]
  /** `HOLDFAST_SIGNING_KEYS`: comma-separated; the first signs URLs, all verify. Made and kept by itself unless given. */
  readonly signingKeys: readonly string[]
  /** `HOLDFAST_CORS_ORIGINS`: comma-separated origins whose pages may call the server, or `*` for all. */
  readonly corsOrigins: readonly string[]
  /** `HOLDFAST_MAX_UPLOAD_BYTES`: over HTTP. */
  readonly maxUploadBytes: number
  /** `HOLDFAST_LIFECYCLE_RULES`: a file of rules for how files age. */
  readonly lifecycleRules: string | undefined
  /** `HOLDFAST_LIFECYCLE_INTERVAL_HOURS`: between two looks for local files that the rules let go. */
  readonly lifecycleIntervalHours: number
  /** `CLAMD_ADDRESS`: ClamAV's daemon, which uploads are inspected by: the path of its socket, or `host:port`. */
  readonly clamdAddress: string | undefined
  /** `CLAMD_ACTION`: what becomes of an upload in which it finds something. */
  readonly clamdAction: 'reject' | 'quarantine'
  /** `CLAMD_TOO_LARGE`: what becomes of an upload above its `StreamMaxLength`, which it does not scan. */
  readonly clamdTooLarge: 'reject' | 'quarantine' | 'allow'
  /** `HOLDFAST_INSPECT_TIMEOUT_MS`: how long an upload may take to be inspected, once all of it has come. */
  readonly inspectTimeoutMs: number
  /** `HOLDFAST_INSPECT_ON_FAILURE`: `refuse` what cannot be inspected, or `allow` it uninspected. */
  readonly inspectOnFailure: 'refuse' | 'allow'
  /** `HOLDFAST_QUARANTINE_MAX_BYTES`: of the local disk, for what inspection holds back. */
  readonly quarantineMaxBytes: number
  /** `HOLDFAST_QUARANTINE_DAYS`: after which it is removed; 0 keeps it for ever. */
  readonly quarantineDays: number
  /** `STRICT_CONFIG`: refuse to start where the specification only warns. */
  readonly strictConfig: boolean
}

/** One environment variable: how it is read, and what people are told of it. */
export interface Variable<T = unknown> {
  readonly name: string
  /** Other names that are read if this one is unset. */
  readonly aliases?: readonly string[]
  readonly default: T
  /** What is accepted, as it stands in errors and in the table of the README. */
  readonly accepts: string
  readonly description: string
  readonly secret?: true
  /** The value, or undefined if the text is not acceptable. The text is trimmed and not empty. */
  readonly parse: (text: string) => T | undefined
}

const MIB = 1024 * 1024
const GIB = 1024 * MIB

/** Every variable, in the order people are shown them. */
export const VARIABLES: { readonly [K in keyof StorageConfig]: Variable<StorageConfig[K]> } = {
  objectStorageEnabled: boolean(
    'OBJECT_STORAGE_ENABLED',
    false,
    'Use object storage; otherwise files stay on the local disk.',
  ),
  objectStorageProvider: {
    name: 'OBJECT_STORAGE_PROVIDER',
    default: 's3',
    accepts: 's3, minio or local',
    description: 'What kind of object storage.',
    parse: text => text.toLowerCase(),
  },
  objectStorageBucket: {
    name: 'OBJECT_STORAGE_BUCKET',
    default: 'chat-system',
    accepts: 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens',
    description: 'The bucket.',
    parse: text =>
      /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/.test(text) && !text.includes('..') ? text : undefined,
  },
  objectStorageEndpoint: url(
    'OBJECT_STORAGE_ENDPOINT',
    'The endpoint of MinIO or another S3-compatible server; AWS unless given.',
  ),
  objectStorageAccessKey: secret(
    'OBJECT_STORAGE_ACCESS_KEY',
    "Access key; without it AWS's default credential chain is used.",
  ),
  objectStorageSecretKey: secret('OBJECT_STORAGE_SECRET_KEY', 'Secret key.'),
  objectStorageSessionToken: secret(
    'OBJECT_STORAGE_SESSION_TOKEN',
    'Session token of temporary credentials.',
  ),
  objectStorageRegion: {
    name: 'OBJECT_STORAGE_REGION',
    default: 'us-east-1',
    accepts: 'a region name such as eu-central-1',
    description: 'The region, which every request is signed for.',
    parse: text => (/^[a-z0-9-]{1,63}$/i.test(text) ? text : undefined),
  },
  objectStoragePathStyle: {
    ...boolean(
      'OBJECT_STORAGE_PATH_STYLE',
      false,
      'Address the bucket by path, not by host name; by path on a custom endpoint unless given.',
    ),
    default: undefined,
  },
  objectStoragePublicEndpoint: url(
    'OBJECT_STORAGE_PUBLIC_ENDPOINT',
    'The endpoint as browsers reach it, for presigned URLs.',
  ),
  objectStoragePublicUrl: url(
    'OBJECT_STORAGE_PUBLIC_URL',
    "URL of a CDN or public bucket, which uploads' `url` begins with.",
  ),
  objectStorageConnectTimeoutMs: milliseconds(
    'OBJECT_STORAGE_CONNECT_TIMEOUT_MS',
    3_000,
    'Longest wait for a connection.',
  ),
  objectStorageFirstByteTimeoutMs: milliseconds(
    'OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS',
    10_000,
    'Longest wait for an answer to begin.',
  ),
  objectStorageIdleTimeoutMs: milliseconds(
    'OBJECT_STORAGE_IDLE_TIMEOUT_MS',
    15_000,
    'Longest pause within a transfer.',
  ),
  objectStorageConnections: integer(
    'OBJECT_STORAGE_CONNECTIONS',
    64,
    1,
    1024,
    'Connections to the endpoint at once.',
  ),
  objectStoragePartBytes: bytes(
    'OBJECT_STORAGE_PART_BYTES',
    8 * MIB,
    5 * MIB,
    5 * GIB,
    'Part size of multipart uploads; a few parts are held in memory.',
  ),
  objectStorageFallback: boolean(
    'OBJECT_STORAGE_FALLBACK',
    true,
    'Take uploads on the local disk while the object store is away, and bring them there when it is back.',
  ),
  objectStorageWriteMode: {
    name: 'OBJECT_STORAGE_WRITE_MODE',
    default: 'direct',
    accepts: 'direct or behind',
    description: 'Where an upload is acknowledged: in the object store, or on the local disk first.',
    parse: text => (text === 'direct' || text === 'behind' ? text : undefined),
  },
  probeIntervalMs: milliseconds(
    'HOLDFAST_PROBE_INTERVAL_MS',
    2_000,
    'Between two questions whether an object store that is away is back.',
  ),
  settleWindowMs: milliseconds(
    'HOLDFAST_SETTLE_WINDOW_MS',
    960_000,
    'How long after its signing the object store may still take a request (SigV4: 15 minutes).',
  ),
  spoolMaxBytes: {
    ...bytes(
      'HOLDFAST_SPOOL_MAX_BYTES',
      0,
      0,
      1024 * 1024 * GIB,
      'Most bytes of uploads that wait for the object store; the size of the disk unless given.',
    ),
    default: undefined,
  },
  spoolReserveBytes: bytes(
    'HOLDFAST_SPOOL_RESERVE_BYTES',
    256 * MIB,
    0,
    1024 * GIB,
    'Free disk space that waiting uploads leave alone.',
  ),
  quotaRecountSeconds: integer(
    'HOLDFAST_QUOTA_RECOUNT_SECONDS',
    86_400,
    0,
    365 * 86_400,
    'After so long a quota is counted again by listing, which finds what others did to the bucket; 0 for never.',
  ),
  localCacheMaxBytes: bytes(
    'LOCAL_CACHE_MAX_BYTES',
    0,
    0,
    1024 * 1024 * GIB,
    'Most bytes of the local disk that copies of files read from the object store may take, to be shown while it is away; 0 keeps none.',
  ),
  localStoragePath: path(
    'LOCAL_STORAGE_PATH',
    './uploads',
    'Folder of local files, and of what Holdfast keeps beside them.',
  ),
  ledgerPath: path(
    'HOLDFAST_LEDGER_PATH',
    undefined,
    'Folder on a local disk for the ledger, where the storage folder is on a network filesystem.',
  ),
  host: {
    name: 'HOLDFAST_HOST',
    default: '127.0.0.1',
    accepts: 'an IP address or host name',
    description: 'Address the server listens on.',
    parse: text => (isIP(text) !== 0 || /^[A-Za-z0-9.-]+$/.test(text) ? text : undefined),
  },
  port: {
    ...integer('HOLDFAST_PORT', 8080, 0, 65_535, 'Port the server listens on; 0 takes a free one.'),
    aliases: ['PORT'],
  },
  publicUrl: url(
    'HOLDFAST_PUBLIC_URL',
    'URL of this server as browsers reach it: signed URLs begin with it, and then outlive an outage of the bucket.',
  ),
  apiKeys: secrets('HOLDFAST_API_KEYS', 'Keys that grant all access over HTTP, comma-separated.'),
  signingKeys: secrets(
    'HOLDFAST_SIGNING_KEYS',
    'Keys of signed URLs, comma-separated: the first signs, all verify. Made and kept by itself unless given.',
  ),
  corsOrigins: {
    name: 'HOLDFAST_CORS_ORIGINS',
    default: [],
    accepts: '* or origins such as https://chat.example.com, separated by commas',
    description: 'Origins whose pages may call the server, by presigned URLs too.',
    parse: text => {
      const origins = text.split(',').map(origin => origin.trim())
      return text === '*' || origins.every(isOrigin) ? origins : undefined
    },
  },
  maxUploadBytes: bytes('HOLDFAST_MAX_UPLOAD_BYTES', 5 * GIB, 1, 5 * 1024 * GIB, 'Largest upload over HTTP.'),
  lifecycleRules: path(
    'HOLDFAST_LIFECYCLE_RULES',
    undefined,
    'File of lifecycle rules: what "holdfast lifecycle apply" gives the bucket, and what holds for local files.',
  ),
  lifecycleIntervalHours: integer(
    'HOLDFAST_LIFECYCLE_INTERVAL_HOURS',
    24,
    1,
    168,
    'Hours between two looks for local files that the rules let go, counted from midnight UTC.',
  ),
  clamdAddress: {
    name: 'CLAMD_ADDRESS',
    default: undefined,
    accepts: "the path of clamd's socket, such as /run/clamav/clamd.ctl, or host:port",
    description: "ClamAV's daemon, by which every upload is inspected; none is unless given.",
    parse: text => (parseClamdAddress(text) === undefined ? undefined : text),
  },
  clamdAction: word(
    'CLAMD_ACTION',
    ['reject', 'quarantine'],
    'What becomes of an upload in which ClamAV finds something.',
  ),
  clamdTooLarge: word(
    'CLAMD_TOO_LARGE',
    ['reject', 'quarantine', 'allow'],
    "What becomes of an upload above clamd's StreamMaxLength, which it does not scan.",
  ),
  inspectTimeoutMs: milliseconds(
    'HOLDFAST_INSPECT_TIMEOUT_MS',
    60_000,
    'How long an upload may take to be inspected, once all of it has come.',
  ),
  inspectOnFailure: word(
    'HOLDFAST_INSPECT_ON_FAILURE',
    ['refuse', 'allow'],
    'What becomes of an upload that cannot be inspected, since the inspector is away, hangs or fails.',
  ),
  quarantineMaxBytes: bytes(
    'HOLDFAST_QUARANTINE_MAX_BYTES',
    GIB,
    0,
    1024 * 1024 * GIB,
    'Most bytes of the local disk for uploads that are held in quarantine; what is beyond is not kept.',
  ),
  quarantineDays: integer(
    'HOLDFAST_QUARANTINE_DAYS',
    30,
    0,
    36_500,
    'Days after which a file in quarantine is removed; 0 keeps it for ever.',
  ),
  strictConfig: boolean(
    'STRICT_CONFIG',
    false,
    'Refuse to start where otherwise a warning is given, such as for an unknown provider.',
  ),
}

/** The environment, as `process.env` or a parsed `.env` file gives it. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration. Empty values count as unset. Touches nothing but `env`.
 *
 * @param env `process.env` unless given
 * @throws StorageError `CONFIG_INVALID` that names every wrong variable with what it got and what it takes, and
 *   no secret
 */
export function loadConfig(env: Environment = process.env): StorageConfig {
  const problems: string[] = []
  const config: Record<string, unknown> = {}
  for (const [property, variable] of Object.entries(VARIABLES) as [keyof StorageConfig, Variable][]) {
    const found = findVariable(variable, env)
    const value = found === undefined ? variable.default : variable.parse(found.text)
    if (found !== undefined && value === undefined) {
      problems.push(`${found.name}: got ${displayed(variable, found.text)}; accepted: ${variable.accepts}.`)
    }
    config[property] = value
  }
  return checked(config as unknown as StorageConfig, problems)
}

/** The defaults with `given` over them, checked as {@link loadConfig} checks. @throws `CONFIG_INVALID` */
export function completeConfig(given: Partial<StorageConfig>): StorageConfig {
  const config: Record<string, unknown> = {}
  const problems: string[] = []
  for (const property of Object.keys(given)) {
    if (!Object.hasOwn(VARIABLES, property)) problems.push(`config.${property} is not a setting.`)
  }
  for (const [property, variable] of Object.entries(VARIABLES) as [keyof StorageConfig, Variable][]) {
    // Undefined and '' mean unset, as an empty variable does.
    const value = given[property] === '' ? undefined : given[property]
    const parsed = value === undefined ? variable.default : reparse(variable, value)
    if (value !== undefined && parsed === undefined) {
      problems.push(`config.${property}: got ${displayed(variable, value)}; accepted: ${variable.accepts}.`)
    }
    config[property] = parsed
  }
  return checked(config as unknown as StorageConfig, problems)
}

/** Whether uploads are meant for an object store, and which kind. An unknown provider means local storage. */
export function activeProvider(config: StorageConfig): 's3' | 'minio' | 'local' {
  const { objectStorageEnabled, objectStorageProvider: provider } = config
  return objectStorageEnabled && (provider === 's3' || provider === 'minio') ? provider : 'local'
}

/** Whether the provider is one that Holdfast knows. */
export function isKnownProvider(provider: string): boolean {
  return provider === 's3' || provider === 'minio' || provider === 'local'
}

/** A variable's text in an environment, with the name it was found under; undefined if unset or empty. */
export function findVariable(
  variable: Variable,
  env: Environment,
): { name: string; text: string } | undefined {
  for (const name of [variable.name, ...(variable.aliases ?? [])]) {
    const text = env[name]?.trim()
    if (text !== undefined && text !== '') return { name, text }
  }
  return undefined
}

/** A value as it may be shown to anyone: a secret is not, nor a password within a URL. */
export function displayed(variable: Variable, value: unknown): string {
  if (variable.secret) return 'a value that is not shown'
  return shown(typeof value === 'string' ? value.replace(/\/\/[^/]*@/, '//***@') : value)
}

/** The rules that span variables. */
function checked(config: StorageConfig, problems: string[]): StorageConfig {
  const provider = activeProvider(config)
  if ((config.objectStorageAccessKey === undefined) !== (config.objectStorageSecretKey === undefined)) {
    const [set, missing] =
      config.objectStorageAccessKey === undefined ? ['SECRET', 'ACCESS'] : ['ACCESS', 'SECRET']
    problems.push(
      `OBJECT_STORAGE_${missing}_KEY: got nothing, but OBJECT_STORAGE_${set}_KEY is set; accepted: both or neither.`,
    )
  }
  if (provider === 'minio' && config.objectStorageEndpoint === undefined) {
    problems.push(
      'OBJECT_STORAGE_ENDPOINT: got nothing; accepted with OBJECT_STORAGE_PROVIDER=minio: the URL of the server, such as http://localhost:9000.',
    )
  }
  if (config.strictConfig && !isKnownProvider(config.objectStorageProvider)) {
    problems.push(
      `OBJECT_STORAGE_PROVIDER: got ${shown(config.objectStorageProvider)}; accepted: ${VARIABLES.objectStorageProvider.accepts}.`,
    )
  }
  if (problems.length > 0) {
    throw new StorageError({
      code: 'CONFIG_INVALID',
      op: 'config',
      message: `The configuration is wrong.\n${problems.map(p => `  ${p}`).join('\n')}`,
    })
  }
  return Object.freeze(config)
}

/** A value given in code goes the way of a variable's text, so that both obey the same rules. */
function reparse(variable: Variable, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0) return []
    return value.every(item => typeof item === 'string' && !item.includes(','))
      ? variable.parse(value.join(','))
      : undefined
  }
  if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined
  const text = String(value).trim()
  const parsed = text === '' ? undefined : variable.parse(text)
  return typeof parsed === typeof value ? parsed : undefined
}

function boolean(name: string, fallback: boolean, description: string): Variable<boolean> {
  const values: Record<string, boolean> = {
    true: true,
    '1': true,
    yes: true,
    on: true,
    false: false,
    '0': false,
    no: false,
    off: false,
  }
  return {
    name,
    default: fallback,
    accepts: 'true or false',
    description,
    parse: text => values[text.toLowerCase()],
  }
}

/** One of some words, the first unless given. */
function word<const T extends string>(
  name: string,
  words: readonly [T, ...T[]],
  description: string,
): Variable<T> {
  return {
    name,
    default: words[0],
    accepts: words.join(' or '),
    description,
    parse: text => words.find(known => known === text),
  }
}

function integer(
  name: string,
  fallback: number,
  min: number,
  max: number,
  description: string,
): Variable<number> {
  return {
    name,
    default: fallback,
    accepts: `a whole number from ${min} to ${max}`,
    description,
    parse: text =>
      /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
  }
}

function milliseconds(name: string, fallback: number, description: string): Variable<number> {
  return { ...integer(name, fallback, 1, 3_600_000, description), accepts: 'milliseconds, from 1 to 3600000' }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: MIB, g: GIB, t: 1024 * GIB }

function bytes(
  name: string,
  fallback: number,
  min: number,
  max: number,
  description: string,
): Variable<number> {
  return {
    name,
    default: fallback,
    accepts: `bytes, or a number with KiB, MiB, GiB or TiB, from ${formatBytes(min)} to ${formatBytes(max)}`,
    description,
    parse: text => {
      const value = parseBytes(text)
      return value !== undefined && value >= min && value <= max ? value : undefined
    },
  }
}

/** Bytes as people write them: a number, or one with KiB, MiB, GiB or TiB. @returns undefined for what is none */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15})\s*([kmgt]?)(?:i?b)?$/i.exec(text)
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '']
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}

/** Bytes as {@link parseBytes} reads them, in the largest unit that says it exactly. */
export function formatBytes(value: number): string {
  for (const [unit, size] of [
    ['TiB', 1024 * GIB],
    ['GiB', GIB],
    ['MiB', MIB],
  ] as const) {
    if (value > 0 && value % size === 0) return `${value / size} ${unit}`
  }
  return `${value}`
}

function url(name: string, description: string): Variable<string | undefined> {
  return {
    name,
    default: undefined,
    accepts: 'an http:// or https:// URL without user name, query or fragment',
    description,
    parse: text => {
      if (!URL.canParse(text)) return undefined
      const { protocol, username, password, search, hash } = new URL(text)
      const plain = username === '' && password === '' && search === '' && hash === ''
      return plain && (protocol === 'http:' || protocol === 'https:') ? text.replace(/\/+$/, '') : undefined
    },
  }
}

function path<T extends string | undefined>(
  name: string,
  fallback: T,
  description: string,
): Variable<string | T> {
  return {
    name,
    default: fallback,
    accepts: 'a path',
    description,
    parse: text => (text.includes('\0') ? undefined : text),
  }
}

function secret(name: string, description: string): Variable<string | undefined> {
  return {
    name,
    default: undefined,
    accepts: 'printable ASCII without spaces',
    description,
    secret: true,
    parse: text => (/^[\x21-\x7e]+$/.test(text) ? text : undefined),
  }
}

function secrets(name: string, description: string): Variable<readonly string[]> {
  return {
    name,
    default: [],
    accepts: 'keys of 16 or more printable ASCII characters, separated by commas',
    description,
    secret: true,
    parse: text => {
      const keys = text.split(',').map(key => key.trim())
      return keys.every(key => /^[\x21-\x2b\x2d-\x7e]{16,}$/.test(key)) ? keys : undefined
    },
  }
}

/** The specification's "Settings in Code": the configuration's names, read from the environment when first asked for. */
export type InfrastructureConfig = StorageConfig

let loaded: StorageConfig | undefined

/** The environment's configuration, read when the first property is. */
export const infrastructureConfig: Readonly<InfrastructureConfig> = Object.defineProperties(
  {} as InfrastructureConfig,
  Object.fromEntries(
    Object.keys(VARIABLES).map(property => [
      property,
      {
        enumerable: true,
        get: (): unknown => {
          loaded ??= loadConfig()
          return loaded[property as keyof StorageConfig]
        },
      },
    ]),
  ),
)
