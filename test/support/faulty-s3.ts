import { onTestFinished } from 'vitest'
import { type AttributesInput, parseAttributes } from '../../src/core/attributes.js'
import { type ErrorCode, StorageError } from '../../src/core/errors.js'
import { type Key, parseKey } from '../../src/core/key.js'
import { type Content, openSource, type SourceOptions } from '../../src/core/source.js'
import type { ObjectStat, PutOptions } from '../../src/core/store.js'
import type { S3Options } from '../../src/stores/s3/options.js'
import { S3Store } from '../../src/stores/s3/store.js'
import { type S3Stub, type S3StubOptions, startS3Stub } from '../../src/testing/s3-stub.js'

/** Deadlines that let a test of them end soon. */
export const SHORT = { connectMs: 500, firstByteMs: 300, idleMs: 300, totalMs: 3_000, completeMs: 1_000 }

/** A stub, and a store on it; both end with the test. */
export interface Faulty {
  readonly stub: S3Stub
  readonly store: S3Store
}

/** Starts a stub and opens a store on it, which never repeats a request unless `retry` says so. */
export async function openFaulty(
  options: Partial<S3Options> = {},
  stubOptions: S3StubOptions = {},
): Promise<Faulty> {
  const stub = await startS3Stub(stubOptions)
  const store = openOn(stub, options)
  onTestFinished(() => stub.close())
  return { stub, store }
}

/** Another store on a stub. */
export function openOn(stub: S3Stub, options: Partial<S3Options> = {}): S3Store {
  const store = new S3Store({
    endpoint: stub.endpoint,
    region: stub.credentials.region,
    bucket: 'stub',
    credentials: stub.credentials,
    deadlines: SHORT,
    retry: { attempts: 1 },
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

export function key(name: string): Key {
  return parseKey(name)
}

/** Puts content with nothing more said. */
export async function put(
  store: S3Store,
  name: string,
  content: Content,
  options: Partial<PutOptions> & SourceOptions & { attrs?: AttributesInput } = {},
): Promise<ObjectStat> {
  const { size, maxBytes, attrs = {}, ...rest } = options
  const source = await openSource(content, { size, maxBytes, signal: options.signal })
  try {
    return await store.put(key(name), source, { attributes: parseAttributes(attrs), ...rest })
  } finally {
    await source.close()
  }
}

export async function bytesOf(store: S3Store, name: string): Promise<Buffer> {
  return (await store.get(key(name))).body.bytes()
}

/** All bytes of an object, read piece by piece. */
export async function piecesOf(store: S3Store, name: string): Promise<Buffer> {
  const { body } = await store.get(key(name))
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The StorageError that work ends with. @throws Error if it succeeds, or fails in another way */
export async function failureOf(work: Promise<unknown>): Promise<StorageError> {
  try {
    await work
  } catch (error) {
    if (StorageError.is(error)) return error
    throw error
  }
  throw new Error('It succeeded.')
}

/** The code that work fails with. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode> {
  return (await failureOf(work)).code
}

/** Bytes that no shift or cut leaves alike. */
export function patterned(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let state = seed | 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    bytes[i] = state >>> 16
  }
  return bytes
}

/** Every operation that asks the store for something, by name. */
export function everyOperation(store: S3Store): Record<string, () => Promise<unknown>> {
  return {
    put: () => put(store, 'a', Buffer.from('x')),
    get: () => store.get(key('a')),
    head: () => store.head(key('a')),
    delete: () => store.delete(key('a')),
    list: () => store.list(),
    copy: () => store.copy(key('a'), key('b')),
    probe: () => store.probe(),
  }
}
