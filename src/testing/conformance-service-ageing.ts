import assert from 'node:assert/strict'
import type { FileStat } from '../storage.js'
import { rejects, sameBytes } from './conformance-assert.js'
import { PART_BYTES, patterned } from './conformance-content.js'
import type { Define } from './conformance-runner.js'
import type { ServiceScope } from './conformance-service.js'

export function describeServiceAgeing(check: Define<ServiceScope>): void {
  describeTags(check)
  describeClasses(check)
  describeThawing(check)
}

/** Asserts that a file has exactly these tags. */
async function tagged(t: ServiceScope, name: string, tags: Readonly<Record<string, string>>): Promise<void> {
  const found = await t.storage.getFileTags(t.key(name))
  assert.deepEqual(Object.entries(found).sort(), Object.entries(tags).sort())
  // Not every server tells with the file that there are any.
  const { tagCount } = await t.storage.statFile(t.key(name))
  const count = Object.keys(tags).length
  if (tagCount !== undefined) assert.equal(tagCount, count)
}

/** The storage class that a listing tells. */
async function listedClass(t: ServiceScope, name: string): Promise<string | undefined> {
  for await (const file of t.storage.list({ prefix: t.key(name) })) {
    if (file.key === t.key(name)) return file.storageClass
  }
  throw new assert.AssertionError({ message: `${name} is not listed` })
}

function describeTags(check: Define<ServiceScope>): void {
  const tags = { purpose: 'chat', Grüße: 'an alle @ +-=._:/' }

  check(
    'tells the tags that a file was uploaded with, and sets others',
    async t => {
      const { etag } = await t.upload('file', patterned(100), { tags, contentType: 'text/plain' })
      await tagged(t, 'file', tags)
      await t.storage.setFileTags(t.key('file'), { keep: 'for ever' })
      await tagged(t, 'file', { keep: 'for ever' })
      await t.holds('file', patterned(100))
      const stat = await t.storage.statFile(t.key('file'))
      assert.deepEqual([stat.etag, stat.contentType], [etag, 'text/plain'])
      await t.storage.setFileTags(t.key('file'), {})
      await tagged(t, 'file', {})
      await t.storage.setFileTags(t.key('file'), tags)
      await tagged(t, 'file', tags)
    },
    ['tags'],
  )

  check(
    'gives tags to a file that was uploaded in parts',
    async t => {
      const bytes = patterned(PART_BYTES + 1)
      await t.upload('file', bytes, { tags: { a: 'b' } })
      await tagged(t, 'file', { a: 'b' })
      await t.storage.setFileTags(t.key('file'), tags)
      await tagged(t, 'file', tags)
      await t.holds('file', bytes)
    },
    ['tags'],
  )

  check(
    'carries tags along with copies and moves, and takes them away with what replaces the file',
    async t => {
      await t.upload('file', patterned(10), { tags })
      await t.storage.copyFile(t.key('file'), t.key('copy'))
      await t.storage.copyFile(t.key('file'), t.key('typed'), { contentType: 'text/plain' })
      await t.storage.copyFile(t.key('file'), t.key('retagged'), { tags: { c: 'd' } })
      await t.storage.moveFile(t.key('file'), t.key('moved'))
      for (const name of ['copy', 'typed', 'moved']) await tagged(t, name, tags)
      await tagged(t, 'retagged', { c: 'd' })
      await t.upload('copy', patterned(11))
      await tagged(t, 'copy', {})
    },
    ['tags'],
  )

  check(
    'refuses tags that no object can have, and those of no file',
    async t => {
      await t.upload('file', patterned(10), { tags })
      const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`n${i}`, 'v']))
      for (const wrong of [eleven, { '': 'v' }, { a: 'b\n' }, { 'aws:x': 'v' }, { a: 'v'.repeat(257) }]) {
        await rejects('INVALID_ARGUMENT', () => t.storage.setFileTags(t.key('file'), wrong))
      }
      await tagged(t, 'file', tags)
      await rejects('NOT_FOUND', () => t.storage.getFileTags(t.key('missing')))
      await rejects('NOT_FOUND', () => t.storage.setFileTags(t.key('missing'), tags))
      await rejects('INVALID_KEY', () => t.storage.setFileTags('../file', tags))
      await t.absent('missing')
    },
    ['tags'],
  )
}

