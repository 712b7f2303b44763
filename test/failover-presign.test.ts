import { expect, test } from 'vitest'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import type { PresignOptions } from '../src/core/store.js'
import type { FailoverOptions } from '../src/failover/open.js'
import { FailoverBench } from './support/failover-bench.js'

const KEY = parseKey('a')
const GET: PresignOptions = { method: 'GET', expiresInSeconds: 60 }
const PUT: PresignOptions = { method: 'PUT', expiresInSeconds: 60 }

/** A failover whose primary signs URLs, as `there`, and which signs its own, as `here`. */
async function openBench(options: Partial<FailoverOptions> = {}): Promise<FailoverBench> {
  const bench = await FailoverBench.open({ presignHere: async () => 'here', ...options })
  Object.assign(bench.primary.store, { presign: async () => 'there' })
  return bench
}

test('a URL is the primary’s only where a request would go there', async () => {
  const bench = await openBench()
  const urls = async () => [await bench.store.presign(KEY, GET), await bench.store.presign(KEY, PUT)]
  expect(await urls()).toEqual(['there', 'there'])
  bench.primary.writes = 'refused'
  await bench.put('a', 'v1')
  expect([bench.mode('a'), await urls()]).toEqual(['busy', ['here', 'here']])
  await bench.recover()
  expect([bench.mode('a'), await urls()]).toEqual(['quiet', ['there', 'there']])
  bench.primary.writes = 'late'
  await bench.put('a', 'v2')
  await bench.recover()
  // Only an attempt in doubt is left: it is read there, but the journal has to know of what follows it.
  expect([bench.mode('a'), await urls()]).toEqual(['wary', ['here', 'here']])
})

test('what a dead process may have on its way keeps uploads here', async () => {
  const bench = await openBench()
  await bench.put('b', 'x')
  await bench.crash()
  expect(await bench.store.presign(KEY, PUT)).toBe('here')
  expect(await bench.store.presign(KEY, GET)).toBe('there')
})

test('where all URLs are ours, only direct is the primary’s', async () => {
  const bench = await openBench({ presignsAllHere: true })
  for (const options of [GET, PUT]) {
    expect(await bench.store.presign(KEY, options)).toBe('here')
    expect(await bench.store.presign(KEY, { ...options, direct: true })).toBe('there')
  }
})

test('nobody is sent to the primary for a key that became busy while it was asked', async () => {
  const bench = await openBench()
  await bench.put('a', 'v1')
  expect((await bench.store.look(KEY))?.size).toBe(2)
  let write: Promise<unknown> | undefined
  bench.primary.travel = async () => {
    if (write !== undefined) return
    bench.primary.writes = 'refused'
    write = bench.put('a', 'newer')
    await write
  }
  expect(await bench.store.look(KEY)).toBeUndefined()
  await write
  expect(bench.mode('a')).toBe('busy')
})

test('nor for one that became busy after the primary was asked', async () => {
  const bench = await openBench()
  await bench.put('a', 'v1')
  expect(await bench.store.look(KEY)).toBeDefined()
  expect(await bench.store.presignQuiet(KEY, GET)).toBe('there')
  bench.primary.writes = 'refused'
  await bench.store.delete(KEY)
  expect(await bench.store.presignQuiet(KEY, GET)).toBeUndefined()
})

test('a look that fails counts as any read does, and is nobody’s error', async () => {
  const bench = await openBench()
  await bench.put('a', 'v1')
  expect(await bench.store.look(parseKey('none'))).toBeUndefined()
  bench.primary.reads = 'refused'
  for (let i = 0; i < 3; i++) expect(await bench.store.look(KEY)).toBeUndefined()
  expect(bench.failover.context.availability.reads.open).toBe(true)
  const asked = bench.primary.counts['head']
  expect(await bench.store.look(KEY)).toBeUndefined()
  expect(bench.primary.counts['head']).toBe(asked)
})

test('a legacy file is read here', async () => {
  const legacy = new FailoverBench().primary.inner
  await legacy.put(KEY, await openSource(Buffer.from('old')), {
    attributes: { contentType: 'text/plain', metadata: {} },
  })
  const bench = await openBench({ legacy: { store: legacy, holds: key => key === KEY } })
  expect(await bench.store.presign(KEY, GET)).toBe('here')
  expect(await bench.store.look(KEY)).toBeUndefined()
})
