import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeXml, readXml, XmlError } from './xml.js'

/** What a document holds, one line an element: its depth, its name and its text. */
function read(text: string): string[] {
  const lines: string[] = []
  readXml(text, { close: (name, own, depth) => lines.push(`${depth} ${name}=${own}`) })
  return lines
}

describe('readXml', () => {
  it('tells elements with their text and depth, innermost first', () => {
    expect(read('<?xml version="1.0"?>\n<a x="1>2" y=\'<\'><b>one</b>\n <c/><d></d></a>\n')).toEqual([
      '1 b=one',
      '1 c=',
      '1 d=',
      '0 a=',
    ])
  })

  it('reads prefixes, comments, CDATA and a byte order mark', () => {
    expect(read('\uFEFF<s3:a xmlns:s3="x"><s3:b >a<!-- <b> -->b<![CDATA[<&>]]>c</s3:b ></s3:a>')).toEqual([
      '1 b=ab<&>c',
      '0 a=',
    ])
  })

  it('decodes the predefined and the numeric entities', () => {
    expect(read('<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#xa;</a>')).toEqual(['0 a=<>&"\'A😀\n'])
  })

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['an open element', '<a><b></b>'],
    ['an end too many', '<a></a></a>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a></a><b></b>'],
    ['text before the root', 'x<a></a>'],
    ['text after the root', '<a></a>x'],
    ['a document type', '<!DOCTYPE a><a></a>'],
    ['an entity declaration', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ['an unknown entity', '<a>&e;</a>'],
    ['an entity of a prototype', '<a>&constructor;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a surrogate', '<a>&#xD800;</a>'],
    ['a code point past Unicode', '<a>&#x110000;</a>'],
    ['the zero', '<a>&#0;</a>'],
    ['a tag without a name', '<a>< b></b></a>'],
    ['a cut tag', '<a><b'],
    ['an open attribute', '<a x="></a>'],
    ['a cut comment', '<a><!-- </a>'],
    ['CDATA outside', '<![CDATA[x]]><a></a>'],
    ['depth', '<a>'.repeat(17) + '</a>'.repeat(17)],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(XmlError)
  })

  it('gives back any text that was escaped', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'&<>"\';#\r\n\t ]'),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
      ),
    })
    fc.assert(
      fc.property(text, value => {
        expect(read(`<a><b>${escapeXml(value)}</b></a>`)[0]).toBe(`1 b=${value}`)
      }),
      { numRuns: 2000 },
    )
  })

  it('ends on any input, with a document or an XmlError', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '<a>',
      '</a>',
      '<a/>',
      '&',
      ';',
      '&lt;',
      '"',
      "'",
      '!',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '?',
      'a',
      ' ',
      '=',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        try {
          read(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(XmlError)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('takes time that grows with the length and no faster', () => {
    for (const text of [
      '<a>'.repeat(300_000),
      '<'.repeat(1e6),
      `<a ${'"'.repeat(1e6)}`,
      `<a>${'&'.repeat(1e6)}</a>`,
      `<a>${'<b x="1"/>'.repeat(200_000)}</a>`,
    ]) {
      // The time of the processor: that of others, on a busy machine, says nothing of this.
      const start = process.cpuUsage()
      try {
        read(text)
      } catch (error) {
        expect(error).toBeInstanceOf(XmlError)
      }
      const { user, system } = process.cpuUsage(start)
      expect((user + system) / 1000).toBeLessThan(2000)
    }
  })
})
