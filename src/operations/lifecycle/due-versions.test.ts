import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LifecycleRule } from '../../service/lifecycle/rules.js'
import { parseRules } from '../../service/lifecycle/rules-file.js'
import {
  type AgingVersion,
  type DueItem,
  type DueVersionsOptions,
  dueUpload,
  dueVersions,
} from './due-versions.js'

const NOW = Date.parse('2027-01-31T00:00:00Z')
const DAY_MS = 86_400_000

const rules = (...all: string[]): Promise<LifecycleRule[]> =>
  parseRules(`rules:\n${all.map(rule => `  - ${rule}`).join('\n')}`, 'rules.yaml')

/** A version of so many days ago; of one key the newest is given first. */
function version(key: string, daysAgo: number, more: Partial<AgingVersion> = {}): AgingVersion {
  return {
    key,
    versionId: 'null',
    isLatest: true,
    isDeleteMarker: false,
    size: 1000,
    lastModified: new Date(NOW - daysAgo * DAY_MS),
    ...more,
  }
}
const old = (key: string, daysAgo: number, more: Partial<AgingVersion> = {}): AgingVersion =>
  version(key, daysAgo, { isLatest: false, versionId: `v${daysAgo}`, ...more })
const marker = (key: string, daysAgo: number, more: Partial<AgingVersion> = {}): AgingVersion =>
  version(key, daysAgo, { isDeleteMarker: true, size: 0, versionId: `m${daysAgo}`, ...more })

async function items(
  versions: readonly AgingVersion[],
  acting: readonly LifecycleRule[],
  options: Partial<DueVersionsOptions> = {},
): Promise<DueItem[]> {
  const found: DueItem[] = []
  const given = { at: NOW, keepsVersions: () => false, tagsOf: async () => ({}), ...options }
  async function* source() {
    yield* versions
  }
  for await (const item of dueVersions(source(), acting, given)) found.push(item)
  return found
}

const told = async (...args: Parameters<typeof items>): Promise<string[]> =>
  (await items(...args)).map(
    ({ rule, action, key, versionId, storageClass }) =>
      `${rule}: ${action}${storageClass === undefined ? '' : ` to ${storageClass}`} ${key}${versionId === undefined ? '' : ` ${versionId}`}`,
  )

describe('files', () => {
  test('go at their midnight, by the first rule that is for them', async () => {
    const acting = await rules(
      '{ id: a, filter: { prefix: a/ }, expire: { afterDays: 7 } }',
      '{ id: all, filter: { prefix: "" }, expire: { afterDays: 30 } }',
    )
    const versions = [version('a/1', 6.9), version('a/2', 7), version('b', 29), version('c', 31)]
    expect(await told(versions, acting)).toEqual(['a: expire a/2', 'all: expire c'])
    expect(await told(versions, acting, { at: NOW - 1 })).toEqual(['all: expire c'])
  })

  test('become old ones where the bucket keeps versions', async () => {
    const acting = await rules('{ id: all, filter: { prefix: "" }, expire: { afterDays: 1 } }')
    const [item] = await items([version('a', 3, { versionId: 'v3' })], acting, { keepsVersions: () => true })
    expect(item).toEqual({
      rule: 'all',
      action: 'become-old',
      key: 'a',
      size: 1000,
      lastModified: new Date(NOW - 3 * DAY_MS),
      versionId: 'v3',
    })
  })

  test('move to the last class that is due, never back, and not at all where they expire', async () => {
    const acting = await rules(
      '{ id: move, filter: { prefix: "" }, transitions: [{ afterDays: 30, storageClass: STANDARD_IA }, { afterDays: 90, storageClass: GLACIER }] }',
      '{ id: end, filter: { prefix: "" }, expire: { afterDays: 365 } }',
    )
    const versions = [
      version('a', 29),
      version('b', 30),
      version('c', 90),
      version('d', 100, { storageClass: 'GLACIER' }),
      version('e', 100, { storageClass: 'DEEP_ARCHIVE' }),
      version('f', 100, { storageClass: 'STANDARD_IA' }),
      version('g', 400),
    ]
    expect(await told(versions, acting)).toEqual([
      'move: transition to STANDARD_IA b',
      'move: transition to GLACIER c',
      'move: transition to GLACIER f',
      'end: expire g',
    ])
  })

  test('too small to be moved stay, where the bucket has it so and the rule does not speak of sizes', async () => {
    const [plain, sized] = [
      await rules(
        '{ id: move, filter: { prefix: "" }, transitions: [{ afterDays: 1, storageClass: GLACIER }] }',
      ),
      await rules(
        '{ id: move, filter: { largerThan: 10 }, transitions: [{ afterDays: 1, storageClass: GLACIER }] }',
      ),
    ]
    const versions = [version('a', 3), version('b', 3, { size: 128 * 1024 })]
    const transitionMinimum = 'all_storage_classes_128K'
    expect(await told(versions, plain, { transitionMinimum })).toEqual(['move: transition to GLACIER b'])
    expect(await told(versions, sized, { transitionMinimum })).toHaveLength(2)
    expect(await told(versions, plain, { transitionMinimum: 'varies_by_storage_class' })).toHaveLength(2)
    expect(await told(versions, plain)).toHaveLength(2)
  })

  test('are asked for their tags only where a rule could act by them', async () => {
    const acting = await rules(
      '{ id: tagged, filter: { prefix: a/, tags: { kind: x } }, expire: { afterDays: 7 } }',
    )
    const asked: string[] = []
    const tagsOf = async ({ key }: AgingVersion): Promise<Record<string, string>> => {
      asked.push(key)
      return key === 'a/old' ? { kind: 'x', more: 'y' } : {}
    }
    const versions = [version('a/new', 1), version('a/old', 9), version('a/other', 9), version('b', 9)]
    expect(await told(versions, acting, { tagsOf })).toEqual(['tagged: expire a/old'])
    expect(asked).toEqual(['a/old', 'a/other'])
  })
})

