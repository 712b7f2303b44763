import { expect, test } from 'vitest'
import { isArchiveClass, parseStorageClass, STORAGE_CLASSES } from './storage-class.js'

test.each([...STORAGE_CLASSES, 'COLD', 'hot-nvme', 'tier.2', 'x'.repeat(128)])('%s passes', name => {
  expect(parseStorageClass(name, 'put')).toBe(name)
})

test.each([
  ['standard_ia', 'STANDARD_IA'],
  ['STANDARD-IA', 'STANDARD_IA'],
  ['Glacier', 'GLACIER'],
  ['GLACIER-IR', 'GLACIER_IR'],
  ['DeepArchive', 'DEEP_ARCHIVE'],
])('%s is told to be %s in another spelling', (given, meant) => {
  expect(() => parseStorageClass(given, 'put')).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: `Invalid storageClass "${given}"; accepted: ${meant}.`,
    }),
  )
})

test.each(['', ' ', 'A B', 'a\nb', '-x', 'x'.repeat(129), 'GRÜN', 7, null])(
  'what can be no name is refused: %s',
  given => {
    expect(() => parseStorageClass(given, 'put')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('STANDARD_IA') }),
    )
  },
)

test('two classes are archives', () => {
  expect(STORAGE_CLASSES.filter(isArchiveClass)).toEqual(['GLACIER', 'DEEP_ARCHIVE'])
  expect(isArchiveClass(undefined)).toBe(false)
})
