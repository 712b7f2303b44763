import { describe, expect, test } from 'vitest'
import { StorageError } from '../../core/errors.js'
import { dueAt, hasTags, type LifecycleRule, prefixesOf } from './rules.js'
import { parseRules, readRules } from './rules-file.js'
import { actionsText, filterText } from './wording.js'

const rules = (text: string) => parseRules(text, 'rules.yaml')

async function refusal(text: string): Promise<string[]> {
  const error = await rules(text).then(
    () => undefined,
    thrown => thrown,
  )
  if (!StorageError.is(error, 'CONFIG_INVALID')) throw new Error(`It was not refused: ${String(error)}`)
  const [first, ...lines] = error.message.split('\n')
  expect(first).toBe('The lifecycle rules in rules.yaml are wrong.')
  return lines.map(line => line.trim())
}

test("the shipped example means what the specification's two rules mean", async () => {
  expect(await readRules('examples/lifecycle.yaml')).toEqual([
    {
      id: 'DeleteOldFiles',
      enabled: true,
      filter: { prefix: 'uploads/temp/', tags: {} },
      expire: { afterDays: 7 },
      transitions: [],
      removeExpiredDeleteMarkers: false,
    },
    {
      id: 'TransitionToIA',
      enabled: true,
      filter: { prefix: 'uploads/archive/', tags: {} },
      transitions: [
        { afterDays: 30, storageClass: 'STANDARD_IA' },
        { afterDays: 90, storageClass: 'GLACIER' },
      ],
      removeExpiredDeleteMarkers: false,
    },
  ])
})

test('a rule can say all that there is to say, in YAML or in JSON', async () => {
  const yaml = `
rules:
  - id: all
    enabled: false
    filter:
      prefix: rooms/
      tags: { kind: draft, level: 3 }
      largerThan: 1 MiB
      smallerThan: 5000000
    transitions:
      - { afterDays: 0, storageClass: GLACIER_IR }
    expire: { afterDays: 10 }
    expireOldVersions: { afterDays: 30, keepNewest: 5 }
  - id: rest
    filter: { prefix: "" }
    abortIncompleteUploads: { afterDays: 3 }
    removeExpiredDeleteMarkers: true
  - id: end
    filter: { prefix: 2026/ }
    expire: { on: 2027-01-31 }
`
  const expected = [
    {
      id: 'all',
      enabled: false,
      filter: {
        prefix: 'rooms/',
        tags: { kind: 'draft', level: '3' },
        largerThan: 1024 * 1024,
        smallerThan: 5_000_000,
      },
      transitions: [{ afterDays: 0, storageClass: 'GLACIER_IR' }],
      expire: { afterDays: 10 },
      expireOldVersions: { afterDays: 30, keepNewest: 5 },
      removeExpiredDeleteMarkers: false,
    },
    {
      id: 'rest',
      enabled: true,
      filter: { prefix: '', tags: {} },
      transitions: [],
      abortIncompleteUploads: { afterDays: 3 },
      removeExpiredDeleteMarkers: true,
    },
    {
      id: 'end',
      enabled: true,
      filter: { prefix: '2026/', tags: {} },
      transitions: [],
      expire: { on: '2027-01-31' },
      removeExpiredDeleteMarkers: false,
    },
  ]
  expect(await rules(yaml)).toEqual(expected)
  expect(await rules(JSON.stringify({ rules: expected.map(undoDefaults) }, undefined, 2))).toEqual(expected)
  expect((await rules(yaml)).map(rule => `${filterText(rule)}: ${actionsText(rule)}`)).toEqual([
    'rooms/, tagged kind=draft, tagged level=3, larger than 1 MiB, smaller than 5000000 bytes: to GLACIER_IR after 0 days; expire after 10 days; expire old versions after 30 days but for the newest 5',
    'all files: remove expired delete markers; abort uploads after 3 days',
    '2026/: expire on 2027-01-31',
  ])
})

/** What parsing adds to a rule, and what a rule in a file need not say. */
function undoDefaults<R extends { transitions: unknown[]; filter: { tags: object } }>(rule: R): object {
  const { transitions, filter, ...rest } = rule
  const { tags, ...conditions } = filter
  return {
    ...rest,
    filter: Object.keys(tags).length === 0 ? conditions : filter,
    ...(transitions.length > 0 && { transitions }),
  }
}

