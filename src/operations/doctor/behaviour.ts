import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { parseAttributes } from '../../core/attributes.js'
import { StorageError } from '../../core/errors.js'
import { openSource } from '../../core/source.js'
import { keepProfile } from '../../service/endpoint-profile.js'
import { readRules } from '../../service/lifecycle/rules-file.js'
import { holdsStore } from '../../stores/local/root-files.js'
import { keyPath } from '../../stores/s3/requests.js'
import { sha256Hex } from '../../stores/s3/sigv4.js'
import { BucketRules } from '../lifecycle/bucket-rules.js'
import { type Check, fault, good, notice, type Verdict } from './findings.js'
import type { BucketPatient } from './patient.js'

/** What the server, and whatever stands before it, does with what it is sent. */
export const BEHAVIOUR_CHECKS: readonly Check<BucketPatient>[] = [
  { check: 'bytes', area: 'behaviour', needs: ['write', 'read'], examine: examineBytes },
  { check: 'parts', area: 'behaviour', needs: ['bytes', 'multipart'], examine: examineParts },
  { check: 'checksums', area: 'behaviour', needs: ['write'], examine: examineChecksums },
  {
    check: 'conditions',
    area: 'behaviour',
    needs: ['bytes', 'multipart', 'delete'],
    examine: examineConditions,
  },
  { check: 'public-access', area: 'behaviour', needs: ['bucket'], examine: examinePublicAccess },
  { check: 'versioning', area: 'behaviour', needs: ['bucket'], examine: examineVersioning },
  { check: 'lifecycle', area: 'behaviour', needs: ['bucket'], examine: examineLifecycle },
]

/** One byte more than a part: the smallest upload of two parts. */
const TWO_PARTS_BYTES = 5 * 1024 * 1024 + 1
/** What proxies like to decode, clean up or cut off: in the key, in the metadata, and in the encoding of the content. */
const ODD_NAME = "ä b+c%2F&=?#;'.txt"
const ODD_TEXT = 'Grüße: 雪, "quoted" and, with commas'

async function examineBytes({ store, scratch, signal }: BucketPatient): Promise<Verdict> {
  const key = scratch(ODD_NAME)
  const content = gzipSync(randomBytes(2048).toString('hex'))
  const attributes = parseAttributes({
    contentType: 'text/html; charset=utf-8',
    contentEncoding: 'gzip',
    contentDisposition: 'attachment',
    cacheControl: 'max-age=60',
    metadata: { odd: ODD_TEXT },
    fileName: ODD_TEXT,
  })
  await store.put(key, await openSource(content), { attributes, signal })
  const { stat, body } = await store.get(key, { signal })
  const read = await body.bytes()
  if (!read.equals(content)) {
    return fault(
      `The bytes that come back are not those that were sent (${read.length} of them, for ${content.length}).`,
      'Something between here and the server changes content, such as a proxy that decodes gzip: have it pass bodies as they are.',
      'INTEGRITY',
    )
  }
  const changed = (
    ['contentType', 'contentEncoding', 'contentDisposition', 'cacheControl', 'fileName'] as const
  ).filter(name => stat[name] !== attributes[name])
  const lost = [...changed, ...(stat.metadata['odd'] === ODD_TEXT ? [] : ['metadata'])]
  if (lost.length > 0) {
    return fault(
      `Of what goes with a file, this is lost on its way: ${lost.join(', ')}.`,
      'Have the proxy before the server pass all x-amz-meta-* and content headers, in both directions.',
      'INTEGRITY',
    )
  }
  const part = await store.get(key, { range: { start: 10, end: 19 }, signal })
  if (!(await part.body.bytes()).equals(content.subarray(10, 20))) {
    return fault(
      'A part of a file that is asked for is not the part that comes.',
      'Have the proxy before the server pass the Range header.',
      'INTEGRITY',
    )
  }
  return good('Bytes, names and metadata come back as they were sent, and parts of files as well.')
}

async function examineParts({ store, scratch, signal }: BucketPatient): Promise<Verdict> {
  const key = scratch('parts')
  const content = randomBytes(TWO_PARTS_BYTES)
  const attributes = parseAttributes({ contentType: 'application/octet-stream' })
  await store.put(key, await openSource(content), { attributes, signal })
  const { body } = await store.get(key, { signal })
  let length = 0
  for await (const piece of body) {
    if (!piece.equals(content.subarray(length, length + piece.length))) break
    length += piece.length
  }
  return length === content.length
    ? good('A file of two parts comes back whole.')
    : fault(
        'A file that was sent in two parts comes back damaged.',
        'Have whatever stands before the server pass bodies as they are.',
        'INTEGRITY',
      )
}

