import { Agent } from 'node:http'
import { describe, expect, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { createServer, type HttpStorage } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, openWire, serve, serveStorage, until } from './support/http.js'

const MIB = 1024 * 1024
const GET = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A storage whose files have `bytes` each, given out or taken in as fast as `pace` lets them, and kept nowhere. */
function bottomless(bytes: number, pace: () => Promise<void> = async () => {}) {
  const service = new StorageService({ config: {}, store: new MemoryStore() })
  const seen = { calls: 0, received: 0 }
  const storage: HttpStorage = {
    statFile: service.statFile.bind(service),
    deleteFile: service.deleteFile.bind(service),
    list: service.list.bind(service),
    async uploadFile(content, key) {
      seen.calls++
      for await (const chunk of content as AsyncIterable<Uint8Array>) {
        await pace()
        seen.received += chunk.length
      }
      const etag = 'e'
      return {
        success: true,
        key,
        url: '',
        size: seen.received,
        etag,
        contentType: 'a/b',
        fallback: false,
        provider: 'local',
      }
    },
    async openFile(key) {
      seen.calls++
      const stat = {
        key,
        size: bytes,
        etag: 'e',
        lastModified: new Date(),
        contentType: 'a/b',
        metadata: {},
        pending: false,
      }
      async function* chunks(): AsyncGenerator<Uint8Array> {
        for (let left = bytes; left > 0; left -= Math.min(MIB, left)) {
          await pace()
          yield Buffer.alloc(Math.min(MIB, left))
        }
      }
      const iterator = chunks()
      return {
        stat,
        [Symbol.asyncIterator]: () => iterator,
        close: async () => {},
      } as unknown as Awaited<ReturnType<HttpStorage['openFile']>>
    },
  }
  return { storage, seen }
}

describe('bounded memory', () => {
  const GIB = 1024 * MIB

  /** The most memory that the process came to hold outside the JavaScript heap, beyond what it held before. */
  async function peakGrowth(work: () => Promise<void>): Promise<number> {
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 20)
    await work().finally(() => clearInterval(watch))
    return peak - before
  }

  test.each(['Content-Length', 'Transfer-Encoding'])('holds while 1 GiB comes in by %s', async framing => {
    const { storage, seen } = bottomless(0)
    const { port } = await serveStorage(storage)
    const growth = await peakGrowth(async () => {
      const wire = openWire(port)
      const chunked = framing === 'Transfer-Encoding'
      wire.write(
        `PUT /uploads/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${GIB}`}\r\n\r\n`,
      )
      const piece = Buffer.alloc(MIB)
      for (let sent = 0; sent < 1024; sent++) {
        if (chunked) wire.write('100000\r\n')
        wire.write(piece)
        if (chunked) wire.write('\r\n')
        if (wire.socket.writableNeedDrain) await new Promise(resolve => wire.socket.once('drain', resolve))
      }
      if (chunked) wire.write('0\r\n\r\n')
      expect(await wire.closed).toMatch(/^HTTP\/1\.1 201 /)
    })
    expect(seen.received).toBe(GIB)
    expect(growth).toBeLessThan(200 * MIB)
  })

  test('holds while 1 GiB goes out', async () => {
    const { storage } = bottomless(GIB)
    const { port } = await serveStorage(storage)
    let received = 0
    const growth = await peakGrowth(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/uploads/k`)
      for await (const chunk of response.body as ReadableStream<Uint8Array>) received += chunk.length
    })
    expect(received).toBe(GIB)
    expect(growth).toBeLessThan(200 * MIB)
  })
})

