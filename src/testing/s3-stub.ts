import { hash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { elements, errorAnswer, NO_BODY, type StubAnswer, StubError, xmlAnswer } from './s3-stub-answer.js'
import { restoreObject } from './s3-stub-archive.js'
import { checkSignature, type StubCredentials } from './s3-stub-auth.js'
import { type ConditionSupport, StubBucket, type StubCall } from './s3-stub-bucket.js'
import { answerInPlace, type Fault, isApplied, sendAnswer } from './s3-stub-faults.js'
import { listObjects, listParts, listUploads, listVersions } from './s3-stub-listing.js'
import { decodeChunked, type ParsedRequest, parseRequest } from './s3-stub-request.js'

export type { ConditionSupport, Fault, StubBucket, StubCredentials }

/** How a stub is set up. */
export interface S3StubOptions {
  /** 0, a free one, unless given. */
  readonly port?: number
  /** Buckets that exist from the start; `stub` unless given. */
  readonly buckets?: readonly string[]
  readonly credentials?: Partial<StubCredentials>
  /** Whether signatures and payload hashes are checked; true unless given. */
  readonly verify?: boolean
  /** How conditional writes are treated, by operation; `quoted`, as by AWS, unless given. */
  readonly conditions?: Partial<
    Record<'put' | 'complete' | 'delete' | 'copySource' | 'copy', ConditionSupport>
  >
  /** What the server makes of lifecycle rules that it is given; it keeps them as they are unless given. */
  readonly keepLifecycle?: (xml: string) => string
  /** Whether answers carry `x-amz-request-id`; true unless given. */
  readonly requestIds?: boolean
  /** The storage classes that there are, `STANDARD` beside them; any unless given. */
  readonly storageClasses?: readonly string[]
}

/** What a fault is decided by. */
export interface StubRequest {
  /** Counted from 1. */
  readonly number: number
  readonly operation: string
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

/** An S3 server in memory, for tests: it checks signatures, counts what it is asked, and fails as it is told. */
export interface S3Stub {
  /** URL without a path. */
  readonly endpoint: string
  readonly port: number
  readonly credentials: StubCredentials
  readonly buckets: ReadonlyMap<string, StubBucket>
  /** Requests so far, by S3's name of the operation; `total` counts all. */
  readonly counts: Readonly<Record<string, number>>
  /** Bytes of bodies so far. */
  readonly bytes: { readonly received: number; readonly sent: number }
  /** Connections so far. */
  readonly connections: number
  /** Decides for each request what goes wrong with it; nothing unless set. */
  fault: ((request: StubRequest) => Fault | undefined) | undefined
  /** Milliseconds by which this server's clock is ahead. */
  clockOffsetMs: number
  /** Milliseconds from a RestoreObject until an object of GLACIER or DEEP_ARCHIVE can be read; 0 unless set. */
  restoreMs: number
  resetCounts(): void
  /** Closes the port and all connections: further ones are refused. The objects stay. */
  goDown(): Promise<void>
  /** Listens again, on the same port. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

/** Starts a stub on 127.0.0.1. Path-style addressing only. */
export async function startS3Stub(options: S3StubOptions = {}): Promise<S3Stub> {
  const stub = new Stub(options)
  await stub.listen(options.port ?? 0)
  return stub
}

class Stub implements S3Stub {
  readonly credentials: StubCredentials
  readonly buckets = new Map<string, StubBucket>()
  fault: S3Stub['fault']
  clockOffsetMs = 0
  restoreMs = 0
  counts: Record<string, number> = { total: 0 }
  bytes = { received: 0, sent: 0 }
  connections = 0
  port = 0
  readonly #options: S3StubOptions
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(options: S3StubOptions) {
    this.#options = options
    this.credentials = {
      accessKeyId: 'stubaccesskey',
      secretAccessKey: 'stubsecretkey',
      region: 'us-east-1',
      ...options.credentials,
    }
    for (const name of options.buckets ?? ['stub']) this.buckets.set(name, new StubBucket(name))
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  resetCounts(): void {
    this.counts = { total: 0 }
    this.bytes = { received: 0, sent: 0 }
  }

  async listen(port: number): Promise<void> {
    const server = createServer(
      { keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true },
      (request, response) => this.#serve(request, response),
    )
    server.on('connection', socket => {
      this.connections++
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  async goDown(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  comeBack(): Promise<void> {
    return this.#server === undefined ? this.listen(this.port) : Promise.resolve()
  }

  close(): Promise<void> {
    return this.goDown()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const call = parseRequest(request)
    this.counts['total'] = (this.counts['total'] ?? 0) + 1
    this.counts[call.operation] = (this.counts[call.operation] ?? 0) + 1
    const fault = this.fault?.({ number: this.counts['total'], ...call, headers: request.headers })
    if (fault === 'refuse') return void request.socket.resetAndDestroy()
    if (typeof fault === 'object' && 'stall' in fault && fault.stall === 'request') return
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const [only] = chunks
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
      this.bytes.received += body.length
      if (typeof fault === 'object' && 'delayMs' in fault) {
        setTimeout(() => this.#answer(request, response, call, body, fault), fault.delayMs)
      } else this.#answer(request, response, call, body, fault)
    })
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: ParsedRequest,
    body: Buffer,
    fault: Fault | undefined,
  ): void {
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    const applied = isApplied(fault)
    let answer = applied ? this.#apply(request, call, body) : undefined
    if (fault === 'lose-answer') return void request.socket.resetAndDestroy()
    if (typeof fault === 'object' && 'stall' in fault && fault.stall === 'before-headers') return
    const inPlace = fault === undefined ? undefined : answerInPlace(fault)
    answer = inPlace ?? answer ?? { status: 500, headers: {}, body: NO_BODY }
    const isHead = call.method === 'HEAD'
    if (!isHead) this.bytes.sent += answer.body.length
    const own = {
      // An answer in place is somebody else's, unless it says otherwise.
      ...((inPlace === undefined || (typeof fault === 'object' && 'errorIn200' in fault)) && this.#names()),
      date: new Date(Date.now() + this.clockOffsetMs).toUTCString(),
    }
    sendAnswer(response, { ...answer, headers: { ...own, ...answer.headers } }, fault, isHead)
  }

  #names(): Record<string, string> {
    return this.#options.requestIds === false ? {} : { 'x-amz-request-id': randomBytes(8).toString('hex') }
  }

  #apply(request: IncomingMessage, call: ParsedRequest, raw: Buffer): StubAnswer {
    try {
      if (this.#options.verify !== false) {
        const refusal = checkSignature(request, this.credentials, Date.now() + this.clockOffsetMs)
        if (refusal !== undefined) return errorAnswer(refusal)
        const payloadHash = request.headers['x-amz-content-sha256']
        if (typeof payloadHash === 'string' && /^[0-9a-f]{64}$/.test(payloadHash)) {
          if (hash('sha256', raw, 'hex') !== payloadHash)
            throw new StubError(400, 'XAmzContentSHA256Mismatch')
        }
      }
      const { headers, body } = decodeChunked(request.headers, raw)
      return this.#operate(call, { headers, query: call.query, body })
    } catch (error) {
      if (error instanceof StubError) return errorAnswer(error.refusal)
      throw error
    }
  }

  #operate(request: ParsedRequest, call: StubCall): StubAnswer {
    const { operation, key, query } = request
    const {
      put = 'quoted',
      complete = 'quoted',
      delete: del = 'quoted',
      copySource = 'quoted',
      copy = 'quoted',
    } = this.#options.conditions ?? {}
    if (operation === 'ListBuckets') return this.#listBuckets()
    if (operation === 'CreateBucket') return this.#createBucket(request.bucket)
    const bucket = this.buckets.get(request.bucket)
    if (bucket === undefined) throw new StubError(404, 'NoSuchBucket', 'The specified bucket does not exist.')
    this.#checkStorageClass(call)
    switch (operation) {
      case 'PutObject':
        return bucket.put(key, call, put)
      case 'GetObject':
      case 'HeadObject':
        return headOf(bucket.read(key, call, operation === 'HeadObject'), operation)
      case 'GetObjectTagging':
        return bucket.tagging(key, query.get('versionId'))
      case 'PutObjectTagging':
        return bucket.tag(key, tagsOf(call.body))
      case 'DeleteObjectTagging':
        return { ...bucket.tag(key, []), status: 204 }
      case 'RestoreObject':
        return restoreObject(bucket, key, call.body.toString(), this.restoreMs)
      case 'DeleteObject':
        return bucket.delete(key, call, del)
      case 'CopyObject':
        return bucket.copy(key, bucket.copySource(call, this.buckets, copySource), call, copy)
      case 'CreateMultipartUpload':
        return bucket.begin(key, call)
      case 'UploadPart':
        return bucket.putPart(key, call)
      case 'UploadPartCopy':
        return bucket.copyPart(key, call, bucket.copySource(call, this.buckets, copySource))
      case 'CompleteMultipartUpload':
        return bucket.complete(key, call, partsOf(call.body), complete)
      case 'AbortMultipartUpload':
        return bucket.abort(key, query.get('uploadId'))
      case 'ListParts':
        return listParts(bucket, key, query.get('uploadId'))
      case 'ListMultipartUploads':
        return listUploads(bucket, query)
      case 'ListObjectsV2':
        return listObjects(bucket, query)
      case 'ListObjectVersions':
        return listVersions(bucket, query)
      case 'GetBucketVersioning':
        return xmlAnswer(200, 'VersioningConfiguration', bucket.versions.status())
      case 'PutBucketVersioning':
        bucket.versions.turn(elements(call.body.toString(), 'Status')[0] === 'Enabled')
        return { status: 200, headers: {}, body: NO_BODY }
      case 'DeleteObjects':
        return deleteObjects(bucket, call)
      case 'GetBucketLifecycleConfiguration':
        return lifecycleOf(bucket)
      case 'PutBucketLifecycleConfiguration':
        bucket.lifecycle = (this.#options.keepLifecycle ?? String)(call.body.toString())
        return { status: 200, headers: {}, body: NO_BODY }
      case 'DeleteBucketLifecycle':
        bucket.lifecycle = undefined
        return { status: 204, headers: {}, body: NO_BODY }
      case 'HeadBucket':
        return { status: 200, headers: {}, body: NO_BODY }
      case 'DeleteBucket':
        this.buckets.delete(request.bucket)
        return { status: 204, headers: {}, body: NO_BODY }
      default:
        throw new StubError(501, 'NotImplemented')
    }
  }

  #checkStorageClass({ headers }: StubCall): void {
    const { storageClasses } = this.#options
    const asked = headers['x-amz-storage-class']
    if (storageClasses === undefined || asked === undefined || asked === 'STANDARD') return
    if (!storageClasses.includes(String(asked))) {
      throw new StubError(400, 'InvalidStorageClass', 'The storage class you specified is not valid')
    }
  }

  #listBuckets(): StubAnswer {
    const names = Array.from(this.buckets.keys(), name => `<Bucket><Name>${name}</Name></Bucket>`)
    return xmlAnswer(200, 'ListAllMyBucketsResult', `<Buckets>${names.join('')}</Buckets>`)
  }

  #createBucket(name: string): StubAnswer {
    if (this.buckets.has(name)) throw new StubError(409, 'BucketAlreadyOwnedByYou')
    this.buckets.set(name, new StubBucket(name))
    return { status: 200, headers: { location: `/${name}` }, body: NO_BODY }
  }
}

function lifecycleOf({ lifecycle }: StubBucket): StubAnswer {
  if (lifecycle === undefined) throw new StubError(404, 'NoSuchLifecycleConfiguration')
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(lifecycle) }
}

function headOf(answer: StubAnswer, operation: string): StubAnswer {
  if (operation === 'GetObject') return answer
  return {
    ...answer,
    headers: { ...answer.headers, 'content-length': String(answer.body.length) },
    body: NO_BODY,
  }
}

function partsOf(body: Buffer): [number, string][] {
  const xml = body.toString()
  const etags = elements(xml, 'ETag')
  return elements(xml, 'PartNumber').map((number, i) => [Number(number), etags[i] ?? ''])
}

function tagsOf(body: Buffer): [string, string][] {
  const xml = body.toString()
  const values = elements(xml, 'Value')
  return elements(xml, 'Key').map((name, i) => [name, values[i] ?? ''])
}

function deleteObjects(bucket: StubBucket, call: StubCall): StubAnswer {
  const { headers, body } = call
  const checksummed = Object.keys(headers).some(name => name.startsWith('x-amz-checksum-'))
  if (headers['content-md5'] === undefined && !checksummed) {
    throw new StubError(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5')
  }
  const objects = body.toString().match(/<Object>.*?<\/Object>/gs) ?? []
  if (objects.length === 0 || objects.length > 1000) throw new StubError(400, 'MalformedXML')
  for (const object of objects) {
    const [key = ''] = elements(object, 'Key')
    const [versionId] = elements(object, 'VersionId')
    if (versionId === undefined) bucket.remove(key)
    else bucket.removeVersion(key, versionId)
  }
  return xmlAnswer(200, 'DeleteResult', '')
}