test('no tag is lost, whatever its name: without it the rule would be for more', async () => {
  const [rule] = await rules(
    'rules:\n  - { id: a, filter: { tags: { __proto__: x } }, expire: { afterDays: 1 } }',
  )
  expect(Object.entries(rule?.filter.tags ?? {})).toEqual([['__proto__', 'x']])
  expect(hasTags(rule as LifecycleRule, {})).toBe(false)
})

test('a file without rules is one that wants none', async () => {
  expect(await rules('rules: []')).toEqual([])
})

describe('what is wrong is told by line, path, what was got and what is accepted', () => {
  test.each([
    [
      rule('filter: { tags: {} }'),
      'line 3, column 21: rules[0].filter.tags: got a mapping; accepted: a mapping of tags, such as {kind: draft}.',
    ],
    [
      rule('filter: { prefix: x }\n    transitions: [{ afterDays: 9, storageClass: standard-ia }]', ''),
      'line 4, column 49: rules[0].transitions[0].storageClass: Invalid storageClass "standard-ia"; accepted: STANDARD_IA.',
    ],
    ['', 'line 1, column 1: got nothing; accepted: a mapping of rules.'],
    ['rules: 3', 'line 1, column 8: rules: got 3; accepted: a list of rules.'],
    ['ruels: []', 'line 1, column 8: ruels: is not known; accepted in its place: rules.'],
    [
      rule('filter: { prefx: x/ }'),
      'line 3, column 22: rules[0].filter.prefx: is not known; accepted in its place: prefix, tags, largerThan, smallerThan.',
    ],
    [
      rule('filter: {}'),
      'line 3, column 13: rules[0].filter: it says nothing; accepted: prefix, tags, largerThan, smallerThan (prefix: "" is all files).',
    ],
    [
      rule('filter: { prefix: /x }'),
      'line 3, column 23: rules[0].filter.prefix: got "/x"; accepted: the start of keys, such as uploads/temp/.',
    ],
    [
      rule('filter: { largerThan: 1 XB }'),
      'line 3, column 27: rules[0].filter.largerThan: got "1 XB"; accepted: bytes, or a number with KiB, MiB, GiB or TiB.',
    ],
    [
      rule('filter: { largerThan: 9, smallerThan: 10 }'),
      'line 3, column 43: rules[0].filter.smallerThan: no file is as small as that and larger than largerThan; accepted: more.',
    ],
    [
      rule('filter: { prefix: x }\n    expire: { afterDays: 0 }', ''),
      'line 4, column 26: rules[0].expire.afterDays: got 0; accepted: a whole number from 1 to 2147483647.',
    ],
    [
      rule('filter: { prefix: x }\n    expire: { on: 2027-02-30 }', ''),
      'line 4, column 19: rules[0].expire.on: got "2027-02-30"; accepted: a day such as 2027-01-31 (UTC).',
    ],
    [
      rule('filter: { prefix: x }\n    expire: { }', ''),
      'line 4, column 13: rules[0].expire: it does not say when; accepted: either afterDays or on.',
    ],
    [
      rule('filter: { prefix: x }', ''),
      'line 2, column 5: rules[0]: nothing is to be done; accepted: one or more of expire, transitions, abortIncompleteUploads, expireOldVersions, removeExpiredDeleteMarkers.',
    ],
    [
      rule(
        'filter: { prefix: x }\n    transitions: [{ afterDays: 9, storageClass: A }, { afterDays: 9, storageClass: B }]',
        '',
      ),
      'line 4, column 54: rules[0].transitions[1]: it is not later than the one before it; accepted: transitions in the order of their time.',
    ],
    [
      rule('filter: { prefix: x }\n    transitions: [{ afterDays: 9, storageClass: A }]'),
      'line 5, column 13: rules[0].expire: files would expire before their last transition; accepted: later than that.',
    ],
    [
      rule('filter: { prefix: x }\n    transitions: [{ on: 2026-01-01, storageClass: A }]'),
      'line 5, column 13: rules[0].expire: some of what the rule does is at a date, and some after days; accepted: either, or two rules.',
    ],
    [
      rule('filter: { largerThan: 3 }\n    abortIncompleteUploads: { afterDays: 1 }', ''),
      'line 4, column 29: rules[0].abortIncompleteUploads: unfinished uploads have neither tags nor a size; accepted: a rule of its own, whose filter has only a prefix.',
    ],
    [
      rule('filter: { prefix: x }\n    removeExpiredDeleteMarkers: true'),
      'line 4, column 33: rules[0].removeExpiredDeleteMarkers: expire does that too; accepted: one of the two.',
    ],
    [
      rule('filter: { prefix: x }').replace('id: one', 'id: a b'),
      'line 2, column 9: rules[0].id: got "a b"; accepted: 1 to 200 letters, digits, ".", "_" and "-".',
    ],
  ])('%j', async (text, expected) => {
    expect(await refusal(text)).toEqual([expected])
  })

  test('all of it at once, and what is no YAML where it is none', async () => {
    expect(await refusal(`${rule('filter: {}')}\n  - Id: DeleteOldFiles\n    expire: 7`)).toEqual([
      expect.stringContaining('line 3, column 13: rules[0].filter'),
      expect.stringContaining('rules[1]: it has no id'),
      expect.stringContaining('rules[1]: it has no filter'),
      expect.stringContaining('rules[1].Id: is not known'),
      expect.stringContaining('rules[1].expire: got 7'),
    ])
    expect(await refusal('rules:\n  - id: [')).toEqual([expect.stringMatching(/^line 2, column \d+: /)])
    expect(
      await refusal(
        `${rule('filter: { prefix: x }')}\n${rule('filter: { prefix: y }').split('\n').slice(1).join('\n')}`,
      ),
    ).toEqual(['line 5, column 5: rules[1]: another rule has the id "one"; accepted: one of its own.'])
    await expect(readRules('examples/none.yaml')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/none\.yaml cannot be read: ENOENT\.$/),
    })
  })
})

