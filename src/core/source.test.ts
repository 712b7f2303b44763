import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StorageError } from './errors.js'
import { type Content, openSource, readChunks, type Source } from './source.js'

const execute = promisify(execFile)
const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) % 251))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-source-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function* generate(pieces: Iterable<unknown>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece as Uint8Array
}

/** The bytes cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...places].map(place => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [...sorted, bytes.length].map((end, i) => bytes.subarray(sorted[i - 1] ?? 0, end))
}

async function all(source: Source, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readChunks(source, length)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'StorageError', code })

describe('openSource', () => {
  const kinds: readonly (readonly [string, (bytes: Buffer) => Content | Promise<Content>, boolean])[] = [
    ['a Buffer', bytes => bytes, true],
    ['a Uint8Array', bytes => new Uint8Array(bytes), true],
    ['an ArrayBuffer', bytes => new Uint8Array(bytes).buffer, true],
    ['a Blob', bytes => new Blob([new Uint8Array(bytes)]), true],
    ['a path', async bytes => ({ path: await file(bytes) }), true],
    ['a file: URL', async bytes => pathToFileURL(await file(bytes)), true],
    ['a Node stream', bytes => Readable.from([bytes]), false],
    ['a web stream', bytes => new Blob([new Uint8Array(bytes)]).stream(), false],
    ['an async iterable', bytes => generate([bytes]), false],
  ]
  let files = 0
  async function file(bytes: Buffer): Promise<string> {
    const path = join(folder, `file ${files++} #%`)
    await writeFile(path, bytes)
    return path
  }

  it.each(kinds)('reads %s', async (_, make, sized) => {
    for (const bytes of [BYTES, BYTES.subarray(0, 1), Buffer.alloc(0)]) {
      const source = await openSource(await make(bytes))
      expect(source.size).toBe(sized ? bytes.length : undefined)
      expect((await all(source, 70_001)).equals(bytes)).toBe(true)
      expect(await source.read(bytes.length, 10)).toHaveLength(0)
      await source.close()
      await source.close()
    }
  })

  it.each(kinds)('holds %s to its declared size and its limit', async (_, make) => {
    const read = async (options: object): Promise<Buffer> => {
      const source = await openSource(await make(BYTES), options)
      try {
        return await all(source, 64 * 1024)
      } finally {
        await source.close()
      }
    }
    expect(await read({ size: BYTES.length, maxBytes: BYTES.length })).toHaveLength(BYTES.length)
    await expect(read({ size: BYTES.length - 1 })).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    await expect(read({ size: BYTES.length + 1 })).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    await expect(read({ size: 0 })).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    await expect(read({ maxBytes: BYTES.length - 1 })).rejects.toEqual(failsWith('TOO_LARGE'))
    await expect(read({ maxBytes: 0 })).rejects.toEqual(failsWith('TOO_LARGE'))
  })

  it('refuses a string, and says what to give instead', async () => {
    await expect(openSource('/etc/passwd' as unknown as Content)).rejects.toThrow(
      'Buffer.from(text) or { path }',
    )
  })

  it.each([null, undefined, 5, true, {}, { path: 5 }, [1, 2], () => {}, new URL('https://host/file')])(
    'refuses %o',
    async content => {
      await expect(openSource(content as unknown as Content)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    },
  )

  it.each([-1, 1.5, Number.NaN, '5', null])('refuses the size %j', async size => {
    const options = { size: size as number }
    await expect(openSource(BYTES, options)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    await expect(openSource(BYTES, { maxBytes: size as number })).rejects.toEqual(
      failsWith('INVALID_ARGUMENT'),
    )
  })

  it('refuses a file that is missing, and a folder', async () => {
    await expect(openSource({ path: join(folder, 'missing') })).rejects.toThrow('ENOENT')
    await expect(openSource({ path: folder })).rejects.toThrow('is a folder')
  })

  it('refuses a stream that was read to its end, rather than store an empty object', async () => {
    const node = Readable.from([BYTES])
    for await (const _ of node);
    const web = new Blob(['text']).stream()
    for await (const _ of web);
    const cancelled = new Blob(['text']).stream()
    await cancelled.cancel()
    const locked = new Blob(['text']).stream()
    locked.getReader()
    for (const content of [node, web, cancelled, locked]) {
      await expect(openSource(content)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    }
  })

  it('takes a stream that is empty, and one that was begun', async () => {
    const fresh = new Blob(['text']).stream()
    const empty = new ReadableStream<Uint8Array>({ start: controller => controller.close() })
    const pulled = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from('be'))
        controller.enqueue(Buffer.from('gun'))
        controller.close()
      },
    })
    const reader = pulled.getReader()
    await reader.read()
    reader.releaseLock()
    expect(String(await all(await openSource(fresh), 10))).toBe('text')
    expect(await all(await openSource(empty), 10)).toHaveLength(0)
    expect(await all(await openSource(Readable.from([])), 10)).toHaveLength(0)
    expect(String(await all(await openSource(pulled), 10))).toBe('gun')
  })

  it('hears an error of a stream that comes before the first read', async () => {
    const source = await openSource(createReadStream(join(folder, 'missing')))
    // Nobody listening, the error would end the process.
    await new Promise(resolve => setTimeout(resolve, 50))
    await expect(source.read(0, 1)).rejects.toThrow('ENOENT')
    await source.close()
  })

  it('blames the content, and no store, for content that cannot be read', async () => {
    const blob = new Blob(['text'])
    blob.slice = () => {
      throw Object.assign(new Error('i/o error'), { code: 'EIO' })
    }
    const source = await openSource(blob)
    const failure = await source.read(0, 4).catch(error => error)
    expect(failure).toMatchObject({ code: 'ABORTED', message: expect.stringContaining('i/o error') })
    expect(failure.store).toBeUndefined()
  })

  it.each(['text', {}, 5, null])('refuses %j as onProgress', async onProgress => {
    await expect(openSource(BYTES, { onProgress: onProgress as never })).rejects.toThrow('onProgress')
  })

  it('opens nothing for a signal that fired before', async () => {
    const signal = AbortSignal.abort()
    await expect(openSource(BYTES, { signal })).rejects.toEqual(failsWith('ABORTED'))
  })

  it('reads a named pipe as the stream that it is', async () => {
    const path = join(folder, 'pipe')
    await execute('mkfifo', [path])
    const [source] = await Promise.all([openSource({ path }), writeFile(path, BYTES.subarray(0, 5000))])
    expect(source.size).toBeUndefined()
    expect((await all(source, 1000)).equals(BYTES.subarray(0, 5000))).toBe(true)
    await source.close()
  })

  it('notices a file that is cut while it is read', async () => {
    const path = await file(BYTES)
    const source = await openSource({ path })
    await source.read(0, 1000)
    await truncate(path, 500)
    await expect(source.read(1000, 1000)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    await source.close()
  })
})

describe('a source', () => {
  it('gives any bytes from what was not released on, in pieces of any size', async () => {
    const places = fc.array(fc.nat(), { maxLength: 40 })
    const reads = fc.array(
      fc.record({ offset: fc.nat(), length: fc.integer({ min: 1, max: 90_000 }), release: fc.boolean() }),
      {
        maxLength: 20,
      },
    )
    const sizes = fc.constantFrom(0, 1, 100, 5000, 70_000, BYTES.length)
    await fc.assert(
      fc.asyncProperty(sizes, places, reads, fc.boolean(), async (size, cuts, steps, declared) => {
        const bytes = BYTES.subarray(0, size)
        const source = await openSource(generate(cut(bytes, cuts)), declared ? { size } : {})
        let low = 0
        for (const step of steps) {
          const offset = low + (step.offset % (size - low + 1))
          const got = await source.read(offset, step.length)
          expect(got.equals(bytes.subarray(offset, offset + step.length))).toBe(true)
          if (step.release) {
            low = offset
            source.release(offset)
          }
        }
        await source.close()
      }),
    )
  })

  it('gives large reads whole, released or not, whatever came before them', async () => {
    const bytes = Buffer.concat(Array.from({ length: 100 }, () => BYTES)).subarray(0, 7 * 1024 * 1024)
    const pieces = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 20 })
    const lengths = fc.array(fc.integer({ min: 1, max: 3 * 1024 * 1024 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(pieces, lengths, fc.boolean(), fc.boolean(), async (sizes, steps, declared, keeps) => {
        async function* stream(): AsyncGenerator<Buffer> {
          for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length] ?? 1) {
            yield bytes.subarray(at, at + (sizes[i % sizes.length] ?? 1))
          }
        }
        const source = await openSource(stream(), declared ? { size: bytes.length } : {})
        let offset = 0
        for (const length of steps) {
          const got = await source.read(offset, length)
          expect(got.equals(bytes.subarray(offset, offset + length))).toBe(true)
          offset += got.length
          if (!keeps) source.release(offset)
        }
        if (keeps) expect((await source.read(0, offset)).equals(bytes.subarray(0, offset))).toBe(true)
        await source.close()
      }),
      { numRuns: 50 },
    )
  }, 60_000)

  it('gathers pieces of one byte', async () => {
    const source = await openSource(Readable.from(Array.from(BYTES, byte => Buffer.from([byte]))))
    expect((await all(source, 70_001)).equals(BYTES)).toBe(true)
  })

  it('gives what was read to several readers at once', async () => {
    const source = await openSource(generate(cut(BYTES, [1000, 60_000, 150_000])))
    const reads = [0, 50_000, 199_999, 100].map(async offset => {
      const got = await source.read(offset, 80_000)
      expect(got.equals(BYTES.subarray(offset, offset + 80_000))).toBe(true)
    })
    await Promise.all(reads)
  })

  it('takes no more from a stream than was asked for', async () => {
    let taken = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken++
        yield BYTES.subarray(0, 1000)
      }
    }
    const source = await openSource(endless())
    await source.read(0, 10_000)
    await turn()
    expect(taken).toBe(10)
    await source.close()
  })

  it('does not give out the last declared byte before the end is seen', async () => {
    const source = await openSource(generate([BYTES.subarray(0, 10), BYTES.subarray(0, 1)]), { size: 10 })
    expect(await source.read(0, 9)).toHaveLength(9)
    await expect(source.read(0, 10)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
  })

  it('says no to bytes that were released', async () => {
    const source = await openSource(generate([BYTES.subarray(0, 50_000), BYTES.subarray(50_000)]))
    await source.read(0, 150_000)
    source.release(100_000)
    await expect(source.read(0, 10)).rejects.toEqual(failsWith('INTERNAL'))
    expect((await source.read(100_000, 10)).equals(BYTES.subarray(100_000, 100_010))).toBe(true)
  })

  it('tells of progress', async () => {
    const told: object[] = []
    const onProgress = (progress: object): void => void told.push(progress)
    await all(await openSource(BYTES, { onProgress }), 150_000)
    await all(await openSource(generate([BYTES]), { onProgress }), 150_000)
    await all(await openSource(generate([BYTES]), { onProgress, size: BYTES.length }), 150_000)
    expect(told).toEqual([
      { sentBytes: 150_000, totalBytes: 200_000 },
      { sentBytes: 200_000, totalBytes: 200_000 },
      { sentBytes: 150_000 },
      { sentBytes: 200_000 },
      { sentBytes: 150_000, totalBytes: 200_000 },
      { sentBytes: 200_000, totalBytes: 200_000 },
    ])
  })

  it('ends with ABORTED where telling of progress throws', async () => {
    const onProgress = (): never => {
      throw new Error('a defect of the caller')
    }
    for (const content of [BYTES, generate([BYTES])]) {
      const reading = all(await openSource(content, { onProgress }), 1000)
      await expect(reading).rejects.toMatchObject({
        code: 'ABORTED',
        message: expect.stringContaining('a defect of the caller'),
      })
    }
  })

  it('fails for good when its stream fails, and names why', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield BYTES.subarray(0, 1000)
      throw new Error('The line is dead.')
    }
    const source = await openSource(broken())
    expect(await source.read(0, 1000)).toHaveLength(1000)
    await expect(source.read(0, 1001)).rejects.toThrow('The line is dead.')
    await expect(source.read(0, 1)).rejects.toEqual(failsWith('ABORTED'))
  })

  it.each([['text'], [5], [null], [{ length: 3 }], [new Uint16Array(4)]])(
    'refuses %o from a stream',
    async piece => {
      const source = await openSource(generate([piece]))
      await expect(source.read(0, 1)).rejects.toEqual(failsWith('INVALID_ARGUMENT'))
    },
  )

  it('stops waiting for a stalled stream when its signal fires', async () => {
    const controller = new AbortController()
    const reason = new StorageError({ code: 'TIMEOUT', op: 'put', message: 'The deadline passed.' })
    const stalled = new Readable({ read() {} })
    const source = await openSource(stalled, { signal: controller.signal })
    const read = source.read(0, 1)
    controller.abort(reason)
    await expect(read).rejects.toBe(reason)
    await source.close()
    expect(stalled.destroyed).toBe(true)
  })

  it.each(['read', 'unread'])('closes a stream that was %s', async how => {
    let cancelled: unknown
    const web = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        cancelled = true
      },
    })
    let returned = false
    async function* iterate(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(10)
      } finally {
        returned = true
      }
    }
    const sources = [await openSource(web), await openSource(iterate())]
    for (const source of sources) {
      if (how === 'read') await source.read(0, 5)
      await source.close()
      await source.close()
      await expect(source.read(0, 5)).rejects.toEqual(failsWith('ABORTED'))
    }
    expect(cancelled).toBe(true)
    // A generator that was never begun has nothing to clean up.
    expect(returned).toBe(how === 'read')
  })

  it('does not end the process by an error after it was closed', async () => {
    const stream = new Readable({ read() {} })
    const source = await openSource(stream)
    await source.close()
    stream.emit('error', new Error('late'))
    await turn()
  })
})
