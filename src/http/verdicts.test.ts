import { describe, expect, test, vi } from 'vitest'
import { StorageError } from '../core/errors.js'
import type { FileStat } from '../storage.js'
import type { HttpStorage } from './options.js'
import { Verdicts } from './verdicts.js'

const GIF = Buffer.from('GIF89a and more')
const stat = (etag: string, key = 'k'): FileStat => ({
  key,
  etag,
  size: 100,
  lastModified: new Date(0),
  pending: false,
  contentType: 'image/gif',
  metadata: {},
})

function verdictsOver(answer: () => Promise<Buffer>) {
  const openFile = vi.fn(async () => {
    const bytes = await answer()
    return { bytes: async () => bytes }
  })
  return { openFile, verdicts: new Verdicts({ openFile } as unknown as HttpStorage) }
}

describe('a verdict', () => {
  test('is made once for a version of a file, from its first bytes', async () => {
    const { openFile, verdicts } = verdictsOver(async () => GIF)
    expect(verdicts.known(stat('1'))).toBeUndefined()
    expect(await verdicts.ofFile(stat('1'))).toBe('image/gif')
    expect(await verdicts.ofFile(stat('1'))).toBe('image/gif')
    expect(verdicts.known(stat('1'))).toEqual({ proven: 'image/gif' })
    expect(await verdicts.ofBytes(stat('1'), Buffer.from('not looked at'))).toBe('image/gif')
    expect(openFile.mock.calls).toEqual([['k', { range: { start: 0, end: 4099 }, ifMatch: '1' }]])
  })

  test('is of one version and one key', async () => {
    const { verdicts } = verdictsOver(async () => GIF)
    await verdicts.ofFile(stat('1'))
    expect(await verdicts.ofBytes(stat('2'), Buffer.from('<html>'))).toBeUndefined()
    expect(verdicts.known(stat('1', 'other'))).toBeUndefined()
    expect(verdicts.known(stat('2'))).toEqual({ proven: undefined })
  })

  test.each(['PRECONDITION_FAILED', 'NOT_FOUND'] as const)(
    'is none, and not kept, on a file that is gone (%s)',
    async code => {
      const { verdicts } = verdictsOver(() =>
        Promise.reject(new StorageError({ code, op: 'get', message: '' })),
      )
      expect(await verdicts.ofFile(stat('1'))).toBeUndefined()
      expect(verdicts.known(stat('1'))).toBeUndefined()
    },
  )

  test('is no guess while the store is away', async () => {
    const away = new StorageError({ code: 'UNAVAILABLE', op: 'get', message: '' })
    const { verdicts } = verdictsOver(() => Promise.reject(away))
    await expect(verdicts.ofFile(stat('1'))).rejects.toBe(away)
  })

  test('takes bounded memory', async () => {
    const { verdicts } = verdictsOver(async () => GIF)
    for (let i = 0; i < 5000; i++) await verdicts.ofBytes(stat(String(i)), Buffer.alloc(0))
    expect(verdicts.known(stat('0'))).toBeUndefined()
    expect(verdicts.known(stat('4999'))).toBeDefined()
  })
})
