import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { completeConfig } from '../src/config.js'
import { AWS_PRICES, readPrices } from '../src/operations/usage/prices.js'
import { usageOfBucket, usageOfFiles } from '../src/operations/usage/usage.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { ndjson, useCli } from './support/cli.js'
import { useFolder } from './support/failover-service.js'

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const MIB = 1024 * 1024
const cli = useCli()

async function openStub(): Promise<S3Stub> {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  return stub
}

const configOf = (stub: S3Stub) => completeConfig(settingsOf(accessOf(stub)))

/** Puts an object into the stub, past Holdfast. */
function store(stub: S3Stub, key: string, bytes: number, storageClass = 'STANDARD', daysAgo = 0): void {
  const headers = {
    'content-type': 'a/b',
    ...(storageClass !== 'STANDARD' && { 'x-amz-storage-class': storageClass }),
  }
  const modified = new Date(Date.now() - daysAgo * 86_400_000)
  stub.buckets
    .get('stub')
    ?.store(key, { bytes: Buffer.alloc(bytes), etag: '0'.repeat(32), modified, headers, tagging: '' })
}

/** What there is in the bucket of the tests below. */
async function filled(): Promise<S3Stub> {
  const stub = await openStub()
  stub.buckets.get('stub')?.versions.turn(true)
  store(stub, 'rooms/1/a.jpg', 1000, 'STANDARD', 400)
  store(stub, 'rooms/1/a.jpg', 2000)
  store(stub, 'rooms/1/b.JPG', 3000, 'STANDARD', 3)
  store(stub, 'rooms/2/c.png', 4000, 'STANDARD_IA', 40)
  store(stub, 'rooms/2/gone', 5000, 'GLACIER')
  stub.buckets.get('stub')?.remove('rooms/2/gone')
  store(stub, 'top.txt', 6000)
  store(stub, 'tmp/x', 7000, 'COLD')
  const bucket = stub.buckets.get('stub')
  const call = { headers: {}, query: new URLSearchParams(), body: Buffer.alloc(0) }
  bucket?.begin('tmp/unfinished', call)
  const [id = ''] = bucket?.uploads.keys() ?? []
  bucket?.keepPart(
    'tmp/unfinished',
    { ...call, query: new URLSearchParams({ partNumber: '1', uploadId: id }) },
    Buffer.alloc(8000),
  )
  return stub
}

test('of a bucket: all that takes space, and what it costs', async () => {
  const stub = await filled()
  const report = await usageOfBucket(configOf(stub), { prefix: '', prices: AWS_PRICES })
  expect(report).toMatchObject({
    files: { files: 5, bytes: 22_000 },
    oldVersions: { files: 2, bytes: 6000 },
    deleteMarkers: 1,
    unfinishedUploads: { files: 1, bytes: 8000 },
    notCounted: [],
    byPrefix: [
      { name: 'rooms/', files: 3, bytes: 9000 },
      { name: 'tmp/', files: 1, bytes: 7000 },
      { name: '', files: 1, bytes: 6000 },
    ],
    byStorageClass: [
      { name: 'STANDARD', files: 5, bytes: 20_000 },
      { name: 'COLD', files: 1, bytes: 7000 },
      { name: 'GLACIER', files: 1, bytes: 5000 },
      { name: 'STANDARD_IA', files: 1, bytes: 4000 },
    ],
  })
  expect(Object.fromEntries(report.byType.map(({ name, files }) => [name, files]))).toEqual({
    jpg: 2,
    png: 1,
    txt: 1,
    '(none)': 1,
  })
  expect(report.byAge.map(({ files }) => files)).toEqual([3, 1, 0, 1, 0, 0])
  const gib = 1024 ** 3
  const perMonth = (20_000 * 0.023 + 128 * 1024 * 0.0125 + (5000 + 32 * 1024) * 0.0036) / gib
  expect(report.cost).toMatchObject({ currency: 'USD', unpriced: ['COLD'] })
  expect(report.cost?.perMonth).toBeCloseTo(perMonth, 9)

  const below = await usageOfBucket(configOf(stub), { prefix: 'rooms/', depth: 1 })
  expect(below.byPrefix).toEqual([
    { name: 'rooms/1/', files: 2, bytes: 5000 },
    { name: 'rooms/2/', files: 1, bytes: 4000 },
  ])
  expect([below.unfinishedUploads.files, below.cost]).toEqual([0, undefined])
})

test('of a bucket that does not let us see all of it, the rest', async () => {
  const stub = await filled()
  const body = '<Error><Code>AccessDenied</Code></Error>'
  stub.fault = ({ operation, query }) =>
    operation === 'ListMultipartUploads' || query.has('versioning') ? { status: 403, body } : undefined
  const report = await usageOfBucket(configOf(stub), { prefix: '' })
  expect(report).toMatchObject({ files: { files: 5 }, notCounted: ['oldVersions', 'unfinishedUploads'] })
})

