import { describe, expect, test } from 'vitest'
import type { Key } from '../src/core/key.js'
import type { Source } from '../src/core/source.js'
import type { ObjectStat, PutOptions } from '../src/core/store.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, openWire, serve, until } from './support/http.js'

const MIB = 1024 * 1024

/** A store in memory that tells how many writes were begun and ended, and waits for `hold` before each. */
class WatchedStore extends MemoryStore {
  begun = 0
  ended = 0
  hold: Promise<unknown> = Promise.resolve()

  override async put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    this.begun++
    try {
      await this.hold
      return await super.put(key, source, options)
    } finally {
      this.ended++
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const head = (path: string, ...headers: string[]): string =>
  [`PUT ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: text/plain', ...headers, '', ''].join('\r\n')

describe('an upload over the limit', () => {
  test('is refused by its declared length before the store is touched', async () => {
    const store = new WatchedStore()
    const { port } = await serve({ maxUploadBytes: 10 }, store)
    const put = await ask(port, 'PUT', '/uploads/k', { body: 'x'.repeat(11) })
    expect([put.status, put.json.error.code]).toEqual([413, 'TOO_LARGE'])
    expect(store.begun).toBe(0)
    expect((await ask(port, 'PUT', '/uploads/k', { body: 'x'.repeat(10) })).status).toBe(201)
  })

  test('is refused in mid-stream without one, and leaves nothing', async () => {
    const { port, storage } = await serve({ maxUploadBytes: MIB })
    const body = Buffer.alloc(MIB + 1)
    const put = await ask(port, 'PUT', '/uploads/k', { body, headers: { 'transfer-encoding': 'chunked' } })
    expect([put.status, put.json.error.code]).toEqual([413, 'TOO_LARGE'])
    expect(await storage.fileExists('k')).toBe(false)
  })

  test('is told so though it is still being sent, and its connection is ended', async () => {
    const { port, storage } = await serve({ maxUploadBytes: 10 })
    for (const framing of [`Content-Length: ${64 * MIB}`, 'Transfer-Encoding: chunked']) {
      const wire = openWire(port)
      // It reads no answer before all is sent, as simple clients do.
      wire.socket.pause()
      wire.write(head('/uploads/k', framing))
      const piece = Buffer.alloc(MIB)
      const chunked = framing.startsWith('Transfer')
      for (let sent = 0; sent < 64; sent++) {
        if (chunked) wire.write(`${MIB.toString(16)}\r\n`)
        wire.write(piece)
        if (chunked) wire.write('\r\n')
      }
      if (chunked) wire.write('0\r\n\r\n')
      await until(() => wire.socket.writableLength === 0 || wire.socket.destroyed)
      wire.socket.resume()
      // The client had all of it taken off its hands, and could read the answer.
      expect(await wire.closed).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*"TOO_LARGE"/)
    }
    expect(await storage.listFiles()).toHaveLength(0)
  })

  test('that was small leaves the connection usable', async () => {
    const { port } = await serve({ maxUploadBytes: 10 })
    const wire = openWire(port)
    wire.write(`${head('/uploads/k', 'Content-Length: 20')}${'x'.repeat(20)}`)
    await wire.says(/^HTTP\/1\.1 413 /)
    wire.write(`${head('/uploads/k', 'Content-Length: 5', 'Connection: close')}Hello`)
    expect(await wire.closed).toMatch(/HTTP\/1\.1 201 /)
  })

  test('is no way to keep a connection: who goes on sending is cut off', async () => {
    const { port } = await serve({ maxUploadBytes: 10 })
    const wire = openWire(port)
    wire.write(head('/uploads/k', `Content-Length: ${64 * MIB}`))
    await wire.says(/"TOO_LARGE"/)
    const trickle = setInterval(() => wire.write('x'), 100)
    await wire.closed.finally(() => clearInterval(trickle))
  })
})

describe('Expect: 100-continue', () => {
  const expecting = (path: string, ...headers: string[]) => head(path, 'Expect: 100-continue', ...headers)

  test('is answered when the body is wanted', async () => {
    const { port } = await serve()
    const wire = openWire(port)
    wire.write(expecting('/uploads/k', 'Content-Length: 5', 'Connection: close'))
    await wire.says(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    wire.write('Hello')
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
  })

  test.each([
    [401, { apiKeys: ['an-api-key-of-the-test'] }, '/uploads/k', []],
    [413, { maxUploadBytes: 4 }, '/uploads/k', []],
    [400, {}, '/uploads/..', []],
    [400, {}, '/uploads/k', ['Content-Digest: sha-256=nonsense']],
    [405, {}, '/uploads', []],
    [412, {}, '/uploads/there', ['If-None-Match: *']],
    [412, {}, '/uploads/there', ['If-Match: "x"']],
    [412, {}, '/uploads/k', ['If-Match: "x"']],
  ])('%i comes instead where the request is refused anyway', async (status, options, path, headers) => {
    const { port, storage } = await serve(options)
    await storage.uploadFile(Buffer.from('x'), 'there')
    const wire = openWire(port)
    wire.write(expecting(path, 'Content-Length: 5', ...headers))
    const answer = await wire.closed
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/connection: close/i)
  })
})

describe('a client that fails', () => {
  test.each([0, 0.5, 0.99])('after %d of the body leaves nothing', async part => {
    const store = new WatchedStore()
    const { port, storage } = await serve({}, store)
    const size = 4 * MIB
    for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const wire = openWire(port)
      wire.write(head('/uploads/k', `Content-Length: ${size}`))
      wire.write(Buffer.alloc(Math.floor(size * part)))
      await until(() => store.begun > store.ended)
      wire.socket[end]()
      await until(() => store.begun === store.ended)
    }
    expect(await storage.listFiles()).toHaveLength(0)
  })

  test('in the middle of chunks, or with what is none, leaves nothing', async () => {
    const store = new WatchedStore()
    const { port, storage } = await serve({}, store)
    for (const rest of [undefined, 'zz\r\n', 'ffffffffffffffffff\r\n', '-1\r\n']) {
      const wire = openWire(port)
      wire.write(`${head('/uploads/k', 'Transfer-Encoding: chunked')}5\r\nHello\r\n`)
      await until(() => store.begun > store.ended)
      if (rest === undefined) wire.socket.end()
      else wire.write(rest)
      await wire.closed
      await until(() => store.begun === store.ended)
    }
    expect(await storage.listFiles()).toHaveLength(0)
  })

  test('by two lengths, or a length and chunks, is refused', async () => {
    const store = new WatchedStore()
    const { port } = await serve({}, store)
    for (const headers of [
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Content-Length: -5'],
      ['Content-Length: 5x'],
      ['Transfer-Encoding: chunked, identity'],
    ]) {
      const wire = openWire(port)
      wire.write(`${head('/uploads/k', ...headers)}Hello`)
      expect(await wire.closed).toMatch(/^HTTP\/1\.1 400 [\s\S]*"INVALID_ARGUMENT"/)
    }
    expect(store.begun).toBe(0)
  })

  test('by sending more than it declared has stored what it declared', async () => {
    const { port, storage } = await serve()
    const wire = openWire(port)
    wire.write(`${head('/uploads/k', 'Content-Length: 5')}Hello, and more`)
    await wire.closed
    await until(() => storage.fileExists('k'))
    expect(await storage.downloadFile('k')).toEqual(Buffer.from('Hello'))
  })

  test('by going away while its upload is being made durable has it stored, or not, but whole', async () => {
    const store = new WatchedStore()
    let release = (): void => {}
    store.hold = new Promise<void>(resolve => {
      release = resolve
    })
    const { port, storage } = await serve({}, store)
    const wire = openWire(port)
    wire.write(`${head('/uploads/k', 'Content-Length: 5')}Hello`)
    await until(() => store.begun === 1)
    wire.socket.destroy()
    await wire.closed
    release()
    await until(() => store.ended === 1)
    const stored = await storage.downloadFile('k')
    expect(stored === null || stored.equals(Buffer.from('Hello'))).toBe(true)
  })
})

describe('a slow client', () => {
  test('that moves is waited for, however long it takes', async () => {
    const { port, storage } = await serve({ idleTimeoutMs: 1000 })
    const wire = openWire(port)
    wire.write(head('/uploads/k', 'Content-Length: 30', 'Connection: close'))
    for (let byte = 0; byte < 30; byte++) {
      await sleep(60)
      wire.write('x')
    }
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 201 /)
    expect((await storage.statFile('k')).size).toBe(30)
  })

  test('that stops sending is answered with 408, and leaves nothing', async () => {
    const store = new WatchedStore()
    const { port, storage } = await serve({ idleTimeoutMs: 150 }, store)
    const wire = openWire(port)
    wire.write(`${head('/uploads/k', 'Content-Length: 10')}Hello`)
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 408 [\s\S]*connection: close[\s\S]*"ABORTED"/)
    expect(store.ended).toBe(store.begun)
    expect(await storage.fileExists('k')).toBe(false)
  })

  test('is not taken for one while the store is what is waited for', async () => {
    const store = new WatchedStore()
    store.hold = sleep(500)
    const { port } = await serve({ idleTimeoutMs: 100 }, store)
    expect((await ask(port, 'PUT', '/uploads/k', { body: 'Hello' })).status).toBe(201)
  })

  test('nor in the middle, when it was waited for before and after', async () => {
    const store = new WatchedStore()
    let taken = 0
    store.put = async (key, source, options) => {
      for (; taken < 9; taken += 3) {
        await source.read(taken, 3)
        if (taken === 3) await sleep(400)
      }
      return MemoryStore.prototype.put.call(store, key, source, options)
    }
    const { port } = await serve({ idleTimeoutMs: 200 }, store)
    const wire = openWire(port)
    wire.write(head('/uploads/k', 'Content-Length: 9', 'Connection: close'))
    await sleep(50)
    wire.write('one')
    await until(() => taken === 3)
    wire.write('two')
    await until(() => taken === 6)
    await sleep(50)
    wire.write('end')
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 201 /)
  })
})

test('many small pieces make the whole', async () => {
  const { port, storage } = await serve()
  const wire = openWire(port)
  wire.socket.setNoDelay(true)
  wire.write(head('/uploads/k', 'Transfer-Encoding: chunked', 'Connection: close'))
  const text = 'The quick brown fox jumps over the lazy dog'
  for (const letter of text) wire.write(`1\r\n${letter}\r\n`)
  wire.write('0\r\n\r\n')
  expect(await wire.closed).toMatch(/^HTTP\/1\.1 201 /)
  expect(`${await storage.downloadFile('k')}`).toBe(text)
})

test('a closed storage is unavailable, and trying again is not said to help', async () => {
  const { port, storage } = await serve()
  await storage.close()
  const put = await ask(port, 'PUT', '/uploads/k', { body: 'x' })
  expect([put.status, put.headers['x-holdfast-error']]).toEqual([503, 'UNAVAILABLE'])
  expect(put.json.error.retryable).toBe(false)
  expect(put.headers['retry-after']).toBeUndefined()
})
