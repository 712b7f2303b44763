import { describe, expect, test } from 'vitest'
import { parseKey } from '../src/core/key.js'
import { FailoverBench, WINDOW_MS } from './support/failover-bench.js'

const KEY = parseKey('a')

/** All late requests have had their time, and what was to be looked up has been. */
async function settle(bench: FailoverBench): Promise<void> {
  bench.primary.time += WINDOW_MS + 1
  await bench.drain()
}

/** The bucket removes an object by itself, as by a lifecycle rule. */
const expire = (bench: FailoverBench): Promise<boolean> => bench.primary.inner.delete(KEY)

/** The newest version is at the bucket, and kept here until an attempt of an older one can do nothing to it any more. */
async function settling(bench: FailoverBench, fault: 'put' | 'delete'): Promise<void> {
  await bench.put('a', 'v0')
  bench.primary.writes = 'late'
  if (fault === 'put') await bench.put('a', 'v1')
  else await bench.store.delete(KEY)
  bench.primary.writes = 'refused'
  expect(await bench.put('a', 'v2')).toBe('journal')
  await bench.recover()
  expect(await bench.atPrimary('a')).toBe('v2')
  expect(bench.mode('a')).toBe('busy')
}

describe('an object that the bucket removes by itself', () => {
  test('is gone, and no conflict, also where its bytes were kept here until late requests have had their time', async () => {
    const bench = await FailoverBench.open()
    await settling(bench, 'put')
    await expire(bench)
    await settle(bench)
    expect(bench.mode('a')).toBe('quiet')
    expect(await bench.text('a')).toBeNull()
    expect(bench.journal.conflicts()).toEqual([])
    expect(bench.spool.files.size).toBe(0)
  })

  test('comes back only where a delete of our own could have been it, and then goes again', async () => {
    const bench = await FailoverBench.open()
    await settling(bench, 'delete')
    await expire(bench)
    await settle(bench)
    expect(await bench.atPrimary('a')).toBe('v2')
    await settle(bench)
    expect(bench.mode('a')).toBe('quiet')
    await expire(bench)
    await settle(bench)
    expect(await bench.text('a')).toBeNull()
    expect(bench.journal.conflicts()).toEqual([])
  })

  test('does not keep a newer version from being brought there, nor a delete from being done', async () => {
    const bench = await FailoverBench.open()
    for (const last of ['put', 'delete']) {
      await bench.put('a', 'v0')
      bench.primary.writes = 'refused'
      if (last === 'put') await bench.put('a', 'v1')
      else await bench.store.delete(KEY)
      await expire(bench)
      expect(await bench.text('a')).toBe(last === 'put' ? 'v1' : null)
      await bench.recover()
      expect(await bench.atPrimary('a')).toBe(last === 'put' ? 'v1' : null)
      expect(bench.mode('a')).toBe('quiet')
    }
    expect(bench.journal.conflicts()).toEqual([])
  })
})
