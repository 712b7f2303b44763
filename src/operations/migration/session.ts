import { setMaxListeners } from 'node:events'
import { completeConfig, loadConfig, type StorageConfig } from '../../config.js'
import { throwIfAborted } from '../../core/errors.js'
import type { ListedObject } from '../../core/store.js'
import { paceOf } from '../pace.js'
import { wholeNumber } from '../whole-number.js'
import { type Location, ofConfig, parseLocation } from './location.js'
import { Manifest, manifestPath } from './manifest.js'
import { nameOf, openSide, type Role } from './open-side.js'
import { Patience } from './patience.js'
import { refuseSameBucket, refuseSameName } from './same-store.js'
import { parseSelection, type Selected } from './selection.js'
import type { Side, Unlistable } from './side.js'
import { Throttle } from './throttle.js'
import type { MigrateOptions, TwoStoresOptions } from './types.js'

/** What is done with the two stores. */
export interface SessionUse {
  /** Whether the target is written to, so that it may be made, and must not be the source; or would be. */
  readonly writes: 'now' | 'later' | 'never'
  /** Whether it is remembered what was done: `look` at what was, `keep` it, or neither. */
  readonly manifest?: 'look' | 'keep'
  readonly stateFolder?: string | undefined
}

/** What a copy of one store to the other does with both. */
export function copyingUse({
  dryRun,
  stateFolder,
}: Pick<MigrateOptions, 'dryRun' | 'stateFolder'>): SessionUse {
  return dryRun === true
    ? { writes: 'later', manifest: 'look', stateFolder }
    : { writes: 'now', manifest: 'keep', stateFolder }
}

/** Two stores that are opened to work on both. */
export interface Session {
  readonly source: Side
  readonly target: Side
  readonly manifest: Manifest | undefined
  readonly selected: Selected
  readonly concurrency: number
  readonly throttle: Throttle
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
  /** The selected objects of a side, in order. */
  objects(side: Side, unlistable?: (found: Unlistable) => void): AsyncGenerator<ListedObject, void, void>
}

/**
 * Opens two stores, does something with them and closes them.
 *
 * @throws StorageError `INVALID_ARGUMENT`, `CONFIG_INVALID` for what is wrong with the options or the stores
 */
export async function withSession<T>(
  options: TwoStoresOptions,
  use: SessionUse,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { logger } = options
  throwIfAborted(options.signal, 'migrate')
  const signal = options.signal === undefined ? undefined : AbortSignal.any([options.signal])
  // Everything that is done at once waits for it.
  if (signal !== undefined) setMaxListeners(0, signal)
  const selected = parseSelection(options)
  const { concurrency, patienceMs } = paceOf('migrate', options)
  const bandwidth = wholeNumber('migrate', 'bandwidth', options.bandwidth, 1, Number.MAX_SAFE_INTEGER)
  const { from, to } = locations(options)
  if (use.writes !== 'never') await refuseSameName(from, to)
  const opened: { close(): Promise<void> }[] = []
  const keep = <O extends { close(): Promise<void> }>(one: O): O => {
    opened.unshift(one)
    return one
  }
  try {
    const names = [await nameOf(from), await nameOf(to)] as const
    const path = manifestPath(use.stateFolder, ...names)
    const manifest =
      use.manifest === 'keep'
        ? keep(await Manifest.open(path, ...names))
        : use.manifest === 'look'
          ? await Manifest.openIfThere(path, ...names)
          : undefined
    if (manifest !== undefined && use.manifest === 'look') keep(manifest)
    const absent = ({ now: 'make', later: 'empty', never: 'refuse' } as const)[use.writes]
    const side = async (location: Location, role: Role): Promise<Side> =>
      keep(await openSide(location, { role, absent, uploads: manifest?.uploads, logger }))
    const source = await side(from, 'source')
    const target = await side(to, 'target')
    if (use.writes === 'now') {
      await refuseSameBucket(source, target, signal)
      await target.prepare?.()
    }
    const throttle = new Throttle(bandwidth, signal)
    const patience = new Patience(patienceMs, signal)
    const objects: Session['objects'] = async function* (one, unlistable) {
      const range = { prefix: selected.prefix, signal, patience }
      for await (const object of one.objects(range, unlistable)) {
        if (selected.matches(object.key)) yield object
      }
    }
    return await work({
      source,
      target,
      manifest,
      selected,
      concurrency,
      throttle,
      patience,
      signal,
      objects,
    })
  } finally {
    for (const one of opened) await one.close()
  }
}

/** Counts the source ahead, beside everything else; a failure is left to those who need the listing. */
export async function countAhead(session: Session, { onTotal }: TwoStoresOptions): Promise<void> {
  if (onTotal === undefined) return
  let [files, bytes] = [0, 0]
  try {
    for await (const { size } of session.objects(session.source)) {
      files++
      bytes += size
    }
    onTotal({ files, bytes })
  } catch {
    // Told by the work itself.
  }
}

function locations(options: TwoStoresOptions): { from: Location; to: Location } {
  const base: StorageConfig = options.config === undefined ? loadConfig() : completeConfig(options.config)
  const { localStoragePath: path, ledgerPath } = base
  return {
    from:
      options.from === undefined
        ? { kind: 'folder', path, plain: false, ...(ledgerPath !== undefined && { ledgerPath }) }
        : parseLocation(options.from, base),
    to: options.to === undefined ? ofConfig(base) : parseLocation(options.to, base),
  }
}
