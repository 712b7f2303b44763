import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Body } from '../core/store.js'
import type { FileStat } from '../storage.js'
import { StoredFile } from './opened-file.js'

/** A body that tells whether it was given up, as one over a descriptor must be. */
function opened(): { file: StoredFile; isClosed: () => boolean } {
  let closed = false
  const body: Body = {
    async *[Symbol.asyncIterator]() {
      try {
        yield Buffer.from('one')
        yield Buffer.from('two')
      } finally {
        closed = true
      }
    },
    bytes: async () => Buffer.from('onetwo'),
    close: async () => {
      closed = true
    },
  }
  const stat: FileStat = {
    key: 'a',
    size: 6,
    etag: 'e',
    lastModified: new Date(0),
    contentType: 'text/plain',
    metadata: {},
    pending: false,
  }
  return { file: new StoredFile({ stat, body }), isClosed: () => closed }
}

const closedStream = (stream: Readable): Promise<void> =>
  new Promise(resolve => void stream.on('close', () => resolve()))

describe('an opened file', () => {
  it.each<[string, (file: StoredFile) => unknown]>([
    ['a Node stream is destroyed', file => closedStream(file.nodeStream().destroy())],
    ['a stream made from it is destroyed', file => closedStream(Readable.from(file).destroy())],
    ['a web stream is cancelled', file => file.stream().cancel()],
    ['its iterator is ended', file => file[Symbol.asyncIterator]().return?.()],
    ['it is disposed of', file => file[Symbol.asyncDispose]()],
  ])('is given up where %s before anything was read', async (_, giveUp) => {
    const { file, isClosed } = opened()
    await giveUp(file)
    expect(isClosed()).toBe(true)
  })

  it('is given up where its reader stops in the middle', async () => {
    const { file, isClosed } = opened()
    for await (const _ of file) break
    expect(isClosed()).toBe(true)
  })

  it.each<[string, (file: StoredFile) => AsyncIterable<Uint8Array>]>([
    ['itself', file => file],
    ['as a Node stream', file => file.nodeStream()],
    ['as a web stream', file => file.stream() as unknown as AsyncIterable<Uint8Array>],
  ])('is read to its end %s', async (_, read) => {
    const { file, isClosed } = opened()
    const chunks: Uint8Array[] = []
    for await (const chunk of read(file)) chunks.push(chunk)
    expect(String(Buffer.concat(chunks))).toBe('onetwo')
    expect(isClosed()).toBe(true)
  })
})
