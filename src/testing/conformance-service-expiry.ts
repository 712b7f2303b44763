import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { UploadOptions } from '../storage.js'
import { rejects } from './conformance-assert.js'
import { PART_BYTES, patterned } from './conformance-content.js'
import type { Define } from './conformance-runner.js'
import type { ServiceScope } from './conformance-service.js'

const HOUR_SECONDS = 3600

async function expiryOf(t: ServiceScope, name: string): Promise<Date | undefined> {
  return (await t.storage.statFile(t.key(name))).expiresAt
}

export function describeServiceExpiry(check: Define<ServiceScope>): void {
  check('tells when a file expires, and gives it until then', async t => {
    const before = Date.now()
    const { expiresAt } = await t.upload('file', patterned(1000), { expiresInSeconds: HOUR_SECONDS })
    const after = Date.now()
    assert.ok(expiresAt !== undefined, 'the result tells it')
    const start = expiresAt.getTime() - HOUR_SECONDS * 1000
    assert.ok(start >= before && start <= after)
    assert.deepEqual(await expiryOf(t, 'file'), expiresAt)
    await t.holds('file', patterned(1000))
    assert.deepEqual(await t.names(), ['file'])
    const later = new Date(after + 2 * HOUR_SECONDS * 1000)
    await t.upload('file', patterned(PART_BYTES + 1), { expiresAt: later, compress: 'gzip' })
    assert.deepEqual(await expiryOf(t, 'file'), later)
    await t.holds('file', patterned(PART_BYTES + 1))
    assert.equal((await t.upload('file', patterned(10))).expiresAt, undefined)
    assert.equal(await expiryOf(t, 'file'), undefined)
  })

  check('takes an expired file for one that is not there', async t => {
    const { etag } = await t.upload('file', patterned(10), { expiresInSeconds: 1 })
    await t.upload('other', patterned(10))
    const end = Date.now() + 1000
    while (Date.now() <= end) await sleep(50)
    await t.absent('file')
    await rejects('NOT_FOUND', () => t.storage.openFile(t.key('file'), { ifNoneMatch: etag }))
    await rejects('NOT_FOUND', () => t.storage.keepFile(t.key('file')))
    await rejects('NOT_FOUND', () => t.storage.copyFile(t.key('file'), t.key('copy')))
    assert.deepEqual(await t.names(), ['other'])
  })

  check('keeps a file for good, with all that it carries', async t => {
    for (const size of [1000, PART_BYTES + 1]) {
      const carried = { contentType: 'image/png', fileName: 'é.png', metadata: { a: 'é' } }
      await t.upload('file', patterned(size), { ...carried, expiresInSeconds: HOUR_SECONDS })
      const kept = await t.storage.keepFile(t.key('file'))
      assert.equal(kept.expiresAt, undefined)
      const stat = await t.storage.statFile(t.key('file'))
      assert.deepEqual(
        [stat.key, stat.size, stat.contentType, stat.fileName, { ...stat.metadata }, stat.expiresAt],
        [t.key('file'), size, 'image/png', 'é.png', { a: 'é' }, undefined],
      )
      await t.holds('file', patterned(size))
      assert.equal((await t.storage.keepFile(t.key('file'))).etag, stat.etag)
    }
    await rejects('NOT_FOUND', () => t.storage.keepFile(t.key('missing')))
    await rejects('INVALID_KEY', () => t.storage.keepFile('../file'))
  })

  check('copies and moves a file with its expiry, or another, or none', async t => {
    const { expiresAt } = await t.upload('from', patterned(10), { expiresInSeconds: HOUR_SECONDS })
    const later = new Date(Date.now() + 2 * HOUR_SECONDS * 1000)
    assert.deepEqual((await t.storage.copyFile(t.key('from'), t.key('same'))).expiresAt, expiresAt)
    await t.storage.copyFile(t.key('from'), t.key('later'), { expiresAt: later })
    await t.storage.copyFile(t.key('from'), t.key('kept'), { expiresAt: null })
    await t.storage.moveFile(t.key('same'), t.key('moved'))
    assert.deepEqual(
      [await expiryOf(t, 'moved'), await expiryOf(t, 'later'), await expiryOf(t, 'kept')],
      [expiresAt, later, undefined],
    )
  })

  check('refuses an expiry that is none, or not ahead', async t => {
    const wrong: unknown[] = [
      { expiresInSeconds: 0 },
      { expiresInSeconds: -1 },
      { expiresInSeconds: 0.5 },
      { expiresInSeconds: '60' },
      { expiresAt: new Date(Date.now() - 1) },
      { expiresAt: new Date(Number.NaN) },
      { expiresAt: Date.now() + 60_000 },
      { expiresAt: null },
      { expiresInSeconds: 60, expiresAt: new Date(Date.now() + 60_000) },
    ]
    for (const options of wrong) {
      await rejects('INVALID_ARGUMENT', () => t.upload('file', patterned(10), options as UploadOptions))
    }
    await t.absent('file')
  })
}
