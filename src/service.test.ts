import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { StorageError } from './core/errors.js'
import type { Store } from './core/store.js'
import { StorageService } from './service.js'
import { MemoryStore } from './stores/memory.js'

function memoryService(): StorageService {
  return new StorageService({ config: {}, store: new MemoryStore() })
}

/** A memory store whose operations fail as told. */
function failingStore(fail: () => StorageError | undefined): Store {
  const memory = new MemoryStore()
  return new Proxy(memory, {
    get: (target, name: keyof MemoryStore) => {
      const value = target[name]
      if (typeof value !== 'function') return value
      return async (...args: never[]) => {
        const error = name === 'close' ? undefined : fail()
        if (error !== undefined) throw error
        return Reflect.apply(value, target, args)
      }
    },
  })
}

const away = new StorageError({ code: 'UNAVAILABLE', op: 'get', store: 's3', message: 'The store is away.' })

describe('StorageService', () => {
  it('answers null only for a file that is known absent', async () => {
    let error: StorageError | undefined
    const storage = new StorageService({ config: {}, store: failingStore(() => error) })
    expect(await storage.downloadFile('a')).toBeNull()
    error = away
    await expect(storage.downloadFile('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(storage.fileExists('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('tells in its status what the last calls said of the store', async () => {
    let error: StorageError | undefined
    const storage = new StorageService({ config: {}, store: failingStore(() => error) })
    const states: string[] = []
    storage.on('state', state => states.push(state))
    expect(storage.getStatus()).toMatchObject({
      state: 'starting',
      fallbackMode: true,
      provider: 'local',
      problems: [],
    })
    await storage.uploadFile(Buffer.from('x'), 'a')
    expect(storage.getStatus().state).toBe('healthy')
    error = away
    await storage.downloadFile('a').catch(() => {})
    expect(storage.getStatus()).toMatchObject({ state: 'down', problems: [{ code: 'UNAVAILABLE' }] })
    error = undefined
    await storage.downloadFile('nothing there')
    expect(storage.getStatus()).toMatchObject({ state: 'healthy', problems: [] })
    await storage.close()
    expect(storage.getStatus().state).toBe('closed')
    expect(states).toEqual(['healthy', 'down', 'healthy', 'closed'])
  })

  it('stays open after a failed start: the next call tries again', async () => {
    let attempts = 0
    const store = failingStore(() => (++attempts === 1 ? away : undefined))
    const storage = new StorageService({ config: {}, store })
    await expect(storage.ready()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await storage.ready()
  })

  it('waits for calls under way when it closes, and refuses later ones', async () => {
    const storage = memoryService()
    let release = (): void => {}
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.from('first,')
      await new Promise<void>(resolve => {
        release = resolve
      })
      yield Buffer.from('last')
    }
    const upload = storage.uploadFile(slow(), 'slow', 'text/plain')
    await new Promise(resolve => setTimeout(resolve, 10))
    const closing = storage.close()
    await expect(storage.downloadFile('slow')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: false,
    })
    release()
    expect(await upload).toMatchObject({ size: 10 })
    expect(await closing).toEqual({ pending: 0 })
  })

  it('opens nothing for a call that outlives its close', async () => {
    const localStoragePath = join(tmpdir(), `holdfast-not-opened-${process.pid}`)
    const storage = new StorageService({ config: { localStoragePath } })
    let release = (): void => {}
    async function* slow(): AsyncGenerator<Buffer> {
      await new Promise<void>(resolve => {
        release = resolve
      })
      yield Buffer.from('x')
    }
    const upload = storage.uploadFile(slow(), 'slow')
    upload.catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 10))
    await storage.close({ drainMs: 1 })
    release()
    await expect(upload).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    await expect(storage.verifySignedUrl('GET', '/uploads/a?expires=1&signature=x')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(existsSync(localStoragePath)).toBe(false)
  })

  it('leaves timers and sockets their turns while a caller waits in a loop', async () => {
    const storage = memoryService()
    await storage.uploadFile(Buffer.from('x'), 'lock')
    const createOnly = (): Promise<unknown> =>
      storage.uploadFile(Buffer.from('x'), 'lock', { ifNoneMatch: '*' }).catch(() => {})
    for (const ask of [
      () => storage.fileExists('missing'),
      () => storage.downloadFile('missing'),
      () => storage.deleteFile('missing'),
      () => storage.listFiles(),
      () => storage.getStorageMetrics(),
      createOnly,
    ]) {
      let fired = false
      setTimeout(() => {
        fired = true
      }, 5)
      // Without a turn of the event loop it would never end, and no time limit of a test could end it either.
      for (const until = Date.now() + 30_000; !fired && Date.now() < until; ) await ask()
      expect(fired).toBe(true)
    }
  })

  it('does not fail a call for a listener that throws, and logs it', async () => {
    const logged: string[] = []
    const log = (_: object, message: string): void => void logged.push(message)
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: log }
    let error: StorageError | undefined
    const storage = new StorageService({ config: {}, store: failingStore(() => error), logger })
    storage.on('state', () => {
      throw new Error('a defect of the listener')
    })
    storage.on('problem', () => {
      throw new Error('a defect of the listener')
    })
    expect(await storage.uploadFile(Buffer.from('x'), 'a')).toMatchObject({ success: true })
    error = away
    await expect(storage.downloadFile('a')).rejects.toBe(away)
    expect(logged).toEqual(Array(3).fill('A listener for an event of the storage threw'))
  })

  it('takes neither a signature nor a report of failures for a sign that the store works', async () => {
    let error: StorageError | undefined
    // One that signs, and that removes objects one by one.
    const more: Record<PropertyKey, unknown> = {
      presign: async () => 'https://host/a',
      deleteMany: undefined,
    }
    const store = new Proxy(
      failingStore(() => error),
      { get: (target, name) => (name in more ? more[name] : Reflect.get(target, name)) },
    )
    const storage = new StorageService({ config: {}, store })
    await storage.ready()
    error = away
    expect((await storage.deleteFiles(['a', 'b'])).failed).toHaveLength(2)
    expect(storage.getStatus().state).toBe('down')
    await storage.generatePresignedUrl('a')
    expect(storage.getStatus().state).toBe('down')
    error = undefined
    await storage.deleteFiles(['a'])
    expect(storage.getStatus().state).toBe('healthy')
  })

  it('waits no longer for keys to delete than its deadline, and names why they failed', async () => {
    const storage = memoryService()
    await storage.uploadFile(Buffer.from('x'), 'a')
    async function* stalled(): AsyncGenerator<string> {
      yield 'a'
      await new Promise(() => {})
    }
    await expect(storage.deleteFiles(stalled(), { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    async function* broken(): AsyncGenerator<string> {
      yield 'a'
      throw new Error('The list is gone.')
    }
    await expect(storage.deleteFiles(broken())).rejects.toMatchObject({
      code: 'ABORTED',
      message: expect.stringContaining('The list is gone.'),
    })
    expect(await storage.deleteFiles(new Set(['a', 'b']))).toEqual({ deleted: 2, failed: [] })
  })

  it('does not mark the store as down for a deadline of the caller', async () => {
    const storage = memoryService()
    await storage.ready()
    async function* never(): AsyncGenerator<Buffer> {
      yield Buffer.from('x')
      await new Promise(() => {})
    }
    await expect(storage.uploadFile(never(), 'a', { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    expect(storage.getStatus().state).toBe('healthy')
    expect(await storage.fileExists('a')).toBe(false)
  })

  it('chooses the content type: the caller, else the content, else the extension', async () => {
    const storage = memoryService()
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
    const typeOf = async (content: Buffer, key: string, type?: string): Promise<string> =>
      (await storage.uploadFile(content, key, type)).contentType
    expect(await typeOf(png, 'a.jpg')).toBe('image/png')
    expect(await typeOf(png, 'a.jpg', 'image/gif')).toBe('image/gif')
    expect(await typeOf(Buffer.from('hello'), 'a.txt')).toBe('text/plain')
    expect(await typeOf(Buffer.from('hello'), 'html')).toBe('application/octet-stream')
    expect(await typeOf(Buffer.from('PK\u0003\u0004'), 'a.docx')).toMatch(/wordprocessingml/)
  })

  it('keeps the source of a move if it was replaced meanwhile', async () => {
    const memory = new MemoryStore()
    const storage = new StorageService({ config: {}, store: memory })
    await storage.uploadFile(Buffer.from('old'), 'a')
    const copy = memory.copy?.bind(memory)
    if (copy === undefined) throw new Error('the memory store copies')
    memory.copy = async (...args) => {
      const stat = await copy(...args)
      await storage.uploadFile(Buffer.from('new'), 'a')
      return stat
    }
    await storage.moveFile('a', 'b')
    expect(String(await storage.downloadFile('b'))).toBe('old')
    expect(String(await storage.downloadFile('a'))).toBe('new')
  })

  it('reports a failed deletion and goes on', async () => {
    const storage = memoryService()
    await storage.uploadFile(Buffer.from('x'), 'a')
    const report = await storage.deleteFiles(['../b', 'a', 'missing'])
    expect(report.failed).toMatchObject([{ key: '../b', error: { code: 'INVALID_KEY' } }])
    expect(await storage.fileExists('a')).toBe(false)
  })

  it('refuses a hostile key before it opens anything', async () => {
    const localStoragePath = join(tmpdir(), `holdfast-never-made-${process.pid}`)
    const storage = new StorageService({ config: { localStoragePath } })
    for (const call of [
      storage.uploadFile(Buffer.from('x'), '../x'),
      storage.downloadFile('../x'),
      storage.openFile('../x'),
      storage.statFile('../x'),
      storage.fileExists('../x'),
      storage.deleteFile('../x'),
      storage.copyFile('../x', 'a'),
      storage.copyFile('a', '../x'),
      storage.moveFile('../x', 'a'),
      storage.moveFile('a', '../x'),
      storage.generatePresignedUrl('../x'),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'INVALID_KEY' })
    }
    expect(existsSync(localStoragePath)).toBe(false)
    await storage.close()
  })
})
