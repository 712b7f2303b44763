// CPU per operation of the public API, with default options, beside other clients: all against one stub, in
// another process, that checks every signature and counts bytes.
// node bench/api.mjs [operations per round] [rounds]
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Client as MinioClient } from 'minio'
import { compete, load, printTable, startStub } from './harness.mjs'

const count = Number(process.argv[2] ?? 2000)
const rounds = Number(process.argv[3] ?? 7)
const concurrency = 32

const { StorageService } = await load('index.js')
const { S3Store } = await load('stores/s3/index.js')
const { openSource } = await load('core/source.js')
const { parseAttributes } = await load('core/attributes.js')
const { parseKey } = await load('core/key.js')

const { endpoint, bucket, credentials, stop } = await startStub()
const { region = 'us-east-1', accessKeyId, secretAccessKey } = credentials
const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))

const storage = new StorageService({
  config: {
    objectStorageEnabled: true,
    objectStorageProvider: 'minio',
    objectStorageEndpoint: endpoint,
    objectStorageBucket: bucket,
    objectStorageRegion: region,
    objectStorageAccessKey: accessKeyId,
    objectStorageSecretKey: secretAccessKey,
    localStoragePath: folder,
  },
})
const store = new S3Store({ endpoint, region, bucket, credentials })
const aws = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
const { hostname, port } = new URL(endpoint)
const minio = new MinioClient({
  endPoint: hostname,
  port: Number(port),
  useSSL: false,
  region,
  accessKey: accessKeyId,
  secretKey: secretAccessKey,
})

// Different bytes each time: what begins like an image costs a closer look at what it is.
const contents = Array.from({ length: 256 }, () => randomBytes(4096))
const contentOf = i => contents[i % contents.length]
const keyOf = i => `bench/attachment-${i % 1000}.bin`
const attributes = parseAttributes({ contentType: 'application/octet-stream' })

const contestants = [
  {
    name: 'holdfast, public API',
    put: i => storage.uploadFile(contentOf(i), keyOf(i)),
    get: i => storage.downloadFile(keyOf(i)),
  },
  {
    name: 'holdfast, S3 store alone',
    put: async i => store.put(parseKey(keyOf(i)), await openSource(contentOf(i)), { attributes }),
    get: async i => (await store.get(parseKey(keyOf(i)))).body.bytes(),
  },
  {
    name: '@aws-sdk/client-s3',
    put: i => aws.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(i), Body: contentOf(i) })),
    get: async i =>
      (await aws.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(i) }))).Body.transformToByteArray(),
  },
  {
    name: 'minio',
    put: i => minio.putObject(bucket, keyOf(i), contentOf(i), 4096),
    get: async i => buffer(await minio.getObject(bucket, keyOf(i))),
  },
]

for (const verb of ['put', 'get']) {
  // What GETs ask for is Holdfast's own, with a hash in its metadata that is verified.
  if (verb === 'get') for (let i = 0; i < 1000; i++) await contestants[0].put(i)
  const entries = contestants.map(({ name, [verb]: operation }) => ({ name, operation }))
  const results = await compete(entries, { count, concurrency, rounds })
  const sdk = results.find(({ name }) => name === '@aws-sdk/client-s3')
  printTable(
    `4 KiB ${verb === 'put' ? 'uploadFile' : 'downloadFile'}, ${concurrency} at once, medians of ${rounds} rounds of ${count}`,
    ['', 'operations/s', 'CPU µs/operation', 'of the AWS SDK'],
    results.map(({ name, perSecond, cpuMicros }) => [
      name,
      perSecond.toFixed(0),
      cpuMicros.toFixed(1),
      `1/${(sdk.cpuMicros / cpuMicros).toFixed(1)}`,
    ]),
  )
}

await storage.close()
await store.close()
aws.destroy()
await stop()
await rm(folder, { recursive: true, force: true })
