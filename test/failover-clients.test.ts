import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import type { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/index.js'
import { converged, held, spooledFiles, storageOver, until } from './support/failover-folder.js'
import { serveStorage } from './support/http.js'

const MIB = 1024 * 1024
/** How the bucket fares while something comes: it works, it is away, it goes away in the middle. */
const WEATHERS = ['up', 'away', 'going'] as const
type Weather = (typeof WEATHERS)[number]

let folder: string
let stub: S3Stub
let storage: StorageService

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-failover-clients-'))
  stub = await startS3Stub()
  storage = storageOver(stub, folder)
  await storage.uploadFile(Buffer.from('old'), 'replaced')
})
afterEach(async () => {
  await storage.close()
  await stub.close()
  await rm(folder, { recursive: true, force: true })
})

function isAway(): boolean {
  return storage.getStatus().problems.some(({ code }) => code === 'PRIMARY_AWAY')
}

async function begin(weather: Weather): Promise<void> {
  if (weather !== 'away') return
  await stub.goDown()
  for (let i = 0; !isAway(); i++) await storage.deleteFile(`nothing/${i}`)
}

/** The bucket is back, and nothing is left of what failed. */
async function expectNothingLeft(keys: readonly string[]): Promise<void> {
  await until('no upload is under way', async () => (await ownFiles()).length === 0)
  await stub.comeBack()
  await storage.ready()
  await converged(storage)
  for (const key of keys) {
    const expected = key === 'replaced' ? 'old' : undefined
    expect((await storage.downloadFile(key))?.toString(), key).toBe(expected)
    expect(held(stub).get(key)?.toString(), key).toBe(expected)
  }
  await until('no upload in parts is left', () => stub.buckets.get('stub')?.uploads.size === 0)
  expect(await ownFiles()).toEqual([])
}

/** What lies in the folder for a while only, but for the reserve that is being laid down. */
async function ownFiles(): Promise<string[]> {
  const tmp = await readdir(join(folder, '.holdfast', 'tmp'), { recursive: true, withFileTypes: true })
  return [
    ...(await spooledFiles(folder)),
    ...tmp.filter(entry => entry.isFile() && entry.name !== 'ballast').map(entry => entry.name),
  ]
}

describe.each(WEATHERS)('an upload, the bucket being %s,', weather => {
  it.each([
    [0, 300_000],
    [0.5, 300_000],
    [0.99, 300_000],
    [0, 10 * MIB],
    [0.5, 10 * MIB],
    [0.99, 10 * MIB],
  ])(
    'whose client dies when it has sent %d of %d bytes is no object, and leaves nothing',
    async (part, size) => {
      const { server, port } = await serveStorage(storage)
      await begin(weather)
      for (const key of ['new', 'replaced']) {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => {})
        await once(socket, 'connect')
        socket.write(`PUT /uploads/${key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`)
        const sent = Math.floor(size * part)
        // What the server takes no more of it does not take: then as much as it has taken.
        const written = new Promise<void>(resolve => socket.write(Buffer.alloc(sent, 'x'), () => resolve()))
        await written
        if (weather === 'going') await stub.goDown()
        socket.destroy()
      }
      // It ends when every request has.
      await server.close({ drainMs: 60_000 })
      await expectNothingLeft(['new', 'replaced'])
    },
  )

  it.each([
    ['ends too early', -1],
    ['goes on too long', 1],
  ])('whose source %s is refused, and leaves nothing', async (_, more) => {
    await begin(weather)
    for (const size of [1000, 300_000, 10 * MIB]) {
      for (const key of ['new', 'replaced']) {
        const source = pieces(Buffer.alloc(size + more, 'x'), 65_536, async at => {
          if (weather === 'going' && at >= size / 2) await stub.goDown()
        })
        await expect(storage.uploadFile(source, key, { size })).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
        })
      }
    }
    await expectNothingLeft(['new', 'replaced'])
  })

  it('that comes a byte at a time is taken whole', async () => {
    await begin(weather)
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251))
    const source = pieces(bytes, 1, async at => {
      if (weather === 'going' && at === 2500) await stub.goDown()
    })
    const { fallback } = await storage.uploadFile(source, 'slow')
    expect(fallback).toBe(weather !== 'up')
    expect((await storage.downloadFile('slow'))?.equals(bytes)).toBe(true)
    await stub.comeBack()
    await converged(storage)
    expect(held(stub).get('slow')?.equals(bytes)).toBe(true)
  })
})

