import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limitLines } from './limited-logger.js'
import { silentLogger } from './logger.js'

let lines: string[] = []
const at = (level: string) => (fields: object, message: string) =>
  void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
const recorder = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }

beforeEach(() => {
  lines = []
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('five lines a minute on one subject, then how many were left out', () => {
  const log = limitLines(recorder)
  for (let i = 0; i < 1000; i++) log.warn({ i }, `A write was refused: key ${i}`)
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe('warn A write was refused: key 0 {"i":0}')
  vi.advanceTimersByTime(60_000)
  expect(lines.slice(5)).toEqual([
    'warn A write was refused: 995 more such lines were left out {"suppressed":995}',
  ])
  log.warn({}, 'A write was refused: once more')
  expect(lines).toHaveLength(7)
  vi.advanceTimersByTime(600_000)
  expect(lines).toHaveLength(7)
})

test('subjects and levels are told apart, and debug is let through', () => {
  const log = limitLines(recorder)
  for (let i = 0; i < 10; i++) {
    log.warn({}, 'One thing')
    log.error({}, 'One thing')
    log.info({}, `Another: ${i}`)
    log.debug({}, 'A detail')
  }
  expect(lines.filter(line => line.startsWith('debug'))).toHaveLength(10)
  expect(lines).toHaveLength(25)
})

test('the numbers in a line make it no other subject', () => {
  const log = limitLines(recorder)
  for (let i = 0; i < 100; i++)
    log.warn({}, `The spool holds ${i * 1000} bytes, and at most 5000 are allowed.`)
  log.flush()
  expect(lines).toHaveLength(6)
  expect(lines[5]).toBe(
    'warn The spool holds N bytes, and at most N are allowed: 95 more such lines were left out {"suppressed":95}',
  )
})

test('a flush tells what was left out, once', () => {
  const log = limitLines(recorder)
  for (let i = 0; i < 7; i++) log.error({}, 'Broken')
  log.flush()
  log.flush()
  expect(lines.slice(5)).toEqual(['error Broken: 2 more such lines were left out {"suppressed":2}'])
  expect(vi.getTimerCount()).toBe(0)
})

test('as many subjects as there may be take no more memory than a hundred', () => {
  const log = limitLines(recorder)
  for (let i = 0; i < 5000; i++) log.warn({}, `Subject ${'x'.repeat(i)}`)
  expect(lines).toHaveLength(105)
  vi.advanceTimersByTime(60_000)
  expect(lines.at(-1)).toContain('"suppressed":4895')
})

test('silence stays silent, and makes no timer', () => {
  const log = limitLines(silentLogger)
  for (let i = 0; i < 10; i++) log.error({}, 'Broken')
  expect(vi.getTimerCount()).toBe(0)
})
