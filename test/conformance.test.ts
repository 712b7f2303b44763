import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { createServer, type HttpStorage } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { openRoot } from '../src/stores/local/root.js'
import { LocalStore } from '../src/stores/local/store.js'
import { MemoryStore } from '../src/stores/memory.js'
import { S3Store } from '../src/stores/s3/store.js'
import {
  type OpenedStorage,
  serviceConformance,
  startS3Stub,
  storeConformance,
} from '../src/testing/index.js'
import { openBucket } from './support/bucket.js'
import { describeReal } from './support/real-server.js'

const runner = { describe, it, afterAll }

describe('in memory', () => {
  const presign = 'nothing serves the memory of a process by URL'

  storeConformance({
    ...runner,
    name: 'the memory store',
    randomKeys: 10_000,
    declaredSkips: { presign, storageClasses: 'memory is of one class' },
    open: async () => {
      const store = new MemoryStore()
      return { store, close: () => store.close() }
    },
  })

  serviceConformance({
    ...runner,
    name: 'the service on the memory store',
    declaredSkips: { presign },
    open: async () => {
      const storage = new StorageService({ config: {}, store: new MemoryStore() })
      return { storage, close: async () => void (await storage.close()) }
    },
  })
})

describe('in local files', () => {
  /** Local URLs are paths: they are fetched from the server that was opened last. */
  let base = ''
  const fetchLocal: typeof fetch = (path, init) => fetch(new URL(String(path), base), init)

  /** Serves what presigned URLs name until it is closed. */
  async function serve(storage: HttpStorage): Promise<() => Promise<unknown>> {
    const server = createServer(storage, { port: 0 })
    base = (await server.listen()).url
    return () => server.close({ drainMs: 0 })
  }

  const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'holdfast-conformance-'))

  storeConformance({
    ...runner,
    name: 'the local store',
    randomKeys: 10_000,
    fetch: fetchLocal,
    declaredSkips: { storageClasses: 'a disk is of one class' },
    open: async () => {
      const path = await newFolder()
      const root = await openRoot({ path, create: true, ballastBytes: 0 })
      const store = await LocalStore.open(root)
      const storage: HttpStorage = new StorageService({ config: {}, store })
      storage.verifySignedUrl = (method, url) => store.verifySignedUrl(method, url)
      const stop = await serve(storage)
      return {
        store,
        close: async () => {
          await stop()
          await store.close()
          await root.close()
          await rm(path, { recursive: true })
        },
      }
    },
  })

  serviceConformance({
    ...runner,
    name: 'the service on local files',
    fetch: fetchLocal,
    open: async () => {
      const localStoragePath = await newFolder()
      const storage = new StorageService({ config: { localStoragePath } })
      const stop = await serve(storage)
      return {
        storage,
        close: async () => {
          await stop()
          await storage.close()
          await rm(localStoragePath, { recursive: true })
        },
      }
    },
  })
})

describe('on an S3 server that does all that Amazon documents', () => {
  storeConformance({
    ...runner,
    name: 'the S3 store',
    open: async () => {
      const stub = await startS3Stub()
      const { endpoint, credentials } = stub
      const store = new S3Store({ endpoint, region: credentials.region, bucket: 'stub', credentials })
      await store.learn()
      return {
        store,
        close: async () => {
          await store.close()
          await stub.close()
        },
      }
    },
  })

  serviceConformance({
    ...runner,
    name: 'the service',
    open: async () => {
      const stub = await startS3Stub()
      return openS3Service(
        {
          objectStorageEndpoint: stub.endpoint,
          objectStorageBucket: 'stub',
          objectStorageRegion: stub.credentials.region,
          objectStorageAccessKey: stub.credentials.accessKeyId,
          objectStorageSecretKey: stub.credentials.secretAccessKey,
        },
        () => stub.close(),
      )
    },
  })
})

describeReal('on a real S3 server', server => {
  // In a bucket that the tests were given, all that they write lies in one folder.
  const keyPrefix = server.bucket === undefined ? undefined : `holdfast-test-${randomUUID()}/`
  const lacks = {
    conditionalMultipart: 'the server ignores conditions on CompleteMultipartUpload',
    conditionalDelete: 'the server ignores conditions on DeleteObject',
  }

  storeConformance({
    ...runner,
    name: 'the S3 store',
    keyPrefix,
    declaredSkips: lacks,
    open: async () => {
      const { bucket, remove } = await openBucket(server)
      const store = new S3Store({
        endpoint: server.endpoint,
        region: server.region,
        bucket,
        credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
      })
      await store.learn()
      return {
        store,
        close: async () => {
          await store.close()
          await remove()
        },
      }
    },
  })

  serviceConformance({
    ...runner,
    name: 'the service',
    keyPrefix,
    declaredSkips: { conditionalDelete: lacks.conditionalDelete },
    open: async () => {
      const { bucket, remove } = await openBucket(server)
      return openS3Service(
        {
          objectStorageEndpoint: server.endpoint,
          objectStorageBucket: bucket,
          objectStorageRegion: server.region,
          objectStorageAccessKey: server.accessKey,
          objectStorageSecretKey: server.secretKey,
        },
        remove,
      )
    },
  })
})

/** The service as applications hold it, with a folder of its own for what it remembers beside the bucket. */
async function openS3Service(
  config: Partial<StorageConfig>,
  after: () => Promise<void>,
): Promise<OpenedStorage> {
  const localStoragePath = await mkdtemp(join(tmpdir(), 'holdfast-conformance-'))
  const storage = new StorageService({
    config: { ...config, objectStorageEnabled: true, objectStorageProvider: 'minio', localStoragePath },
  })
  await storage.ready()
  return {
    storage,
    close: async () => {
      await storage.close()
      await after()
      await rm(localStoragePath, { recursive: true })
    },
  }
}
