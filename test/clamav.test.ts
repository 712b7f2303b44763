import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseClamdAddress } from '../src/core/clamd-address.js'
import { clamav, type Inspect, StorageError } from '../src/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { describeClamd } from './support/clamd.js'
import { useFolder } from './support/failover-service.js'
import { type FakeClamd, INFECTED, SIGNATURE, startFakeClamd } from './support/fake-clamd.js'

const MIB = 1024 * 1024

function over(inspect: Inspect, config = {}): StorageService {
  const storage = new StorageService({ config, store: new MemoryStore(), inspect })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return storage
}

async function failing(work: Promise<unknown>): Promise<StorageError> {
  try {
    await work
  } catch (error) {
    if (StorageError.is(error)) return error
    throw error
  }
  throw new Error('It succeeded.')
}

test('addresses', () => {
  expect(parseClamdAddress('/run/clamav/clamd.ctl')).toEqual({ path: '/run/clamav/clamd.ctl' })
  expect(parseClamdAddress('localhost:3310')).toEqual({ host: 'localhost', port: 3310 })
  expect(parseClamdAddress('[::1]:3310')).toEqual({ host: '::1', port: 3310 })
  for (const wrong of [
    '',
    'clamd.ctl',
    'localhost',
    'host:0',
    'host:65536',
    '::1:3310',
    'a b:1',
    '/a\0b',
    'tcp://h:1',
  ]) {
    expect(parseClamdAddress(wrong), wrong).toBeUndefined()
  }
})

test('options that are none', () => {
  const address = '/run/clamav/clamd.ctl'
  for (const wrong of [
    { address: 'nowhere' },
    { address, action: 'allow' },
    { address, tooLarge: 'maybe' },
    { address, concurrency: 0 },
    { address, connectTimeoutMs: 1.5 },
    'address',
  ]) {
    expect(() => clamav(wrong as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  }
})

describe('a daemon that does what it should', () => {
  test('is sent every byte, in pieces', async () => {
    const fake = await startFakeClamd()
    const storage = over(clamav({ address: fake.address }))
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), randomBytes(3 * MIB + 5)]) {
      await storage.uploadFile(bytes, 'file')
      expect(fake.scanned.pop()?.equals(bytes)).toBe(true)
    }
    expect(await failing(storage.uploadFile(INFECTED, 'bad'))).toMatchObject({ code: 'REJECTED' })
    while (fake.connections > 0) await sleep(5)
  })

  test('is asked so many times at once and no more', async () => {
    const fake = await startFakeClamd()
    let [inspecting, most] = [0, 0]
    const { manner } = fake
    fake.manner = async (...args) => {
      most = Math.max(most, ++inspecting)
      await sleep(20)
      inspecting--
      manner(...args)
    }
    const storage = over(clamav({ address: fake.address, concurrency: 3 }))
    await Promise.all(Array.from({ length: 12 }, (_, i) => storage.uploadFile(Buffer.from('x'), `f${i}`)))
    expect(most).toBe(3)
  })

  test('says what it is', async () => {
    const fake = await startFakeClamd()
    const inspect = clamav({ address: fake.address })
    expect(await inspect.check?.(AbortSignal.timeout(5000))).toBe('ClamAV 1.4.6/fake')
  })
})

