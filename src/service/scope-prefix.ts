import { parsePrefix, RESERVED_PREFIX } from '../core/key.js'
import { invalidArgument } from './arguments.js'

/**
 * The start of a scope's or a quota's keys. It ends in `/`: a scope of `rooms/42` would hold room 421 too.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseScopePrefix(value: unknown, op = 'scope'): string {
  const prefix = parsePrefix(value, op)
  if (prefix.endsWith('/') && !prefix.startsWith(RESERVED_PREFIX)) return prefix
  const accepted = `the start of keys with "/" at its end, such as "rooms/42/", and not below "${RESERVED_PREFIX}"`
  throw invalidArgument(op, 'prefix', value, accepted)
}
