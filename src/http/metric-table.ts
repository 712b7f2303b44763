import type { QuotaUsage, StorageActivity, StorageStatus } from '../storage.js'
import type { Traffic } from './traffic.js'

/** What metrics are read off; what a storage cannot tell is undefined. */
export interface Readings {
  readonly status: StorageStatus | undefined
  readonly activity: StorageActivity | undefined
  readonly traffic: Traffic | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** One line of a metric. */
export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  /** Of a histogram: which of its lines. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** A metric: what it is called, what it says, and where that is read off. */
export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  read(from: Readings): Sample[]
}

const STATES: readonly StorageStatus['state'][] = [
  'starting',
  'healthy',
  'degraded',
  'draining',
  'down',
  'closed',
]

/**
 * Every metric of Holdfast's own, by the conventions of Prometheus: base units, their names at the end, `_total` for
 * what only grows. No label ever holds a key, or anything else that clients choose; only those of quotas hold a prefix.
 */
export const METRICS: readonly Metric[] = [
  gauge('state', '1 for the state that the storage is in, 0 for the others.', ['state'], ({ status }) =>
    status === undefined
      ? []
      : STATES.map(state => ({ value: Number(status.state === state), labels: { state } })),
  ),
  gauge('problems', 'Problems to mend, by code; absent while there are none.', ['code', 'severity'], from =>
    problems(from.status),
  ),
  gauge(
    'breaker_open',
    '1 while the object store takes no reads, or no writes.',
    ['breaker'],
    ({ status }) =>
      status?.failover === undefined
        ? []
        : (['reads', 'writes'] as const).map(breaker => ({
            value: Number(status.failover?.[breaker].open ?? false),
            labels: { breaker },
          })),
  ),
  gauge(
    'breaker_reason',
    '1 for the code of the error that says why; absent while the object store takes them.',
    ['breaker', 'code'],
    ({ status }) =>
      (['reads', 'writes'] as const).flatMap(breaker => {
        const code = status?.failover?.[breaker].code
        return code === undefined ? [] : [{ value: 1, labels: { breaker, code } }]
      }),
  ),
  counter(
    'breaker_transitions_total',
    'How often the object store stopped to take reads or writes (open), or took them again (closed).',
    ['breaker', 'to'],
    ({ activity }) =>
      (['reads', 'writes'] as const).flatMap(breaker => {
        const count = activity?.failover?.breakers[breaker]
        return count === undefined
          ? []
          : [
              { value: count.opened, labels: { breaker, to: 'open' } },
              { value: count.closed, labels: { breaker, to: 'closed' } },
            ]
      }),
  ),
  gauge(
    'pending_operations',
    'Acknowledged operations that the object store is still to receive.',
    [],
    from => one(from.status?.pending),
  ),
  gauge('pending_bytes', 'The bytes among them.', [], from => one(from.status?.pendingBytes)),
  gauge(
    'oldest_pending_age_seconds',
    'How long the oldest of them has waited; 0 if there is none.',
    [],
    from => one(from.status === undefined ? undefined : ageOf(from.status.oldestPendingAt, from.now)),
  ),
  gauge('settling_keys', 'Keys that are kept until no late request can undo them.', [], from =>
    one(from.status?.settling),
  ),
  gauge('parked_operations', 'Pending operations that wait for a person.', [], from =>
    one(from.status?.parked),
  ),
  gauge('conflicts', 'Files of which two versions exist.', [], from => one(from.status?.conflicts)),
  counter(
    'fallback_uploads_total',
    'Uploads that the local disk acknowledged in the place of the object store.',
    [],
    from => one(from.activity?.failover?.fallbackUploads),
  ),
  counter('fallback_upload_bytes_total', 'The bytes of these uploads.', [], from =>
    one(from.activity?.failover?.fallbackUploadBytes),
  ),
  counter(
    'fallback_deletes_total',
    'Deletes that the local disk acknowledged in the place of the object store.',
    [],
    from => one(from.activity?.failover?.fallbackDeletes),
  ),
  counter(
    'replicated_operations_total',
    'Operations that this process brought to the object store afterwards.',
    [],
    from => one(from.activity?.failover?.replicatedOperations),
  ),
  counter('replicated_bytes_total', 'The bytes among them.', [], from =>
    one(from.activity?.failover?.replicatedBytes),
  ),
  counter(
    'replication_failures_total',
    'Tries to do so that failed, by the code of the error.',
    ['code'],
    from =>
      Object.entries(from.activity?.failover?.replicationFailures ?? {}).map(([code, value]) => ({
        value,
        labels: { code },
      })),
  ),
  gauge('spool_bytes', 'Bytes on the local disk that wait or are kept for the object store.', [], from =>
    one(from.status?.failover?.spool.usedBytes),
  ),
  gauge('spool_limit_bytes', 'The most that these may be; absent where there is no limit.', [], from =>
    one(from.status?.failover?.spool.maxBytes),
  ),
  gauge('disk_free_bytes', 'Free bytes of that disk.', [], from =>
    one(from.status?.failover?.spool.freeBytes),
  ),
  gauge('disk_reserve_bytes', 'Free bytes of that disk that waiting uploads leave alone.', [], from =>
    one(from.status?.failover?.spool.reserveBytes),
  ),
  gauge('ballast_present', '1 if the space that removals on a full disk need is held ready.', [], from => {
    const ballast = from.status?.failover?.spool.ballast
    return one(ballast === undefined ? undefined : Number(ballast))
  }),
  gauge('cache_files', 'Copies in the read cache.', [], from => one(from.status?.cache?.files)),
  gauge('cache_bytes', 'Bytes of the disk that they take.', [], from => one(from.status?.cache?.bytes)),
  gauge('cache_limit_bytes', 'The most that they may take.', [], from => one(from.status?.cache?.maxBytes)),
  counter('cache_hits_total', 'Reads that took the bytes from a copy.', [], from =>
    one(from.status?.cache?.hits),
  ),
  counter(
    'inspections_total',
    'Uploads that were inspected, by what that came to (failed: there was no verdict).',
    ['outcome'],
    from =>
      Object.entries(from.activity?.inspection ?? {}).map(([outcome, value]) => ({
        value,
        labels: { outcome },
      })),
  ),
  gauge('quarantine_files', 'Files that inspection holds back.', [], from =>
    one(from.status?.inspection?.quarantine?.files),
  ),
  gauge('quarantine_bytes', 'Bytes of the disk that they take.', [], from =>
    one(from.status?.inspection?.quarantine?.bytes),
  ),
  gauge('quarantine_limit_bytes', 'The most that they may take.', [], from =>
    one(from.status?.inspection?.quarantine?.maxBytes),
  ),
  gauge('quotas', 'Quotas that there are.', [], from => one(from.status?.quotas?.count)),
  gauge('quotas_nearly_full', 'Quotas of which 90 % or more is taken, or held for uploads.', [], from =>
    one(from.status?.quotas?.nearlyFull),
  ),
  gauge('quotas_inexact', 'Quotas that are to be counted anew.', [], from =>
    one(from.status?.quotas?.inexact),
  ),
  quota('bytes', 'Bytes below the prefix of a quota; of the 100 fullest.', ({ bytes }) => bytes),
  quota('reserved_bytes', 'Bytes that uploads under way may add.', usage => usage.reservedBytes),
  quota('limit_bytes', 'The most bytes that there may be.', ({ maxBytes }) => maxBytes),
  quota('files', 'Files below the prefix of a quota; of the 100 fullest.', ({ files }) => files),
  quota('reserved_files', 'Files that uploads under way may add.', usage => usage.reservedFiles),
  quota('limit_files', 'The most files that there may be.', ({ maxFiles }) => maxFiles),
  gauge('expiring_files', 'Files that are noted to expire.', [], from =>
    one(from.status && (from.status.expiry?.files ?? 0)),
  ),
  gauge(
    'expiry_overdue_seconds',
    'How long the first of them that is due has waited to be removed; 0 if there is none.',
    [],
    from => one(from.status && ageOf(from.status.expiry?.nextAt, from.now)),
  ),
  counter('expired_files_removed_total', 'Expired files that this process has removed.', [], from =>
    one(from.activity?.expiry?.removed),
  ),
  gauge(
    'lifecycle_last_run_timestamp_seconds',
    'When the last look through the local files by lifecycle rules ended.',
    [],
    from => one(secondsOf(from.status?.lifecycle?.endedAt)),
  ),
  gauge('lifecycle_last_run_removed_files', 'Files that went by it.', [], from =>
    one(from.status?.lifecycle?.files),
  ),
  gauge('lifecycle_last_run_removed_bytes', 'The bytes of these files.', [], from =>
    one(from.status?.lifecycle?.bytes),
  ),
  gauge('lifecycle_last_run_failed_files', 'Files that were to go, and could not be removed.', [], from =>
    one(from.status?.lifecycle?.failed),
  ),
  counter(
    'operations_total',
    'Calls of the storage, by how they ended: ok, or the code of the error.',
    ['operation', 'outcome'],
    from =>
      (from.activity?.operations ?? []).flatMap(({ operation, outcomes }) =>
        Object.entries(outcomes).map(([outcome, value]) => ({ value, labels: { operation, outcome } })),
      ),
  ),
  {
    name: 'holdfast_operation_duration_seconds',
    type: 'histogram',
    help: 'How long calls of the storage took; a get, until there was something to read.',
    labels: ['operation'],
    read: from => durations(from.activity),
  },
  counter(
    'http_requests_total',
    'Requests, by route, method, and the status of the answer (cut: it was broken off).',
    ['route', 'method', 'status'],
    from =>
      Array.from(from.traffic?.requests ?? [], ({ route, method, status, count }) => ({
        value: count,
        labels: { route, method, status },
      })),
  ),
  counter('http_received_bytes_total', 'Bytes of files that clients have sent.', [], from =>
    one(from.traffic?.receivedBytes),
  ),
  counter('http_sent_bytes_total', 'Bytes of files that were sent to clients.', [], from =>
    one(from.traffic?.sentBytes),
  ),
]

