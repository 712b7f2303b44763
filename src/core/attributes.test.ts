import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttributesInput,
  DEFAULT_CONTENT_TYPE,
  decodeMetadataValue,
  encodeMetadataValue,
  MAX_METADATA_BYTES,
  OWN_METADATA_BYTES,
  parseAttributes,
} from './attributes.js'

const ROOM = MAX_METADATA_BYTES - OWN_METADATA_BYTES
const text = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter(value => value.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value))
const names = fc.string({ unit: fc.constantFrom(..."az09!#$%&'*+.^_`|~-"), minLength: 1, maxLength: 20 })

function refuses(input: unknown, naming: string): void {
  const refusal = (): unknown => parseAttributes(input as AttributesInput, 'uploadFile')
  expect(refusal).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', op: 'uploadFile' }))
  expect(refusal).toThrow(naming)
}

describe('parseAttributes', () => {
  it('gives a type where none was given, and nothing else', () => {
    expect(parseAttributes({})).toEqual({ contentType: DEFAULT_CONTENT_TYPE, metadata: {} })
  })

  it('takes what it accepts as it is', () => {
    const input = {
      contentType: 'text/plain; charset=utf-8',
      fileName: ' Grüße "👋".txt ',
      contentDisposition: "attachment; filename*=UTF-8''%C3%A9",
      cacheControl: 'private, max-age=3600',
      contentEncoding: 'gzip',
      storageClass: 'STANDARD_IA',
      metadata: { a: '', b: 'é' },
      tags: { 'a b': 'c/d' },
    }
    expect(parseAttributes(input)).toEqual(input)
  })

  it('takes every metadata that fits, and keeps odd names', () => {
    fc.assert(
      fc.property(fc.dictionary(names, text, { maxKeys: 8 }), metadata => {
        const entries = Object.entries(metadata)
        if (entries.some(([name]) => name.startsWith('holdfast-'))) return
        const bytes = entries.reduce(
          (sum, [name, value]) => sum + name.length + encodeMetadataValue(value).length,
          0,
        )
        if (bytes > ROOM) refuses({ metadata }, `${bytes} bytes`)
        else expect(Object.entries(parseAttributes({ metadata }).metadata)).toEqual(entries)
      }),
    )
    const odd = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['tostring', 'z'],
    ])
    expect(Object.entries(parseAttributes({ metadata: odd }).metadata)).toEqual(Object.entries(odd))
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('freezes the metadata and the tags, and a copy of them', () => {
    const metadata = { a: 'b' }
    const parsed = parseAttributes({ metadata, tags: { c: 'd' } })
    metadata.a = 'changed'
    expect(parsed.metadata['a']).toBe('b')
    expect(Object.isFrozen(parsed.metadata)).toBe(true)
    expect(Object.isFrozen(parsed.tags)).toBe(true)
    expect(Object.isFrozen(parseAttributes({}).metadata)).toBe(true)
  })

  it('counts the metadata to the byte, and the file name with it', () => {
    expect(parseAttributes({ metadata: { a: 'x'.repeat(ROOM - 1) } }).metadata['a']).toHaveLength(ROOM - 1)
    refuses({ metadata: { a: 'x'.repeat(ROOM) } }, `takes ${ROOM + 1} bytes`)
    refuses({ metadata: { a: 'x'.repeat(ROOM - 100) }, fileName: 'f'.repeat(100) }, 'fileName included')
    // 450 characters of two bytes, as base64 in an encoded word.
    expect(parseAttributes({ metadata: { a: 'é'.repeat(450) } }).metadata['a']).toHaveLength(450)
    refuses({ metadata: { a: 'é'.repeat(700) } }, 'bytes when encoded')
  })

  it.each([
    'image/png',
    'application/vnd.oasis.opendocument.text',
    'text/plain;charset=utf-8',
    'text/plain ; charset=utf-8; format=flowed',
    'multipart/mixed; boundary="a; b"',
    'a/b',
  ])('takes the content type %j', contentType => {
    expect(parseAttributes({ contentType }).contentType).toBe(contentType)
  })

  it.each([
    '',
    'image',
    'image/',
    '/png',
    'image /png',
    'image/png;',
    'image/png; charset',
    'image/png\r\nX-Evil: 1',
    'image/é',
    `image/${'x'.repeat(255)}`,
    'text/html, text/plain',
    5,
    null,
  ])('refuses the content type %j', contentType => refuses({ contentType }, 'contentType'))

  it.each(['contentDisposition', 'cacheControl', 'contentEncoding', 'storageClass'])(
    'refuses an odd %s',
    name => {
      for (const value of ['', ' a', 'a ', 'a\r\nb', 'é', 'a\u0000', 'x'.repeat(1025), 5, {}]) {
        refuses({ [name]: value }, name)
      }
    },
  )

  it('refuses odd file names', () => {
    for (const fileName of ['', 'a\n', '\u0000', 'a\u2028', '\ud800', 'x'.repeat(513), 'é'.repeat(300), 5]) {
      refuses({ fileName }, 'fileName')
    }
  })

  it('refuses odd metadata', () => {
    for (const name of ['', 'Upper', 'a b', 'a:b', 'é', 'a\n', 'a/b', 'holdfast-x']) {
      refuses({ metadata: { [name]: 'v' } }, 'metadata name')
    }
    for (const value of ['a\n', '\u0000', '\ud800', 5, null, undefined, ['a']]) {
      refuses({ metadata: { a: value } }, 'metadata value of "a"')
    }
    for (const metadata of ['a', 5, ['a'], true, null, new Map([['a', 'b']]), new Headers({ a: 'b' })])
      refuses({ metadata }, 'metadata')
  })

  it('refuses odd tags', () => {
    refuses(
      { tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`t${i}`, ''])) },
      '11 were given',
    )
    for (const name of ['', 'a?', 'a,b', 'aws:x', 'x'.repeat(129), 'a\n', '👋']) {
      refuses({ tags: { [name]: 'v' } }, 'tag name')
    }
    for (const value of ['?', 'x'.repeat(257), 'a\n', 5]) refuses({ tags: { a: value } }, 'tag value of "a"')
    for (const tags of ['a', ['a'], 5]) refuses({ tags }, 'tags')
  })
})

describe('encoded metadata values', () => {
  it('are read back, and are printable ASCII without a space at an end', () => {
    const tricky = fc.string({
      unit: fc.constantFrom('=?', '?=', 'UTF-8', '?', 'B', 'Q', ' ', 'é', 'a', '_', '=20'),
    })
    fc.assert(
      fc.property(fc.oneof(text, tricky), value => {
        const encoded = encodeMetadataValue(value)
        expect(encoded).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/)
        expect(decodeMetadataValue(encoded)).toBe(value)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['plain', 'with spaces', 'a=b?c', ''])('leave %j as it is', value => {
    expect(encodeMetadataValue(value)).toBe(value)
  })

  it.each([
    ['=?UTF-8?Q?Gr=C3=BC=C3=9Fe_an_alle?=', 'Grüße an alle'],
    ['=?utf-8?b?w6k=?=', 'é'],
    ['=?UTF-8?B?w6k=?= =?UTF-8?B?w6g=?=', 'éè'],
    ['a =?UTF-8?B?w6k=?= b', 'a é b'],
    ['=?ISO-8859-1?Q?=E9?=', '=?ISO-8859-1?Q?=E9?='],
    ['=? not a word ?=', '=? not a word ?='],
  ])('of other S3 clients are read: %j', (encoded, value) => {
    expect(decodeMetadataValue(encoded)).toBe(value)
  })
})
