import contentDisposition from 'content-disposition'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileStat, SignedAccess } from '../storage.js'
import { mayBeInline, present } from './presentation.js'

const stat = (contentType: string, more: Partial<FileStat> = {}): FileStat => ({
  key: 'folder/name.bin',
  size: 10,
  etag: 'e',
  lastModified: new Date(0),
  pending: false,
  contentType,
  metadata: {},
  ...more,
})
const signed = (more: Partial<SignedAccess>): SignedAccess => ({
  method: 'GET',
  key: 'k',
  expiresAt: new Date(0),
  ...more,
})
const typeOf = (header: string): string => contentDisposition.parse(header).type

describe('inline', () => {
  test.each([
    ['image/png', 'image/png'],
    ['image/png', 'image/apng'],
    ['IMAGE/PNG', 'image/png'],
    ['image/jpg', 'image/jpeg'],
    ['audio/webm;codecs=opus', 'video/webm'],
    ['audio/ogg', 'audio/ogg; codecs=opus'],
    ['application/pdf', 'application/pdf'],
  ])('is %s whose bytes are %s', (declared, proven) => {
    expect(mayBeInline(stat(declared), undefined)).toBe(true)
    const shown = present(stat(declared), proven, undefined)
    expect(typeOf(shown.contentDisposition)).toBe('inline')
    expect(shown.contentType).toBe(declared)
  })

  test.each([
    ['text/html', 'image/png'],
    ['image/svg+xml', 'image/png'],
    ['image/png', 'image/gif'],
    ['application/octet-stream', 'image/png'],
    ['image/tiff', 'image/tiff'],
    ['application/xml', 'application/xml'],
    ['image/png', undefined],
    ['application/pdf', 'image/png'],
  ])('is not %s whose bytes are %s', (declared, proven) => {
    const shown = present(stat(declared), proven, undefined)
    expect(typeOf(shown.contentDisposition)).toBe('attachment')
    expect(shown.contentSecurityPolicy).toMatch(/^sandbox; default-src 'none'/)
  })

  test('is not worth a look where it cannot be', () => {
    expect(mayBeInline(stat('text/html'), undefined)).toBe(false)
    expect(mayBeInline(stat('image/png', { contentDisposition: 'attachment' }), undefined)).toBe(false)
  })

  test.each([
    ['image/png', /^sandbox; default-src 'none'/],
    ['audio/wav', /^sandbox allow-same-origin; default-src 'none'/],
    ['video/mp4', /^sandbox allow-same-origin; default-src 'none'/],
    ['application/pdf', /^default-src 'none'/],
  ])('leaves a %s no more than it needs to be shown', (type, policy) => {
    const { contentSecurityPolicy } = present(stat(type), type, undefined)
    expect(contentSecurityPolicy).toMatch(policy)
    expect(contentSecurityPolicy).not.toMatch(/script|allow-(?!same-origin)/)
  })

  test('gives way to an attachment, of the file or of the signed URL', () => {
    const attachment = { contentDisposition: 'attachment' }
    const ofFile = present(stat('image/png', attachment), 'image/png', undefined)
    const ofUrl = present(stat('image/png'), 'image/png', signed(attachment))
    expect(typeOf(ofFile.contentDisposition)).toBe('attachment')
    expect(typeOf(ofUrl.contentDisposition)).toBe('attachment')
  })

  test('cannot be had by signing it', () => {
    const inline = signed({ contentDisposition: 'inline', contentType: 'text/html' })
    const shown = present(stat('image/png'), 'image/png', inline)
    expect(typeOf(shown.contentDisposition)).toBe('attachment')
    expect(shown.contentType).toBe('text/html')
  })
})

test.each([
  'text/javascript',
  'application/javascript; charset=utf-8',
  'Text/CSS',
  'application/x-ecmascript',
])('%s is answered as text, so that no page runs or applies it', declared => {
  expect(present(stat(declared), undefined, undefined).contentType).toBe('text/plain; charset=utf-8')
})

test('a disposition that says a type and a name is answered as it is', () => {
  const given = `attachment; filename="a b.txt"; filename*=UTF-8''%C3%A9.txt`
  expect(
    present(stat('image/png'), 'image/png', signed({ contentDisposition: given })).contentDisposition,
  ).toBe(given)
  expect(
    present(stat('text/plain', { contentDisposition: given }), undefined, undefined).contentDisposition,
  ).toBe(given)
  const inline = given.replace('attachment', 'inline')
  expect(
    present(stat('image/png'), 'image/png', signed({ contentDisposition: inline })).contentDisposition,
  ).toBe(inline)
  expect(
    typeOf(present(stat('text/html'), undefined, signed({ contentDisposition: inline })).contentDisposition),
  ).toBe('attachment')
})

test.each([
  ['Grüße.txt', `attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`],
  ['😀.txt', `attachment; filename="_.txt"; filename*=UTF-8''%F0%9F%98%80.txt`],
  ['a b.txt', 'attachment; filename="a b.txt"'],
  ['"a".txt', 'attachment; filename="\\"a\\".txt"'],
])('the name %s makes the header %s', (fileName, header) => {
  expect(present(stat('text/plain', { fileName }), undefined, undefined).contentDisposition).toBe(header)
  // A disposition in Latin-1, as others may have stored it, is written anew.
  const latin1 = { contentDisposition: `attachment; filename="Grüße.txt"` }
  expect(present(stat('text/plain', latin1), undefined, undefined).contentDisposition).toMatch(
    /filename\*=UTF-8/,
  )
})

describe('the name', () => {
  const nameIn = (more: Partial<FileStat>, url?: SignedAccess): string =>
    contentDisposition.parse(present(stat('text/plain', more), undefined, url).contentDisposition).parameters[
      'filename'
    ] ?? ''

  test('is that of the signed URL, of the stored disposition, of the file, or the last of its key', () => {
    const url = signed({ contentDisposition: 'attachment; filename="url.txt"' })
    const all = { fileName: 'file.txt', contentDisposition: 'attachment; filename="stored.txt"' }
    expect(nameIn(all, url)).toBe('url.txt')
    expect(nameIn(all)).toBe('stored.txt')
    expect(nameIn(all, signed({ contentDisposition: 'inline' }))).toBe('file.txt')
    expect(nameIn({ fileName: 'file.txt' })).toBe('file.txt')
    expect(nameIn({ contentDisposition: 'attachment; filename="stored.txt"' })).toBe('stored.txt')
    expect(nameIn({ contentDisposition: 'of "no" form' })).toBe('name.bin')
    expect(nameIn({})).toBe('name.bin')
    expect(nameIn({ fileName: '//' })).toBe('name.bin')
  })

  test('however hostile, makes one header that says it', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            '\\',
            '/',
            '..',
            ';',
            '=',
            "'",
            '%',
            '%22',
            '\u202e',
            '😀',
            '<script>',
            '=?UTF-8?B?',
            'é',
            ' ',
            'CON',
          ),
          { minLength: 1, maxLength: 12 },
        )
        .map(pieces => pieces.join('')),
    )
    const names = hostile.filter(
      name => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name) && /[^/\\]/.test(name),
    )
    fc.assert(
      fc.property(names, fileName => {
        const { contentDisposition: header } = present(stat('text/html', { fileName }), undefined, undefined)
        expect(header).toMatch(/^attachment; filename/)
        // Nothing that could end the header, or that clients read differently.
        expect(header).toMatch(/^[\x20-\x7e]*$/)
        const said = contentDisposition.parse(header).parameters['filename'] ?? ''
        expect(said).not.toMatch(/[/\\]/)
        expect(fileName.replace(/[/\\]+$/, '').endsWith(said)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