function gauge(name: string, help: string, labels: readonly string[], read: Metric['read']): Metric {
  return { name: `holdfast_${name}`, type: 'gauge', help, labels, read }
}

function counter(name: string, help: string, labels: readonly string[], read: Metric['read']): Metric {
  return { name: `holdfast_${name}`, type: 'counter', help, labels, read }
}

/** A metric of the quotas that are told of by name, of which there are never more than a hundred. */
function quota(name: string, help: string, value: (usage: QuotaUsage) => number | undefined): Metric {
  return gauge(`quota_${name}`, help, ['prefix'], from =>
    (from.status?.quotas?.fullest ?? []).flatMap(usage =>
      one(value(usage)).map(sample => ({ ...sample, labels: { prefix: usage.prefix } })),
    ),
  )
}

function secondsOf(at: Date | undefined): number | undefined {
  return at === undefined ? undefined : at.getTime() / 1000
}

function one(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }]
}

function ageOf(at: Date | undefined, now: number): number {
  return at === undefined ? 0 : Math.max(0, (now - at.getTime()) / 1000)
}

function problems(status: StorageStatus | undefined): Sample[] {
  const counts = new Map<string, { value: number; labels: { code: string; severity: string } }>()
  for (const { code, severity } of status?.problems ?? []) {
    const known = counts.get(code)
    if (known === undefined) counts.set(code, { value: 1, labels: { code, severity } })
    else known.value++
  }
  return [...counts.values()]
}

function durations(activity: StorageActivity | undefined): Sample[] {
  return (activity?.operations ?? []).flatMap(({ operation, within, seconds, count }): Sample[] => [
    ...within.map(bound => ({
      value: bound.count,
      labels: { le: bound.seconds, operation },
      suffix: '_bucket' as const,
    })),
    { value: count, labels: { le: '+Inf', operation }, suffix: '_bucket' },
    { value: seconds, labels: { operation }, suffix: '_sum' },
    { value: count, labels: { operation }, suffix: '_count' },
  ])
}