function rule(body: string, rest = 'expire: { afterDays: 3 }'): string {
  return `rules:\n  - id: one\n    ${body}${rest === '' ? '' : `\n    ${rest}`}`
}

test("the specification's own rules, with their key Id, are refused in words", async () => {
  const lines = await refusal(SPECIFICATION)
  expect(lines.join('\n')).toContain('Rules: is not known; accepted in its place: rules.')
})

const SPECIFICATION = `{
  "Rules": [
    { "Id": "DeleteOldFiles", "Status": "Enabled", "Prefix": "uploads/temp/", "Expiration": { "Days": 7 } }
  ]
}`

test('days are counted from the moment of the write, and rounded up to midnight UTC, as S3 has it', () => {
  const at = (text: string): number => Date.parse(text)
  const after = (days: number, from: string): string =>
    new Date(dueAt({ afterDays: days }, at(from))).toISOString()
  // S3 User Guide: created on 15 January at 10:30, three days: 19 January, 00:00.
  expect(after(3, '2014-01-15T10:30:00Z')).toBe('2014-01-19T00:00:00.000Z')
  expect(after(1, '2027-01-01T00:00:00Z')).toBe('2027-01-02T00:00:00.000Z')
  expect(after(0, '2027-01-01T00:00:00.001Z')).toBe('2027-01-02T00:00:00.000Z')
  expect(dueAt({ on: '2027-01-31' }, at('2020-01-01'))).toBe(at('2027-01-31T00:00:00Z'))
})

test('each file is listed once, however rules overlap', async () => {
  const of = async (...prefixes: string[]) =>
    prefixesOf(
      await rules(
        prefixes.length === 0
          ? 'rules: []'
          : `rules:\n${prefixes.map((prefix, index) => `  - { id: r${index}, filter: { prefix: "${prefix}" }, expire: { afterDays: 1 } }`).join('\n')}`,
      ),
    )
  expect(await of('a/', 'b', 'a/b/', 'b')).toEqual(['a/', 'b'])
  expect(await of('a/', '', 'b')).toEqual([''])
  expect(await of()).toEqual([])
})
