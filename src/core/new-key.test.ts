import { describe, expect, it } from 'vitest'
import { isKey } from './key.js'
import { newKey } from './new-key.js'

const extensionOf = (fileName?: string): string => newKey('', fileName).slice(26)

describe('a new key', () => {
  it('is random, behind its prefix, and in lower case', () => {
    const keys = Array.from({ length: 2000 }, () => newKey('rooms/42/', 'Photo.JPG'))
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of keys) expect(key).toMatch(/^rooms\/42\/[a-z2-7]{26}\.jpg$/)
  })

  it('uses every letter in every place', () => {
    const seen = Array.from({ length: 26 }, () => new Set<string>())
    for (let i = 0; i < 2000; i++) {
      for (const [at, letter] of [...newKey('')].entries()) seen[at]?.add(letter)
    }
    expect(seen.map(letters => letters.size)).toEqual(Array.from({ length: 26 }, () => 32))
  })

  it.each<[string | undefined, string]>([
    [undefined, ''],
    ['', ''],
    ['photo', ''],
    ['photo.jpg', '.jpg'],
    ['PHOTO.JPEG', '.jpeg'],
    ['Grüße 👋.PnG', '.png'],
    ['src.tar.gz', '.tar.gz'],
    ['photo.jpg ', '.jpg'],
    ['.gitignore', ''],
    ['photo.', ''],
    ['photo.jpg/../../etc/passwd', ''],
    ['../../x.mp3', '.mp3'],
    ['a.b/c', ''],
    ['x.jpg\u0000.exe', '.exe'],
    ['x.jpg\u0000', ''],
    ['x.j\u202epg', ''],
    ['x.\u212aml', ''],
    ['x.html?y=.z', '.z'],
    ['x.a b', ''],
    ['x.abcdefghijk', ''],
    ['\ud800.txt', '.txt'],
    ['x'.repeat(100_000), ''],
    [`${'.'.repeat(10_000)}7z`, '.7z'],
  ])('keeps of the name %j the extension %j', (fileName, extension) => {
    const key = newKey('', fileName)
    expect(key.slice(26)).toBe(extension)
    expect(isKey(key)).toBe(true)
  })

  it('takes the last part of a Windows path like any other name', () => {
    expect(extensionOf('C:\\Users\\x\\photo.gif')).toBe('.gif')
  })

  it.each(['rooms/42', '/', '../', 'a//', 'a\\', 42])('refuses the prefix %j', prefix => {
    expect(() => newKey(prefix as string, 'a.txt')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })

  it('refuses a name that is no string, and a prefix that leaves no room', () => {
    expect(() => newKey('', 42 as unknown as string)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
    expect(() => newKey(`${'x'.repeat(1010)}/`)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
    expect(() => newKey('.holdfast/')).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
  })
})