/** Everything that a daemon may do instead of answering. */
const EVILS: readonly (readonly [string, (fake: FakeClamd) => void])[] = [
  ['hangs', fake => (fake.manner = () => {})],
  ['takes no command', fake => (fake.greet = () => false)],
  [
    'closes at once',
    fake =>
      (fake.greet = socket => {
        socket.destroy()
        return false
      }),
  ],
  ['closes without an answer', fake => (fake.manner = socket => socket.end())],
  ['breaks off', fake => (fake.manner = socket => socket.destroy())],
  ['answers garbage', fake => (fake.manner = socket => socket.end(`${randomBytes(30).toString('hex')}\0`))],
  ['answers with zeros', fake => (fake.manner = socket => socket.end('\0\0\0'))],
  ['reports an error', fake => (fake.manner = socket => socket.end("stream: Can't allocate memory ERROR\0"))],
  ['knows no such command', fake => (fake.manner = socket => socket.end('UNKNOWN COMMAND\0'))],
  ['is cut off within its answer', fake => (fake.manner = socket => socket.end('stream: O'))],
  ['says OK of something else', fake => (fake.manner = socket => socket.end('/etc/passwd: OK\0'))],
  ['says more than OK', fake => (fake.manner = socket => socket.end('stream: OK, or so\0'))],
  [
    'answers without end',
    fake =>
      (fake.manner = socket => {
        const piece = Buffer.alloc(65_536, 'x')
        const flood = (): void => {
          while (socket.writable && socket.write(piece));
          if (socket.writable) socket.once('drain', flood)
        }
        flood()
      }),
  ],
  [
    'judges before it has read',
    fake =>
      (fake.greet = socket => {
        socket.write('stream: OK\0')
        return false
      }),
  ],
]

describe.each(EVILS)('a daemon that %s', (name, corrupt) => {
  test('lets nothing in', async () => {
    const fake = await startFakeClamd()
    corrupt(fake)
    const storage = over(clamav({ address: fake.address, connectTimeoutMs: 2000 }), { inspectTimeoutMs: 300 })
    for (const bytes of [Buffer.alloc(5 * MIB), Buffer.from('x')]) {
      // What fits into the buffers on the way counts as read.
      if (name === 'judges before it has read' && bytes.length === 1) continue
      const error = await failing(storage.uploadFile(bytes, 'file'))
      expect(error).toMatchObject({ code: 'UNAVAILABLE', op: 'inspect', retryable: true })
    }
    expect(await storage.fileExists('file')).toBe(false)
  })
})

