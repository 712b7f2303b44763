import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { silentLogger } from '../src/core/logger.js'
import { BucketRules } from '../src/operations/lifecycle/bucket-rules.js'
import { LocalRules } from '../src/operations/lifecycle/local-rules.js'
import { simulateBucket } from '../src/operations/lifecycle/simulate.js'
import { parseRules } from '../src/service/lifecycle/rules-file.js'
import { StorageService } from '../src/service.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { healthy, heldBy, textOf, until, useFolder, useService, useStub } from './support/failover-service.js'

const RULES = 'rules:\n  - { id: temp, filter: { prefix: temp/ }, expire: { on: 2020-01-01 } }'

/** A folder, and a file of rules by which everything below temp/ goes. */
async function useRules(): Promise<{ folder: string; config: Partial<StorageConfig> }> {
  const outer = await useFolder()
  const lifecycleRules = join(outer, 'rules.yaml')
  await writeFile(lifecycleRules, RULES)
  return { folder: join(outer, 'files'), config: { lifecycleRules } }
}

async function openLocal(config: StorageConfig): Promise<LocalRules> {
  const local = await LocalRules.open(config, silentLogger)
  onTestFinished(() => local.close())
  return local
}

test('what a rule of the bucket removes does not come back as an older local file', async () => {
  const { folder, config } = await useRules()
  await mkdir(join(folder, 'temp'), { recursive: true })
  for (const name of ['temp/a', 'temp/b', 'kept']) {
    await writeFile(join(folder, name), 'from before')
    await utimes(join(folder, name), new Date('2019-01-01'), new Date('2019-01-01'))
  }
  const before = new StorageService({ config: { localStoragePath: folder } })
  expect([...(await before.listFiles())]).toEqual(['kept', 'temp/a', 'temp/b'])
  await before.close()

  const stub = await useStub()
  const storage = await useService(accessOf(stub), { folder, config })
  await storage.uploadFile(Buffer.from('newer'), 'other')
  const bucket = stub.buckets.get('stub')
  // Somebody else stores a newer one, so that the folder does not know of it; then the bucket's rule removes it.
  const theirs = { bytes: Buffer.from('newer'), etag: 'x', modified: new Date(), headers: {}, tagging: '' }
  bucket?.store('temp/a', theirs)
  expect(await textOf(storage, 'temp/a')).toBe('newer')
  bucket?.remove('temp/a')
  expect(await textOf(storage, 'temp/a')).toBe('from before')

  const local = await openLocal(storage.config)
  expect(await local.run({})).toMatchObject({ rules: { temp: { files: 2 } }, failed: 0 })
  expect(await textOf(storage, 'temp/a')).toBeNull()
  expect(await textOf(storage, 'temp/b')).toBeNull()
  expect([...(await storage.listFiles())]).toEqual(['kept', 'other'])
  expect(heldBy(stub)).toEqual(new Map([['other', 'newer']]))
})

test('rules touch nothing that waits for the bucket; a simulation of the bucket fails while that is away', async () => {
  const { folder, config } = await useRules()
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { folder, config })
  await storage.uploadFile(Buffer.from('there'), 'temp/there')
  await stub.goDown()
  expect(await storage.uploadFile(Buffer.from('waits'), 'temp/waits')).toMatchObject({ fallback: true })
  await storage.deleteFile('temp/there')

  const local = await openLocal(storage.config)
  expect(await local.run({})).toMatchObject({ files: 0, failed: 0 })
  expect(await textOf(storage, 'temp/waits')).toBe('waits')
  const rules = await parseRules(RULES, 'rules.yaml')
  const simulate = async (): Promise<string[]> => {
    const keys: string[] = []
    const inForce = { rules, transitionMinimum: undefined }
    for await (const { key } of simulateBucket(storage.config, inForce, { at: Date.now() })) keys.push(key)
    return keys
  }
  await expect(simulate()).rejects.toMatchObject({ code: 'UNAVAILABLE' })

  await stub.comeBack()
  await until('it is there', () => heldBy(stub).has('temp/waits') && !heldBy(stub).has('temp/there'), storage)
  await healthy(storage)
  // What the rules act on is what the bucket has.
  expect(await simulate()).toEqual(['temp/waits'])
})

test('a folder whose bucket is switched off is left alone', async () => {
  const { folder, config } = await useRules()
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { folder, config })
  await storage.uploadFile(Buffer.from('there'), 'temp/there')
  await storage.close()
  const switchedOff = completeConfig({ ...config, localStoragePath: folder })
  await expect(LocalRules.open(switchedOff, silentLogger)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})

test('a file of rules that is wrong stops the start only where the configuration is strict', async () => {
  const { folder, config } = await useRules()
  await writeFile(config.lifecycleRules ?? '', 'rules: 3')
  const lax = new StorageService({ config: { ...config, localStoragePath: folder } })
  onTestFinished(async () => void (await lax.close()))
  await lax.uploadFile(Buffer.from('x'), 'a')
  await lax.close()
  const strict = new StorageService({ config: { ...config, localStoragePath: folder, strictConfig: true } })
  onTestFinished(async () => void (await strict.close()))
  await expect(strict.ready()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('line 1'),
  })
})

test('a simulation goes through a bucket of any size in pages, and through tags and uploads', async () => {
  const stub = await useStub()
  const bucket = stub.buckets.get('stub')
  const modified = new Date('2020-01-01')
  const count = 3000
  for (let i = 0; i < count; i++) {
    const tagging = i % 100 === 0 ? 'kind=draft&n=1' : ''
    bucket?.store(`rooms/${i}`, { bytes: Buffer.from('xyz'), etag: 'e', modified, headers: {}, tagging })
  }
  bucket?.store('other', { bytes: Buffer.from('x'), etag: 'e', modified, headers: {}, tagging: 'kind=draft' })
  const begin = (key: string) => ({
    key,
    headers: {},
    tagging: '',
    parts: new Map([[1, { bytes: Buffer.from('part'), etag: 'e', modified }]]),
    begun: modified,
  })
  bucket?.uploads.set('u1', begin('rooms/up'))
  bucket?.uploads.set('u2', { ...begin('rooms/new'), begun: new Date() })
  const config = completeConfig(settingsOf(accessOf(stub)))
  const settings = new BucketRules(config)
  onTestFinished(() => settings.close())
  const due = async (...all: string[]): Promise<string[]> => {
    const rules = await parseRules(`rules:\n${all.map(rule => `  - ${rule}`).join('\n')}`, 'rules.yaml')
    const found: string[] = []
    for await (const { rule, action, key, size } of simulateBucket(config, await settings.inForce(rules), {
      at: Date.now(),
    }))
      found.push(`${rule} ${action} ${key} ${size}`)
    return found
  }
  stub.resetCounts()
  const all = await due('{ id: all, filter: { prefix: rooms/ }, expire: { afterDays: 30 } }')
  expect(all).toHaveLength(count)
  expect(stub.counts['ListObjectVersions']).toBe(count / 1000)
  expect(stub.counts['GetObjectTagging']).toBeUndefined()
  const some = await due(
    '{ id: drafts, filter: { prefix: rooms/, tags: { kind: draft } }, expire: { afterDays: 30 } }',
    '{ id: up, filter: { prefix: rooms/ }, abortIncompleteUploads: { afterDays: 7 } }',
  )
  expect(some).toHaveLength(count / 100 + 1)
  expect(some.at(-1)).toBe('up abort-upload rooms/up 4')
  expect(some).toContain('drafts expire rooms/2900 3')
  expect(await due('{ id: all, filter: { prefix: "" }, expire: { afterDays: 36000 } }')).toEqual([])
})
