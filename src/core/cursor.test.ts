import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCursor, parseCursor } from './cursor.js'

const text = fc.string({ unit: 'binary', minLength: 1 }).filter(value => value.isWellFormed())
const delimiters = fc.option(text, { nil: undefined })

describe('cursors', () => {
  it('are read back for the same question, and fit a URL as they are', () => {
    fc.assert(
      fc.property(text, fc.boolean(), text, delimiters, (last, complete, prefix, delimiter) => {
        const cursor = formatCursor({ last, complete }, prefix, delimiter)
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(parseCursor(cursor, prefix, delimiter)).toEqual({ last, complete })
      }),
    )
  })

  it('are refused for another question', () => {
    fc.assert(
      fc.property(text, text, text, delimiters, (last, prefix, other, delimiter) => {
        fc.pre(prefix !== other)
        const cursor = formatCursor({ last, complete: true }, prefix, delimiter)
        expect(() => parseCursor(cursor, other, delimiter)).toThrow(
          expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
        )
        expect(() => parseCursor(cursor, prefix, `${delimiter ?? ''}/`)).toThrow('Invalid cursor')
      }),
    )
  })

  it.each(['', 'a', '====', 'a b', 'é', 'Y', 'eHh4eHh4eHh4eHh4', '../..', 5, null, true, {}])(
    'are not read from %j',
    value => {
      expect(() => parseCursor(value, '', undefined)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    },
  )
})
