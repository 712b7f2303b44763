import dns from 'node:dns'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { StorageService } from '../src/service.js'
import { type FaultRule, startFaultProxy } from '../src/testing/fault-proxy.js'
import type { Fault } from '../src/testing/s3-stub.js'
import { accessOf } from './support/bucket-settings.js'
import {
  healthy,
  heldBy,
  percentile,
  textOf,
  until,
  useService,
  useStub,
} from './support/failover-service.js'
import { useLink } from './support/link.js'

// How failover stands a network, or a store, that does not do its part.

const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const FIRST_ANSWER_MS = 1000
const AT_ONCE = 200
const ROUNDS = LONG ? 5 : 1

/** All of the cases in a long run, else the first few. */
function some<T>(cases: readonly T[], few: number): readonly T[] {
  return LONG ? cases : cases.slice(0, few)
}

/** Milliseconds that each of many uploads at once took; all of them are acknowledged. */
async function uploadMany(storage: StorageService, prefix: string, size = 4096): Promise<number[]> {
  return Promise.all(
    Array.from({ length: AT_ONCE }, async (_, i) => {
      const begun = performance.now()
      await storage.uploadFile(Buffer.alloc(size, i), `${prefix}/${i}`)
      return performance.now() - begun
    }),
  )
}

describe('a store that does not get to the end of an answer', () => {
  const CASES: [string, boolean, Fault][] = [
    ['stands still before the head of its answer', true, { stall: 'before-headers' }],
    ['sends a byte a second', false, { trickleMs: 1000 }],
    ['reads no request', true, { stall: 'request' }],
    [
      'stands still before the head, and has done what it was asked',
      true,
      { stall: 'before-headers', applied: true },
    ],
    // Answers to a PUT have no body to stand still in: then it is the reads that find out.
    ['stands still in the middle of its answer', false, { stall: 'mid-body' }],
  ]

  test.each(some(CASES, 2))(
    '%s: every write is taken, and none waits once it is known',
    async (_, mutes, fault) => {
      const stub = await useStub()
      const storage = await useService(accessOf(stub))
      await storage.uploadFile(Buffer.from('there'), 'there')
      stub.fault = () => fault
      const first = await uploadMany(storage, 'first')
      await until(
        'reading is known to fail',
        async () => {
          const read = await textOf(storage, 'there')
          expect(['there', 'away']).toContain(read)
          return read === 'away'
        },
        storage,
      )
      expect(await textOf(storage, 'never')).toBe('away')
      if (mutes) {
        await until('writing is known to fail', () => storage.getStatus().fallbackMode, storage)
        const before = stub.counts['total'] ?? 0
        const known = await uploadMany(storage, 'known')
        console.info(
          `p99 of ${AT_ONCE} uploads at once: ${percentile(first, 0.99).toFixed(0)} ms at first, ${percentile(known, 0.99).toFixed(0)} ms once known`,
        )
        // The requirement is a second; this is for machines that have much else to do.
        expect(percentile(known, 0.99)).toBeLessThan(5000)
        expect((stub.counts['total'] ?? 0) - before).toBeLessThan(AT_ONCE / 4)
      }
      stub.fault = undefined
      await healthy(storage)
      expect(heldBy(stub).size).toBe(mutes ? 1 + 2 * AT_ONCE : 1 + AT_ONCE)
      expect(await textOf(storage, 'never')).toBeNull()
    },
  )

  test('takes uploads of up to 8 MiB within the first-answer deadline, whatever they come from', async () => {
    const stub = await useStub()
    const size = 8 * 1024 * 1024
    const content = Buffer.alloc(size, 7)
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < size; at += 64 * 1024) yield content.subarray(at, at + 64 * 1024)
    }
    const sources: [string, () => Buffer | AsyncGenerator<Buffer> | Blob][] = [
      ['a stream', pieces],
      ['bytes', () => content],
      ['a Blob', () => new Blob([content])],
    ]
    for (const [name, source] of some(sources, 1)) {
      // Each meets a breaker that knows of nothing.
      const storage = await useService(accessOf(stub))
      stub.fault = undefined
      await storage.uploadFile(Buffer.from('x'), 'warm')
      stub.fault = () => ({ stall: 'before-headers' })
      const begun = performance.now()
      const result = await storage.uploadFile(source(), `of ${name}`)
      const took = performance.now() - begun
      expect(result).toMatchObject({ fallback: true, size })
      console.info(`8 MiB from ${name}: ${took.toFixed(0)} ms, of which ${FIRST_ANSWER_MS} the deadline`)
      // The requirement is 500 ms above the deadline; this is for machines that have much else to do.
      expect(took).toBeLessThan(FIRST_ANSWER_MS + 3000)
    }
  })
})

