import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import { openBucket } from './support/bucket.js'
import { describeCeph } from './support/real-server.js'

/** A file as the tests know it: what it holds, or null where it was deleted. */
type Expected = Map<string, string | null>

describeCeph('failover over a real S3 server', (server, ceph) => {
  let bucket: Awaited<ReturnType<typeof openBucket>>
  let folder: string
  let storage: StorageService
  const prefix = `failover-${randomUUID()}/`

  function open(more: Partial<StorageConfig> = {}): StorageService {
    return new StorageService({
      config: {
        objectStorageEnabled: true,
        objectStorageProvider: 'minio',
        objectStorageEndpoint: server.endpoint,
        objectStorageRegion: server.region,
        objectStorageBucket: bucket.bucket,
        objectStorageAccessKey: server.accessKey,
        objectStorageSecretKey: server.secretKey,
        objectStorageConnectTimeoutMs: 500,
        objectStorageFirstByteTimeoutMs: 1000,
        objectStorageIdleTimeoutMs: 1000,
        localStoragePath: folder,
        probeIntervalMs: 200,
        spoolReserveBytes: 0,
        ...more,
      },
    })
  }

  beforeAll(async () => {
    bucket = await openBucket(server)
    folder = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
    storage = open()
  })

  afterEach(async () => {
    await ceph.thaw().catch(() => {})
    await ceph.enable()
    await ceph.up()
  })

  afterAll(async () => {
    await storage.close({ drainMs: 0 })
    await bucket.remove()
    await rm(folder, { recursive: true, force: true })
  })

  /** Writes, overwrites and deletes; every operation must be acknowledged. */
  async function work(round: string, expected: Expected): Promise<void> {
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const key = `${prefix}${round}/${i}`
        await storage.uploadFile(Buffer.from(`${round} one ${i}`), key)
        expected.set(key, `${round} one ${i}`)
        if (i % 3 === 1) {
          await storage.uploadFile(Buffer.from(`${round} two ${i}`), key)
          expected.set(key, `${round} two ${i}`)
        } else if (i % 3 === 2) {
          await storage.deleteFile(key)
          expected.set(key, null)
        }
        // What only the bucket has is unavailable while it is away, and never another version, or none.
        const value = await storage.downloadFile(key).then(
          bytes => bytes?.toString() ?? null,
          (error: unknown) => {
            if (StorageError.is(error, 'UNAVAILABLE') || StorageError.is(error, 'TIMEOUT')) return undefined
            throw error
          },
        )
        if (value !== undefined) expect(value).toBe(expected.get(key))
      }),
    )
  }

  /** Waits until nothing is pending, then asks the bucket itself. */
  async function converges(expected: Expected): Promise<void> {
    const end = performance.now() + 60_000
    while (storage.getStatus().pending > 0 || storage.getStatus().state !== 'healthy') {
      if (performance.now() > end) throw new Error(JSON.stringify(storage.getStatus()))
      await sleep(100)
    }
    const other = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
    const plain = open({ objectStorageFallback: false, localStoragePath: other })
    for (const [key, value] of expected) {
      expect((await storage.downloadFile(key))?.toString() ?? null, key).toBe(value)
      // What waits for late requests may differ in the bucket for as long as they may come.
      if (storage.getStatus().settling === 0)
        expect((await plain.downloadFile(key))?.toString() ?? null).toBe(value)
    }
    await plain.close()
    await rm(other, { recursive: true, force: true })
  }

  it('loses nothing to a gateway that refuses', async () => {
    const expected: Expected = new Map()
    await ceph.down()
    await work('down', expected)
    await ceph.up()
    await converges(expected)
  })

  it('loses nothing to a gateway that is frozen, and does afterwards what it was asked', async () => {
    const expected: Expected = new Map()
    await storage.uploadFile(Buffer.from('x'), `${prefix}warm`)
    await ceph.freeze()
    await work('frozen', expected)
    await ceph.thaw()
    await converges(expected)
    // Those that the gateway had queued have landed by now, and undo nothing that is read.
    await sleep(1000)
    await converges(expected)
  })

  it('loses nothing to a gateway that is killed', async () => {
    const expected: Expected = new Map()
    const working = work('killed', expected)
    await ceph.crash()
    await working
    await work('dead', expected)
    await ceph.up()
    await converges(expected)
  })

  it('loses nothing to an account that is suspended', async () => {
    const expected: Expected = new Map()
    await ceph.suspend()
    await work('suspended', expected)
    expect(storage.getStatus().problems.map(problem => problem.code)).toContain('PRIMARY_AWAY')
    await ceph.enable()
    await converges(expected)
  })
})
