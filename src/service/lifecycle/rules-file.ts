import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseBytes } from '../../config.js'
import { parseAttributes } from '../../core/attributes.js'
import { StorageError, shown } from '../../core/errors.js'
import { parsePrefix } from '../../core/key.js'
import { parseStorageClass, STANDARD } from '../../core/storage-class.js'
import { systemCode } from '../../stores/local/files.js'
import type { LifecycleFilter, LifecycleRule, Transition, When } from './rules.js'
import { YamlFile, type YamlValue } from './yaml-reader.js'

/** S3's own limit on the rules of a bucket. */
const MAX_RULES = 1000
const MAX_FILE_BYTES = 1024 * 1024
/** The most days that S3 counts. */
const MAX_DAYS = 2_147_483_647
/** S3's own limit on the old versions that a rule keeps. */
const MAX_KEPT = 100

const ACTIONS = [
  'expire',
  'transitions',
  'abortIncompleteUploads',
  'expireOldVersions',
  'removeExpiredDeleteMarkers',
] as const

/**
 * Reads a file of rules.
 *
 * @throws StorageError `CONFIG_INVALID` where it cannot be read, or as {@link parseRules}
 */
export async function readRules(path: string): Promise<LifecycleRule[]> {
  const whole = resolve(path)
  let text: string
  try {
    const file = await open(whole)
    try {
      const { size } = await file.stat()
      if (size > MAX_FILE_BYTES)
        throw new Error(`it has ${size} bytes, and at most ${MAX_FILE_BYTES} are read`)
      text = await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    throw invalid(`The file of lifecycle rules ${whole} cannot be read: ${why}.`, cause)
  }
  return parseRules(text, whole)
}

/**
 * Reads rules, in YAML or JSON: `rules:`, each with an `id`, a `filter` and what is to be done.
 *
 * @param name of the file, for errors
 * @throws StorageError `CONFIG_INVALID` that names everything that is wrong by its line: what was got, and what is accepted
 */
export async function parseRules(text: string, name: string): Promise<LifecycleRule[]> {
  const file = new YamlFile(await import('yaml'), text)
  const rules = file.complaints.length === 0 ? rulesOf(file.root) : []
  if (file.complaints.length === 0) return rules
  const inOrder = file.complaints.sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = inOrder.map(({ path, line, column, message }) => {
    return `  line ${line}, column ${column}: ${path === '' ? '' : `${path}: `}${message}`
  })
  throw invalid(`The lifecycle rules in ${name} are wrong.\n${lines.join('\n')}`)
}

function rulesOf(root: YamlValue): LifecycleRule[] {
  const list = root.mapping(['rules'])
  if (list === undefined) return []
  if (list.rules === undefined) {
    root.complain('there are no rules; accepted: a list under "rules".')
    return []
  }
  const items = list.rules.list('a list of rules') ?? []
  if (items.length > MAX_RULES)
    list.rules.complain(`there are ${items.length}; accepted: at most ${MAX_RULES}.`)
  const ids = new Set<string>()
  return items.flatMap(item => {
    const rule = ruleOf(item)
    if (rule === undefined) return []
    if (ids.has(rule.id))
      item.complain(`another rule has the id ${shown(rule.id)}; accepted: one of its own.`)
    ids.add(rule.id)
    return [rule]
  })
}

function ruleOf(item: YamlValue): LifecycleRule | undefined {
  const given = item.mapping(['id', 'enabled', 'filter', ...ACTIONS])
  if (given === undefined) return undefined
  const id =
    given.id === undefined
      ? item.complain('it has no id; accepted: a name of its own.')
      : given.id.text('1 to 200 letters, digits, ".", "_" and "-"', text =>
          /^[A-Za-z0-9._-]{1,200}$/.test(text),
        )
  const enabled = given.enabled === undefined ? true : given.enabled.boolean()
  const filter =
    given.filter === undefined
      ? item.complain('it has no filter; accepted: one that says which files it is for (prefix: "" is all).')
      : filterOf(given.filter)
  const expire = given.expire && whenOf(given.expire, 1)
  const transitions = given.transitions === undefined ? [] : transitionsOf(given.transitions)
  const abortIncompleteUploads = given.abortIncompleteUploads && daysOf(given.abortIncompleteUploads)
  const expireOldVersions = given.expireOldVersions && oldVersionsOf(given.expireOldVersions)
  const removeExpiredDeleteMarkers = given.removeExpiredDeleteMarkers?.boolean() ?? false
  const isIdle = {
    transitions: transitions?.length === 0,
    removeExpiredDeleteMarkers: given.removeExpiredDeleteMarkers?.scalar === false,
  }
  if (
    ACTIONS.every(
      action => given[action] === undefined || (action in isIdle && isIdle[action as keyof typeof isIdle]),
    )
  ) {
    item.complain(`nothing is to be done; accepted: one or more of ${ACTIONS.join(', ')}.`)
  }
  if (id === undefined || enabled === undefined || filter === undefined || transitions === undefined)
    return undefined
  const rule = {
    id,
    enabled,
    filter,
    transitions,
    removeExpiredDeleteMarkers,
    ...(expire !== undefined && { expire }),
    ...(abortIncompleteUploads !== undefined && { abortIncompleteUploads }),
    ...(expireOldVersions !== undefined && { expireOldVersions }),
  }
  checkTogether(rule, given)
  return rule
}

/** What S3 does not take together. */
function checkTogether(
  { filter, expire, transitions, removeExpiredDeleteMarkers }: LifecycleRule,
  given: Partial<Record<(typeof ACTIONS)[number], YamlValue>>,
): void {
  const isPlain =
    Object.keys(filter.tags).length === 0 &&
    filter.largerThan === undefined &&
    filter.smallerThan === undefined
  if (!isPlain) {
    const accepted = 'a rule of its own, whose filter has only a prefix.'
    given.abortIncompleteUploads?.complain(
      `unfinished uploads have neither tags nor a size; accepted: ${accepted}`,
    )
    if (removeExpiredDeleteMarkers)
      given.removeExpiredDeleteMarkers?.complain(
        `a delete has neither tags nor a size; accepted: ${accepted}`,
      )
  }
  if (removeExpiredDeleteMarkers && expire !== undefined)
    given.removeExpiredDeleteMarkers?.complain('expire does that too; accepted: one of the two.')
  const dated = [...transitions, ...(expire === undefined ? [] : [expire])].filter(when => 'on' in when)
  if (dated.length > 0 && dated.length < transitions.length + (expire === undefined ? 0 : 1))
    (given.expire ?? given.transitions)?.complain(
      'some of what the rule does is at a date, and some after days; accepted: either, or two rules.',
    )
  const last = transitions.at(-1)
  if (last !== undefined && expire !== undefined && !isBefore(last, expire))
    given.expire?.complain('files would expire before their last transition; accepted: later than that.')
}

function filterOf(value: YamlValue): LifecycleFilter | undefined {
  const given = value.mapping(['prefix', 'tags', 'largerThan', 'smallerThan'])
  if (given === undefined) return undefined
  if (Object.keys(given).length === 0)
    return value.complain(
      'it says nothing; accepted: prefix, tags, largerThan, smallerThan (prefix: "" is all files).',
    )
  const prefix = given.prefix === undefined ? '' : prefixOf(given.prefix)
  const tags = given.tags === undefined ? {} : tagsOf(given.tags)
  const largerThan = given.largerThan && bytesOf(given.largerThan)
  const smallerThan = given.smallerThan && bytesOf(given.smallerThan)
  if (largerThan !== undefined && smallerThan !== undefined && largerThan + 1 >= smallerThan)
    given.smallerThan?.complain('no file is as small as that and larger than largerThan; accepted: more.')
  if (prefix === undefined || tags === undefined) return undefined
  return {
    prefix,
    tags,
    ...(largerThan !== undefined && { largerThan }),
    ...(smallerThan !== undefined && { smallerThan }),
  }
}

function prefixOf(value: YamlValue): string | undefined {
  return value.text('the start of keys, such as uploads/temp/', text => {
    try {
      parsePrefix(text)
      return true
    } catch {
      return false
    }
  })
}

function tagsOf(value: YamlValue): Record<string, string> | undefined {
  const accepted = 'a mapping of tags, such as {kind: draft}'
  const entries = value.entries(accepted)
  if (entries === undefined) return undefined
  // No condition at all would be for every file.
  if (entries.length === 0) return value.refuse(accepted)
  const tags: Record<string, string> = Object.create(null)
  for (const [name, tag] of entries) {
    const text = tag.scalar
    const isScalar = ['string', 'number', 'boolean'].includes(typeof text)
    if (!isScalar) tag.refuse('text')
    tags[name] = String(text)
  }
  try {
    parseAttributes({ tags })
  } catch (error) {
    return value.complain(error instanceof Error ? error.message : String(error))
  }
  return tags
}

function bytesOf(value: YamlValue): number | undefined {
  const bytes = typeof value.scalar === 'number' ? value.scalar : parseBytes(String(value.scalar))
  if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0) return bytes
  return value.refuse('bytes, or a number with KiB, MiB, GiB or TiB')
}

