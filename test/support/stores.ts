import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectTaggingCommand, S3Client } from '@aws-sdk/client-s3'
import type { StorageConfig } from '../../src/config.js'
import { createServer, type HttpStorage } from '../../src/http/index.js'
import { StorageService } from '../../src/service.js'
import { openRoot } from '../../src/stores/local/root.js'
import { LocalStore } from '../../src/stores/local/store.js'
import { MemoryStore } from '../../src/stores/memory.js'
import { S3Store } from '../../src/stores/s3/store.js'
import { type OpenedStorage, type OpenedStore, startS3Stub } from '../../src/testing/index.js'
import { openBucket } from './bucket.js'
import { settingsOf } from './bucket-settings.js'
import type { RealServer } from './real-server.js'

/** A place to keep objects in for the length of a suite: opened as a store, or as the service over one. */
export interface Place {
  openStore(): Promise<OpenedStore>
  openService(): Promise<OpenedStorage>
}

export const memory: Place = {
  openStore: async () => {
    const store = new MemoryStore()
    return { store, close: () => store.close() }
  },
  openService: async () => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    return { storage, close: async () => void (await storage.close()) }
  },
}

/** A server for the URLs that a storage signs for itself: they are paths, which `fetch` sends there. */
class OwnServer {
  #base = ''

  readonly fetch: typeof fetch = (path, init) => fetch(new URL(String(path), this.#base), init)

  async serve(storage: HttpStorage): Promise<() => Promise<unknown>> {
    const server = createServer(storage, { port: 0 })
    this.#base = (await server.listen()).url
    return () => server.close({ drainMs: 0 })
  }
}

/** A fresh folder, and a server for its URLs. */
export function localFiles(): Place & { fetch: typeof fetch } {
  const own = new OwnServer()
  return {
    fetch: own.fetch,
    openStore: async () => {
      const path = await newFolder()
      const root = await openRoot({ path, create: true, ballastBytes: 0 })
      const store = await LocalStore.open(root)
      const storage: HttpStorage = new StorageService({ config: {}, store })
      storage.verifySignedUrl = (method, url) => store.verifySignedUrl(method, url)
      const stop = await own.serve(storage)
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
    openService: async () => {
      const localStoragePath = await newFolder()
      const storage = new StorageService({ config: { localStoragePath } })
      const stop = await own.serve(storage)
      return {
        storage,
        close: async () => {
          await stop()
          await storage.close()
          await rm(localStoragePath, { recursive: true })
        },
      }
    },
  }
}

/** Not the place itself, but what lies below a prefix there, among files that lie beside it. */
export function scoped(place: Pick<Place, 'openService'>, prefix: string): Pick<Place, 'openService'> {
  return {
    openService: async () => {
      const opened = await place.openService()
      const { storage } = opened
      const beside = [`${prefix.slice(0, -1)}1/a`, 'a', prefix.slice(0, -1), 'zz']
      for (const key of beside) await storage.uploadFile(Buffer.from(key), key)
      return {
        ...opened,
        storage: storage.scope(prefix),
        close: async () => {
          await opened.settled?.()
          const left = await storage.listFiles()
          await opened.close()
          assert.deepEqual([...left].sort(), beside.sort())
        },
      }
    },
  }
}

/** A bucket of its own on an S3 server in this process, which does all that Amazon documents. */
export const s3Stub: Place = s3(openStub)

/** Such a bucket behind the local disk, which takes every upload first, and a server for its URLs. */
export function behindTheDisk(): Pick<Place, 'openService'> & { fetch: typeof fetch } {
  const own = new OwnServer()
  return {
    fetch: own.fetch,
    openService: async () => {
      const { storage, close } = await openOver(openStub, { objectStorageWriteMode: 'behind' })
      const stop = await own.serve(storage)
      return {
        storage,
        settled: async () => {
          while (storage.getStatus().pending > 0) await sleep(10)
        },
        close: async () => {
          await stop()
          await close()
        },
      }
    },
  }
}

/** A bucket of its own on a real server, or a shared one. */
export function realS3(server: RealServer): Place {
  return s3(async () => ({ ...server, ...(await openBucket(server)) }))
}

interface Bucket extends RealServer {
  readonly bucket: string
  remove(): Promise<void>
}

function s3(openBucket: () => Promise<Bucket>): Place {
  return {
    openStore: async () => {
      const { endpoint, region, accessKey, secretKey, bucket, remove } = await openBucket()
      const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
      const store = new S3Store({ endpoint, region, bucket, credentials })
      await store.learn()
      const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      return {
        store,
        tagsOf: async Key => {
          const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }))
          return Object.fromEntries(TagSet.map(tag => [tag.Key, tag.Value]))
        },
        close: async () => {
          client.destroy()
          await store.close()
          await remove()
        },
      }
    },
    openService: () => openOver(openBucket),
  }
}

async function openStub(): Promise<Bucket> {
  const stub = await startS3Stub()
  const { accessKeyId: accessKey, secretAccessKey: secretKey, region } = stub.credentials
  const { endpoint } = stub
  return { endpoint, region, accessKey, secretKey, bucket: 'stub', remove: () => stub.close() }
}

/** The service over a bucket, with a fresh folder as its net. */
async function openOver(
  openBucket: () => Promise<Bucket>,
  more: Partial<StorageConfig> = {},
): Promise<{ storage: StorageService; close(): Promise<void> }> {
  const place = await openBucket()
  const localStoragePath = await newFolder()
  const storage = new StorageService({
    config: {
      ...settingsOf(place),
      localStoragePath,
      ...more,
    },
  })
  return {
    storage,
    close: async () => {
      await storage.close()
      await place.remove()
      await rm(localStoragePath, { recursive: true })
    },
  }
}

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'holdfast-conformance-'))
}
