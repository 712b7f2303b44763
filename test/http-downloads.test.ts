import { Agent } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import type { Key } from '../src/core/key.js'
import type { Body, GetOptions, OpenObject } from '../src/core/store.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, openWire, serve, until } from './support/http.js'

const KIB = 1024
const MIB = 1024 * KIB
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const damaged = (): StorageError =>
  new StorageError({
    code: 'INTEGRITY',
    op: 'get',
    message: 'The bytes are not those that were written.',
    store: 'memory',
  })

/** A store whose bodies are what the test says, whatever was stored; it counts those that were opened and closed. */
class ScriptedStore extends MemoryStore {
  opened = 0
  closed = 0
  readonly #chunks: (closed: () => boolean) => AsyncGenerator<Buffer, void, void>

  constructor(chunks: (closed: () => boolean) => AsyncGenerator<Buffer, void, void>) {
    super()
    this.#chunks = chunks
  }

  override async get(key: Key, options?: GetOptions): Promise<OpenObject> {
    this.opened++
    const opened = await super.get(key, options)
    let isClosed = false
    const chunks = this.#chunks(() => isClosed)
    const body: Body = {
      [Symbol.asyncIterator]: () => chunks,
      bytes: () => Promise.reject(new Error('not in this test')),
      close: async () => {
        if (!isClosed) this.closed++
        isClosed = true
      },
    }
    return { ...opened, body }
  }
}

/** A server with a file `k` of `size` bytes, whose body is `chunks`. */
async function serveScripted(
  size: number,
  chunks: (closed: () => boolean) => AsyncGenerator<Buffer, void, void>,
  options = {},
) {
  const store = new ScriptedStore(chunks)
  const served = await serve(options, store)
  await served.storage.uploadFile(Buffer.alloc(size), 'k', 'text/plain')
  return { ...served, store }
}

