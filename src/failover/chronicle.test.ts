import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StorageError } from '../core/errors.js'
import { parseKey } from '../core/key.js'
import { Chronicle } from './chronicle.js'
import type { FailoverEvents } from './events.js'
import type { JournaledState, RowContent } from './journal.js'

let lines: { level: string; fields: object; message: string }[]
let events: { event: keyof FailoverEvents; told: unknown[] }[]
let wanted: boolean
let totals = { pending: 0, pendingBytes: 0, oldestAt: undefined, settling: 0, parked: 0, held: 0 }
let chronicle: Chronicle

const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message })

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
  events = []
  wanted = true
  totals = { ...totals, pending: 0, pendingBytes: 0 }
  chronicle = new Chronicle({
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    totals: {
      get totals() {
        return totals
      },
    },
    probeIntervalMs: 2000,
    listener: {
      wants: () => wanted,
      tell: (event, ...told) => void events.push({ event, told }),
    },
  })
})

afterEach(() => {
  vi.useRealTimers()
})

const errorOf = (code: 'TIMEOUT' | 'UNAUTHENTICATED' | 'UNAVAILABLE'): StorageError =>
  new StorageError({ code, op: 'put', store: 's3', message: `It says ${code}.` })

const key = parseKey('rooms/42/photo.jpg')

function put(writeId: string, size = 10): JournaledState {
  const stamp = { time: 1, host: 'h', sequence: 1 } as never
  const attributes = { contentType: 'text/plain', metadata: {} } as never
  return { kind: 'put', writeId, stamp, at: 1, file: `aa/${writeId}`, size, sha256: '0', attributes }
}

const row = (state: JournaledState): RowContent => ({ target: 't', state })

describe('an outage', () => {
  test('is one warning when it begins, and one line when it has ended, with what it came to', () => {
    chronicle.opened('reads', errorOf('TIMEOUT'), false)
    chronicle.opened('writes', errorOf('TIMEOUT'), false)
    chronicle.committed(key, undefined, row(put('a', 100)), {})
    chronicle.committed(key, row(put('a', 100)), row({ ...put('b'), kind: 'delete' } as JournaledState), {})
    totals = { ...totals, pending: 1, pendingBytes: 0 }
    vi.advanceTimersByTime(65_000)
    chronicle.closed('writes')
    chronicle.closed('reads')
    expect(lines.map(line => line.level)).toEqual(['warn', 'info', 'info'])
    expect(lines[0]?.message).toBe(
      'The object store takes no reads: It says TIMEOUT (TIMEOUT). What only it holds is UNAVAILABLE meanwhile. It is asked again every 2 s.',
    )
    expect(lines[2]).toEqual({
      level: 'info',
      fields: { seconds: 65, uploads: 1, uploadBytes: 100, deletes: 1, pending: 1, pendingBytes: 0 },
      message:
        'The object store works again: it was away for 65 s, 1 upload and 1 delete taken here meanwhile, 1 operation to be brought to it',
    })
  })

  test('that somebody has to end is an error, with what to do', () => {
    chronicle.opened('writes', errorOf('UNAUTHENTICATED'), true)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.level).toBe('error')
    expect(lines[0]?.message).toContain('OBJECT_STORAGE_SECRET_KEY')
  })

  test('whose cause turns out to be ours is told once more', () => {
    chronicle.opened('writes', errorOf('TIMEOUT'), false)
    chronicle.changed('writes', errorOf('UNAVAILABLE'), false)
    expect(lines).toHaveLength(1)
    chronicle.changed('writes', errorOf('UNAUTHENTICATED'), true)
    chronicle.changed('writes', errorOf('UNAUTHENTICATED'), true)
    expect(lines.slice(1).map(line => line.level)).toEqual(['error'])
  })
})

describe('a drain', () => {
  test('tells how far it is, at most every 30 seconds, and when it is done', () => {
    totals = { ...totals, pending: 1000, pendingBytes: 10_000 }
    chronicle.found()
    for (let i = 0; i < 1000; i++) {
      vi.advanceTimersByTime(100)
      totals = { ...totals, pending: 999 - i, pendingBytes: 10 * (999 - i) }
      chronicle.committed(key, row(put('a')), undefined, { epoch: 1 })
    }
    chronicle.drained()
    expect(lines.map(line => line.message.replace(/\d+/g, 'N'))).toEqual([
      'The object store is still to receive what was acknowledged before: N operations',
      ...Array(3).fill('Bringing to the object store what it missed: N operations left, for about N s'),
      'The object store holds everything: N operations brought to it in N.N s',
    ])
    expect(lines[1]?.fields).toMatchObject({ pending: 699, operationsPerSecond: 10, secondsLeft: 70 })
    expect(lines.at(-1)?.fields).toEqual({ operations: 1000, bytes: 10_000, seconds: 99.9 })
    expect(chronicle.counts).toMatchObject({ replicated: 1000, replicatedBytes: 10_000 })
    expect(chronicle.secondsLeft).toBeUndefined()
  })

  test('that another process has done is told without a number', () => {
    totals = { ...totals, pending: 1 }
    chronicle.found()
    chronicle.drained()
    expect(lines.at(-1)?.message).toBe('The object store holds everything: another process brought it there')
  })

  test('of what is journaled all the time is no news', () => {
    for (let i = 0; i < 100; i++) {
      chronicle.committed(key, undefined, row(put(`${i}`)), {})
      chronicle.committed(key, row(put(`${i}`)), undefined, { epoch: 1 })
      chronicle.drained()
    }
    expect(lines).toEqual([])
    expect(events.filter(({ event }) => event === 'drained')).toHaveLength(100)
  })
})

describe('what a change of the journal means', () => {
  test('a newer version in the place of one that waits was not brought anywhere', () => {
    chronicle.committed(key, undefined, row(put('a')), {})
    chronicle.committed(key, row(put('a')), row(put('b', 5)), {})
    chronicle.committed(key, row(put('b', 5)), { ...row(put('b', 5)), agreedAt: 9 }, { epoch: 1 })
    chronicle.committed(key, { ...row(put('b', 5)), agreedAt: 9 }, undefined, { epoch: 1 })
    expect(chronicle.counts).toMatchObject({ fallbackUploads: 2, fallbackBytes: 15, replicated: 1 })
    expect(events.map(({ event }) => event)).toEqual(['fallback', 'fallback', 'replicated'])
  })

  test('a conflict is none that was brought over, and a parked entry is told once', () => {
    const parked = { code: 'TOO_LARGE', message: 'Too much.', at: 1 }
    chronicle.committed(key, row(put('a')), { ...row(put('a')), parked }, { epoch: 1 })
    chronicle.committed(key, { ...row(put('a')), parked }, { ...row(put('a')), parked }, { epoch: 1 })
    const conflict = { id: 'c', key, at: 1, loser: 'ours', file: 'aa/a', size: 10 } as never
    chronicle.committed(key, row(put('a')), undefined, { epoch: 1, conflict })
    expect(events).toEqual([
      { event: 'parked', told: [{ key, code: 'TOO_LARGE', message: 'Too much.' }] },
      { event: 'conflict', told: [{ id: 'c', key, loser: 'ours' }] },
    ])
    expect(chronicle.counts.replicated).toBe(0)
  })

  test('what nobody listens to is not told', () => {
    wanted = false
    chronicle.committed(key, undefined, row(put('a')), {})
    chronicle.opened('writes', errorOf('TIMEOUT'), false)
    expect(events).toEqual([])
  })
})
