import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a metric says of requests with the same labels. */
export interface RequestCount {
  readonly route: string
  readonly method: string
  /** The answer's status; `cut` where the answer did not reach its end. */
  readonly status: string
  count: number
}

const COUNTED_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'])

/** Counts requests by what was asked of whom, never by a path: there are as many paths as files. */
export class Traffic {
  readonly #requests = new Map<string, RequestCount>()
  /** Bytes of files that clients sent, and that were sent to clients. */
  receivedBytes = 0
  sentBytes = 0

  get requests(): Iterable<RequestCount> {
    return this.#requests.values()
  }

  /** Counts an answer that has ended. @param route a template, such as `/uploads/{key}` */
  answered(route: string, request: IncomingMessage, response: ServerResponse): void {
    const { method: given = '' } = request
    const method = COUNTED_METHODS.has(given) ? given : 'other'
    const status = response.writableFinished ? String(response.statusCode) : 'cut'
    const id = `${method} ${status} ${route}`
    const known = this.#requests.get(id)
    if (known === undefined) this.#requests.set(id, { route, method, status, count: 1 })
    else known.count++
  }
}
