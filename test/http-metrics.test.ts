import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { register } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { silentLogger } from '../src/core/logger.js'
import { createMetrics } from '../src/http/index.js'
import { METRICS } from '../src/http/metric-table.js'
import { LocalRules } from '../src/operations/lifecycle/local-rules.js'
import { StorageService } from '../src/service.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { type Answer, ask, serve, serveStorage, until } from './support/http.js'

const API_KEY = 'an-api-key-of-the-test'
const bearer = { authorization: `Bearer ${API_KEY}` }

/** The samples of a text: of each line its value, by what stands before. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', value] = /^([a-z0-9_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    expect(name, `A line that is none: ${line}`).not.toBe('')
    expect(samples.has(name), `Twice: ${name}`).toBe(false)
    samples.set(name, Number(value))
  }
  return samples
}

async function serveBucket() {
  const stub = await startS3Stub()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-metrics-'))
  const storage = new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      localStoragePath: folder,
      probeIntervalMs: 100,
      spoolReserveBytes: 1,
      spoolMaxBytes: 1_000_000,
    },
  })
  onTestFinished(async () => {
    await storage.close({ drainMs: 0 })
    await stub.close()
    await rm(folder, { recursive: true, force: true })
  })
  const { port } = await serveStorage(storage, { apiKeys: [API_KEY] })
  const send = (method: string, path: string, body?: Buffer): Promise<Answer> =>
    ask(port, method, path, { headers: bearer, ...(body !== undefined && { body }) })
  const scrape = async (): Promise<Map<string, number>> => samplesOf((await send('GET', '/metrics')).text)
  return { stub, storage, port, send, scrape }
}

describe('through an outage', () => {
  test('the metrics tell what there is before, meanwhile, while it drains, and after', async () => {
    const { stub, storage, send, scrape } = await serveBucket()
    expect((await send('PUT', '/uploads/secret-room/before.txt', Buffer.alloc(100))).status).toBe(201)
    expect((await send('GET', '/uploads/secret-room/before.txt')).body).toHaveLength(100)
    await until(() => storage.getStatus().failover?.spool.freeBytes !== undefined)
    const before = await scrape()
    expect(before.get('holdfast_state{state="healthy"}')).toBe(1)
    expect(before.get('holdfast_state{state="degraded"}')).toBe(0)
    expect(before.get('holdfast_breaker_open{breaker="writes"}')).toBe(0)
    expect(before.get('holdfast_pending_operations')).toBe(0)
    expect(before.get('holdfast_oldest_pending_age_seconds')).toBe(0)
    expect(before.get('holdfast_spool_limit_bytes')).toBe(1_000_000)
    expect(before.get('holdfast_disk_free_bytes')).toBeGreaterThan(0)
    expect(before.get('holdfast_operations_total{operation="put",outcome="ok"}')).toBe(1)
    expect(before.get('holdfast_operation_duration_seconds_count{operation="put"}')).toBe(1)
    expect(before.get('holdfast_operation_duration_seconds_bucket{le="+Inf",operation="put"}')).toBe(1)
    expect(before.get('holdfast_http_requests_total{route="/uploads/{key}",method="PUT",status="201"}')).toBe(
      1,
    )
    expect(before.get('holdfast_http_received_bytes_total')).toBe(100)
    expect(before.get('holdfast_http_sent_bytes_total')).toBe(100)
    expect(before.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)

    await stub.goDown()
    for (let i = 0; i < 7; i++) {
      expect((await send('PUT', `/uploads/secret-room/${i}`, Buffer.alloc(10))).status).toBe(201)
    }
    expect((await send('DELETE', '/uploads/secret-room/before.txt')).status).toBe(204)
    expect((await send('GET', '/uploads/secret-room/unknown')).status).toBe(503)
    const meanwhile = await scrape()
    expect(meanwhile.get('holdfast_state{state="degraded"}')).toBe(1)
    expect(meanwhile.get('holdfast_breaker_open{breaker="writes"}')).toBe(1)
    expect(meanwhile.get('holdfast_breaker_reason{breaker="writes",code="UNAVAILABLE"}')).toBe(1)
    expect(meanwhile.get('holdfast_breaker_transitions_total{breaker="writes",to="open"}')).toBe(1)
    expect(meanwhile.get('holdfast_breaker_transitions_total{breaker="writes",to="closed"}')).toBe(0)
    expect(meanwhile.get('holdfast_pending_operations')).toBe(8)
    expect(meanwhile.get('holdfast_pending_bytes')).toBe(70)
    expect(meanwhile.get('holdfast_spool_bytes')).toBe(70)
    expect(meanwhile.get('holdfast_oldest_pending_age_seconds')).toBeGreaterThanOrEqual(0)
    expect(meanwhile.get('holdfast_fallback_uploads_total')).toBe(7)
    expect(meanwhile.get('holdfast_fallback_upload_bytes_total')).toBe(70)
    expect(meanwhile.get('holdfast_fallback_deletes_total')).toBe(1)
    expect(meanwhile.get('holdfast_problems{code="PRIMARY_AWAY",severity="warning"}')).toBe(1)
    expect(meanwhile.get('holdfast_operations_total{operation="get",outcome="UNAVAILABLE"}')).toBe(1)
    expect(meanwhile.get('holdfast_operations_total{operation="put",outcome="ok"}')).toBe(8)

    // Back, but slow to take writes: the drain can be watched.
    let refused = 0
    stub.fault = request =>
      request.method === 'PUT' && request.key.startsWith('secret-room') && refused++ < 3
        ? { status: 400, body: '<Error><Code>EntityTooLarge</Code><Message>No</Message></Error>' }
        : undefined
    await stub.comeBack()
    await until(() => storage.getStatus().parked === 3 && storage.getStatus().pending === 3)
    const draining = await scrape()
    expect(draining.get('holdfast_pending_operations')).toBe(3)
    expect(draining.get('holdfast_parked_operations')).toBe(3)
    expect(draining.get('holdfast_replicated_operations_total')).toBe(5)
    expect(draining.get('holdfast_replicated_bytes_total')).toBe(40)
    expect(draining.get('holdfast_replication_failures_total{code="TOO_LARGE"}')).toBe(3)
    expect(draining.get('holdfast_breaker_open{breaker="writes"}')).toBe(0)
    expect(draining.get('holdfast_breaker_transitions_total{breaker="writes",to="closed"}')).toBe(1)
    expect(draining.has('holdfast_breaker_reason{breaker="writes",code="UNAVAILABLE"}')).toBe(false)

    for (let i = 0; i < 7; i++) await send('DELETE', `/uploads/secret-room/${i}`)
    await until(() => storage.getStatus().state === 'healthy')
    const { text } = await send('GET', '/metrics')
    const after = samplesOf(text)
    expect(after.get('holdfast_state{state="healthy"}')).toBe(1)
    expect(after.get('holdfast_pending_operations')).toBe(0)
    expect(after.get('holdfast_spool_bytes')).toBe(0)
    expect([...after.keys()].filter(name => name.startsWith('holdfast_problems'))).toEqual([])
    for (const hidden of ['secret-room', API_KEY, stub.credentials.secretAccessKey, 'before.txt']) {
      expect(text).not.toContain(hidden)
    }
  })
})

describe('what ages', () => {
  test('quotas are told of one by one, to a hundred, and counted all', async () => {
    const { storage, port } = await serve()
    const scrape = async () => samplesOf((await ask(port, 'GET', '/metrics')).text)
    for (let i = 0; i < 105; i++) {
      const scope = storage.scope(`rooms/${i}/`, i % 2 === 0 ? { maxFiles: 200 } : { maxBytes: 1000 })
      await scope.uploadFile(Buffer.alloc(i < 100 ? i : 900 + i - 100), 'a')
    }
    await until(() => {
      const { quotas } = storage.getStatus()
      return quotas?.count === 105 && quotas.fullest[0]?.bytes === 903 && quotas.inexact === 0
    })
    const found = await scrape()
    expect(found.get('holdfast_quotas')).toBe(105)
    expect(found.get('holdfast_quotas_nearly_full')).toBe(2)
    expect(found.get('holdfast_quotas_inexact')).toBe(0)
    const series = (name: string) => [...found.keys()].filter(key => key.startsWith(`${name}{`))
    expect(series('holdfast_quota_bytes')).toHaveLength(100)
    const [first] = series('holdfast_quota_bytes')
    expect(first).toBe('holdfast_quota_bytes{prefix="rooms/103/"}')
    expect(found.get('holdfast_quota_bytes{prefix="rooms/103/"}')).toBe(903)
    expect(found.get('holdfast_quota_limit_bytes{prefix="rooms/103/"}')).toBe(1000)
    expect(found.get('holdfast_quota_files{prefix="rooms/103/"}')).toBe(1)
    expect(found.has('holdfast_quota_limit_files{prefix="rooms/103/"}')).toBe(false)
    expect(found.get('holdfast_quota_limit_files{prefix="rooms/0/"}')).toBe(200)
    expect(found.get('holdfast_quota_reserved_bytes{prefix="rooms/0/"}')).toBe(0)
    for (let i = 0; i < 105; i++) await storage.quotas.remove(`rooms/${i}/`)
    expect([...(await scrape()).keys()].filter(name => /^holdfast_quota/.test(name))).toEqual([])
  })

  test('expiries and looks by rules', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-metrics-'))
    const rules = join(folder, 'rules.yaml')
    await writeFile(
      rules,
      'rules:\n  - id: Old\n    filter: { prefix: old/ }\n    expire: { on: 2020-01-01 }\n',
    )
    const clock = { time: Date.now() }
    const storage = new StorageService({
      config: { localStoragePath: join(folder, 'store'), lifecycleRules: rules },
      now: () => clock.time,
    })
    onTestFinished(async () => {
      await storage.close({ drainMs: 0 })
      await rm(folder, { recursive: true, force: true })
    })
    const { port } = await serveStorage(storage)
    const scrape = async () => samplesOf((await ask(port, 'GET', '/metrics')).text)
    await storage.uploadFile(Buffer.from('x'), 'draft', { expiresInSeconds: 60 })
    await storage.uploadFile(Buffer.from('xyz'), 'old/file')
    const before = await scrape()
    expect(before.get('holdfast_expiring_files')).toBe(1)
    expect(before.get('holdfast_expiry_overdue_seconds')).toBe(0)
    expect(before.get('holdfast_expired_files_removed_total')).toBe(0)
    expect(before.has('holdfast_lifecycle_last_run_timestamp_seconds')).toBe(false)
    clock.time += 60_000
    await storage.removeExpired()
    const local = await LocalRules.open(storage.config, silentLogger)
    expect(await local.run({})).toMatchObject({ files: 1, bytes: 3 })
    await local.close()
    const after = await scrape()
    expect(after.get('holdfast_expiring_files')).toBe(0)
    expect(after.get('holdfast_expired_files_removed_total')).toBe(1)
    expect(after.get('holdfast_lifecycle_last_run_removed_files')).toBe(1)
    expect(after.get('holdfast_lifecycle_last_run_removed_bytes')).toBe(3)
    expect(after.get('holdfast_lifecycle_last_run_failed_files')).toBe(0)
    expect(after.get('holdfast_lifecycle_last_run_timestamp_seconds')).toBeGreaterThan(1_700_000_000)
    await storage.close()
    expect(storage.getStatus().state).toBe('closed')
    expect((await scrape()).get('holdfast_expiring_files')).toBe(0)
  })
})

describe('the route', () => {
  test('answers in the text format of Prometheus', async () => {
    const { port } = await serve()
    const { status, headers, text } = await ask(port, 'GET', '/metrics')
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'no-store',
    ])
    expect(samplesOf(text).get('holdfast_state{state="starting"}')).toBe(1)
    for (const { name, type, help } of METRICS) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)
      expect(name).toMatch(type === 'counter' ? /^holdfast_[a-z_]+_total$/ : /^holdfast_[a-z_]+(?<!_total)$/)
    }
  })

  test('is for those who may see the status', async () => {
    const asked: string[] = []
    const guarded = await serve({ apiKeys: [API_KEY] })
    expect((await ask(guarded.port, 'GET', '/metrics')).status).toBe(401)
    expect((await ask(guarded.port, 'GET', '/metrics', { headers: bearer })).status).toBe(200)
    const decided = await serve({
      authorize: (_request, action, key) => {
        asked.push(`${action} ${key}`)
        return false
      },
    })
    expect((await ask(decided.port, 'GET', '/metrics')).status).toBe(403)
    expect(asked).toEqual(['status '])
    const open = await serve()
    const elsewhere = { headers: { host: 'files.example.com' } }
    expect((await ask(open.port, 'GET', '/metrics', elsewhere)).status).toBe(403)
  })

  test('counts by route and never by path, however many paths there are', async () => {
    const { port } = await serve()
    for (let i = 0; i < 50; i++) {
      await ask(port, 'GET', `/uploads/k${i}`)
      await ask(port, 'GET', `/nothing/${i}`)
      await ask(port, i % 2 === 0 ? 'PROPFIND' : 'PATCH', `/uploads/k${i}`)
    }
    const { text } = await ask(port, 'GET', '/metrics')
    const requests = [...samplesOf(text)].filter(([name]) => name.startsWith('holdfast_http_requests_total'))
    expect(new Map(requests)).toEqual(
      new Map([
        ['holdfast_http_requests_total{route="/uploads/{key}",method="GET",status="404"}', 50],
        ['holdfast_http_requests_total{route="other",method="GET",status="404"}', 50],
        ['holdfast_http_requests_total{route="other",method="other",status="405"}', 50],
      ]),
    )
  })

  test('leaves the global registry to the application, and serves each server its own', async () => {
    const [one, two] = [await serve(), await serve()]
    await one.storage.uploadFile(Buffer.from('x'), 'a')
    const name = 'holdfast_operations_total{operation="put",outcome="ok"}'
    expect(samplesOf((await ask(one.port, 'GET', '/metrics')).text).get(name)).toBe(1)
    expect(samplesOf((await ask(two.port, 'GET', '/metrics')).text).has(name)).toBe(false)
    expect(register.getMetricsAsArray()).toEqual([])
  })
})

test('an application gets the metrics of its storage, with none of the process unless it asks', async () => {
  const { storage } = await serve()
  await storage.uploadFile(Buffer.from('x'), 'a')
  const metrics = createMetrics(storage)
  const own = samplesOf(await metrics.text())
  expect(own.get('holdfast_operations_total{operation="put",outcome="ok"}')).toBe(1)
  expect([...own.keys()].every(name => name.startsWith('holdfast_'))).toBe(true)
  const all = samplesOf(await createMetrics(storage, { process: true }).text())
  expect(all.get('process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/)
})

describe('docs', () => {
  test('the page has the table of metrics that the code has', async () => {
    const rows = METRICS.map(({ name, type, labels, help }) => {
      const shown = labels.length === 0 ? '' : labels.map(label => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${shown} | ${help} |`
    })
    const table = ['| Name | Type | Labels | |', '|---|---|---|---|', ...rows].join('\n')
    const page = await readFile('docs/HTTP.md', 'utf8')
    const expected = page.replace(
      /(<!-- metrics -->\n)[\s\S]*?(<!-- \/metrics -->)/,
      (_, open: string, close: string) => `${open}${table}\n${close}`,
    )
    if (process.env['UPDATE_DOCS'] === '1') await writeFile('docs/HTTP.md', expected)
    expect(await readFile('docs/HTTP.md', 'utf8')).toBe(expected)
    expect(expected).toContain('| Name | Type | Labels | |')
  })

  test('the alerts are on metrics and labels that there are', async () => {
    const text = await readFile('examples/prometheus-alerts.yml', 'utf8')
    const used = [...text.matchAll(/(holdfast_[a-z_]+)(?:\{([^}]*)\})?/g)]
    expect(used.length).toBeGreaterThan(15)
    for (const [, name, selector = ''] of used) {
      const metric = METRICS.find(known => known.name === name)
      expect(metric, name).toBeDefined()
      for (const [, label] of selector.matchAll(/([a-z]+)=~?"/g)) expect(metric?.labels).toContain(label)
    }
  })
})
