import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageService } from '../src/service.js'
import type { StorageEvents } from '../src/storage.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { ask, serveStorage, until } from './support/http.js'

let stub: S3Stub
let folder: string
let storage: StorageService
let lines: { level: string; message: string }[]

const at =
  (level: string) =>
  (_fields: object, message: string): void =>
    void lines.push({ level, message })

function serviceOf(more: Partial<StorageConfig> = {}): StorageService {
  return new StorageService({
    logger: { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') },
    config: {
      ...settingsOf(accessOf(stub)),
      localStoragePath: folder,
      probeIntervalMs: 100,
      spoolReserveBytes: 0,
      ...more,
    },
  })
}

beforeEach(async () => {
  stub = await startS3Stub()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-view-'))
  lines = []
  storage = serviceOf()
})

afterEach(async () => {
  await storage.close({ drainMs: 100 })
  await stub.close()
  await rm(folder, { recursive: true, force: true })
})

const put = (key: string, text = 'content'): Promise<unknown> => storage.uploadFile(Buffer.from(text), key)
const isFirst = (line: string, index: number, all: string[]): boolean => all.indexOf(line) === index
const codes = (): string[] => storage.getStatus().problems.map(problem => problem.code)

describe('an outage', () => {
  test('is seen in the status as it begins, while it lasts, and when it is over', async () => {
    await put('before')
    expect(storage.getStatus()).toMatchObject({ state: 'healthy', problems: [] })
    expect(storage.getStatus().failover).toMatchObject({
      reads: { open: false },
      writes: { open: false },
      replication: { operationsPerSecond: 0, bytesPerSecond: 0 },
      spool: { usedBytes: 0, reserveBytes: 0 },
    })
    const begun = Date.now()
    await stub.goDown()
    for (let i = 0; i < 5; i++) await put(`during/${i}`)
    await until(() => storage.getStatus().failover?.writes.nextProbeAt !== undefined)
    const away = storage.getStatus()
    expect(away).toMatchObject({ state: 'degraded', fallbackMode: true, pending: 5, pendingBytes: 35 })
    expect(away.failover?.writes).toMatchObject({ open: true, code: 'UNAVAILABLE' })
    expect(away.failover?.writes.since?.getTime()).toBeGreaterThanOrEqual(begun)
    expect(away.failover?.writes.message).toContain('ECONNREFUSED')
    expect(away.failover?.spool.usedBytes).toBe(35)
    await until(() => storage.getStatus().failover?.spool.freeBytes !== undefined)
    await stub.comeBack()
    await until(() => storage.getStatus().state === 'healthy')
    const after = storage.getStatus()
    expect(after).toMatchObject({ pending: 0, problems: [], failover: { writes: { open: false } } })
    expect(after.failover?.replication.operationsPerSecond).toBeGreaterThan(0)
    expect(after.failover?.replication.secondsLeft).toBeUndefined()
    expect(JSON.parse(JSON.stringify(after)).failover.spool).not.toHaveProperty('maxBytes')
  })

  test('is told by events, in order, and listeners that throw break nothing', async () => {
    const told: string[] = []
    const names: (keyof StorageEvents)[] = [
      ...(['state', 'problem', 'resolved', 'away', 'back', 'fallback'] as const),
      ...(['replicated', 'drained'] as const),
    ]
    for (const name of names) {
      storage.on(name, (...args: unknown[]) => {
        const [first] = args as [string | { code?: string; what?: string; key?: string; kind?: string }]
        told.push(
          typeof first === 'string'
            ? `${name} ${first}`
            : [name, first.what ?? first.kind ?? first.code, first.key].filter(Boolean).join(' '),
        )
        throw new Error('a listener of no use')
      })
    }
    await put('before')
    await stub.goDown()
    await put('during')
    await storage.deleteFile('before')
    await stub.comeBack()
    await until(() => storage.getStatus().state === 'healthy')
    const inOrder = [
      [
        'state healthy',
        'away writes',
        'problem PRIMARY_AWAY',
        'state degraded',
        'back writes',
        'resolved PRIMARY_AWAY',
      ],
      ['fallback put during', 'replicated put during', 'drained'],
      ['fallback delete before', 'replicated delete before', 'drained'],
    ]
    for (const expected of inOrder) {
      expect(told.filter(line => expected.includes(line)).filter(isFirst)).toEqual(expected)
    }
    expect(told.at(-1)).toBe('state healthy')
  })

  test('with a thousand operations that fail is a handful of lines', async () => {
    const { port, log } = await serveStorage(storage)
    await put('before')
    await stub.goDown()
    await put('first')
    lines = []
    const works: Promise<unknown>[] = []
    for (let i = 0; i < 250; i++) {
      works.push(storage.downloadFile(`unknown/${i}`), storage.statFile(`unknown/${i}`))
      works.push(put(`conditional/${i}`).then(() => storage.downloadFile(`unknown/${i}`)))
      works.push(ask(port, 'GET', `/uploads/unknown/${i}`))
    }
    const ended = await Promise.allSettled(works)
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(750)
    expect(lines.length, JSON.stringify(lines, null, 1)).toBeLessThanOrEqual(6)
    const loud = log.filter(line => !line.startsWith('debug'))
    expect(loud.length, loud.join('\n')).toBeLessThanOrEqual(6)
    expect(loud.length).toBeGreaterThan(0)
    lines = []
    await stub.comeBack()
    await until(() => storage.getStatus().state === 'healthy')
    expect(lines.map(line => line.message.slice(0, line.message.indexOf(':')))).toEqual([
      'The object store works again',
      'The object store holds everything',
    ])
  }, 120_000)

  test('that comes and goes all the time floods no log', async () => {
    await put('before')
    for (let i = 0; i < 20; i++) {
      stub.fault = () => ({ status: 503, body: 'no' })
      await until(async () => {
        await put(`k${i}`)
        return storage.getStatus().fallbackMode
      })
      stub.fault = undefined
      await until(() => !storage.getStatus().fallbackMode)
    }
    await storage.close()
    expect(lines.length).toBeLessThan(40)
    expect(lines.some(line => /takes no .*: \d+ more such lines were left out$/.test(line.message))).toBe(
      true,
    )
  })
})

test('what the object store refuses is told by an event each, and by a handful of lines', async () => {
  const parked: string[] = []
  storage.on('parked', ({ key, code, message }) => void parked.push(`${key} ${code} ${typeof message}`))
  await put('before')
  await stub.goDown()
  for (let i = 0; i < 40; i++) await put(`refused/${i}`)
  lines = []
  stub.fault = ({ method, key }) =>
    method === 'PUT' && key.startsWith('refused/')
      ? { status: 400, body: '<Error><Code>EntityTooLarge</Code><Message>No</Message></Error>' }
      : undefined
  await stub.comeBack()
  await until(() => storage.getStatus().parked === 40)
  expect(new Set(parked)).toEqual(
    new Set(Array.from({ length: 40 }, (_, i) => `refused/${i} TOO_LARGE string`)),
  )
  expect(codes()).toContain('PARKED')
  expect(lines.filter(line => line.message.includes('is parked'))).toHaveLength(5)
  await storage.close()
  expect(lines.map(line => line.message)).toContain(
    'A journaled write is parked, and tried again hourly: 35 more such lines were left out',
  )
})

describe('readyz', () => {
  test('is 200 while the object store hangs, for as long as the local disk takes uploads', async () => {
    await storage.close()
    // Longer than readyz waits: it is not the answer to the question that makes it ready.
    storage = serviceOf({ objectStorageFirstByteTimeoutMs: 5500 })
    await put('before')
    const { port } = await serveStorage(storage)
    expect((await ask(port, 'GET', '/readyz')).status).toBe(200)
    stub.fault = () => ({ stall: 'before-headers' })
    await sleep(1100) // Past the time for which an outcome counts.
    expect((await ask(port, 'GET', '/readyz')).json).toEqual({ status: 'ready' })
    await storage.close({ drainMs: 0 })
    await until(async () => (await ask(port, 'GET', '/readyz')).status === 503)
  })

  test('is 503 when nobody takes any: the object store is away, and the spool is full', async () => {
    await storage.close()
    storage = serviceOf({ spoolMaxBytes: 1000 })
    const { port, log } = await serveStorage(storage)
    await put('before')
    await stub.goDown()
    await put('fills', 'x'.repeat(995))
    await expect(put('more', 'x'.repeat(10))).rejects.toMatchObject({ code: 'NO_SPACE' })
    expect(storage.getStatus().state).toBe('down')
    expect(codes()).toContain('SPOOL_FULL')
    const { status, json } = await ask(port, 'GET', '/readyz')
    expect([status, json.error.code]).toEqual([503, 'NO_SPACE'])
    expect(lines.filter(line => line.message.includes('HOLDFAST_SPOOL_MAX_BYTES')).length).toBeGreaterThan(0)
    expect(log.join('\n')).not.toContain(stub.credentials.secretAccessKey)
    await stub.comeBack()
    await until(async () => (await ask(port, 'GET', '/readyz')).status === 200)
  })
})

test('credentials that are refused are an error that says what to do, and no secret', async () => {
  await put('before')
  const body = '<Error><Code>InvalidAccessKeyId</Code><Message>No such key</Message></Error>'
  stub.fault = () => ({ status: 403, body, headers: { 'content-type': 'application/xml' } })
  await put('during')
  const [error, ...others] = lines.filter(line => line.level === 'error')
  expect(error?.message).toContain('OBJECT_STORAGE_SECRET_KEY')
  expect(others.length).toBeLessThanOrEqual(1)
  const problem = storage.getStatus().problems.find(found => found.code === 'PRIMARY_AWAY')
  expect(problem?.message).toContain('OBJECT_STORAGE_SECRET_KEY')
  const said = JSON.stringify([lines, storage.getStatus()])
  expect(said).not.toContain(stub.credentials.secretAccessKey)
  stub.fault = undefined
})
