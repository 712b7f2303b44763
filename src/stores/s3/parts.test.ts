import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatPartPlan,
  MAX_OBJECT_BYTES,
  MAX_PART_BYTES,
  MAX_PARTS,
  MIN_PART_BYTES,
  type PartPlan,
  parsePartPlan,
  partBytes,
  planParts,
} from './parts.js'

const MIB = 1024 * 1024

/** Bytes that all parts of a plan can hold. */
function capacity(plan: PartPlan): number {
  let bytes = 0
  for (let number = 1; number <= MAX_PARTS; number++) bytes += partBytes(plan, number)
  return bytes
}

describe('planParts', () => {
  it('keeps the part size where it is enough', () => {
    expect(planParts(1, 8 * MIB)).toEqual({ first: 8 * MIB, grows: false })
    expect(planParts(MAX_PARTS * 8 * MIB, 8 * MIB)).toEqual({ first: 8 * MIB, grows: false })
  })

  it('holds every size that S3 takes in 10,000 parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_OBJECT_BYTES }), size => {
        const { first } = planParts(size, MIN_PART_BYTES)
        expect(Math.ceil(size / first)).toBeLessThanOrEqual(MAX_PARTS)
        expect(first).toBeLessThanOrEqual(MAX_PART_BYTES)
      }),
    )
    expect(planParts(MAX_OBJECT_BYTES, 8 * MIB).first * MAX_PARTS).toBeGreaterThanOrEqual(MAX_OBJECT_BYTES)
  })

  it('holds 5 TiB of unknown length from the smallest part on', () => {
    const plan = planParts(undefined, MIN_PART_BYTES)
    expect(capacity(plan)).toBeGreaterThan(MAX_OBJECT_BYTES)
    expect(partBytes(plan, 1)).toBe(MIN_PART_BYTES)
    expect(partBytes(plan, 900)).toBe(MIN_PART_BYTES)
    expect(partBytes(plan, 901)).toBe(2 * MIN_PART_BYTES)
    expect(partBytes(planParts(undefined, MAX_PART_BYTES), MAX_PARTS)).toBe(MAX_PART_BYTES)
  })

  it('can be read back', () => {
    for (const plan of [planParts(undefined, 8 * MIB), planParts(5, 8 * MIB)]) {
      expect(parsePartPlan(formatPartPlan(plan))).toEqual(plan)
    }
    for (const text of [undefined, '', '0', '-1', '1.5', '8388608++', ' 1', '99999999999999']) {
      expect(parsePartPlan(text)).toBeUndefined()
    }
  })
})