function whenOf(value: YamlValue, minDays: number): When | undefined {
  const given = value.mapping(['afterDays', 'on'])
  return given && momentOf(value, given, minDays)
}

function momentOf(
  value: YamlValue,
  { afterDays, on }: Partial<Record<'afterDays' | 'on', YamlValue>>,
  minDays: number,
): When | undefined {
  if ((afterDays === undefined) === (on === undefined))
    return value.complain('it does not say when; accepted: either afterDays or on.')
  if (afterDays !== undefined) {
    const days = afterDays.whole(minDays, MAX_DAYS)
    return days === undefined ? undefined : { afterDays: days }
  }
  const date = on?.text('a day such as 2027-01-31 (UTC)', isDate)
  return date === undefined ? undefined : { on: date }
}

function transitionsOf(value: YamlValue): Transition[] | undefined {
  const items = value.list('a list of transitions')
  if (items === undefined) return undefined
  const all = items.flatMap(item => {
    const given = item.mapping(['afterDays', 'on', 'storageClass'])
    if (given === undefined) return []
    const when = momentOf(item, given, 0)
    const storageClass =
      given.storageClass === undefined
        ? item.complain('it does not say where to; accepted: a storageClass, such as STANDARD_IA or GLACIER.')
        : classOf(given.storageClass)
    return when === undefined || storageClass === undefined
      ? []
      : [{ item, transition: { ...when, storageClass } }]
  })
  for (const [index, { item, transition }] of all.entries()) {
    const before = all[index - 1]?.transition
    if (before !== undefined && !isBefore(before, transition))
      item.complain(
        'it is not later than the one before it; accepted: transitions in the order of their time.',
      )
  }
  return all.length < items.length ? undefined : all.map(({ transition }) => transition)
}

