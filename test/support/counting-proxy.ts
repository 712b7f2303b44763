import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server was sent, to the end, under one key. */
export interface Taken {
  /** Writes that made an object: a PUT of it, or the completion of its parts. */
  objects: number
  /** Bytes of PUTs, of objects and parts alike. */
  bytes: number
  /** UploadPart and the number it had. */
  readonly parts: Map<number, number>
}

/** Passes everything on to an S3 server addressed by path, and counts what that is sent under each key of one bucket. */
export interface CountingProxy {
  readonly endpoint: string
  readonly taken: ReadonlyMap<string, Taken>
  /** Requests so far, by method and kind. */
  requests: number
  close(): Promise<void>
}

/** Starts one on 127.0.0.1. */
export async function startCountingProxy(target: string, bucket: string): Promise<CountingProxy> {
  const taken = new Map<string, Taken>()
  const { hostname, port } = new URL(target)
  const note = (method: string, url: string, bytes: number): void => {
    const { pathname, searchParams } = new URL(url, target)
    const key = decodeURIComponent(pathname.slice(bucket.length + 2))
    const number = searchParams.get('partNumber')
    const completes = method === 'POST' && searchParams.has('uploadId')
    if (key === '' || (method !== 'PUT' && !completes)) return
    const known = taken.get(key) ?? { objects: 0, bytes: 0, parts: new Map() }
    taken.set(key, known)
    if (completes || number === null) known.objects++
    else known.parts.set(Number(number), (known.parts.get(Number(number)) ?? 0) + 1)
    if (method === 'PUT') known.bytes += bytes
  }
  const server = createServer({ noDelay: true, requestTimeout: 0 }, (incoming, answer) => {
    const { method = 'GET', url = '/', headers } = incoming
    counting.requests++
    // The Host is signed: it is passed on as it came.
    const onward = request({ hostname, port, method, path: url, headers }, response => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
      response.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    incoming.on('error', () => {})
    // Sent to its end: the server may have taken it, also where nobody is left to hear the answer.
    incoming.on('end', () => note(method, url, Number(headers['content-length'] ?? 0)))
    answer.on('close', () => {
      if (!answer.writableFinished) onward.destroy()
    })
    incoming.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const counting = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    requests: 0,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return counting
}
