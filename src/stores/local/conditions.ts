import type { Attributes } from '../../core/attributes.js'
import { shown } from '../../core/errors.js'
import type { Condition } from '../../core/store.js'
import { failure } from './io-error.js'
import type { StoredObject } from './row.js'

/**
 * Checks a condition against the object that is there now (RFC 9110, section 13.1; S3 API, "Conditional
 * requests"). The ETag of a local object is its write id.
 *
 * @throws StorageError `ALREADY_EXISTS`, `PRECONDITION_FAILED`
 */
export function checkCondition(
  op: string,
  key: string,
  current: StoredObject | undefined,
  { ifMatch, ifNoneMatch }: Condition,
): void {
  if (ifNoneMatch === '*' && current !== undefined) {
    throw failure('ALREADY_EXISTS', op, key, `There is an object ${shown(key)} already.`)
  }
  if (ifMatch !== undefined && current?.writeId !== ifMatch) {
    const found = current === undefined ? 'there is none' : `its ETag is ${shown(current.writeId)}`
    throw failure(
      'PRECONDITION_FAILED',
      op,
      key,
      `An object with the ETag ${shown(ifMatch)} was asked for, and ${found}.`,
    )
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*' && current?.writeId === ifNoneMatch) {
    throw failure(
      'PRECONDITION_FAILED',
      op,
      key,
      `Any object but that with the ETag ${shown(ifNoneMatch)} was asked for.`,
    )
  }
}

/** @throws StorageError `UNSUPPORTED` if a storage class is asked for: local files have none */
export function refuseStorageClass(op: string, key: string, attributes: Attributes): void {
  if (attributes.storageClass === undefined) return
  throw failure('UNSUPPORTED', op, key, 'Local storage has no storage classes.')
}

/** @throws StorageError `INVALID_ARGUMENT` for a write id that could not be a file's name */
export function checkWriteId(op: string, key: string, writeId: string): void {
  if (/^[A-Za-z0-9-]{1,64}$/.test(writeId)) return
  throw failure(
    'INVALID_ARGUMENT',
    op,
    key,
    `Invalid writeId ${shown(writeId)}; accepted: 1 to 64 letters, digits and "-".`,
  )
}
