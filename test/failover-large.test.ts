import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { StorageService } from '../src/service.js'
import { type FaultProxy, startFaultProxy } from '../src/testing/fault-proxy.js'
import { useCli } from './support/cli.js'
import { healthy, useService } from './support/failover-service.js'
import { serveStorage } from './support/http.js'
import { startServer } from './support/server.js'

// A large file whose store dies while it is on its way.

const MIB = 1024 * 1024
const SIZE_MIB = process.env['HOLDFAST_TEST_LONG'] === '1' ? 500 : 60
/** What the process may grow by: parts under way and what waits for the disk, not the file. */
const GROWTH_BYTES = 250 * MIB

const cli = useCli()

/** Content that comes once: its pieces, each told when it is asked for, and what was given in all. */
class Once {
  readonly hash = createHash('sha256')
  given = 0
  readonly #at: (piece: number) => Promise<void>

  /** @param at called before each piece */
  constructor(at: (piece: number) => Promise<void>) {
    this.#at = at
  }

  async *pieces(): AsyncGenerator<Buffer> {
    for (let i = 0; i < SIZE_MIB; i++) {
      await this.#at(i)
      const piece = Buffer.alloc(MIB, i)
      piece.writeUInt32BE(i)
      this.hash.update(piece)
      this.given += piece.length
      yield piece
    }
  }
}

/** Watches the memory of this process. @returns what tells by how much it has grown at most */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 20)
  onTestFinished(() => clearInterval(timer))
  return () => most - before
}

async function open(): Promise<{ storage: StorageService; proxy: FaultProxy }> {
  const access = await startServer(cli)
  const proxy = await startFaultProxy({ target: access.endpoint })
  onTestFinished(() => proxy.close())
  const storage = await useService({ ...access, endpoint: proxy.endpoint })
  await storage.uploadFile(Buffer.from('x'), 'warm')
  return { storage, proxy }
}

async function hashAt(storage: StorageService, key: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of await storage.openFile(key)) hash.update(piece)
  return hash.digest('hex')
}

/** It is read from here, then brought over, and read from the bucket. */
async function arrives(
  storage: StorageService,
  proxy: FaultProxy,
  content: Once,
  grown: () => number,
): Promise<void> {
  expect(content.given).toBe(SIZE_MIB * MIB)
  const sha256 = content.hash.digest('hex')
  expect(await storage.statFile('large')).toMatchObject({ pending: true, size: SIZE_MIB * MIB, sha256 })
  expect(await hashAt(storage, 'large')).toBe(sha256)
  await proxy.apply()
  await healthy(storage, 300_000)
  expect(await storage.statFile('large')).toMatchObject({ pending: false, size: SIZE_MIB * MIB })
  expect(await hashAt(storage, 'large')).toBe(sha256)
  console.info(`${SIZE_MIB} MiB: memory grew by ${Math.round(grown() / MIB)} MiB at most`)
  expect(grown()).toBeLessThan(GROWTH_BYTES)
}

test('a large upload whose store dies at 60 % is taken over, and no byte is sent twice', async () => {
  const { storage, proxy } = await open()
  const grown = watchMemory()
  const content = new Once(async piece => {
    if (piece === Math.floor(SIZE_MIB * 0.6)) await proxy.apply({ fault: { kind: 'refuse' } })
  })
  expect(await storage.uploadFile(content.pieces(), 'large')).toMatchObject({ fallback: true })
  await arrives(storage, proxy, content, grown)
}, 600_000)

test('and over HTTP: the client sends it once, and is told that it is there', async () => {
  const { storage, proxy } = await open()
  const { port } = await serveStorage(storage, {})
  const grown = watchMemory()
  const content = new Once(async piece => {
    if (piece === Math.floor(SIZE_MIB * 0.6)) await proxy.apply({ fault: { kind: 'hang' } })
  })
  const headers = { 'content-length': SIZE_MIB * MIB, 'content-type': 'application/octet-stream' }
  const upload = request({ host: '127.0.0.1', port, method: 'PUT', path: '/uploads/large', headers })
  const answered = once(upload, 'response') as Promise<[IncomingMessage]>
  await pipeline(Readable.from(content.pieces()), upload)
  const [answer] = await answered
  answer.resume()
  expect(answer.statusCode).toBe(201)
  await arrives(storage, proxy, content, grown)
}, 600_000)
