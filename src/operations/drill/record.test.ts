import { beforeEach, describe, expect, test } from 'vitest'
import type { Content, DrillEvent } from './events.js'
import { AcknowledgedRecord } from './record.js'

const OLD: Content = { size: 3, sha256: 'a'.repeat(64) }
const NEW: Content = { size: 4, sha256: 'b'.repeat(64) }
const OTHER: Content = { size: 2, sha256: 'c'.repeat(64) }

let record: AcknowledgedRecord
let id: number

beforeEach(() => {
  record = new AcknowledgedRecord()
  id = 0
})

const take = (...events: readonly DrillEvent[]): void => {
  for (const event of events) record.take(event)
}
/** Begins a mutation. @returns its id */
const begin = (key: string, content: Content | undefined): number => {
  id++
  take(content === undefined ? { type: 'delete', id, key } : { type: 'put', id, key, content })
  return id
}
const acknowledge = (key: string, content: Content | undefined): void =>
  take({ type: 'acknowledged', id: begin(key, content) })
const refuse = (key: string, content: Content | undefined): void =>
  take({ type: 'refused', id: begin(key, content), code: 'TIMEOUT' })
/** A read that finds this. */
const read = (key: string, found: Content | undefined): void => {
  id++
  take({ type: 'read', id, key })
  take(found === undefined ? { type: 'absent', id } : { type: 'found', id, content: found })
}
const list = (files: readonly (readonly [string, number])[], complete = true): void => {
  id++
  take({ type: 'list', id, prefix: 'p/' }, { type: 'listed', id, files, complete })
}
const found = (): string[] => record.findings.map(({ kind, where }) => `${kind} ${where}`)

describe('a reader', () => {
  test('finds the newest acknowledged version, and nothing after a delete', () => {
    read('k', undefined)
    acknowledge('k', OLD)
    read('k', OLD)
    acknowledge('k', NEW)
    read('k', NEW)
    acknowledge('k', undefined)
    read('k', undefined)
    expect(found()).toEqual([])
    expect(record.acknowledged).toBe(3)
  })

  test.each<[string, () => void, string]>([
    ['nothing', () => read('k', undefined), 'lost read'],
    ['an older version', () => read('k', OLD), 'shadowed read'],
    ['bytes that nobody wrote', () => read('k', OTHER), 'partial read'],
    ['half of a version', () => read('k', { ...NEW, size: 2 }), 'partial read'],
  ])('finds %s', (_, look, what) => {
    acknowledge('k', OLD)
    acknowledge('k', NEW)
    look()
    look()
    expect(found()).toEqual([what])
  })

  test('finds what was deleted', () => {
    acknowledge('k', OLD)
    acknowledge('k', undefined)
    read('k', OLD)
    expect(found()).toEqual(['resurrected read'])
  })

  test('may find what is under way, or was refused, until the next is acknowledged', () => {
    acknowledge('k', OLD)
    const writing = begin('k', NEW)
    read('k', NEW)
    read('k', OLD)
    take({ type: 'refused', id: writing, code: 'TIMEOUT' })
    read('k', NEW)
    read('k', OLD)
    refuse('k', undefined)
    read('k', undefined)
    expect(found()).toEqual([])
    acknowledge('k', OTHER)
    read('k', NEW)
    expect(found()).toEqual(['shadowed read'])
    expect(record.refused).toEqual({ TIMEOUT: 2 })
  })

  test('may find what was begun while it read', () => {
    acknowledge('k', OLD)
    take({ type: 'read', id: 100, key: 'k' })
    acknowledge('k', NEW)
    acknowledge('k', undefined)
    take({ type: 'found', id: 100, content: NEW })
    expect(found()).toEqual([])
  })

  test('that is told nothing finds no difference', () => {
    acknowledge('k', OLD)
    take({ type: 'read', id: 100, key: 'k' }, { type: 'unread', id: 100, code: 'UNAVAILABLE' })
    expect(found()).toEqual([])
    expect(record.unread).toEqual({ UNAVAILABLE: 1 })
  })
})

describe('a listing', () => {
  beforeEach(() => {
    acknowledge('p/a', OLD)
    acknowledge('p/a', NEW)
    acknowledge('p/gone', OLD)
    acknowledge('p/gone', undefined)
    acknowledge('elsewhere', OLD)
  })

  test.each<[string, readonly [string, number][], boolean, string[]]>([
    ['all', [['p/a', 4]], true, []],
    ['too little', [], true, ['lost listing']],
    ['too little, and says so', [], false, []],
    ['an older size', [['p/a', 3]], true, ['shadowed listing']],
    ['a size that never was', [['p/a', 1]], true, ['partial listing']],
    [
      'what was deleted',
      [
        ['p/a', 4],
        ['p/gone', 3],
      ],
      false,
      ['resurrected listing'],
    ],
  ])('shows %s', (_, files, complete, what) => {
    list(files, complete)
    expect(found()).toEqual(what)
  })

  test('may show or not what changes meanwhile, and what is in doubt', () => {
    take({ type: 'list', id: 100, prefix: 'p/' })
    acknowledge('p/a', undefined)
    const writing = begin('p/b', NEW)
    take({ type: 'listed', id: 100, files: [['p/a', 4]], complete: true })
    list([['p/b', 4]])
    take({ type: 'refused', id: writing, code: 'TIMEOUT' })
    list([])
    expect(found()).toEqual([])
  })
})

test('the bucket is judged by the same rules', () => {
  acknowledge('a', OLD)
  acknowledge('b', OLD)
  acknowledge('b', undefined)
  refuse('c', OLD)
  record.judge('a', undefined)
  record.judge('b', OLD)
  record.judge('c', OLD)
  record.judge('d', OTHER)
  expect(found()).toEqual(['lost bucket', 'resurrected bucket', 'partial bucket'])
  expect([...record.keys('')]).toEqual(['a', 'b', 'c', 'd'])
  expect([record.isExpected('a'), record.isExpected('b'), record.isExpected('c')]).toEqual([
    true,
    false,
    false,
  ])
})