function describeClasses(check: Define<ServiceScope>): void {
  /** What a change of class must leave as it is. */
  const kept = ({
    etag,
    lastModified,
    storageClass,
    versionId,
    pending,
    metadata,
    ...rest
  }: FileStat): object => ({
    ...rest,
    metadata: { ...metadata },
  })

  for (const size of [0, 1000, PART_BYTES + 1]) {
    check(
      `brings a file of ${size} bytes to another storage class, with all that it carries`,
      async t => {
        const bytes = patterned(size)
        const tags = { purpose: 'chat' }
        const metadata = { author: 'Zoë', under_score: 'kept' }
        const carried = { contentType: 'image/png', fileName: 'Bild ä.png', cacheControl: 'max-age=60' }
        await t.upload('file', bytes, { ...carried, tags, metadata, storageClass: 'STANDARD_IA' })
        const before = await t.storage.statFile(t.key('file'))
        assert.equal(before.storageClass, 'STANDARD_IA')
        for (const storageClass of ['ONEZONE_IA', 'STANDARD']) {
          const changed = await t.storage.setStorageClass(t.key('file'), storageClass)
          const expected = storageClass === 'STANDARD' ? undefined : storageClass
          assert.equal(changed.storageClass, expected)
          const stat = await t.storage.statFile(t.key('file'))
          assert.equal(stat.storageClass, expected)
          assert.equal(stat.etag, changed.etag)
          assert.deepEqual(kept(stat), kept(before))
          assert.equal(await listedClass(t, 'file'), expected)
          sameBytes((await t.storage.downloadFile(t.key('file'))) ?? Buffer.from('none'), bytes)
          assert.deepEqual({ ...(await t.storage.getFileTags(t.key('file'))) }, tags)
        }
      },
      size > PART_BYTES
        ? ['storageClasses', 'tags', 'conditionalPut', 'conditionalMultipart']
        : ['storageClasses', 'tags', 'conditionalPut'],
    )
  }

  check(
    'changes nothing where the class is right, the file another, or there is none',
    async t => {
      const { etag } = await t.upload('file', patterned(10), { storageClass: 'STANDARD_IA' })
      const same = await t.storage.setStorageClass(t.key('file'), 'STANDARD_IA')
      assert.equal(same.etag, etag)
      const wrong = { ifMatch: 'another' }
      await rejects('PRECONDITION_FAILED', () =>
        t.storage.setStorageClass(t.key('file'), 'ONEZONE_IA', wrong),
      )
      await t.storage.setStorageClass(t.key('file'), 'ONEZONE_IA', { ifMatch: etag })
      await rejects('NOT_FOUND', () => t.storage.setStorageClass(t.key('missing'), 'STANDARD_IA'))
      await t.absent('missing')
    },
    ['storageClasses', 'conditionalPut'],
  )

  check(
    'takes STANDARD for what every file is in, and refuses other classes that it does not have',
    async t => {
      await t.upload('file', patterned(10), { storageClass: 'STANDARD' })
      const { etag, storageClass } = await t.storage.statFile(t.key('file'))
      assert.equal(storageClass, undefined)
      assert.equal(await listedClass(t, 'file'), undefined)
      assert.equal((await t.storage.setStorageClass(t.key('file'), 'STANDARD')).etag, etag)
      if (t.has('storageClasses')) return
      const other = { storageClass: 'STANDARD_IA' }
      await rejects('UNSUPPORTED', () => t.upload('other', patterned(10), other))
      await rejects('UNSUPPORTED', () => t.storage.setStorageClass(t.key('file'), 'STANDARD_IA'))
      await rejects('UNSUPPORTED', () => t.storage.copyFile(t.key('file'), t.key('other'), other))
      await t.absent('other')
      await t.holds('file', patterned(10))
    },
  )

  check('refuses what can be no storage class', async t => {
    await t.upload('file', patterned(10))
    for (const wrong of ['', 'standard_ia', 'STANDARD-IA', 'Glacier', 'a b']) {
      await rejects('INVALID_ARGUMENT', () => t.upload('other', patterned(10), { storageClass: wrong }))
      await rejects('INVALID_ARGUMENT', () => t.storage.setStorageClass(t.key('file'), wrong))
    }
    await t.absent('other')
  })
}

function describeThawing(check: Define<ServiceScope>): void {
  check('has nothing to thaw of a file that is in no archive', async t => {
    const { etag } = await t.upload('file', patterned(10))
    const stat = await t.storage.thawFile(t.key('file'))
    assert.deepEqual([stat.etag, stat.archive], [etag, undefined])
    await t.holds('file', patterned(10))
    await rejects('NOT_FOUND', () => t.storage.thawFile(t.key('missing')))
    await rejects('INVALID_ARGUMENT', () => t.storage.thawFile(t.key('file'), { days: 0 }))
    await rejects('INVALID_ARGUMENT', () => t.storage.thawFile(t.key('file'), { days: 1.5 }))
    const tier = { tier: 'standard' as 'Standard' }
    await rejects('INVALID_ARGUMENT', () => t.storage.thawFile(t.key('file'), tier))
  })
}