test('of a bucket that is away there is none', async () => {
  const stub = await filled()
  await stub.goDown()
  await expect(usageOfBucket(configOf(stub), { prefix: '' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('of local files', async () => {
  const folder = await useFolder()
  const storage = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await storage.close()))
  for (const key of ['a/1.txt', 'a/2.txt', 'b.txt']) await storage.uploadFile(Buffer.alloc(10), key)
  const report = await usageOfFiles(storage, { prefix: '' })
  expect(report).toMatchObject({
    files: { files: 3, bytes: 30 },
    byPrefix: [
      { name: 'a/', files: 2, bytes: 20 },
      { name: '', files: 1, bytes: 10 },
    ],
    byType: [{ name: 'txt', files: 3, bytes: 30 }],
    byStorageClass: [{ name: 'STANDARD', files: 3, bytes: 30 }],
    deleteMarkers: 0,
  })
})

test('prices that are none are told what is wrong with them', async () => {
  const path = join(await useFolder(), 'prices.json')
  const classes = { STANDARD: { perGiBMonth: 1 } }
  writeFileSync(path, JSON.stringify({ currency: 'EUR', classes }))
  expect(await readPrices(path)).toEqual({ currency: 'EUR', classes })
  for (const [text, why] of [
    ['{', 'no JSON'],
    ['[]', 'the table is'],
    ['{"classes":{}}', 'currency is undefined'],
    ['{"currency":"EUR","classes":{"A":{"perGiB":1}}}', 'classes.A.perGiB'],
    ['{"currency":"EUR","classes":{"A":{"perGiBMonth":-1}}}', 'from 0 up'],
    ['{"currency":"EUR","classes":{"A":{}}}', 'no perGiBMonth'],
  ] as const) {
    writeFileSync(path, text)
    await expect(readPrices(path)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(why),
    })
  }
})

const KEYS = LONG ? 1_000_000 : 100_000

test(`${KEYS} keys in bounded memory, each counted once`, async () => {
  const stub = await openStub()
  for (let i = 0; i < KEYS; i++) store(stub, `rooms/${i % 977}/${i}.jpg`, i % 100 === 0 ? 1 : 0)
  // A process of its own, so that the stub's memory is not counted.
  const script = `
    const { usageOfBucket } = await import(process.argv[1])
    const { completeConfig } = await import(process.argv[2])
    const report = await usageOfBucket(completeConfig(JSON.parse(process.argv[3])), { prefix: '' })
    console.log(JSON.stringify({ files: report.files, groups: report.byPrefix.length, rss: process.resourceUsage().maxRSS }))`
  const { execFile } = await import('node:child_process')
  const { promisify } = await import('node:util')
  const dist = join(cli.main, '..', '..')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    join(dist, 'operations', 'usage', 'usage.js'),
    join(dist, 'config.js'),
    JSON.stringify(settingsOf(accessOf(stub))),
  ])
  const { files, groups, rss } = JSON.parse(stdout)
  expect([files, groups]).toEqual([{ files: KEYS, bytes: KEYS / 100 }, 1])
  expect(rss * 1024).toBeLessThan(150 * MIB)
  // Several listings cost little more requests than one.
  expect(stub.counts['ListObjectsV2']).toBeLessThan(1.5 * (KEYS / 1000) + 200)
}, 300_000)

test('by the command line, in every form', async () => {
  const stub = await filled()
  const env = environmentOf(accessOf(stub))
  const prices = join(cli.folder, 'prices.json')
  writeFileSync(
    prices,
    JSON.stringify({ currency: 'EUR', classes: { STANDARD: { perGiBMonth: 1_000_000 } } }),
  )
  const shown = await cli(['usage', '--prices', prices], { env })
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toContain('5 files, 22 kB\n\nby prefix\n  rooms/  3  9 kB\n')
  expect(shown.stdout).toContain(
    'hidden from readers\n  old versions        2  6 kB\n  delete markers      1\n',
  )
  expect(shown.stdout).toMatch(/18\.63 EUR a month for storage/)
  expect(shown.stdout).toContain('not in the sum: COLD, GLACIER, STANDARD_IA')
  const csv = await cli(['usage', '--format', 'csv', '--depth', '2'], { env })
  expect(csv.stdout).toContain('group,name,files,bytes,perMonth\r\ntotal,files,5,22000,\r\n')
  expect(csv.stdout).toContain('prefix,rooms/1/,2,5000,\r\n')
  const gauges = await cli(['usage', 'rooms/', '--format', 'prometheus'], { env })
  expect(gauges.stdout).toContain(
    '# TYPE holdfast_usage_bytes gauge\nholdfast_usage_bytes{kind="file",prefix="rooms/"} 9000\n',
  )
  expect(gauges.stdout).toContain('holdfast_usage_class_objects{storage_class="GLACIER",prefix="rooms/"} 1\n')
  const json = await cli(['usage', '--json'], { env })
  expect(ndjson(json.stdout)).toMatchObject([{ files: { files: 5, bytes: 22_000 }, deleteMarkers: 1 }])
})
