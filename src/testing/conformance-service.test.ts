import { describe, expect, it } from 'vitest'
import { StorageError } from '../core/errors.js'
import { StorageService } from '../service.js'
import type { Storage } from '../storage.js'
import { MemoryStore } from '../stores/memory.js'
import { serviceConformance } from './index.js'

/** Names of the checks that fail, of those that match. */
async function failures(fault: (sound: Storage) => Partial<Storage>, only = /./): Promise<string[]> {
  const checks: { name: string; run: (...context: unknown[]) => Promise<void> }[] = []
  const ends: (() => Promise<void>)[] = []
  serviceConformance({
    describe: (_, define) => define(),
    it: (name, run) => void checks.push({ name, run }),
    afterAll: run => void ends.push(run),
    name: 'a storage',
    declaredSkips: { presign: 'no URLs', storageClasses: 'one class' },
    open: async () => {
      const service = new StorageService({ config: {}, store: new MemoryStore() })
      const storage = new Proxy(service, {
        get: (target, name) => {
          const value = Reflect.get({ ...fault(service) }, name) ?? Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      return { storage, close: async () => void (await service.close()) }
    },
  })
  const failed: string[] = []
  for (const { name, run } of checks.filter(check => only.test(check.name))) {
    await run({ skip: () => {} }).catch(() => failed.push(name))
  }
  for (const end of ends) await end()
  return failed
}

/** What goes wrong, the check that must notice, and how it is done. */
const FAULTS: readonly (readonly [string, RegExp, (sound: Storage) => Partial<Storage>])[] = [
  [
    'a refusal is taken for absence',
    /^downloads null where no file is/,
    sound => ({ downloadFile: (key, options) => sound.downloadFile(key, options).catch(() => null) }),
  ],
  [
    'a string is taken for content',
    /^refuses a bare string as content/,
    sound => ({
      uploadFile: (content, key, options) =>
        sound.uploadFile(typeof content === 'string' ? Buffer.from(content) : content, key, options),
    }),
  ],
  [
    'a listing ends after a thousand keys',
    /^lists more than a thousand files/,
    sound => ({
      listFiles: async (prefix, options) => {
        const keys = await sound.listFiles(prefix, options)
        return Object.assign(keys.slice(0, 1000), { complete: true })
      },
    }),
  ],
  [
    'a hostile key is cleaned up instead of refused',
    /^refuses the key "\.\.\/x"/,
    sound => ({ statFile: (key, options) => sound.statFile(String(key).replaceAll('../', ''), options) }),
  ],
  [
    'an empty prefix deletes everything',
    /^does not delete everything/,
    sound => ({
      deletePrefix: async (prefix, options) =>
        prefix === ''
          ? sound.deleteFiles(await sound.listFiles(), options)
          : sound.deletePrefix(prefix, options),
    }),
  ],
  [
    'a move onto itself deletes the file',
    /^does not lose a file that is moved onto itself/,
    sound => ({
      moveFile: async (from, to, options) => {
        const result = await sound.copyFile(from, to, options)
        await sound.deleteFile(from)
        return result
      },
    }),
  ],
  [
    'a deadline is not kept, but reported',
    /runs out of time, after 1000 bytes/,
    sound => ({
      uploadFile: async (content, key, options = {}) => {
        if (typeof options === 'string' || options.timeoutMs === undefined)
          return sound.uploadFile(content, key, options)
        await sound.uploadFile(Buffer.from('what came'), key)
        throw new StorageError({ code: 'TIMEOUT', op: 'put', message: 'The deadline passed.' })
      },
    }),
  ],
  [
    'tags are not set',
    /^tells the tags that a file was uploaded with/,
    () => ({ setFileTags: async () => {} }),
  ],
  [
    'a class that there is not is taken without a word',
    /^takes STANDARD for what every file is in/,
    sound => ({ setStorageClass: (key, _, options) => sound.statFile(key, options) }),
  ],
  [
    'an option is forgotten',
    /^keeps what a file carries$/,
    sound => ({
      uploadFile: (content, key, options) =>
        sound.uploadFile(
          content,
          key,
          typeof options === 'object' ? { ...options, fileName: undefined } : options,
        ),
    }),
  ],
]

describe('the service conformance suite', () => {
  it('finds nothing wrong with a sound storage', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })

  it.each(FAULTS)('notices that %s', async (_, check, fault) => {
    expect(await failures(() => ({}), check)).toEqual([])
    expect((await failures(fault, check)).length).toBeGreaterThan(0)
  })
})
