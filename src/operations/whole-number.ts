import { StorageError, shown } from '../core/errors.js'

/** An option that is a whole number within bounds, or was not given. @throws StorageError `INVALID_ARGUMENT` */
export function wholeNumber(
  op: string,
  name: string,
  value: unknown,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  const message = `Invalid ${name} ${shown(value)}; accepted: a whole number from ${min} to ${max}.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op, message })
}
