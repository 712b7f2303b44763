import { expect, test } from 'vitest'
import { expiryOfWriteId, isLastingWriteId, newWriteId } from './write-id.js'

const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

test('the name of a write that expires tells when, and is a UUID', () => {
  for (const time of [0, 1, Date.UTC(2026, 10, 24), LATEST]) {
    const id = newWriteId(time)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(expiryOfWriteId(id)).toBe(time)
    expect(isLastingWriteId(id)).toBe(false)
  }
})

test('such names come in the order of their times, and never twice', () => {
  const ids = Array.from({ length: 1000 }, (_, time) => newWriteId(time * 1_000_003))
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(Array.from({ length: 1000 }, () => newWriteId(5))).size).toBe(1000)
})

test('no other name or ETag tells a time', () => {
  for (let i = 0; i < 1000; i++) {
    const id = newWriteId()
    expect(expiryOfWriteId(id)).toBeUndefined()
    expect(isLastingWriteId(id)).toBe(true)
  }
  for (const etag of ['', 'd41d8cd98f00b204e9800998ecf8427e', 'd41d8cd98f00b204e9800998ecf8427e-12']) {
    expect(expiryOfWriteId(etag)).toBeUndefined()
    expect(isLastingWriteId(etag)).toBe(false)
  }
  expect(expiryOfWriteId('00000000-0000-8000-0000-000000000000')).toBeUndefined()
})
