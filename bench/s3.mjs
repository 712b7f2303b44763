// CPU per operation of the S3 store beside other clients, against a stub in another process.
// node bench/s3.mjs [operations per round] [rounds]
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Client as MinioClient } from 'minio'
import { Pool } from 'undici'
import { compete, load, measure, printTable, startStub } from './harness.mjs'

const count = Number(process.argv[2] ?? 3000)
const rounds = Number(process.argv[3] ?? 5)
const concurrency = 32

const { S3Store } = await load('stores/s3/index.js')
const { openSource } = await load('core/source.js')
const { parseAttributes } = await load('core/attributes.js')
const { parseKey } = await load('core/key.js')

const stub = await startStub('0', 'unverified')
const { endpoint, bucket, credentials } = stub
const { region } = credentials

const store = new S3Store({ endpoint, region, bucket, credentials })
const aws = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
const { hostname, port } = new URL(endpoint)
const minio = new MinioClient({
  endPoint: hostname,
  port: Number(port),
  useSSL: false,
  region,
  accessKey: credentials.accessKeyId,
  secretKey: credentials.secretAccessKey,
})
const pool = new Pool(endpoint, { connections: 64 })

const content = Buffer.alloc(4096, 'holdfast')
const attributes = parseAttributes({ contentType: 'application/octet-stream' })
const keyOf = i => `bench/${i % 1000}`
const consume = async ({ body }) => void (await body.arrayBuffer())

const holdfast = {
  name: 'holdfast S3 store',
  put: async i => store.put(parseKey(keyOf(i)), await openSource(content), { attributes }),
  get: async i => (await store.get(parseKey(keyOf(i)))).body.bytes(),
}
const contestants = [
  holdfast,
  {
    name: '@aws-sdk/client-s3',
    put: i => aws.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(i), Body: content })),
    get: async i =>
      (await aws.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(i) }))).Body.transformToByteArray(),
  },
  {
    name: 'minio',
    put: i => minio.putObject(bucket, keyOf(i), content, content.length),
    get: async i => buffer(await minio.getObject(bucket, keyOf(i))),
  },
  {
    name: 'undici, unsigned',
    put: async i =>
      consume(await pool.request({ method: 'PUT', path: `/${bucket}/${keyOf(i)}`, body: content })),
    get: async i => consume(await pool.request({ method: 'GET', path: `/${bucket}/${keyOf(i)}` })),
  },
]

for (const verb of ['put', 'get']) {
  const entries = contestants.map(({ name, [verb]: operation }) => ({ name, operation }))
  // The objects that GETs ask for are there, and are the store's own, with metadata to check them by.
  if (verb === 'get') for (let i = 0; i < 1000; i++) await holdfast.put(i)
  const results = await compete(entries, { count, concurrency, rounds })
  const [own] = results
  printTable(
    `4 KiB ${verb.toUpperCase()}, ${concurrency} at once, median of ${rounds} rounds of ${count}`,
    ['', 'operations/s', 'CPU µs/operation', 'CPU beside the store'],
    results.map(({ name, perSecond, cpuMicros }) => [
      name,
      perSecond.toFixed(0),
      cpuMicros.toFixed(1),
      `${(cpuMicros / own.cpuMicros).toFixed(2)} x`,
    ]),
  )
}

const large = 256 * 1024 * 1024
const piece = Buffer.alloc(64 * 1024, 'holdfast')
const stream = () =>
  Readable.from(
    (function* () {
      for (let sent = 0; sent < large; sent += piece.length) yield piece
    })(),
    { objectMode: false },
  )
const up = await measure(async () =>
  store.put(parseKey('bench/large'), await openSource(stream()), { attributes }),
)
const down = await measure(async () => {
  const { body } = await store.get(parseKey('bench/large'))
  for await (const _ of body);
})
printTable(
  '256 MiB of unknown length through the store',
  ['', 'MB/s', 'CPU s'],
  [
    ['up', (large / 1e6 / up.seconds).toFixed(0), (up.cpuMicros / 1e6).toFixed(2)],
    ['down', (large / 1e6 / down.seconds).toFixed(0), (down.cpuMicros / 1e6).toFixed(2)],
  ],
)

await store.close()
await pool.close()
aws.destroy()
await stub.stop()
