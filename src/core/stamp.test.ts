import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareStamps, formatStamp, parseStamp, type Stamp, StampClock, type StampMark } from './stamp.js'

const hosts = fc.string({ unit: fc.constantFrom(...'abz019'), minLength: 1, maxLength: 16 })
// What ten characters of base 36 hold of the safe integers.
const counts = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 36 ** 10 - 1 }))
const stamps: fc.Arbitrary<Stamp> = fc.record({ time: counts, sequence: counts, host: hosts })
const near: fc.Arbitrary<Stamp> = fc.record({
  time: fc.nat({ max: 2 }),
  sequence: fc.nat({ max: 2 }),
  host: fc.constantFrom('a', 'b'),
})

describe('stamps', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(stamps, stamp => {
        expect(parseStamp(formatStamp(stamp))).toEqual(stamp)
      }),
    )
  })

  it.each([
    undefined,
    '',
    'a',
    'a.b',
    'a.b.c.d',
    'A.b.c',
    'a.b.',
    '.b.c',
    '-1.b.c',
    'a.b.C',
    ' a.b.c',
    'a.b.c\n',
    `${'z'.repeat(11)}.b.c`,
    `a.b.${'c'.repeat(17)}`,
  ])('are not read from %j', text => {
    expect(parseStamp(text)).toBeUndefined()
  })

  it('have one order: total, and the same from both sides', () => {
    fc.assert(
      fc.property(near, near, near, (a, b, c) => {
        const order = (x: Stamp, y: Stamp): number => Math.sign(compareStamps(x, y))
        expect(order(a, b)).toBe(-order(b, a) + 0)
        expect(order(a, b) === 0).toBe(formatStamp(a) === formatStamp(b))
        if (order(a, b) < 0 && order(b, c) < 0) expect(order(a, c)).toBe(-1)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('StampClock', () => {
  it('gives stamps that only grow, whatever the clock does and whatever was seen', () => {
    const steps = fc.array(
      fc.record({ now: fc.nat({ max: 1000 }), seen: fc.option(near, { nil: undefined }) }),
    )
    fc.assert(
      fc.property(steps, taken => {
        let now = 0
        const clock = new StampClock({ host: 'a', now: () => now })
        let last: Stamp | undefined
        for (const step of taken) {
          now = step.now
          const stamp = clock.next(step.seen)
          expect(stamp.host).toBe('a')
          if (last !== undefined) expect(compareStamps(last, stamp)).toBeLessThan(0)
          if (last !== undefined) expect(stamp.sequence).toBeGreaterThan(last.sequence)
          if (step.seen !== undefined) expect(compareStamps(step.seen, stamp)).toBeLessThan(0)
          expect(stamp.time).toBeGreaterThanOrEqual(now)
          last = stamp
        }
      }),
    )
  })

  it('begins above the mark that an earlier run left', () => {
    const clock = new StampClock({ host: 'a', floor: { time: 5000, sequence: 70 }, now: () => 10 })
    const stamp = clock.next()
    expect(stamp.time).toBeGreaterThanOrEqual(5000)
    expect(stamp.sequence).toBeGreaterThan(70)
  })

  it('reserves stamps before it gives them out, in batches', () => {
    let now = 0
    let reservations = 0
    let mark = { time: 0, sequence: 0 }
    const clock = new StampClock({
      host: 'a',
      now: () => now,
      reserve: (from, to) => {
        reservations++
        expect(to.sequence).toBeGreaterThan(from.sequence)
        mark = to
        return from.sequence
      },
    })
    for (let i = 0; i < 10_000; i++) {
      now += 1
      const stamp = clock.next()
      expect(stamp.time).toBeLessThanOrEqual(mark.time)
      expect(stamp.sequence).toBeLessThanOrEqual(mark.sequence)
    }
    expect(reservations).toBeLessThan(10)
  })

  it('never gives out a stamp again after a crash, even if the clock has stepped back', () => {
    const runs = fc.array(fc.record({ now: fc.nat({ max: 50_000 }), count: fc.nat({ max: 20 }) }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(runs, all => {
        let floor: StampMark = { time: 0, sequence: 0 }
        let last: Stamp | undefined
        for (const run of all) {
          const reserve = (from: StampMark, to: StampMark): number => {
            floor = to
            return from.sequence
          }
          const clock = new StampClock({ host: 'a', floor, reserve, now: () => run.now })
          for (let i = 0; i < run.count; i++) {
            const stamp = clock.next()
            if (last !== undefined) expect(compareStamps(last, stamp)).toBeLessThan(0)
            if (last !== undefined) expect(stamp.sequence).toBeGreaterThan(last.sequence)
            last = stamp
          }
        }
      }),
    )
  })

  it('gives out stamps that cannot be reserved, but no sequence that must be its own', () => {
    let now = 0
    let fails = false
    let tries = 0
    const reserve = (from: StampMark): number => {
      tries++
      if (fails) throw new Error('The disk is full.')
      return from.sequence
    }
    const clock = new StampClock({ host: 'a', reserve, now: () => now })
    let last = clock.nextReserved()
    fails = true
    for (let i = 0; i < 10_000; i++) {
      now += 10
      const stamp = clock.next()
      expect(compareStamps(last, stamp)).toBeLessThan(0)
      expect(stamp.time).toBeGreaterThanOrEqual(now)
      last = stamp
    }
    expect(tries).toBeLessThan(150)
    expect(() => clock.nextReserved()).toThrow('The disk is full.')
    fails = false
    const stamp = clock.nextReserved()
    expect(compareStamps(last, stamp)).toBeLessThan(0)
    expect(stamp.sequence).toBeGreaterThan(last.sequence)
  })

  it('shares the sequences of a host among clocks that reserve in one place', () => {
    let reserved = 0
    const reserve = (from: StampMark, to: StampMark): number => {
      const above = Math.max(reserved, from.sequence)
      reserved = above + to.sequence - from.sequence
      return above
    }
    const clocks = Array.from({ length: 3 }, () => new StampClock({ host: 'a', reserve, now: () => 5 }))
    const seen = new Set<number>()
    for (let i = 0; i < 15_000; i++) seen.add((clocks[i % 3] as StampClock).next().sequence)
    expect(seen.size).toBe(15_000)
  })
})
