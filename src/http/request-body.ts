import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError } from '../core/errors.js'
import { sendContinue } from './expectation.js'
import type { Traffic } from './traffic.js'

/**
 * A request's body as content to store. It differs from the request itself, which is an async iterable too, in what a
 * server needs: giving it up leaves the connection alone, so that an answer can still be sent; `100 Continue` goes out
 * when the first byte is wanted and not before; and a client that stops sending is given up after a while, however
 * long the upload takes as a whole.
 */
export class RequestBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #idleTimeoutMs: number
  readonly #traffic: Traffic
  #timer: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined
  #timedOut = false
  #givenUp = false

  constructor(request: IncomingMessage, response: ServerResponse, idleTimeoutMs: number, traffic: Traffic) {
    this.#request = request
    this.#response = response
    this.#idleTimeoutMs = idleTimeoutMs
    this.#traffic = traffic
    request.on('readable', this.#onEvent).on('end', this.#onEvent).on('close', this.#onEvent)
  }

  /** Whether the body was given up because nothing came any more. */
  get timedOut(): boolean {
    return this.#timedOut
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    sendContinue(this.#request, this.#response)
    for (;;) {
      if (this.#givenUp) throw aborted('The body was given up.')
      const chunk = this.#request.read() as Buffer | null
      if (chunk !== null) {
        this.#traffic.receivedBytes += chunk.length
        return { done: false, value: chunk }
      }
      if (this.#request.readableEnded) return { done: true, value: undefined }
      if (this.#timedOut) throw aborted(`The client sent nothing for ${this.#idleTimeoutMs} ms.`)
      if (this.#request.destroyed) throw aborted('The client went away before the end of the body.')
      await this.#event()
    }
  }

  /** Stops listening. What is left of the body stays unread. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#givenUp = true
    clearTimeout(this.#timer)
    this.#request.off('readable', this.#onEvent).off('end', this.#onEvent).off('close', this.#onEvent)
    this.#onEvent()
    return { done: true, value: undefined }
  }

  #event(): Promise<void> {
    // One timer serves the whole body; while nobody waits, it fires for nothing.
    if (this.#timer === undefined) this.#timer = setTimeout(this.#onIdle, this.#idleTimeoutMs).unref()
    else this.#timer.refresh()
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  readonly #onEvent = (): void => {
    this.#wake?.()
    this.#wake = undefined
  }

  readonly #onIdle = (): void => {
    if (this.#wake === undefined) return
    this.#timedOut = true
    this.#onEvent()
  }
}

function aborted(message: string): StorageError {
  return new StorageError({ code: 'ABORTED', op: 'http', message })
}
