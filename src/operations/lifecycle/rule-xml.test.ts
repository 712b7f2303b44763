import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LifecycleRule, When } from '../../service/lifecycle/rules.js'
import { parseRules } from '../../service/lifecycle/rules-file.js'
import { formatElement, parseElement } from '../../stores/s3/xml-element.js'
import { fromXml, meaningOf, toGiveBack, toXml } from './rule-xml.js'

const days = fc.record({ afterDays: fc.integer({ min: 1, max: 100_000 }) })
const date = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map(time => ({ on: time.toISOString().slice(0, 10) }))
const when: fc.Arbitrary<When> = fc.oneof(days, date)
const text = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter(value => !/[\u0000-\u001f\ufffe\uffff]/.test(value))
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

/** Rules of every kind, as S3 takes them: of dates or of days, with the actions that go together. */
const anyRule: fc.Arbitrary<LifecycleRule> = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/),
    enabled: fc.boolean(),
    prefix: text,
    tags: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9 +=._:/@-]{1,20}$/), text, { maxKeys: 3 }),
    largerThan: optional(fc.nat()),
    smallerThan: optional(fc.nat()),
    transitions: fc.uniqueArray(
      fc.record({ afterDays: fc.nat({ max: 5000 }), storageClass: fc.stringMatching(/^[A-Z_]{1,12}$/) }),
      { maxLength: 3, selector: ({ afterDays }) => afterDays },
    ),
    expire: optional(when),
    abortIncompleteUploads: optional(days),
    expireOldVersions: optional(
      fc.oneof(
        days,
        fc.record({ afterDays: fc.integer({ min: 1 }), keepNewest: fc.integer({ min: 1, max: 100 }) }),
      ),
    ),
    removeExpiredDeleteMarkers: fc.boolean(),
  })
  .map(({ prefix, tags, largerThan, smallerThan, transitions, ...rule }) => ({
    ...withoutUndefined(rule),
    transitions: transitions.sort((a, b) => a.afterDays - b.afterDays),
    filter: withoutUndefined({ prefix, tags: { ...tags }, largerThan, smallerThan }),
  })) as fc.Arbitrary<LifecycleRule>

function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}

describe('a rule and its XML', () => {
  test('a rule survives being written as S3 takes it and read again', () => {
    fc.assert(
      fc.property(anyRule, rule => {
        const xml = formatElement(toXml(rule))
        expect(fromXml(parseElement(xml))).toEqual({ rule, unknown: [] })
      }),
    )
  })

  test('two rules have the same meaning only if they are the same', () => {
    fc.assert(
      fc.property(anyRule, anyRule, (one, other) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
        expect(meaningOf(toXml(one)) === meaningOf(toXml(other))).toBe(same)
        expect(meaningOf(toXml(one))).toBe(meaningOf(toXml(structuredClone(one))))
      }),
    )
  })
})

/** The rule with its names in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, inner]) => [name, sorted(inner)])
}

const rule = (xml: string) => parseElement(`<Rule><ID>x</ID><Status>Enabled</Status>${xml}</Rule>`)
const tag = (name: string): string => `<Tag><Key>${name}</Key><Value>v</Value></Tag>`

describe('rules as servers have them', () => {
  test('a prefix is one, wherever it stands', () => {
    const forms = [
      '<Prefix>a/</Prefix>',
      '<Filter><Prefix>a/</Prefix></Filter>',
      '<Filter><And><Prefix>a/</Prefix></And></Filter>',
    ]
    expect(new Set(forms.map(form => meaningOf(rule(form)))).size).toBe(1)
    for (const form of forms) expect(fromXml(rule(form)).rule.filter).toEqual({ prefix: 'a/', tags: {} })
    const all = ['', '<Prefix></Prefix>', '<Prefix/>', '<Filter/>', '<Filter><Prefix></Prefix></Filter>']
    expect(new Set(all.map(form => meaningOf(rule(form)))).size).toBe(1)
    expect(meaningOf(rule('<Prefix>a/</Prefix>'))).not.toBe(meaningOf(rule('')))
  })

  test('order, a midnight and what says nothing have no meaning', () => {
    const one = rule(
      `<Expiration><Date>2027-01-01T00:00:00.000Z</Date><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration><Filter><And>${tag('a')}${tag('b')}</And></Filter>`,
    )
    const other = rule(
      `<Filter><And>${tag('b')}${tag('a')}</And></Filter><Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>`,
    )
    expect(meaningOf(one)).toBe(meaningOf(other))
  })

  test('conditions beside And, as Ceph answers, are given back within it, so that it does not pass over the prefix', () => {
    const bent = rule(
      `<Filter><Prefix>a/</Prefix><And>${tag('a')}${tag('b')}</And></Filter><Expiration><Days>1</Days></Expiration>`,
    )
    const given = toGiveBack(bent)
    expect(formatElement(given)).toContain(
      `<Filter><And><Prefix>a/</Prefix>${tag('a')}${tag('b')}</And></Filter>`,
    )
    expect(meaningOf(given)).toBe(meaningOf(bent))
    const plain = rule(`<Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days></Expiration>`)
    expect(formatElement(toGiveBack(plain))).toBe(formatElement(plain))
  })

  test('what nobody here knows is named, and given back as it came', () => {
    const minio =
      '<Filter><Prefix>a/</Prefix></Filter><Expiration><Days>1</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration><DelMarkerExpiration><Days>3</Days></DelMarkerExpiration><NoncurrentVersionTransition><NoncurrentDays>3</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>'
    expect(fromXml(rule(minio)).unknown).toEqual([
      'ExpiredObjectAllVersions',
      'DelMarkerExpiration',
      'NoncurrentVersionTransition',
    ])
    expect(formatElement(toGiveBack(rule(minio)))).toContain(minio)
  })
})

test("the shipped rules are the specification's, but with the ID that S3 takes and a filter in the place of a prefix", async () => {
  const yaml =
    'rules:\n  - { id: DeleteOldFiles, filter: { prefix: uploads/temp/ }, expire: { afterDays: 7 } }'
  const [one] = await parseRules(yaml, 'x')
  expect(formatElement(toXml(one as LifecycleRule))).toBe(
    '<Rule><ID>DeleteOldFiles</ID><Filter><Prefix>uploads/temp/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>',
  )
})
