import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import { openBucket } from './support/bucket.js'
import { environmentOf, settingsOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { describeCeph } from './support/real-server.js'

/** A file as the tests know it: what it holds, or null where it was deleted. */
type Expected = Map<string, string | null>

describeCeph('failover over a real S3 server', (server, ceph) => {
  const cli = useCli()
  let bucket: Awaited<ReturnType<typeof openBucket>>
  let folder: string
  let storage: StorageService
  const prefix = `failover-${randomUUID()}/`

  function open(more: Partial<StorageConfig> = {}): StorageService {
    return new StorageService({
      config: {
        ...settingsOf({ ...server, bucket: bucket.bucket }),
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

  describe('a gateway that is frozen, and carries out afterwards what it had been given', () => {
    /** What is waited for late requests: longer than the gateway is frozen, so that those of the test come sooner. */
    const SETTLE_MS = 20_000
    let own: string
    let plain: StorageService

    beforeEach(async () => {
      own = await mkdtemp(join(tmpdir(), 'holdfast-ghosts-'))
      plain = open({ objectStorageFallback: false, localStoragePath: join(own, 'plain') })
    })

    afterEach(async () => {
      await plain.close()
      await rm(own, { recursive: true, force: true })
    })

    const openIn = (folder: string): StorageService =>
      open({ localStoragePath: folder, settleWindowMs: SETTLE_MS })

    /** What is read stays right while requests land, and the bucket is right when none can come any more. */
    async function settles(service: StorageService, expected: Expected): Promise<void> {
      const isRight = async (reader: StorageService, where: string): Promise<void> => {
        for (const [key, value] of expected) {
          expect((await reader.downloadFile(key))?.toString() ?? null, `${key}, ${where}`).toBe(value)
        }
      }
      const end = performance.now() + 180_000
      for (;;) {
        const { pending, settling, state } = service.getStatus()
        if (state === 'healthy' && pending + settling === 0) break
        if (performance.now() > end) throw new Error(JSON.stringify(service.getStatus()))
        if (state === 'healthy') await isRight(service, 'read')
        await sleep(500)
      }
      await isRight(service, 'read in the end')
      await isRight(plain, 'in the bucket')
      await service.close({ drainMs: 0 })
    }

    // One frozen gateway, and one wait, for a process that lives on and for one that is killed meanwhile.
    it('undoes no newer version, no delete, no file that came after a delete, and nothing since its sender was killed', async () => {
      const service = openIn(join(own, 'living'))
      const key = (name: string): string => `${prefix}ghosts/${name}`
      const expected: Expected = new Map([
        [key('overwritten'), 'newest'],
        [key('deleted'), null],
        [key('put again'), 'again'],
        [key('new'), 'newest'],
      ])
      for (const name of ['overwritten', 'deleted', 'put again'])
        await service.uploadFile(Buffer.from('old'), key(name))
      const killed = { key: `${prefix}killed`, folder: join(own, 'killed') }
      const before = openIn(killed.folder)
      await before.uploadFile(Buffer.from('old'), killed.key)
      await before.close()
      await ceph.freeze()

      const child = spawn(process.execPath, [cli.main, 'put', '-', killed.key], {
        env: cli.env({
          ...environmentOf({ ...server, bucket: bucket.bucket }),
          LOCAL_STORAGE_PATH: killed.folder,
          HOLDFAST_SPOOL_RESERVE_BYTES: '0',
        }),
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = once(child, 'exit')
      child.stdin.end('late')
      const dies = async (): Promise<void> => {
        await sleep(3000)
        // It waits for the gateway, which has its request.
        expect(child.exitCode).toBeNull()
        child.kill('SIGKILL')
        await ended
      }
      const dead = dies()
      // Each of these is queued at the gateway, and has no answer.
      await Promise.all([
        service.uploadFile(Buffer.from('late'), key('overwritten')),
        service.uploadFile(Buffer.from('late'), key('deleted')),
        service.deleteFile(key('put again')),
        service.uploadFile(Buffer.from('late'), key('new')),
      ])
      await service.uploadFile(Buffer.from('newest'), key('overwritten'))
      await service.deleteFile(key('deleted'))
      await service.uploadFile(Buffer.from('again'), key('put again'))
      await service.uploadFile(Buffer.from('newest'), key('new'))
      await dead
      const after = openIn(killed.folder)
      expect(await after.uploadFile(Buffer.from('newest'), killed.key)).toMatchObject({ fallback: true })
      await ceph.thaw()

      await Promise.all([settles(service, expected), settles(after, new Map([[killed.key, 'newest']]))])
    }, 240_000)
  })

  it('takes a bucket that is deleted for an outage with an alarm, and fills it when it is made again', async () => {
    const Bucket = `holdfast-test-${randomUUID()}`
    await bucket.client.send(new CreateBucketCommand({ Bucket }))
    const own = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
    const service = open({ objectStorageBucket: Bucket, localStoragePath: own })
    await service.ready()
    // Holdfast's own objects must go first.
    for (const { Key } of (await bucket.client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? [])
      await bucket.client.send(new DeleteObjectCommand({ Bucket, Key }))
    await bucket.client.send(new DeleteBucketCommand({ Bucket }))
    for (let i = 0; i < 10; i++) {
      expect(await service.uploadFile(Buffer.from(`${i}`), `k${i}`)).toMatchObject({ fallback: true })
    }
    expect(
      service
        .getStatus()
        .problems.map(problem => problem.message)
        .join(),
    ).toContain('NO_SUCH_BUCKET')
    await bucket.client.send(new CreateBucketCommand({ Bucket }))
    const end = performance.now() + 60_000
    while (service.getStatus().pending > 0) {
      if (performance.now() > end) throw new Error(JSON.stringify(service.getStatus()))
      await sleep(100)
    }
    const { Contents = [] } = await bucket.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'k' }))
    expect(Contents).toHaveLength(10)
    await service.deletePrefix('k')
    await service.close({ drainMs: 0 })
    await rm(own, { recursive: true, force: true })
  })
})
