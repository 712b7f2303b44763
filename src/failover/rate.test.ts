import { expect, test } from 'vitest'
import { Rate } from './rate.js'

test('nothing is no rate', () => {
  expect(new Rate().perSecond(5000)).toEqual({ operations: 0, bytes: 0 })
})

test('is the average since it began, and at least over a second', () => {
  const rate = new Rate()
  for (let i = 0; i < 10; i++) rate.add(100, 100_000 + i)
  expect(rate.perSecond(100_010)).toEqual({ operations: 10, bytes: 1000 })
  expect(rate.perSecond(105_000)).toEqual({ operations: 2, bytes: 200 })
})

test('is the average over the last minute, and nothing once that holds nothing', () => {
  const rate = new Rate()
  for (let second = 0; second < 300; second++) {
    for (let i = 0; i < 3; i++) rate.add(10, second * 1000 + i)
  }
  const { operations, bytes } = rate.perSecond(299_999)
  expect(operations).toBeCloseTo(3)
  expect(bytes).toBeCloseTo(30)
  expect(rate.perSecond(329_999).operations).toBeCloseTo(1.5)
  expect(rate.perSecond(359_999)).toEqual({ operations: 0, bytes: 0 })
})

test('begins anew after a minute of nothing', () => {
  const rate = new Rate()
  rate.add(1, 0)
  rate.add(1, 500_000)
  rate.add(1, 500_001)
  expect(rate.perSecond(500_002)).toEqual({ operations: 2, bytes: 2 })
})
