import { describe, expect, test } from 'vitest'
import { duration, files, shareOf, size, table, timeLeft, transferLine } from './wording.js'

test('the share of a transfer is none while its size is unknown, and never more than all of it', () => {
  const of = (bytes: number, total?: number): number =>
    shareOf({
      bytes,
      files: 1,
      total: total === undefined ? undefined : { bytes: total, files: 1 },
      bytesPerSecond: 0,
    })
  expect([of(5), of(5, 0), of(-1, 10), of(5, 10), of(12, 10)]).toEqual([0, 0, 0, 0.5, 1])
})

describe('transferLine', () => {
  test('tells share, bytes, rate, time left and files', () => {
    const figures = {
      bytes: 50_000_000,
      files: 12,
      total: { bytes: 200_000_000, files: 1234 },
      bytesPerSecond: 1_000_000,
    }
    expect(transferLine(figures, '█░░░')).toBe(
      '█░░░ 25%  50 MB of 200 MB  1 MB/s  2:30 left  12 of 1,234 files',
    )
  })

  test('of one file it counts no files, and of a stall no time', () => {
    const figures = { bytes: 1, files: 0, total: { bytes: 3, files: 1 }, bytesPerSecond: 0 }
    expect(transferLine(figures, '')).toBe(' 33%  1 B of 3 B  0 B/s')
  })

  test('without a total it tells what is known', () => {
    const figures = { bytes: 1_500, files: 2, total: undefined, bytesPerSecond: 1_000 }
    expect(transferLine(figures, '')).toBe('1.5 kB  1 kB/s  2 files')
  })

  test('never tells more than there is', () => {
    const figures = { bytes: 7, files: 1, total: { bytes: 5, files: 1 }, bytesPerSecond: 1 }
    expect(transferLine(figures, '')).toBe('100%  7 B of 5 B  1 B/s  0 s left')
  })
})

test('timeLeft and duration', () => {
  expect([-1, 0, 8, 59.2, 125, 3723].map(timeLeft)).toEqual(['0 s', '0 s', '8 s', '1:00', '2:05', '1:02:03'])
  expect([0.04, 8.26, 59.6, 125].map(duration)).toEqual(['0.0 s', '8.3 s', '1:00', '2:05'])
})

test('size and files', () => {
  expect([0, 999, 1_234_567].map(size)).toEqual(['0 B', '999 B', '1.2 MB'])
  expect([0, 1, 1234].map(files)).toEqual(['0 files', '1 file', '1,234 files'])
})

test('table lines columns up, and lets a long cell stick out', () => {
  const long = 'x'.repeat(50)
  expect(
    table([
      ['a', 'bb', 'c'],
      ['aaa', 'b', ''],
      [long, 'b'],
    ]),
  ).toBe([`a${' '.repeat(39)}  bb  c`, `aaa${' '.repeat(37)}  b`, `${long}  b`].join('\n'))
})
