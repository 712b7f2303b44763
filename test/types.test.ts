import { describe, expect, expectTypeOf, it } from 'vitest'
import type {
  Content,
  FileStat,
  KeyList,
  ListedFile,
  OpenedFile,
  Storage,
  StorageConfig,
  UploadResult,
} from '../src/index.js'
import { StorageError, StorageService } from '../src/index.js'

/** Checked by the compiler (the type check is a test of its own); at run time there is nothing to do. */
describe('the public types', () => {
  it('refuse a bare string as content', () => {
    expectTypeOf<string>().not.toExtend<Content>()
    expectTypeOf<Buffer>().toExtend<Content>()
    expectTypeOf<{ path: string }>().toExtend<Content>()
    expectTypeOf<AsyncGenerator<Buffer>>().toExtend<Content>()
  })

  it('tell an upload to the object store from one to the local disk', () => {
    const bucketOf = (result: UploadResult): string | undefined =>
      result.provider === 'local' ? result.path : result.bucket
    expectTypeOf(bucketOf).returns.toEqualTypeOf<string | undefined>()
    expectTypeOf<UploadResult['success']>().toEqualTypeOf<true>()
  })

  it('say that a download may find nothing, and that a stat may not', () => {
    expectTypeOf<ReturnType<Storage['downloadFile']>>().resolves.toEqualTypeOf<Buffer | null>()
    expectTypeOf<ReturnType<Storage['statFile']>>().resolves.toEqualTypeOf<FileStat>()
    expectTypeOf<ReturnType<Storage['openFile']>>().resolves.toEqualTypeOf<OpenedFile>()
  })

  it('take the content type as a string, and options as an object', () => {
    expectTypeOf<Storage['uploadFile']>().toBeCallableWith(Buffer.alloc(0), 'a', 'text/plain')
    expectTypeOf<Storage['uploadFile']>().toBeCallableWith(Buffer.alloc(0), 'a', { ifNoneMatch: '*' })
  })

  it('list keys as an array that says whether it is complete', () => {
    expectTypeOf<KeyList>().toExtend<readonly string[]>()
    expectTypeOf<KeyList['complete']>().toEqualTypeOf<boolean>()
    expectTypeOf<ReturnType<Storage['list']>>().toExtend<AsyncIterable<ListedFile>>()
    expectTypeOf<FileStat>().toExtend<ListedFile>()
  })

  it('let the service stand for the interface, with a configuration that need not be whole', () => {
    expectTypeOf<StorageService>().toExtend<Storage>()
    expectTypeOf(StorageService).toBeConstructibleWith({ config: { localStoragePath: '/srv' } })
    expectTypeOf<StorageConfig['port']>().toEqualTypeOf<number>()
  })

  it('narrow what was caught', () => {
    const caught: unknown = new StorageError({ code: 'NOT_FOUND', op: 'get', message: 'x' })
    expect(StorageError.is(caught)).toBe(true)
    if (StorageError.is(caught)) expectTypeOf(caught.retryable).toEqualTypeOf<boolean>()
  })
})
