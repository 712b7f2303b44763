import { describe, expect, it } from 'vitest'
import { StorageError } from '../core/errors.js'
import { StorageService } from '../service.js'
import { MemoryStore } from '../stores/memory.js'

const HELLO = Buffer.from('hello')

/** What no options are. */
const NO_OPTIONS: readonly unknown[] = [null, 5, true, 'text', [], Symbol('s'), () => {}, 10n]
/** What is no text, number or function that any option takes. */
const ODD: readonly unknown[] = [
  null,
  true,
  Symbol('s'),
  10n,
  [],
  {},
  Object.create(null),
  new Map([['a', 1]]),
]

type Call = (options: never) => unknown

function callsOf(storage: StorageService): Record<string, Call> {
  return {
    uploadFile: options => storage.uploadFile(HELLO, 'up', options),
    downloadFile: options => storage.downloadFile('a', options),
    openFile: options => storage.openFile('a', options),
    statFile: options => storage.statFile('a', options),
    fileExists: options => storage.fileExists('a', options),
    deleteFile: options => storage.deleteFile('none', options),
    deleteFiles: options => storage.deleteFiles(['none'], options),
    deletePrefix: options => storage.deletePrefix('none', options),
    copyFile: options => storage.copyFile('a', 'b', options),
    moveFile: options => storage.moveFile('b', 'c', options),
    list: options => firstOf(storage.list(options)),
    pages: options => firstOf(storage.list(options).pages()),
    listFiles: options => storage.listFiles('', options),
    getStorageMetrics: options => storage.getStorageMetrics(options),
    generatePresignedUrl: options => storage.generatePresignedUrl('a', options),
    ready: options => storage.ready(options),
    importFiles: options => storage.importFiles(undefined, options),
    close: options => storage.close(options),
    StorageService: options => new StorageService(options),
  }
}

async function firstOf(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items) return
}

async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return StorageError.is(error) ? error.code : error
  }
}

async function service(): Promise<StorageService> {
  const storage = new StorageService({ config: {}, store: new MemoryStore() })
  await storage.uploadFile(HELLO, 'a')
  return storage
}

describe('every method', () => {
  it('refuses what are no options', async () => {
    const storage = await service()
    for (const [name, call] of Object.entries(callsOf(storage))) {
      for (const options of NO_OPTIONS) {
        // A content type, and seconds.
        if (name === 'uploadFile' && options === 'text') continue
        if (name === 'generatePresignedUrl' && options === 5) continue
        expect(await failureOf(() => call(options as never)), `${name}(${String(options)})`).toBe(
          'INVALID_ARGUMENT',
        )
      }
    }
    expect(await storage.fileExists('a')).toBe(true)
    await storage.close()
  })

  it('refuses a signal and a deadline that are none', async () => {
    const storage = await service()
    const { generatePresignedUrl, close, StorageService: _, ...calls } = callsOf(storage)
    for (const [name, call] of Object.entries(calls)) {
      for (const signal of [...ODD, 5, 'text', { aborted: false }]) {
        expect(await failureOf(() => call({ signal } as never)), name).toBe('INVALID_ARGUMENT')
      }
      for (const timeoutMs of [...ODD, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5']) {
        expect(await failureOf(() => call({ timeoutMs } as never)), name).toBe('INVALID_ARGUMENT')
      }
    }
  })

  it.each<[string, string, readonly unknown[]]>([
    ['uploadFile', 'fileName', [...ODD, 5, '']],
    ['uploadFile', 'contentType', [...ODD, 5, '']],
    ['uploadFile', 'sha256', [...ODD, 5, 'abc']],
    ['uploadFile', 'onProgress', [...ODD, 5, 'text']],
    ['uploadFile', 'size', [...ODD, -1, '5']],
    ['uploadFile', 'maxBytes', [...ODD, -1, '5']],
    ['uploadFile', 'ifMatch', [...ODD, 5]],
    ['uploadFile', 'ifNoneMatch', [...ODD, 5]],
    ['downloadFile', 'maxBytes', [...ODD, -1, 0.5, '5', Number.NaN]],
    ['downloadFile', 'range', [...ODD, 5, 'bytes=0-1', { start: null }, { last: '1' }, { start: 2, end: 1 }]],
    ['downloadFile', 'ifNoneMatch', [...ODD, 5]],
    ['openFile', 'range', [...ODD, 5, 'bytes=0-1', { start: 1n }]],
    ['openFile', 'ifMatch', [...ODD, 5]],
    ['deleteFile', 'ifMatch', [...ODD, 5]],
    ['copyFile', 'ifMatch', [...ODD, 5]],
    ['copyFile', 'metadata', [null, true, 5, 'a', [], new Map()]],
    ['moveFile', 'ifNoneMatch', [...ODD, 5]],
    ['list', 'prefix', [...ODD, 5]],
    ['list', 'cursor', [...ODD, 5, 'text']],
    ['list', 'delimiter', [...ODD, 5, '', '\ud83d']],
    ['list', 'limit', [...ODD, 0, 1001, '5']],
    ['getStorageMetrics', 'prefix', [...ODD, 5]],
    ['generatePresignedUrl', 'method', [...ODD, 5, 'HEAD']],
    ['generatePresignedUrl', 'expiresInSeconds', [...ODD, 0, '5', 604_801]],
    ['generatePresignedUrl', 'contentType', [...ODD, 5, 'text', 'text/plain\r\nX: y']],
    ['generatePresignedUrl', 'fileName', [...ODD, 5, 'a\nb', '\ud83d']],
    ['generatePresignedUrl', 'disposition', [...ODD, 5, 'none']],
    ['close', 'drainMs', [...ODD, -1, Number.NaN, Number.POSITIVE_INFINITY, '5']],
    ['StorageService', 'config', NO_OPTIONS],
    ['StorageService', 'logger', [...ODD, { warn: () => {} }]],
    ['StorageService', 'store', [...ODD, { put: () => {} }]],
  ])('%s refuses an odd %s', async (name, option, values) => {
    const storage = await service()
    for (const value of values) {
      const call = callsOf(storage)[name]
      expect(await failureOf(() => call?.({ [option]: value } as never))).toBe('INVALID_ARGUMENT')
    }
    // The refusals of a close have closed nothing.
    expect(await storage.fileExists('a')).toBe(true)
  })

  it.each([null, 5, true, 'abc', {}, () => {}])('deletes nothing for the keys %o', async keys => {
    const storage = await service()
    expect(await failureOf(() => storage.deleteFiles(keys as never))).toBe('INVALID_ARGUMENT')
    // Its letters are keys too.
    expect(await storage.fileExists('a')).toBe(true)
  })

  it.each([null, -1, '5', {}])('refuses to read an opened file into at most %o bytes', async maxBytes => {
    const file = await (await service()).openFile('a')
    expect(await failureOf(() => file.bytes({ maxBytes: maxBytes as never }))).toBe('INVALID_ARGUMENT')
    expect(await failureOf(() => file.bytes(null as never))).toBe('INVALID_ARGUMENT')
    expect(String(await file.bytes())).toBe('hello')
  })

  it.each([null, 5, undefined, {}])('grants nothing for the URL %o', async url => {
    const storage = await service()
    expect(await storage.verifySignedUrl('GET', url as never)).toBeUndefined()
  })
})
