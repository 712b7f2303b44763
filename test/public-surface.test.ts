import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli/program.js'
import { VARIABLES } from '../src/config.js'
import { ERROR_CODES } from '../src/core/errors.js'
import * as http from '../src/http/index.js'
import * as index from '../src/index.js'
import * as testing from '../src/testing/index.js'

// All that users can come to depend on. A line that appears here is a promise; one that goes is a breaking change.

const TYPE = 'type '

/** The names that a module of src exports, in order; those of types after the word `type`. */
function exportsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const names: string[] = []
  for (const [, type = '', name = ''] of text.matchAll(
    /^export (?:declare |abstract |async )*(?:(interface |type )|class |function\*? |const )(\w+)/gm,
  )) {
    names.push((type === '' ? '' : TYPE) + name)
  }
  for (const [, type = '', list = ''] of text.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const item of list
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)) {
      const name = item.replace(/^type /, '').replace(/^.* as /, '')
      names.push((type !== '' || item.startsWith(TYPE) ? TYPE : '') + name)
    }
  }
  for (const [, type = '', module = ''] of text.matchAll(/^export (type )?\* from '(.*)'/gm)) {
    const inner = exportsOf(join(dirname(path), module.replace(/\.js$/, '.ts')))
    names.push(...inner.map(name => (type === '' || name.startsWith(TYPE) ? name : TYPE + name)))
  }
  return [...new Set(names)].sort()
}

const words = (text: string): string[] => text.trim().split(/\s+/)

describe('exports', () => {
  test.each([
    {
      path: 'index',
      entry: index,
      values: `MemoryStore StorageError StorageService activeProvider clamav compareUtf8 deleteSourceFiles encodeKey exportFiles generatePresignedUrl
        getStorageMetrics getStorageService infrastructureConfig isKey loadConfig migrateFiles newKey parseKey syncFiles uploadCompressed
        verifyFiles`,
      types: `Archive AwayEvent BackEvent BreakerStatus ByteRange CacheStatus CallOptions ClamavOptions Condition ConflictEvent Content CopyFileOptions
        DeleteReport DrainedEvent Encoding EraseOptions EraseReceipt ErasedItem ErasingStorage ErrorCode ExpiryReport ExportOptions ExportReport ExportSource FailoverActivity FailoverReport FileStat FileVersion ImportReport
        InfrastructureConfig Inspect InspectedFile InspectionActivity InspectionResult InspectionStatus JournaledEvent Key KeyList ListFilesOptions ListPage ListVersionsOptions ListedFile Listing LocatedFile Logger
        OpenOptions OpenedFile OperationActivity OwedErasure ParkedEvent PresignUrlOptions Problem PurgeReport PurgeVersionsOptions Quarantine QuarantinedEvent QuarantinedFile QuotaCountOptions QuotaLimits QuotaUsage QuotasStatus ReadOptions RejectedEvent ReleaseOptions ReplicationStatus ResolvedRange RestoreOptions Scope SignedAccess SpoolStatus
        Storage StorageActivity StorageConfig StorageEvents
        StorageLifecycle StorageMetrics StorageQuotas StorageServiceOptions StatOptions StorageStatus Store StoredCompressed ThawFileOptions ThawTier UploadCompressedOptions UploadOptions UploadResult Verdict VersionedStorage VersionsOf
        Written WrittenLocally WrittenRemotely DeleteSourceOptions DeleteSourceReport Existing MigrateOptions
        MigratedObject MigrationReport ObjectFailure Selection SideDifference StoreLocation SyncOptions
        TwoStoresOptions VerifyOptions VerifyReport`,
    },
    {
      path: 'http/index',
      entry: http,
      values: 'createHandler createMetrics createServer',
      types: `Action Authorize CorsOptions HandlerOptions HttpHandler HttpServer HttpStorage Metrics MetricsOptions
        ServerOptions`,
    },
    {
      path: 'testing/index',
      entry: testing,
      values: 'serviceConformance startFaultProxy startS3Stub storeConformance',
      types: `ConformanceOptions Fault FaultPhase FaultProxy FaultProxyOptions FaultRule OpenedStorage OpenedStore ProxyFault
        RequestHead S3Stub S3StubOptions ServiceConformanceOptions Skippable StoreConformanceOptions StubRequest TestRunner`,
    },
  ])('of $path', ({ path, entry, values, types }) => {
    const exported = exportsOf(`src/${path}.ts`)
    expect(exported).toEqual([...words(values), ...words(types).map(name => TYPE + name)].sort())
    expect(Object.keys(entry).sort()).toEqual(words(values))
  })
})