describe('what is no request', () => {
  test.each([
    ['garbage', 'nonsense\r\n\r\n', 400, 'INVALID_ARGUMENT'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'INVALID_ARGUMENT'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n', 400, 'INVALID_ARGUMENT'],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'TOO_LARGE'],
    ['a path of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`, 431, 'TOO_LARGE'],
  ])('%s is answered with %s %i', async (_what, text, status, code) => {
    const { port } = await serve()
    const wire = openWire(port)
    wire.write(text)
    const answer = await wire.closed
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Connection: close[\\s\\S]*"${code}"`))
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code, retryable: false } })
  })

  test('headers that take too long are answered with 408', async () => {
    const { port } = await serve({ headersTimeoutMs: 200 })
    const wire = openWire(port)
    wire.write('GET / HTTP/1.1\r\nX: ')
    const drip = setInterval(() => wire.write('x'), 50)
    expect(await wire.closed.finally(() => clearInterval(drip))).toMatch(/^HTTP\/1\.1 408 [\s\S]*"ABORTED"/)
  })
})

describe('idle connections', () => {
  test('are closed by their deadlines', async () => {
    const { port } = await serve({ headersTimeoutMs: 200, keepAliveTimeoutMs: 200 })
    const silent = openWire(port)
    const used = openWire(port)
    used.write(GET)
    await used.says(/"alive"/)
    await Promise.all([silent.closed, used.closed])
  })

  test('by the hundred keep nobody from being served', async () => {
    const { port } = await serve()
    const wires = Array.from({ length: 500 }, () => openWire(port))
    await Promise.all(wires.map(({ socket }) => new Promise(resolve => socket.once('connect', resolve))))
    for (let i = 0; i < 50; i++) expect((await ask(port, 'GET', '/healthz')).status).toBe(200)
  })
})

describe('close', () => {
  test('ends idle connections at once, and takes no new ones', async () => {
    const { server, port } = await serve()
    const silent = openWire(port)
    const used = openWire(port)
    used.write(GET)
    await used.says(/"alive"/)
    await until(() => silent.socket.readyState === 'open')
    await sleep(50)
    const from = performance.now()
    expect(await server.close({ drainMs: 30_000 })).toEqual({ cutOff: 0 })
    expect(performance.now() - from).toBeLessThan(10_000)
    await Promise.all([silent.closed, used.closed])
    expect(server.url).toBeUndefined()
    await expect(ask(port, 'GET', '/healthz')).rejects.toThrow(/ECONNREFUSED/)
  })

  test('lets what runs finish, then ends its connection', async () => {
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    const { storage, seen } = bottomless(4 * MIB, () => released)
    const { server, port } = await serveStorage(storage)
    const down = openWire(port)
    down.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const up = openWire(port)
    up.write('PUT /uploads/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nHello')
    await until(() => seen.calls === 2)
    const closed = server.close({ drainMs: 30_000 })
    await sleep(50)
    up.write('World')
    release()
    expect(await closed).toEqual({ cutOff: 0 })
    expect(await up.closed).toMatch(/^HTTP\/1\.1 201 /)
    expect((await down.closed).length).toBeGreaterThan(4 * MIB)
    expect(seen.received).toBe(10)
  })

  test('cuts off what does not finish by the deadline', async () => {
    const { storage, seen } = bottomless(4 * MIB, () => new Promise(() => {}))
    const { server, port } = await serveStorage(storage)
    const down = openWire(port)
    down.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => seen.calls === 1)
    expect(await server.close({ drainMs: 100 })).toEqual({ cutOff: 1 })
    await down.closed
  })

  test('twice is once, and before listening is nothing', async () => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    const server = createServer(storage, { port: 0 })
    const [first, second] = await Promise.all([server.close(), server.close()])
    expect([first, second]).toEqual([{ cutOff: 0 }, { cutOff: 0 }])
  })
})

describe('listen', () => {
  test('on a port that is taken says so', async () => {
    const { port, storage } = await serve()
    const server = createServer(storage, { port })
    await expect(server.listen()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use.`,
    })
  })

  test('touches no storage', async () => {
    const storage = new StorageService({ config: {}, store: new MemoryStore() })
    const server = createServer(storage, { port: 0, host: 'localhost' })
    await server.listen()
    expect(storage.getStatus().state).toBe('starting')
    await server.close()
  })
})

describe('health', () => {
  test('a store that is away is told by readyz, and healthz stays alive', async () => {
    let away = true
    let asked = 0
    const service = new StorageService({ config: {}, store: new MemoryStore() })
    const storage = Object.create(service, {
      ready: {
        value: async () => {
          asked++
          if (!away) return
          throw new StorageError({
            code: 'UNAVAILABLE',
            op: 'ready',
            message: 'connect 10.0.0.9:9000',
            store: 's3',
            retryAfterMs: 1500,
          })
        },
      },
    })
    const { port } = await serveStorage(storage)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET', '/readyz')))
    for (const { status, json, headers } of answers) {
      expect([status, headers['retry-after']]).toEqual([503, '2'])
      expect(json.error).toEqual({
        code: 'UNAVAILABLE',
        message: 'The store cannot be reached at the moment.',
        retryable: true,
        retryAfterMs: 1500,
      })
    }
    // However often it is asked, the store is asked once a second.
    expect(asked).toBe(1)
    expect((await ask(port, 'GET', '/healthz')).status).toBe(200)
    away = false
    await until(async () => (await ask(port, 'GET', '/readyz')).status === 200)
    expect(asked).toBe(2)
  })

  test('a storage that knows no status has none', async () => {
    const { storage } = bottomless(0)
    const { port } = await serveStorage(storage)
    expect((await ask(port, 'GET', '/status')).status).toBe(404)
    expect((await ask(port, 'GET', '/readyz')).status).toBe(200)
    expect((await ask(port, 'GET', '/')).status).toBe(200)
  })
})

test('one connection serves many requests', async () => {
  const { port } = await serve()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ports = new Set<number | undefined>()
  agent.on('free', socket => ports.add(socket.localPort))
  for (let i = 0; i < 5; i++) {
    await ask(port, 'PUT', '/uploads/k', { body: 'Hello', agent })
    await ask(port, 'GET', '/uploads/k', { agent })
    await ask(port, 'HEAD', '/uploads/k', { agent })
    await ask(port, 'GET', '/uploads/none', { agent })
    await ask(port, 'PUT', '/uploads/..', { body: 'Hello', agent })
  }
  agent.destroy()
  expect(ports.size).toBe(1)
})
