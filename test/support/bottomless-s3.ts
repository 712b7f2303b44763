import { createHash, type Hash, hash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What every object of the server holds, over and over. */
export const BLOCK: Buffer = Buffer.alloc(1024 * 1024, 'holdfast keeps what it was given; ')

/**
 * An S3 server for objects larger than memory: it takes uploads in parts of repeated {@link BLOCK}s, keeps their
 * hashes only, and gives the same bytes back. Signatures are not looked at.
 */
export async function startBottomless(): Promise<{ endpoint: string; close(): Promise<void> }> {
  let parts: { digest: Buffer; size: number }[] = []
  let metadata: Record<string, string> = {}
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request
    response.setHeader('x-amz-request-id', '1')
    const number = Number(/partNumber=(\d+)/.exec(url)?.[1])
    if (method === 'PUT') take(request, response, part => (parts[number - 1] = part))
    else if (method === 'POST' && url.includes('uploads=')) {
      parts = []
      metadata = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name.startsWith('x-amz-meta-')),
      ) as Record<string, string>
      response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>')
    } else if (method === 'POST') {
      request.resume().on('end', () => {
        response.end(
          `<CompleteMultipartUploadResult><ETag>${etagOf(parts)}</ETag></CompleteMultipartUploadResult>`,
        )
      })
    } else give(response, parts, metadata)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

function take(
  request: IncomingMessage,
  response: ServerResponse,
  keep: (part: { digest: Buffer; size: number }) => void,
): void {
  const md5: Hash = createHash('md5')
  let size = 0
  request.on('data', (chunk: Buffer) => {
    md5.update(chunk)
    size += chunk.length
  })
  request.on('end', () => {
    const digest = md5.digest()
    keep({ digest, size })
    response.setHeader('etag', `"${digest.toString('hex')}"`).end()
  })
}

function give(
  response: ServerResponse,
  parts: readonly { size: number }[],
  metadata: Readonly<Record<string, string>>,
): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  response.writeHead(200, {
    ...metadata,
    etag: `"${etagOf(parts as { digest: Buffer; size: number }[])}"`,
    'content-length': size,
    'last-modified': new Date().toUTCString(),
  })
  let left = size
  const more = (): void => {
    while (left > 0) {
      const piece = left >= BLOCK.length ? BLOCK : BLOCK.subarray(0, left)
      left -= piece.length
      if (!response.write(piece)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
}

function etagOf(parts: readonly { digest: Buffer }[]): string {
  return `${hash('md5', Buffer.concat(parts.map(part => part.digest)), 'hex')}-${parts.length}`
}