function classOf(value: YamlValue): string | undefined {
  if (value.scalar === STANDARD) return value.complain('files begin there; accepted: another class.')
  try {
    return parseStorageClass(value.scalar, 'lifecycle')
  } catch (error) {
    return value.complain(error instanceof Error ? error.message : String(error))
  }
}

function daysOf(value: YamlValue): { afterDays: number } | undefined {
  const given = value.mapping(['afterDays'])
  if (given === undefined) return undefined
  if (given.afterDays === undefined) return value.complain('it does not say when; accepted: afterDays.')
  const afterDays = given.afterDays.whole(1, MAX_DAYS)
  return afterDays === undefined ? undefined : { afterDays }
}

function oldVersionsOf(value: YamlValue): LifecycleRule['expireOldVersions'] {
  const given = value.mapping(['afterDays', 'keepNewest'])
  if (given === undefined) return undefined
  if (given.afterDays === undefined) return value.complain('it does not say when; accepted: afterDays.')
  const afterDays = given.afterDays.whole(1, MAX_DAYS)
  const keepNewest = given.keepNewest?.whole(1, MAX_KEPT)
  return afterDays === undefined ? undefined : { afterDays, ...(keepNewest !== undefined && { keepNewest }) }
}

/** Whether one moment is certainly before another: of a date and days nobody knows. */
function isBefore(a: When, b: When): boolean {
  if ('on' in a) return 'on' in b ? a.on < b.on : true
  return 'on' in b || a.afterDays < b.afterDays
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function invalid(message: string, cause?: unknown): StorageError {
  return new StorageError({ code: 'CONFIG_INVALID', op: 'lifecycle', message, cause })
}
