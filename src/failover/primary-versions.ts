import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { OperationOptions } from '../core/store.js'
import type { UnremovedVersion, VersionName, Versions } from '../core/versions.js'
import { type Context, seenStat } from './context.js'
import { seenObject } from './reader.js'

/**
 * The versions that a primary keeps. Nothing of them is here: while it is away they are `UNAVAILABLE`. And of a key
 * that the journal holds none is removed: what is current at the primary may not be what is current.
 */
export function primaryVersions(context: Context, versions: Versions): Versions {
  const { availability } = context
  const ask = <T>(op: string, key: Key | undefined, question: () => Promise<T>): Promise<T> =>
    availability.require(availability.reads, op, key, question)
  return {
    versioning: options => ask('versions', undefined, () => versions.versioning(options)),
    list: options => ask('list', undefined, () => versions.list(options)),
    get: async (key, id, options) => seenObject(await ask('get', key, () => versions.get(key, id, options))),
    head: async (key, id, options) => seenStat(await ask('head', key, () => versions.head(key, id, options))),
    tags: (key, id, options) => ask('get', key, () => versions.tags(key, id, options)),
    remove: (names, options) =>
      availability.require(availability.writes, 'delete', undefined, () =>
        removeQuiet(context, versions, names, options),
      ),
  }
}

async function removeQuiet(
  { journal, availability }: Context,
  versions: Versions,
  names: readonly VersionName[],
  options: OperationOptions | undefined,
): Promise<readonly UnremovedVersion[]> {
  const isBusy = new Map<Key, boolean>()
  for (const { key } of names) if (!isBusy.has(key)) isBusy.set(key, journal.get(key) !== undefined)
  const quiet = names.filter(({ key }) => isBusy.get(key) === false)
  const unremoved = quiet.length === 0 ? [] : await versions.remove(quiet, options)
  if (quiet.length === names.length) return unremoved
  const busy = names
    .filter(({ key }) => isBusy.get(key) === true)
    .map(name => ({ ...name, error: busyError(name.key, availability.retryAfterMs) }))
  return [...unremoved, ...busy]
}

function busyError(key: Key, retryAfterMs: number): StorageError {
  const message =
    'The object store is still to receive, or to be seen to hold, what was written to this key last; its versions are left alone until then.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'delete', key, store: 's3', message, retryAfterMs })
}