async function examineChecksums({ client, scratch, signal }: BucketPatient): Promise<Verdict> {
  const path = keyPath(client, scratch('checksum'))
  const call = { op: 'put', method: 'PUT', path, signal } as const
  try {
    await client.send(
      { ...call, body: Buffer.from('sent'), payloadHash: sha256Hex(Buffer.from('meant')) },
      () => {},
    )
  } catch (error) {
    if (
      StorageError.is(error) &&
      (error.code === 'INTEGRITY' || error.code === 'INVALID_ARGUMENT' || error.code === 'UNAUTHENTICATED')
    ) {
      return good('An upload that is damaged on its way is refused.')
    }
    throw error
  }
  return notice(
    'The server takes an upload that does not have the SHA-256 that was signed for it.',
    'Damage on the way is noticed only when a file is read. If a proxy signs anew, have it check what it is sent.',
  )
}

/** Tries out what servers differ in; what it finds is kept for the stores that are opened next. */
async function examineConditions({ store, config }: BucketPatient): Promise<Verdict> {
  await store.learn()
  // A folder that cannot be written to is found out by the checks of the folder.
  if (holdsStore(config.localStoragePath)) {
    await keepProfile(config, store.profile).catch(() => {})
  }
  const { conditionalPut, conditionalComplete, conditionalDelete, conditionalCopy, copySourceIfMatch } =
    store.profile
  const missing = [
    conditionalPut === false && 'uploads in one request',
    conditionalComplete === false && 'uploads in parts',
    conditionalDelete === false && 'deletes',
    conditionalCopy === false && 'the target of copies',
    copySourceIfMatch === false && 'the source of copies',
  ].filter(name => name !== false)
  if (missing.length === 0)
    return good('The server honours conditions (If-Match, If-None-Match) of every kind.')
  return notice(
    `The server does not honour conditions on ${missing.join(', ')}.`,
    'Holdfast refuses what asks for them (UNSUPPORTED). Two hosts that write the same key at the same moment are not kept apart: give every upload a key of its own.',
  )
}

async function examinePublicAccess(patient: BucketPatient): Promise<Verdict | undefined> {
  const { publicAccess } = await patient.setup()
  switch (publicAccess) {
    case 'blocked':
      return good('The public is shut out of the bucket, whatever its policies say.')
    case 'possible':
      // Whoever serves files from the bucket to everybody means it.
      if (patient.config.objectStoragePublicUrl !== undefined) return undefined
      return notice(
        'Nothing keeps a policy or an ACL from opening the bucket to everybody.',
        'Unless you mean it to be public, block that: holdfast bucket create does it, for a bucket that is there as well.',
      )
    default:
      return undefined
  }
}

async function examineVersioning(patient: BucketPatient): Promise<Verdict | undefined> {
  const { versioning } = await patient.setup()
  if (versioning === 'unsupported' || versioning === 'denied') return undefined
  return good(
    versioning === 'on'
      ? 'The bucket keeps old versions of files; they take space until a lifecycle rule or a person removes them.'
      : 'The bucket keeps no old versions of files.',
  )
}

/** Whether the rules of the file are those of the bucket: somebody may have replaced them all, as a plain PUT does. */
async function examineLifecycle({ config, signal }: BucketPatient): Promise<Verdict | undefined> {
  const { lifecycleRules: path } = config
  const bucket = new BucketRules(config)
  try {
    if (path !== undefined) {
      const { changes, unchanged } = await bucket.plan(await readRules(path), signal)
      if (changes.length === 0) return good(`The ${unchanged} rules of ${path} are in force at the bucket.`)
      const names = changes.map(({ change, id }) => `${id} (${CHANGES[change]})`)
      return fault(
        `The lifecycle rules of the bucket are not those of ${path}: ${names.join(', ')}.`,
        'holdfast lifecycle diff shows what differs, and holdfast lifecycle apply mends it.',
      )
    }
    const rules = await bucket.read(signal)
    if (rules.some(({ rule }) => rule.enabled && rule.abortIncompleteUploads !== undefined)) {
      return good('A lifecycle rule ends uploads in parts that nobody completed.')
    }
    return notice(
      'No lifecycle rule ends uploads in parts that nobody completed: those of hosts that are gone for good cost money for ever.',
      'Add a rule with abortIncompleteUploads: see "Lifecycle rules" in docs/OPERATIONS.md.',
    )
  } catch (error) {
    const isHidden = StorageError.is(error, 'PERMISSION_DENIED') || StorageError.is(error, 'UNSUPPORTED')
    if (!isHidden) throw error
    if (path === undefined) return undefined
    return notice(
      `Whether the rules of ${path} are in force cannot be seen: ${error.message}`,
      'Allow s3:GetLifecycleConfiguration, or ask who owns the bucket.',
    )
  } finally {
    await bucket.close()
  }
}

const CHANGES = { add: 'missing', change: 'another one', remove: 'not in the file' } as const
