import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { StorageError } from '../core/errors.js'

/**
 * Writes a file's bytes as the body of an answer, at the pace of the client.
 *
 * The chunk that completes the declared length is held back until the store has confirmed the end: a store that finds
 * out only then that the bytes were wrong makes a broken transfer, and of a small file an error, never a clean answer.
 * The headers go out with the first chunk, so that whatever fails before it can still be answered.
 *
 * @param first chunks that were read already
 * @param length what the headers declare
 * @param idleTimeoutMs after this long without the client taking anything, the connection is cut
 * @throws StorageError what the store threw; `INTEGRITY` where its bytes are more or fewer than `length`
 */
export async function pumpBody(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  length: number,
  idleTimeoutMs: number,
): Promise<void> {
  let left = length
  let flow: Flow | undefined
  for (let index = 0; left > 0; index++) {
    const chunk = first[index] ?? (await nextChunk(rest))
    if (response.destroyed) return
    if (chunk === undefined) throw wrongLength(length, 'fewer')
    left -= chunk.length
    if (left < 0) throw wrongLength(length, 'more')
    if (left === 0) {
      await expectEnd(rest, first.length > index + 1, length)
      if (!response.headersSent) response.writeHead(status, headers)
      response.end(chunk)
      return
    }
    if (!response.headersSent) response.writeHead(status, headers)
    if (!response.write(chunk)) {
      flow ??= new Flow(response, idleTimeoutMs)
      await flow.writable()
      if (response.destroyed) return
    }
  }
  await expectEnd(rest, first.length > 0, length)
  response.writeHead(status, headers)
  response.end()
}

async function nextChunk(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  for (;;) {
    const { done, value } = await chunks.next()
    if (done === true) return undefined
    if (value.length > 0) return value
  }
}

async function expectEnd(rest: AsyncIterator<Uint8Array>, more: boolean, length: number): Promise<void> {
  if (more || (await nextChunk(rest)) !== undefined) throw wrongLength(length, 'more')
}

/** Waits for a slow client, as long as it is only slow. */
class Flow {
  readonly #response: ServerResponse
  #wake: (() => void) | undefined

  constructor(response: ServerResponse, idleTimeoutMs: number) {
    this.#response = response
    const wake = (): void => {
      this.#wake?.()
      this.#wake = undefined
    }
    response.on('drain', wake).on('close', wake)
    // The socket's own timer sees a large chunk go out piece by piece, which `drain` does not tell. It also runs while
    // the store is what everybody waits for; then the client is not to blame.
    response.setTimeout(idleTimeoutMs, () => {
      if (this.#wake !== undefined) response.destroy()
    })
  }

  writable(): Promise<void> {
    return new Promise(resolve => {
      if (this.#response.writableNeedDrain && !this.#response.destroyed) this.#wake = resolve
      else resolve()
    })
  }
}

function wrongLength(length: number, how: 'fewer' | 'more'): StorageError {
  return new StorageError({
    code: 'INTEGRITY',
    op: 'http',
    message: `The store gave ${how} bytes than the ${length} that the file has.`,
  })
}
