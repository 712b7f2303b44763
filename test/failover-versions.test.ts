import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ListObjectVersionsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import { StorageService } from '../src/service.js'
import { startFaultProxy } from '../src/testing/fault-proxy.js'
import { openBucket } from './support/bucket.js'
import { settingsOf } from './support/bucket-settings.js'
import { describeUnless } from './support/describe.js'
import { describeReal, type RealServer } from './support/real-server.js'

describeReal('a bucket that keeps versions', server => {
  const notOurs = server.bucket === undefined ? undefined : 'the bucket given is not ours to configure'
  describeUnless(notOurs, 'of late requests', () => keepsOneOfEachWrite(server))
})

function keepsOneOfEachWrite(server: RealServer): void {
  it('keeps one of each write, however often the write was carried out', async () => {
    const bucket = await openBucket(server)
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-versions-'))
    const proxy = await startFaultProxy({ target: server.endpoint })
    const storage = new StorageService({
      config: {
        ...settingsOf({ ...server, endpoint: proxy.endpoint, bucket: bucket.bucket }),
        localStoragePath: folder,
        probeIntervalMs: 100,
        // Requests held back by the proxy land within it.
        settleWindowMs: 3000,
        spoolReserveBytes: 0,
      },
    })
    onTestFinished(async () => {
      await storage.close({ drainMs: 0 })
      await proxy.close()
      await bucket.remove()
      await rm(folder, { recursive: true, force: true })
    })
    await bucket.client.send(
      new PutBucketVersioningCommand({
        Bucket: bucket.bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    )
    const key = `${bucket.prefix}a b+c.txt`
    await storage.uploadFile(Buffer.from('one'), key)
    await storage.uploadFile(Buffer.from('beside'), `${key}.other`)
    await proxy.apply({ fault: { kind: 'ghost', minMs: 60_000, maxMs: 60_000 }, of: 'writes' })
    const second = storage.uploadFile(Buffer.from('two'), key)
    while (proxy.ghosts === 0) await sleep(5)
    await proxy.apply()
    await second
    const versions = async (): Promise<{ size: number | undefined; latest: boolean | undefined }[]> => {
      const command = new ListObjectVersionsCommand({ Bucket: bucket.bucket, Prefix: key })
      const { Versions = [] } = await bucket.client.send(command)
      return Versions.filter(({ Key }) => Key === key).map(({ Size, IsLatest }) => ({
        size: Size,
        latest: IsLatest,
      }))
    }
    while (storage.getStatus().pending > 0) await sleep(20)
    await proxy.settle()
    expect(await versions()).toHaveLength(3)
    while (storage.getStatus().settling > 0) await sleep(50)
    await expect.poll(versions, { timeout: 10_000 }).toEqual([
      { size: 3, latest: true },
      { size: 3, latest: false },
    ])
    expect((await storage.downloadFile(key))?.toString()).toBe('two')
    expect((await storage.downloadFile(`${key}.other`))?.toString()).toBe('beside')
  })
}
