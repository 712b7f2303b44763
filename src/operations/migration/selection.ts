import picomatch from 'picomatch'
import { StorageError, shown } from '../../core/errors.js'
import { parsePrefix } from '../../core/key.js'
import type { Selection } from './types.js'

/** Which names are meant. */
export interface Selected {
  readonly prefix: string
  /** Whether a name below the prefix is meant. */
  matches(name: string): boolean
}

/**
 * Reads a selection. A glob without a `/` is matched with the last segment of a name (`*.jpg`), others with the whole:
 * `*` stands for anything within a segment, `**` for segments, `{a,b}` for one of several.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseSelection(given: Selection): Selected {
  const prefix = parsePrefix(given.prefix ?? '', 'migrate')
  const included = matcherOf('include', given.include)
  const excluded = matcherOf('exclude', given.exclude)
  return {
    prefix,
    matches: name => (included === undefined || included(name)) && excluded?.(name) !== true,
  }
}

function matcherOf(option: string, globs: unknown): ((name: string) => boolean) | undefined {
  if (globs === undefined) return undefined
  if (!Array.isArray(globs) || !globs.every(glob => typeof glob === 'string' && glob !== '')) {
    const message = `Invalid ${option} ${shown(globs)}; accepted: a list of globs such as "rooms/**" or "*.jpg".`
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'migrate', message })
  }
  const within = globs.filter(glob => !glob.includes('/'))
  const whole = globs.filter(glob => glob.includes('/'))
  const matchers = [
    ...(within.length > 0 ? [picomatch(within, { dot: true, basename: true })] : []),
    ...(whole.length > 0 ? [picomatch(whole, { dot: true })] : []),
  ]
  return name => matchers.some(matches => matches(name))
}