test('nobody there', async () => {
  const folder = await useFolder()
  const gone = createServer()
  await new Promise<void>(resolve => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as { port: number }
  await new Promise(resolve => gone.close(resolve))
  for (const address of [`${folder}/none.sock`, `127.0.0.1:${port}`]) {
    const storage = over(clamav({ address }))
    expect(await failing(storage.uploadFile(Buffer.from('x'), 'file'))).toMatchObject({ code: 'UNAVAILABLE' })
    await storage.ready()
    expect(storage.getStatus()).toMatchObject({
      state: 'degraded',
      problems: [{ code: 'INSPECTOR_AWAY', severity: 'warning' }],
    })
  }
})

test('a name that a hostile daemon gives is shown as one line of text', async () => {
  const fake = await startFakeClamd()
  fake.manner = socket => socket.end('stream: \u001b[2J\u0007Evil\nName FOUND\0')
  const storage = over(clamav({ address: fake.address }))
  const { message, code } = await failing(storage.uploadFile(Buffer.from('x'), 'file'))
  expect([code, message]).toEqual(['UNAVAILABLE', expect.stringContaining('answered')])
  fake.manner = socket => socket.end(`stream: \u001b[2J${'x'.repeat(500)} FOUND\0`)
  const long = await failing(storage.uploadFile(Buffer.from('x'), 'file'))
  expect(long.code).toBe('REJECTED')
  expect(long.message).not.toContain('\u001b')
  expect(long.message.length).toBeLessThan(300)
})

test('an upload that is given up gives up its scan', async () => {
  const fake = await startFakeClamd()
  fake.manner = () => {}
  const storage = over(clamav({ address: fake.address }))
  const controller = new AbortController()
  const upload = storage.uploadFile(Buffer.from('x'), 'file', { signal: controller.signal })
  while (fake.scanned.length === 0) await sleep(5)
  controller.abort()
  expect(await failing(upload)).toMatchObject({ code: 'ABORTED' })
  while (fake.connections > 0) await sleep(5)
})

describeClamd('the real daemon', begin => {
  test('finds the signature, alone, in the middle and in an archive', async () => {
    const { socket } = await begin()
    const inspect = clamav({ address: socket, action: 'quarantine' })
    const localStoragePath = await useFolder()
    const storage = new StorageService({ config: { localStoragePath }, inspect })
    onTestFinished(async () => void (await storage.close()))
    expect(await inspect.check?.(AbortSignal.timeout(5000))).toMatch(/^ClamAV \d/)
    const middle = Buffer.concat([randomBytes(MIB), Buffer.from(SIGNATURE), randomBytes(MIB)])
    const bad = [INFECTED, middle, gzipSync(INFECTED)]
    for (const bytes of bad) {
      const error = await failing(storage.uploadFile(bytes, 'bad'))
      expect(error).toMatchObject({ code: 'QUARANTINED' })
      expect(error.message).toContain('Holdfast.Test.Signature')
    }
    for (const bytes of [Buffer.alloc(0), Buffer.from('good'), randomBytes(3 * MIB)]) {
      await storage.uploadFile(bytes, 'good')
    }
    expect(await storage.fileExists('bad')).toBe(false)
    expect(storage.getStatus().inspection?.quarantine?.files).toBe(bad.length)
  })

  test('what it takes for too large is refused, held or let in, as it is wanted', async () => {
    const { socket } = await begin('StreamMaxLength 1M')
    const large = Buffer.alloc(4 * MIB)
    for (let i = 0; i < 30; i++) {
      const error = await failing(over(clamav({ address: socket })).uploadFile(large, 'file'))
      expect(error).toMatchObject({ code: 'REJECTED', message: expect.stringContaining('StreamMaxLength') })
    }
    await over(clamav({ address: socket, tooLarge: 'allow' })).uploadFile(large, 'file')
  })

  test('scans several at once', async () => {
    const { socket } = await begin()
    const storage = over(clamav({ address: socket }))
    const uploads = Array.from({ length: 30 }, (_, i) =>
      storage.uploadFile(i % 3 === 0 ? INFECTED : randomBytes(100_000), `f${i}`).then(
        () => 'stored',
        error => error.code,
      ),
    )
    const outcomes = await Promise.all(uploads)
    expect(outcomes).toEqual(outcomes.map((_, i) => (i % 3 === 0 ? 'REJECTED' : 'stored')))
  })

  test('frozen or killed, it lets nothing in; back again, it does', async () => {
    const clamd = await begin()
    const storage = over(clamav({ address: clamd.socket }), { inspectTimeoutMs: 1000 })
    await storage.uploadFile(Buffer.from('good'), 'file')
    clamd.freeze()
    expect(await failing(storage.uploadFile(Buffer.from('x'), 'file'))).toMatchObject({ code: 'UNAVAILABLE' })
    await storage.ready()
    expect(storage.getStatus().problems).toMatchObject([{ code: 'INSPECTOR_AWAY' }])
    clamd.thaw()
    while (storage.getStatus().problems.length > 0) {
      await storage.ready()
      await sleep(20)
    }
    await storage.uploadFile(Buffer.from('y'), 'file')
    await clamd.kill()
    expect(await failing(storage.uploadFile(Buffer.from('x'), 'file'))).toMatchObject({ code: 'UNAVAILABLE' })
    expect((await storage.downloadFile('file'))?.toString()).toBe('y')
  })

  test('over TCP', async () => {
    const probe = createServer()
    await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as { port: number }
    await new Promise(resolve => probe.close(resolve))
    await begin(`TCPSocket ${port}\nTCPAddr 127.0.0.1\nStreamMaxLength 1M`)
    const storage = over(clamav({ address: `127.0.0.1:${port}` }))
    await storage.uploadFile(Buffer.from('good'), 'file')
    expect(await failing(storage.uploadFile(INFECTED, 'file'))).toMatchObject({ code: 'REJECTED' })
    for (let i = 0; i < 10; i++) {
      expect(await failing(storage.uploadFile(Buffer.alloc(8 * MIB), 'file'))).toMatchObject({
        code: 'REJECTED',
      })
    }
  })
})
