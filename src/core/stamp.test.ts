import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareStamps, formatStamp, parseStamp, type Stamp, StampClock } from './stamp.js'

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
})
