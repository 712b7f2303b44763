import { StorageError, shown } from '../../core/errors.js'
import { compareUtf8, isKey, type Key, MAX_KEY_BYTES, parsePrefix, RESERVED_PREFIX } from '../../core/key.js'
import { STANDARD } from '../../core/storage-class.js'
import type { ListedObject, ListOptions, StorePage } from '../../core/store.js'
import type { S3Context } from './context.js'
import { unprovenAnswer } from './errors.js'
import type { Answer } from './exchange.js'
import { unquote } from './metadata.js'
import { decodeUrl, listingCall, readAnswer } from './requests.js'

/** S3's largest page. */
const MAX_KEYS = 1000

/** A page as S3 gives it. */
interface RawPage {
  readonly objects: ListedObject[]
  readonly prefixes: string[]
  readonly truncated: boolean
  readonly token: string | undefined
  /** Names that no Holdfast key can have, such as the `folder/` objects that consoles make. */
  readonly skipped: number
}

/**
 * Lists one page (S3 API, "ListObjectsV2"). Holdfast's own objects are left out, and so are objects whose names
 * are not valid keys: nothing could be done with them here. How many those were is logged.
 */
export async function listObjects(context: S3Context, options: ListOptions = {}): Promise<StorePage> {
  const { prefix = '', delimiter = '', startAfter = '', limit = MAX_KEYS, signal } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS) {
    throw new StorageError({
      code: 'INVALID_ARGUMENT',
      op: 'list',
      store: 's3',
      message: `Invalid limit ${shown(limit)}; accepted: a whole number from 1 to ${MAX_KEYS}.`,
    })
  }
  const query: [string, string][] = [
    ['list-type', '2'],
    ['encoding-type', 'url'],
    ['max-keys', String(limit)],
  ]
  if (prefix !== '') query.push(['prefix', prefix])
  if (delimiter !== '') query.push(['delimiter', delimiter])
  let position: [string, string] | undefined =
    startAfter === '' ? undefined : ['start-after', resumeFrom(startAfter, prefix, delimiter)]
  for (;;) {
    const page = await fetchPage(context, position === undefined ? query : [...query, position], signal)
    const { objects, prefixes } = hideOwn(page, startAfter)
    if (page.skipped > 0) reportSkipped(context, prefix, page.skipped)
    const next = later(objects.at(-1)?.key, prefixes.at(-1))
    if (!page.truncated) return { objects, prefixes, complete: true }
    if (next !== undefined) return { objects, prefixes, next, complete: true }
    // Nothing on this page may be shown, so there is nothing to resume from: it goes on by itself.
    if (page.token === undefined) {
      throw unprovenAnswer({ op: 'list' }, 200, 'it is truncated and has no NextContinuationToken')
    }
    position = ['continuation-token', page.token]
  }
}

const reported = new WeakSet<S3Context>()

/** Warns once a store, since the same names are met in listing after listing. */
function reportSkipped(context: S3Context, prefix: string, skipped: number): void {
  const level = reported.has(context) ? 'debug' : 'warn'
  reported.add(context)
  context.logger[level]({ prefix, skipped }, 'A listing left out objects whose names are no valid keys.')
}

/**
 * Where a listing is to begin: after every name that can lie below a prefix, or right after a key. A key that
 * only happens to end with the delimiter gets a character behind it that no key has: Ceph takes it for a prefix.
 */
function resumeFrom(startAfter: string, prefix: string, delimiter: string): string {
  if (delimiter === '' || !startAfter.endsWith(delimiter)) return startAfter
  const rolledUp =
    startAfter.startsWith(prefix) &&
    startAfter.indexOf(delimiter, prefix.length) === startAfter.length - delimiter.length
  if (!rolledUp) return `${startAfter}\u0001`
  const room = Math.floor((MAX_KEY_BYTES - Buffer.byteLength(startAfter)) / 4)
  return startAfter + '\u{10FFFF}'.repeat(room)
}

async function fetchPage(
  context: S3Context,
  query: readonly (readonly [string, string])[],
  signal: AbortSignal | undefined,
): Promise<RawPage> {
  const call = listingCall(context.client, query, signal)
  return context.client.send(call, readPage)
}

function readPage(answer: Answer): RawPage {
  const objects: ListedObject[] = []
  const prefixes: string[] = []
  let skipped = 0
  let truncated: string | undefined
  let token: string | undefined
  // No key can hold this text unescaped; and it may stand behind the keys that it speaks of.
  const encoded = answer.body.includes('<EncodingType>url<')
  let name = ''
  let size = Number.NaN
  let etag = ''
  let modified = ''
  let storageClass = ''
  const addObject = (): void => {
    const key = encoded ? decodeUrl(name) : name
    const time = Date.parse(modified)
    if (name === '' || Number.isNaN(size) || Number.isNaN(time)) {
      throw unprovenAnswer({ op: 'list' }, answer.status, 'an entry has no Key, Size or LastModified')
    }
    if (key?.startsWith(RESERVED_PREFIX)) return
    if (!isKey(key)) {
      skipped++
      return
    }
    const object: ListedObject = { key, size, etag: unquote(etag), lastModified: new Date(time) }
    objects.push(storageClass === '' || storageClass === STANDARD ? object : { ...object, storageClass })
  }
  readAnswer(
    { op: 'list' },
    answer,
    'ListBucketResult',
    (element, text, depth) => {
      if (depth === 2) {
        if (element === 'Key') name = text
        else if (element === 'Size') size = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
        else if (element === 'ETag') etag = text
        else if (element === 'LastModified') modified = text
        else if (element === 'StorageClass') storageClass = text
        else if (element === 'Prefix') name = text
      } else if (depth === 1) {
        if (element === 'Contents') addObject()
        else if (element === 'CommonPrefixes') {
          const prefix = encoded ? decodeUrl(name) : name
          if (prefix?.startsWith(RESERVED_PREFIX)) return
          if (prefix === undefined || !isPrefix(prefix)) skipped++
          else prefixes.push(prefix)
        } else if (element === 'IsTruncated') truncated = text
        else if (element === 'NextContinuationToken') token = text
      }
    },
    (element, depth) => {
      if (depth === 1 && element === 'Contents') {
        name = etag = modified = storageClass = ''
        size = Number.NaN
      }
    },
  )
  if (truncated !== 'true' && truncated !== 'false') {
    throw unprovenAnswer({ op: 'list' }, answer.status, 'it does not say whether it is truncated')
  }
  return { objects, prefixes, truncated: truncated === 'true', token, skipped }
}

function isPrefix(text: string): boolean {
  try {
    parsePrefix(text)
    return true
  } catch {
    return false
  }
}

/** Leaves out what no page shows, and a prefix that the page was to begin after. */
function hideOwn(page: RawPage, startAfter: string): Pick<RawPage, 'objects' | 'prefixes'> {
  const { objects, prefixes } = page
  return startAfter === '' || !prefixes.includes(startAfter)
    ? page
    : { objects, prefixes: prefixes.filter(prefix => prefix !== startAfter) }
}

function later(key: Key | undefined, prefix: string | undefined): string | undefined {
  if (key === undefined || prefix === undefined) return key ?? prefix
  return compareUtf8(key, prefix) > 0 ? key : prefix
}