describe('a store that fails', () => {
  test.each([
    ['with an error', damaged],
    ['with something unforeseen', () => new Error('boom')],
  ])('%s before the first byte is an answer', async (_how, error) => {
    // biome-ignore lint/correctness/useYield: it fails before it yields
    const { port } = await serveScripted(MIB, async function* () {
      throw error()
    })
    const got = await ask(port, 'GET', '/uploads/k')
    expect(got.status).toBe(500)
    expect(got.headers['content-disposition']).toBeUndefined()
  })

  test('in the middle breaks the transfer off, on a kept connection too', async () => {
    const { port, store, log } = await serveScripted(MIB, async function* () {
      yield Buffer.alloc(MIB / 2)
      throw damaged()
    })
    const agent = new Agent({ keepAlive: true })
    await expect(ask(port, 'GET', '/uploads/k')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    await expect(ask(port, 'GET', '/uploads/k', { agent })).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    agent.destroy()
    await until(() => store.closed === 2)
    expect(log.join('\n')).toMatch(/error .*"INTEGRITY".*"key":"k"|error .*INTEGRITY/)
  })

  test('at the very end, when all bytes were given, breaks it off as well', async () => {
    const { port } = await serveScripted(MIB, async function* () {
      yield Buffer.alloc(MIB / 2)
      yield Buffer.alloc(MIB / 2)
      throw damaged()
    })
    await expect(ask(port, 'GET', '/uploads/k')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
  })

  test('at the very end of a small file is an answer', async () => {
    const { port } = await serveScripted(5, async function* () {
      yield Buffer.from('Hello')
      throw damaged()
    })
    const got = await ask(port, 'GET', '/uploads/k')
    expect([got.status, got.json.error.code]).toEqual([500, 'INTEGRITY'])
  })

  test.each([
    ['fewer', MIB / 2 - 1],
    ['more', MIB / 2 + 1],
  ])('by giving %s bytes than the file has breaks the transfer off', async (_how, last) => {
    const { port, log } = await serveScripted(MIB, async function* () {
      yield Buffer.alloc(MIB / 2)
      yield Buffer.alloc(last)
    })
    await expect(ask(port, 'GET', '/uploads/k')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect(log.join('\n')).toMatch(/INTEGRITY/)
  })

  test('by giving bytes of an empty file is an answer', async () => {
    const { port } = await serveScripted(0, async function* () {
      yield Buffer.from('x')
    })
    expect((await ask(port, 'GET', '/uploads/k')).status).toBe(500)
  })
})

test('empty chunks and tiny ones make the whole', async () => {
  const { port } = await serveScripted(5, async function* () {
    for (const letter of ['', 'H', '', 'e', 'll', '', 'o', '']) yield Buffer.from(letter)
  })
  expect((await ask(port, 'GET', '/uploads/k')).text).toBe('Hello')
})

/** Chunks of 64 KiB until the size is reached or the body is closed. */
const endless = (size: number, pause: () => Promise<void> = async () => {}) =>
  async function* (closed: () => boolean): AsyncGenerator<Buffer, void, void> {
    for (let sent = 0; sent < size && !closed(); sent += 64 * KIB) {
      await pause()
      yield Buffer.alloc(64 * KIB)
    }
  }

describe('a client', () => {
  test('that takes nothing holds the store back, and is cut off after a while', async () => {
    let given = 0
    const { port, store } = await serveScripted(
      256 * MIB,
      endless(256 * MIB, async () => {
        given++
      }),
      { idleTimeoutMs: 300 },
    )
    const wire = openWire(port)
    wire.socket.pause()
    wire.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => store.closed === 1)
    // What the two sockets buffer, and not the file.
    expect(given * 64 * KIB).toBeLessThan(32 * MIB)
    wire.socket.resume()
    expect((await wire.closed).length).toBeLessThan(32 * MIB)
  })

  test('that takes nothing of a file in one piece is cut off as well', async () => {
    const { port } = await serveScripted(
      32 * MIB,
      async function* () {
        yield Buffer.alloc(32 * MIB)
      },
      { idleTimeoutMs: 200 },
    )
    const wire = openWire(port)
    wire.socket.pause()
    wire.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await sleep(1000)
    wire.socket.resume()
    expect((await wire.closed).length).toBeLessThan(32 * MIB)
  })

  test('that takes a little at a time gets all, however long it takes', async () => {
    const size = 32 * MIB
    const idleTimeoutMs = 400
    const { port } = await serveScripted(size, endless(size), { idleTimeoutMs })
    const from = performance.now()
    const socket = connect({ host: '127.0.0.1', port })
    socket.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    let received = 0
    while (!socket.readableEnded) {
      await sleep(10)
      for (let taken = 0; taken < 256 * KIB; ) {
        const chunk: Buffer | null = socket.read()
        if (chunk === null) break
        taken += chunk.length
        received += chunk.length
      }
    }
    expect(received).toBeGreaterThan(size)
    expect(performance.now() - from).toBeGreaterThan(2 * idleTimeoutMs)
  })

  test('is not cut off while the store is what is waited for', async () => {
    const size = 64 * KIB * 40
    let given = 0
    const { port } = await serveScripted(
      size,
      endless(size, async () => {
        if (++given === 20) await sleep(600)
      }),
      { idleTimeoutMs: 150 },
    )
    expect((await ask(port, 'GET', '/uploads/k')).body).toHaveLength(size)
  })

  test('that goes away has the file closed, even while the store is still thinking', async () => {
    let thinking = false
    const { port, store, log } = await serveScripted(MIB, async function* (closed) {
      yield Buffer.alloc(64 * KIB)
      thinking = true
      await until(closed)
      throw new Error('the body was closed')
    })
    const wire = openWire(port)
    wire.write('GET /uploads/k HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => thinking)
    wire.socket.destroy()
    await until(() => store.closed === 1)
    // Nobody's fault.
    expect(log.filter(line => line.startsWith('error'))).toEqual([])
  })

  test('that needs nothing of it has the file closed', async () => {
    const { port, storage, store } = await serveScripted(MIB, endless(MIB))
    const { etag } = await storage.statFile('k')
    await ask(port, 'GET', '/uploads/k', { headers: { 'if-match': '"x"' } })
    const headers = {
      range: 'bytes=0-1',
      'if-range': 'Thu, 01 Jan 2015 00:00:00 GMT',
      'if-match': `"${etag}", "x"`,
    }
    expect((await ask(port, 'GET', '/uploads/k', { headers })).status).toBe(200)
    await until(() => store.closed === 3)
  })
})

test('who asks whether a file has changed costs the store no body', async () => {
  const { port, storage, store } = await serveScripted(MIB, endless(MIB))
  const { etag, lastModified } = await storage.statFile('k')
  for (const headers of [
    { 'if-none-match': `"${etag}"` },
    { 'if-modified-since': lastModified.toUTCString() },
  ]) {
    expect((await ask(port, 'GET', '/uploads/k', { headers })).status).toBe(304)
  }
  expect(store.opened).toBe(0)
})

test('requests in one go on one connection are answered in their order', async () => {
  const { port, storage } = await serve()
  for (const key of ['a', 'b', 'c']) await storage.uploadFile(Buffer.from(`content of ${key}`), key)
  const wire = openWire(port)
  wire.write(
    [
      ...['a', 'b', 'c'].map(key => `GET /uploads/${key} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
      'HEAD /uploads/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ].join(''),
  )
  expect(await wire.closed).toMatch(
    /content of a[\s\S]*content of b[\s\S]*content of c[\s\S]*content-length: 12/,
  )
})