describe('old versions', () => {
  test('go so many days after they became old, but for the newest', async () => {
    const acting = await rules(
      '{ id: old, filter: { prefix: "" }, expireOldVersions: { afterDays: 10, keepNewest: 1 } }',
    )
    const plain = await rules('{ id: old, filter: { prefix: "" }, expireOldVersions: { afterDays: 10 } }')
    // The one of 50 days ago became old 20 days ago, that of 20 days ago 2 days ago.
    const versions = [version('a', 2, { versionId: 'v2' }), old('a', 20), old('a', 50), old('a', 60)]
    expect(await told(versions, plain)).toEqual([
      'old: expire-old-version a v50',
      'old: expire-old-version a v60',
    ])
    expect(await told(versions, acting)).toEqual([
      'old: expire-old-version a v50',
      'old: expire-old-version a v60',
    ])
    const long = [version('a', 20, { versionId: 'v20' }), old('a', 50), old('a', 60)]
    expect(await told(long, plain)).toHaveLength(2)
    expect(await told(long, acting)).toEqual(['old: expire-old-version a v60'])
  })

  test('of another key are counted for themselves', async () => {
    const acting = await rules(
      '{ id: old, filter: { prefix: "" }, expireOldVersions: { afterDays: 1, keepNewest: 1 } }',
    )
    const versions = [version('a', 20), old('a', 30), version('b', 20), old('b', 30), old('b', 40)]
    expect(await told(versions, acting)).toEqual(['old: expire-old-version b v40'])
  })
})

describe('a delete marker', () => {
  test('goes when it hides nothing any more', async () => {
    const acting = await rules('{ id: marks, filter: { prefix: "" }, removeExpiredDeleteMarkers: true }')
    const versions = [marker('a', 1), marker('b', 1), old('b', 2), marker('c', 1)]
    expect(await told(versions, acting)).toEqual([
      'marks: remove-delete-marker a m1',
      'marks: remove-delete-marker c m1',
    ])
  })

  test('goes by a rule that lets files expire, when it is as old as they', async () => {
    const acting = await rules('{ id: all, filter: { prefix: "" }, expire: { afterDays: 7 } }')
    expect(await told([marker('a', 3), marker('b', 8), marker('c', 8), old('c', 9)], acting)).toEqual([
      'all: remove-delete-marker b m8',
    ])
  })
})

test('an upload goes by its prefix and age', async () => {
  const acting = await rules(
    '{ id: off, enabled: false, filter: { prefix: "" }, abortIncompleteUploads: { afterDays: 1 } }',
    '{ id: up, filter: { prefix: a/ }, abortIncompleteUploads: { afterDays: 3 } }',
  )
  expect(dueUpload('a/x', NOW - 3 * DAY_MS, acting, NOW)?.id).toBe('up')
  expect(dueUpload('a/x', NOW - 2 * DAY_MS, acting, NOW)).toBeUndefined()
  expect(dueUpload('b/x', NOW - 9 * DAY_MS, acting, NOW)).toBeUndefined()
})

test('what is found of one key does not depend on those around it', async () => {
  const acting = await rules(
    '{ id: e, filter: { prefix: k }, expire: { afterDays: 9 }, expireOldVersions: { afterDays: 5, keepNewest: 1 } }',
    '{ id: m, filter: { prefix: "" }, removeExpiredDeleteMarkers: true }',
    '{ id: t, filter: { smallerThan: 50 }, transitions: [{ afterDays: 4, storageClass: GLACIER }] }',
  )
  const history = fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 6 }),
      isDeleteMarker: fc.boolean(),
      size: fc.nat({ max: 100 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  const keys = fc.array(history, { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(keys, async histories => {
      const all = histories.map((versions, index) => {
        let daysAgo = 0
        return versions.map(({ gap, isDeleteMarker, size }, position) => {
          daysAgo += gap
          const named = { versionId: `${position}`, isLatest: position === 0, isDeleteMarker }
          return version(`${index % 2 === 0 ? 'k' : 'l'}${index}`, daysAgo, {
            ...named,
            size: isDeleteMarker ? 0 : size,
          })
        })
      })
      const apart = (await Promise.all(all.map(versions => items(versions, acting)))).flat()
      expect(await items(all.flat(), acting)).toEqual(apart)
    }),
  )
})
