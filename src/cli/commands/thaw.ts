import { setTimeout as sleep } from 'node:timers/promises'
import { isArchiveClass } from '../../core/storage-class.js'
import type { StorageService } from '../../service.js'
import type { FileStat, ThawTier } from '../../storage.js'
import type { Context } from '../context.js'
import { asFolder } from '../destination.js'
import { EXIT, usageError } from '../failure.js'
import { everyFile, nothingBelow } from '../listing.js'
import { printable } from '../output.js'
import { type Job, transfer } from '../transfer.js'

/** The options of `holdfast thaw`. */
export interface ThawOptions {
  readonly recursive?: true
  readonly days: number
  readonly tier?: ThawTier
  readonly wait?: true
  /** Seconds; of `wait`. */
  readonly timeout?: number
  readonly status?: true
  readonly concurrency: number
}

/** A file on its way is looked at after this long, then after twice as long, and so on up to the second. Milliseconds. */
const FIRST_LOOK_MS = 1_000
const LAST_LOOK_MS = 60_000

/** Asks for archived files, and tells how they stand. */
export async function thaw(
  context: Context,
  names: readonly string[],
  options: ThawOptions,
): Promise<number> {
  if (options.timeout !== undefined && !options.wait) throw usageError('--timeout is of --wait.')
  if (options.wait && options.status) throw usageError('Give --wait or --status, not both.')
  const { output, signal } = context
  const storage = await context.storage()
  let unreadable = 0
  const [only] = names
  const code = options.recursive || names.length > 1 ? await many() : await one(only ?? '')
  if (unreadable === 0 || code !== EXIT.ok) return code
  if (!options.wait) return options.status ? EXIT.partial : EXIT.ok
  return wait(context, storage, archived(), options)

  async function one(key: string): Promise<number> {
    const told = await ask(key)
    if (told === undefined) output.note(`${printable(key)} is in no archive: it can be read.`)
    else if (output.json) await output.object(told.json)
    return EXIT.ok
  }

  function many(): Promise<number> {
    return transfer(context, jobs(), {
      done: options.status ? 'Looked at' : 'Asked for',
      leftOut: 'in no archive',
      showRate: false,
      concurrency: options.concurrency,
      ...(options.recursive && { nothing: () => nothingBelow(names.map(asFolder).join(', ')) }),
    })
  }

  async function* jobs(): AsyncGenerator<Job> {
    for await (const { key, storageClass } of targets()) {
      yield {
        name: key,
        async run(moved) {
          const told = mayBeArchived(storageClass) ? await ask(key) : undefined
          if (told !== undefined) moved(told.size)
          return told?.json
        },
      }
    }
  }

  /** Asks for a file, and tells how it stands; undefined if it is in no archive. */
  async function ask(key: string): Promise<{ size: number; json: object } | undefined> {
    const stat = await look(key)
    const { storageClass, archive, size } = stat
    if (archive === undefined) return undefined
    if (archive.state !== 'thawed') unreadable++
    if (!output.json) await output.line(stateLine(stat))
    return { size, json: { key, storageClass, archive } }
  }

  function look(key: string): Promise<FileStat> {
    const { days, tier, status } = options
    return status ? storage.statFile(key, { signal }) : storage.thawFile(key, { days, tier, signal })
  }

  /** The files named, of which no class is known yet, or those of a listing. */
  async function* targets(): AsyncGenerator<{ key: string; storageClass?: string }> {
    for (const name of names) {
      if (options.recursive) yield* everyFile(storage, asFolder(name), signal)
      else yield { key: name, storageClass: UNKNOWN }
    }
  }

  async function* archived(): AsyncGenerator<string> {
    for await (const { key, storageClass } of targets()) if (mayBeArchived(storageClass)) yield key
  }
}

const UNKNOWN = ''

/** Whether a file of this class has to be asked about; a listing does not tell the tiers of INTELLIGENT_TIERING. */
function mayBeArchived(storageClass: string | undefined): boolean {
  return storageClass === UNKNOWN || storageClass === 'INTELLIGENT_TIERING' || isArchiveClass(storageClass)
}

/** Waits for one file after the other, so that each is asked about until it is there, and no longer. */
async function wait(
  { output, signal }: Context,
  storage: StorageService,
  keys: AsyncIterable<string>,
  { timeout }: ThawOptions,
): Promise<number> {
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout * 1000
  output.note('Waiting until everything can be read.')
  let pauseMs = FIRST_LOOK_MS
  for await (const key of keys) {
    for (;;) {
      const stat = await storage.statFile(key, { signal })
      if (stat.archive === undefined || stat.archive.state === 'thawed') {
        if (!output.json) await output.line(stateLine(stat))
        else await output.object({ key, storageClass: stat.storageClass, archive: stat.archive })
        break
      }
      const leftMs = end - performance.now()
      if (leftMs <= 0) {
        output.note(`${printable(key)} cannot be read yet; "holdfast thaw --status" tells how it stands.`)
        return EXIT.partial
      }
      await sleep(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => signal.throwIfAborted())
      pauseMs = Math.min(pauseMs * 2, LAST_LOOK_MS)
    }
  }
  return EXIT.ok
}

/** Such as `thawed    until 2026-01-01T00:00:00Z  rooms/42/photo.jpg`. */
function stateLine({ key, archive }: FileStat): string {
  const { state, until } = archive ?? { state: 'readable' }
  const time = until === undefined ? '' : `until ${until.toISOString().replace(/\.\d+Z$/, 'Z')}  `
  return `${state.padEnd(8)}  ${time}${printable(key)}`
}