async function* pieces(
  bytes: Buffer,
  length: number,
  before: (at: number) => Promise<void>,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) {
    await before(at)
    yield bytes.subarray(at, at + length)
  }
}

describe.each(WEATHERS)('on one key, the bucket being %s,', weather => {
  it('64 writers that create it have one winner at most, and its content stays', async () => {
    await begin(weather)
    if (weather === 'away') {
      // Known to be free: it was deleted in the outage.
      await storage.deleteFile('once')
    }
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, async (_, i) => {
        if (weather === 'going' && i === 32) {
          await new Promise(resolve => setImmediate(resolve))
          await stub.goDown()
        }
        return storage.uploadFile(Buffer.alloc(5000, `w${i}`), 'once', { ifNoneMatch: '*' }).then(
          () => 'won',
          (error: unknown) => (StorageError.is(error) ? error.code : String(error)),
        )
      }),
    )
    const winners = outcomes.flatMap((outcome, i) => (outcome === 'won' ? [i] : []))
    const allowed = ['won', 'ALREADY_EXISTS', ...(weather === 'going' ? ['UNAVAILABLE', 'TIMEOUT'] : [])]
    for (const outcome of outcomes) expect(allowed).toContain(outcome)
    if (weather === 'going') expect(winners.length).toBeLessThanOrEqual(1)
    else expect(winners).toHaveLength(1)
    await stub.comeBack()
    await storage.ready()
    await converged(storage)
    const found = await storage.downloadFile('once')
    const [winner] = winners
    if (winner !== undefined) expect(found?.equals(Buffer.alloc(5000, `w${winner}`))).toBe(true)
    // Else one may have won whose answer was lost; whole it is in any case.
    else if (found !== null) {
      expect(outcomes.some((_, i) => found.equals(Buffer.alloc(5000, `w${i}`)))).toBe(true)
    }
    expect(held(stub).get('once') ?? null).toEqual(found)
  })

  it('a read that a put or a delete comes into gets the old content whole, or an error, and never a part', async () => {
    const size = 12 * MIB
    await begin(weather)
    for (const change of ['put', 'delete'] as const) {
      const key = `read/${change}`
      await storage.uploadFile(Buffer.alloc(size, 'a'), key)
      const reading = await storage.openFile(key)
      let read = 0
      let failure: unknown
      try {
        for await (const piece of reading) {
          expect(piece.every((byte: number) => byte === 0x61)).toBe(true)
          if (read === 0) {
            if (change === 'put') await storage.uploadFile(Buffer.alloc(size, 'b'), key)
            else await storage.deleteFile(key)
            if (weather === 'going') await stub.goDown()
          }
          read += piece.length
        }
      } catch (error) {
        failure = error
      }
      if (failure === undefined) expect(read).toBe(size)
      else expect(StorageError.is(failure)).toBe(true)
      // Only what went away with the bucket may fail.
      if (weather !== 'going') expect(failure).toBeUndefined()
      if (weather === 'going') {
        await stub.comeBack()
        await until('it is back', () => !isAway())
      }
      const now = await storage.downloadFile(key)
      if (change === 'put') expect(now?.equals(Buffer.alloc(size, 'b'))).toBe(true)
      else expect(now).toBeNull()
    }
    await stub.comeBack()
    await storage.ready()
    await converged(storage)
    expect(held(stub).get('read/put')?.equals(Buffer.alloc(size, 'b'))).toBe(true)
    expect(held(stub).has('read/delete')).toBe(false)
  })
})
