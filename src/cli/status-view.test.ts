import picocolors from 'picocolors'
import { expect, test } from 'vitest'
import { type FullStatus, statusText } from './status-view.js'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const plain = picocolors.createColors(false)

const HEALTHY: FullStatus = {
  service: 'storage',
  enabled: true,
  provider: 'minio',
  bucket: 'chat',
  fallbackMode: false,
  state: 'healthy',
  pending: 0,
  pendingBytes: 0,
  settling: 0,
  parked: 0,
  conflicts: 0,
  failover: {
    reads: { open: false },
    writes: { open: false },
    replication: { operationsPerSecond: 0, bytesPerSecond: 0 },
    spool: { usedBytes: 0, freeBytes: 5e10, reserveBytes: 268435456, ballast: true },
  },
  problems: [],
  configuration: {
    OBJECT_STORAGE_ENABLED: true,
    OBJECT_STORAGE_PROVIDER: 'minio',
    OBJECT_STORAGE_BUCKET: 'chat',
    OBJECT_STORAGE_ENDPOINT: 'http://minio:9000',
    LOCAL_STORAGE_PATH: 'uploads',
  },
}

const text = (found: FullStatus): string => statusText(found, plain, NOW)

test('where all is well, little is said', () => {
  expect(text(HEALTHY)).toBe(
    [
      'state     healthy',
      'provider  minio',
      'where     chat at http://minio:9000',
      'spool     0 B, 50 GB free, 268.4 MB of that in reserve',
    ].join('\n'),
  )
})

test('in an outage the state comes first, then what to do, then since when and why', () => {
  const away = {
    open: true,
    since: new Date(NOW - 65_000),
    code: 'TIMEOUT',
    message: 'Nothing came.',
  } as const
  const found: FullStatus = {
    ...HEALTHY,
    state: 'degraded',
    fallbackMode: true,
    pending: 1234,
    pendingBytes: 5_600_000,
    oldestPendingAt: new Date(NOW - 60_000),
    failover: {
      ...HEALTHY.failover,
      reads: away,
      writes: { ...away, nextProbeAt: new Date(NOW + 1500) },
      replication: { operationsPerSecond: 0, bytesPerSecond: 0 },
      spool: { usedBytes: 5_600_000, maxBytes: 1e9, freeBytes: 5e10, reserveBytes: 0, ballast: false },
    },
    problems: [{ code: 'PRIMARY_AWAY', message: 'The object store is away.', severity: 'warning' }],
  }
  expect(text(found)).toBe(
    [
      'state     degraded: it works, and somebody should look',
      'to do     bring the object store back; uploads are taken here meanwhile, and brought over then',
      'provider  minio',
      'where     chat at http://minio:9000',
      'pending   1,234 operations, 5.6 MB, the oldest for 1:00',
      'writes    away for 1:05 (TIMEOUT), asked again in 2 s',
      'reads     away for 1:05 (TIMEOUT), asked again now',
      'spool     5.6 MB of 1 GB, 50 GB free, no ballast yet',
      'warning   The object store is away. (PRIMARY_AWAY)',
    ].join('\n'),
  )
})

test('a drain shows its speed, that of other processes too, and the time that is left', () => {
  const found: FullStatus = {
    ...HEALTHY,
    state: 'draining',
    pending: 600,
    pendingBytes: 60_000,
    processes: [{ pid: 4711, operationsPerSecond: 10, bytesPerSecond: 1000 }],
  }
  const shown = text(found)
  expect(shown).toContain('to do         nothing: it ends by itself\n')
  expect(shown).toContain('speed         10 operations/s, 1 kB/s, about 1:00 left\n')
  expect(shown).toContain('process 4711  brings over 10 operations/s')
})

test('a server next door that is cut off, parked entries and conflicts are told with what to do', () => {
  const away = { since: new Date(NOW - 30_000), code: 'UNAUTHENTICATED', message: 'No.' } as const
  const shown = text({
    ...HEALTHY,
    state: 'degraded',
    pending: 2,
    parked: 2,
    conflicts: 1,
    processes: [{ pid: 9, writes: away, operationsPerSecond: 0, bytesPerSecond: 0 }],
    problems: [{ code: 'PROCESS_AWAY', message: 'Process 9\u001b[2J', severity: 'warning' }],
  })
  expect(shown).toContain('process 9  writes away for 30.0 s (UNAUTHENTICATED)')
  for (const hint of ['to do      put valid keys', 'holdfast spool ls', 'holdfast spool conflicts']) {
    expect(shown).toContain(hint)
  }
  expect(shown).not.toContain('\u001b')
})

test('quotas are counted, and shown where they are nearly full', () => {
  const usage = (prefix: string, bytes: number) => ({
    prefix,
    bytes,
    files: 812,
    maxBytes: 1e9,
    reservedBytes: 0,
    reservedFiles: 0,
    exact: true,
  })
  const fullest = [
    { ...usage('rooms/42/', 980_000_000), maxFiles: 10_000 },
    usage('full/', 1_100_000_000),
    usage('a\u001b/', 950_000_000),
    usage('b/', 1),
  ]
  const shown = text({ ...HEALTHY, quotas: { count: 1200, nearlyFull: 3, inexact: 1, fullest } })
  expect(shown).toContain('quotas       1,200, 3 nearly full, 1 to be counted anew\n')
  expect(shown).toContain('nearly full  rooms/42/  980 MB of 1 GB, 812 of 10,000 files\n')
  expect(shown).toContain('over quota   full/  1.1 GB of 1 GB, 812 files\n')
  expect(shown).toMatch(/nearly full {2}a\S+\/ {2}950 MB of 1 GB, 812 files\n/)
  expect(shown).not.toContain('b/')
  expect(shown).not.toContain('\u001b')
  expect(text(HEALTHY)).not.toContain('quotas')
})

test('the state has its colour on a terminal', () => {
  const paint = picocolors.createColors(true)
  expect(statusText(HEALTHY, paint, NOW)).toContain(paint.green('healthy'))
  expect(statusText({ ...HEALTHY, state: 'down' }, paint, NOW)).toContain(paint.red('down'))
})
