import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, StorageError } from '../src/core/errors.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { FailoverBench } from './support/failover-bench.js'

// A local disk that is full or fails, beside an object store that works: no upload and no delete needs the disk.

const a = parseKey('a')
const attributes = { contentType: 'text/plain', metadata: {} }
const CREATE = { ifNoneMatch: '*' } as const

/** A failover whose ledger fails to commit: in doubt at first, as a disk does, or refusing from then on. */
async function overBrokenLedger(op: string, code: ErrorCode, options = {}): Promise<FailoverBench> {
  const bench = await FailoverBench.open(options)
  bench.journal.beforeCommit = () => {
    throw new StorageError({ code, op, store: 'local', message: 'The disk fails.' })
  }
  return bench
}

/** A folder in which a process has died a moment ago, so that all is taken here first. */
async function afterDeath(): Promise<FailoverBench> {
  const bench = await FailoverBench.open()
  await bench.put('first', 'x')
  await bench.crash()
  return bench
}

function failing(bench: FailoverBench, code: ErrorCode): void {
  const fail = async (): Promise<never> => {
    throw new StorageError({ code, op: 'put', store: 'local', message: 'The disk fails.' })
  }
  bench.spool.hold = fail
  bench.spool.write = fail
}

describe('where every upload is taken here first, and the disk does not take it', () => {
  it.each<[string, ErrorCode]>([
    ['write', 'UNAVAILABLE'],
    ['commit', 'NO_SPACE'],
  ])('uploads and deletes go to the object store: %s %s', async (op, code) => {
    const bench = await overBrokenLedger(op, code, { writeBehind: true })
    expect(await bench.put('a', 'v1')).toBe('primary')
    expect(await bench.atPrimary('a')).toBe('v1')
    expect(await bench.store.delete(a)).toBe(true)
    expect(await bench.atPrimary('a')).toBeNull()
    expect(bench.spool.kept).toBe(0)
  })

  it('one whose commit may turn up later does not: it would come over a newer one then', async () => {
    const bench = await overBrokenLedger('commit', 'UNAVAILABLE', { writeBehind: true })
    await expect(bench.put('a', 'v1')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await bench.atPrimary('a')).toBeNull()
  })

  it.each<ErrorCode>(['NO_SPACE', 'UNAVAILABLE'])('a stream goes there too: %s', async code => {
    const bench = await FailoverBench.open({ writeBehind: true })
    failing(bench, code)
    const source = await openSource(Readable.from([Buffer.from('a'), Buffer.from(' stream')]))
    await bench.store.put(a, source, { attributes })
    expect(await bench.atPrimary('a')).toBe('a stream')
  })

  it('a stream that is larger than the spool may be goes there too', async () => {
    const bench = await FailoverBench.open({ writeBehind: true, maxBytes: 4 })
    const source = await openSource(Readable.from([Buffer.from('a stream')]), { size: 8 })
    await bench.store.put(a, source, { attributes })
    expect(await bench.atPrimary('a')).toBe('a stream')
  })

  it('one of which the disk has taken a part, and which comes once, is refused', async () => {
    const bench = await FailoverBench.open({ writeBehind: true })
    bench.spool.hold = async () => undefined
    bench.spool.write = async (_, source) => {
      await source.read(0, 1)
      source.release(1)
      throw new StorageError({ code: 'NO_SPACE', op: 'put', store: 'local', message: 'The disk is full.' })
    }
    const source = await openSource(Readable.from([Buffer.from('a stream')]))
    await expect(bench.store.put(a, source, { attributes })).rejects.toMatchObject({ code: 'NO_SPACE' })
    expect(await bench.atPrimary('a')).toBeNull()
  })

  it('nothing goes there that something acknowledged here comes before', async () => {
    const bench = await FailoverBench.open({ writeBehind: true })
    await bench.put('a', 'v1')
    failing(bench, 'UNAVAILABLE')
    await expect(bench.put('a', 'v2')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await bench.text('a')).toBe('v1')
  })
})

describe('what the object store has taken, and the disk does not keep as well', () => {
  it.each<ErrorCode>(['NO_SPACE', 'UNAVAILABLE'])('has succeeded: bytes, %s', async code => {
    const bench = await afterDeath()
    failing(bench, code)
    expect(await bench.put('a', 'created', CREATE)).toBe('primary')
    expect(await bench.put('b', 'strict', { durability: 'primary' })).toBe('primary')
    expect(await bench.text('a')).toBe('created')
  })

  it('has succeeded: its row', async () => {
    const bench = await afterDeath()
    expect(await bench.put('a', 'created', CREATE)).toBe('primary')
    await bench.drain()
    const kept = bench.spool.kept
    bench.journal.beforeCommit = () => {
      throw new StorageError({ code: 'NO_SPACE', op: 'commit', store: 'local', message: 'The disk is full.' })
    }
    expect(await bench.put('b', 'created', CREATE)).toBe('primary')
    expect(bench.spool.kept).toBe(kept)
    const { etag } = await bench.store.head(parseKey('b'))
    expect(await bench.store.delete(parseKey('b'), { ifMatch: etag })).toBe(true)
    expect(await bench.atPrimary('b')).toBeNull()
  })
})