describe('a store that falls silent', () => {
  const deadline = { objectStorageFirstByteTimeoutMs: 1500 }
  const large = Buffer.alloc(9 * 1024 * 1024, 1)
  const OPERATIONS: [string, (storage: StorageService) => Promise<unknown>][] = [
    ['an upload in parts', storage => storage.uploadFile(large, 'large')],
    ['a download', storage => storage.downloadFile('there')],
    ['a listing', storage => storage.listFiles('')],
    ['a delete', storage => storage.deleteFile('there')],
    ['a look', storage => storage.statFile('there')],
    ['a sweep', storage => storage.deletePrefix('th')],
  ]

  test.each(some(OPERATIONS, 3))('makes nobody wait for more than one deadline: %s', async (_, operation) => {
    const stub = await useStub()
    const storage = await useService(accessOf(stub), { config: deadline })
    await storage.uploadFile(Buffer.from('there'), 'there')
    stub.fault = () => ({ stall: 'before-headers' })
    const begun = performance.now()
    await operation(storage).catch(() => {})
    expect(performance.now() - begun).toBeLessThan(2 * deadline.objectStorageFirstByteTimeoutMs)
    stub.fault = undefined
    await healthy(storage)
  })
})

describe('a storm of refusals', () => {
  const page = { body: '<html>Bad gateway</html>', headers: { 'content-type': 'text/html' } }
  const document = (code: string) => ({ body: `<Error><Code>${code}</Code></Error>` })
  const STORMS: [string, Fault][] = [
    ['500', { status: 500, ...document('InternalError') }],
    ['SlowDown', { status: 503, ...document('SlowDown') }],
    ['502', { status: 502, ...page }],
    ['503', { status: 503, ...page }],
    ['429', { status: 429, ...document('TooManyRequests') }],
  ]

  test.each(some(STORMS, 2))(
    '%s to all: one probe an interval, and nothing else, goes there',
    async (_, fault) => {
      const stub = await useStub()
      const probeIntervalMs = 200
      const storage = await useService(accessOf(stub), { config: { probeIntervalMs } })
      await storage.uploadFile(Buffer.from('x'), 'warm')
      stub.fault = () => fault
      await uploadMany(storage, 'first')
      for (let i = 0; i < 6; i++) expect(await textOf(storage, 'warm')).toBe('away')
      await until('writing is known to fail', () => storage.getStatus().fallbackMode, storage)
      // Whatever was on its way has ended.
      await sleep(500)
      stub.resetCounts()
      const begun = performance.now()
      const uploading = uploadMany(storage, 'known')
      await sleep(10 * probeIntervalMs)
      const counts = { ...stub.counts }
      const intervals = (performance.now() - begun) / probeIntervalMs
      await uploading
      const { total = 0, ...others } = counts
      console.info(`${total} requests in ${intervals.toFixed(1)} intervals: ${JSON.stringify(others)}`)
      // Reads and writes have a breaker each, with a probe each.
      expect(counts['PutObject'] ?? 0).toBeLessThanOrEqual(intervals + 1)
      expect(total - (counts['PutObject'] ?? 0)).toBeLessThanOrEqual(intervals + 1)
      expect(total).toBeGreaterThan(0)
      stub.fault = undefined
      await healthy(storage)
      expect(heldBy(stub).size).toBe(1 + 2 * AT_ONCE)
    },
  )

  test.each(some(STORMS, 2))(
    '%s to a third: nothing is sent more than twice as often, and all of it arrives',
    async (_, fault) => {
      const stub = await useStub()
      const storage = await useService(accessOf(stub))
      await storage.uploadFile(Buffer.from('x'), 'warm')
      let state = 7
      stub.resetCounts()
      stub.fault = ({ key }) => {
        if (key.startsWith('.holdfast/')) return undefined
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
        return state % 100 < 30 ? fault : undefined
      }
      for (let i = 0; i < ROUNDS; i++) await uploadMany(storage, `round ${i}`, 100)
      await until('everything has arrived', () => storage.getStatus().pending === 0, storage)
      const { total = 0, ...others } = stub.counts
      console.info(`${total} requests (${JSON.stringify(others)}) for ${ROUNDS * AT_ONCE} uploads`)
      // Nothing is sent more than twice as often. What was in doubt is asked after on top of that, before and after.
      expect(others['PutObject'] ?? 0).toBeLessThanOrEqual(2 * ROUNDS * AT_ONCE)
      expect(total).toBeLessThanOrEqual(4 * ROUNDS * AT_ONCE)
      stub.fault = undefined
      await healthy(storage)
      expect(heldBy(stub).size).toBe(1 + ROUNDS * AT_ONCE)
    },
  )
})