test('error codes', () => {
  expect(Object.keys(ERROR_CODES)).toEqual(
    words(`INVALID_KEY INVALID_ARGUMENT UNSUPPORTED CONFIG_INVALID NOT_FOUND ALREADY_EXISTS PRECONDITION_FAILED
      RANGE_NOT_SATISFIABLE TOO_LARGE QUOTA_EXCEEDED REJECTED QUARANTINED INTEGRITY UNAVAILABLE TIMEOUT THROTTLED UNAUTHENTICATED
      PERMISSION_DENIED NO_SUCH_BUCKET CLOCK_SKEW ARCHIVED NO_SPACE ABORTED INTERNAL`),
  )
})

test('environment variables', () => {
  const names = Object.values(VARIABLES).flatMap(({ name, aliases = [] }) => [name, ...aliases])
  expect(names).toEqual(
    words(`OBJECT_STORAGE_ENABLED OBJECT_STORAGE_PROVIDER OBJECT_STORAGE_BUCKET OBJECT_STORAGE_ENDPOINT
      OBJECT_STORAGE_ACCESS_KEY OBJECT_STORAGE_SECRET_KEY OBJECT_STORAGE_SESSION_TOKEN OBJECT_STORAGE_REGION
      OBJECT_STORAGE_PATH_STYLE OBJECT_STORAGE_PUBLIC_ENDPOINT OBJECT_STORAGE_PUBLIC_URL
      OBJECT_STORAGE_CONNECT_TIMEOUT_MS OBJECT_STORAGE_FIRST_BYTE_TIMEOUT_MS OBJECT_STORAGE_IDLE_TIMEOUT_MS
      OBJECT_STORAGE_CONNECTIONS OBJECT_STORAGE_PART_BYTES OBJECT_STORAGE_FALLBACK OBJECT_STORAGE_WRITE_MODE
      HOLDFAST_PROBE_INTERVAL_MS HOLDFAST_SETTLE_WINDOW_MS HOLDFAST_SPOOL_MAX_BYTES HOLDFAST_SPOOL_RESERVE_BYTES HOLDFAST_QUOTA_RECOUNT_SECONDS LOCAL_CACHE_MAX_BYTES LOCAL_STORAGE_PATH HOLDFAST_LEDGER_PATH HOLDFAST_HOST
      HOLDFAST_PORT PORT HOLDFAST_PUBLIC_URL HOLDFAST_API_KEYS HOLDFAST_SIGNING_KEYS HOLDFAST_CORS_ORIGINS HOLDFAST_MAX_UPLOAD_BYTES
      HOLDFAST_LIFECYCLE_RULES HOLDFAST_LIFECYCLE_INTERVAL_HOURS CLAMD_ADDRESS CLAMD_ACTION CLAMD_TOO_LARGE HOLDFAST_INSPECT_TIMEOUT_MS
      HOLDFAST_INSPECT_ON_FAILURE HOLDFAST_QUARANTINE_MAX_BYTES HOLDFAST_QUARANTINE_DAYS STRICT_CONFIG`),
  )
})

test('commands', () => {
  const program = createProgram('0.0.0', async () => {})
  expect(program.commands.map(command => command.name())).toEqual(
    words(
      `serve
      put get ls stat rm cp mv import presign
      keep sweep versions erase class thaw tags usage lifecycle quota quarantine
      migrate verify sync export
      spool detach drill
      status config doctor test-endpoint fsck bucket
      completion`,
    ),
  )
})
