import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { openSource, readChunks } from './source.js'

describe('a stream source', () => {
  it('gathers one-byte pieces and yields the same bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251))
    const source = await openSource(Readable.from(Array.from(bytes, b => Buffer.from([b]))))
    const got: Buffer[] = []
    for await (const chunk of readChunks(source, 70_001)) got.push(Buffer.from(chunk))
    expect(Buffer.concat(got).equals(bytes)).toBe(true)
  })
})