describe('a connection that breaks', () => {
  /** One of each operation: mutations are acknowledged, and nothing that is there is told to be missing. */
  async function useAll(storage: StorageService, round: string): Promise<void> {
    await storage.uploadFile(Buffer.from(round), `${round}/new`)
    await storage.uploadFile(Buffer.alloc(300_000, round), `${round}/large`)
    await storage.uploadFile(Buffer.from(round), `${round}/replaced`)
    await storage.deleteFile(`${round}/large`)
    expect([round, 'away']).toContain(await textOf(storage, `${round}/replaced`))
    expect(['there', 'away']).toContain(await textOf(storage, 'there'))
    const listed = await storage.listFiles('the').catch(() => undefined)
    if (listed?.complete === true) expect([...listed]).toEqual(['there'])
  }

  test.each<[string, FaultRule]>([
    ['is refused', { fault: { kind: 'refuse' } }],
    ['is reset before the request is read', { fault: { kind: 'reset' } }],
    ['is reset in the middle of the request', { fault: { kind: 'cut', where: 'request' } }],
    ['is reset before the answer', { fault: { kind: 'lose-answer' } }],
    ['is reset in the middle of the answer', { fault: { kind: 'cut', where: 'answer' } }],
  ])('%s: an outage, and over when it is over', async (_, rule) => {
    const stub = await useStub()
    const proxy = await startFaultProxy({ target: stub.endpoint })
    onTestFinished(() => proxy.close())
    const storage = await useService(accessOf(stub, { endpoint: proxy.endpoint }))
    await storage.uploadFile(Buffer.from('there'), 'there')
    for (const rate of [1, 0.5]) {
      await proxy.apply({ ...rule, rate })
      for (let i = 0; i < 6; i++) await useAll(storage, `${rate}-${i}`)
      await proxy.apply()
      await healthy(storage, 30_000)
    }
    // What was lost on its way may still be waited for; what is read is right meanwhile.
    expect(await textOf(storage, 'there')).toBe('there')
    for (let i = 0; i < 6; i++) {
      expect(heldBy(stub).get(`1-${i}/new`)).toBe(`1-${i}`)
      expect(heldBy(stub).has(`1-${i}/large`)).toBe(false)
    }
  })

  test('goes dead without a word: an outage, and new connections are made when there can be any', async () => {
    const stub = await useStub()
    const link = await useLink(stub.port)
    const storage = await useService(accessOf(stub, { endpoint: `http://127.0.0.1:${link.port}` }))
    await storage.uploadFile(Buffer.from('there'), 'there')
    // Several connections are kept, and each of them will be dead.
    await Promise.all(Array.from({ length: 20 }, (_, i) => storage.uploadFile(Buffer.from('x'), `w${i}`)))
    await Promise.all(Array.from({ length: 20 }, (_, i) => storage.downloadFile(`w${i}`)))
    link.drop()
    await Promise.all(Array.from({ length: 40 }, (_, i) => useAll(storage, `dead-${i}`)))
    const before = link.connections
    link.restore()
    const restored = performance.now()
    await healthy(storage, 30_000)
    console.info(`healthy ${(performance.now() - restored).toFixed(0)} ms after the link`)
    expect(link.connections).toBeGreaterThan(before)
    expect(await textOf(storage, 'there')).toBe('there')
    expect([...heldBy(stub).keys()].filter(key => key.endsWith('/large'))).toEqual([])
  })
})

describe('a name', () => {
  test.runIf(process.platform === 'linux')(
    'that is gone, and comes back with another address, is followed there',
    async () => {
      const stub = await useStub()
      // The server's second address, on the port of the first.
      await useLink(stub.port, { host: '127.0.0.2', port: stub.port })
      const lookup = vi.spyOn(dns, 'lookup')
      onTestFinished(() => void vi.restoreAllMocks())
      let address: string | undefined = '127.0.0.1'
      let asked = 0
      lookup.mockImplementation(((name: string, ...rest: unknown[]): void => {
        const callback = rest.at(-1) as (error: Error | null, address?: unknown, family?: number) => void
        const isAll = (rest[0] as { all?: boolean }).all === true
        // Whoever listens asks too, and means an address.
        const found = name === 's3.test.invalid' ? address : name
        if (found !== name) asked++
        process.nextTick(() => {
          if (found === undefined) callback(new Error('getaddrinfo ENOTFOUND'))
          else callback(null, isAll ? [{ address: found, family: 4 }] : found, 4)
        })
      }) as never)
      const storage = await useService(accessOf(stub, { endpoint: `http://s3.test.invalid:${stub.port}` }))
      await storage.uploadFile(Buffer.from('there'), 'there')
      expect(asked).toBeGreaterThan(0)
      address = undefined
      await stub.goDown()
      for (let i = 0; i < 6; i++) {
        expect(await storage.uploadFile(Buffer.from('x'), `during ${i}`)).toMatchObject({ fallback: true })
        expect(await textOf(storage, 'there')).toBe('away')
      }
      const before = stub.connections
      await stub.comeBack()
      address = '127.0.0.2'
      await healthy(storage, 30_000)
      expect(await textOf(storage, 'there')).toBe('there')
      expect(heldBy(stub).size).toBe(7)
      expect(stub.connections).toBeGreaterThan(before)
    },
  )
})
