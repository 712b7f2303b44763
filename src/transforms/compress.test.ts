import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { openSource } from '../core/source.js'
import { compress } from './compress.js'

const MIB = 1024 * 1024

/** A beginning that shrinks, and more noise than memory holds. */
const LARGE = Buffer.concat([Buffer.alloc(MIB), randomBytes(9 * MIB)])

const full = {
  worth: 1,
  openSpill: async () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  },
  onProgress: undefined,
  signal: undefined,
}

test('a disk too full to compress on lets content that can be read again go as it is', async () => {
  const content = await openSource(LARGE)
  expect(await compress(content, 'gzip', full)).toBeUndefined()
  expect((await content.read(0, LARGE.length)).equals(LARGE)).toBe(true)
})

test('a stream that does not fit on it is NO_SPACE', async () => {
  async function* stream(): AsyncGenerator<Buffer> {
    for (let at = 0; at < LARGE.length; at += MIB) yield LARGE.subarray(at, at + MIB)
  }
  const content = await openSource(stream())
  await expect(compress(content, 'gzip', full)).rejects.toMatchObject({ code: 'NO_SPACE' })
  await content.close()
})

test('what the sample decides against is not read any further', async () => {
  const content = await openSource(randomBytes(5 * MIB))
  const read = vi.spyOn(content, 'read')
  expect(await compress(content, 'br', full)).toBeUndefined()
  expect(read.mock.calls).toEqual([[0, MIB]])
})
