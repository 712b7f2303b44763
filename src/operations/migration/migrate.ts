import { completeConfig, loadConfig } from '../../config.js'
import { StorageError, shown } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { ListedObject } from '../../core/store.js'
import { newWriteId } from '../../core/write-id.js'
import { Budget } from './budget.js'
import { haveSameBytes } from './compare.js'
import { type CopyContext, copyOne, WHOLE_BYTES } from './copy-one.js'
import { eachPair } from './each-pair.js'
import { Failures } from './failures.js'
import type { Pair } from './merge.js'
import { copyingUse, countAhead, type Session, withSession } from './session.js'
import type { Existing, MigratedObject, MigrateOptions, MigrationReport } from './types.js'

/** Memory for the bytes of what is copied at once. */
const BUDGET_BYTES = 112 * 1024 * 1024
/** What the copy of a large object holds, where the target does not say otherwise. */
const HELD_BYTES = 3 * WHOLE_BYTES
/** So often it is gone through everything, as long as the source changes meanwhile. */
const ROUNDS = 4

/** What happens with an object. */
interface Tallies {
  copied: number
  replaced: number
  copiedBytes: number
  unchanged: number
  kept: number
  verified: number
  verifiedBytes: number
  changed: number
  vanished: number
}

/**
 * Copies every object from one store to another: with its bytes, name, content type, file name, metadata, tags, storage
 * class and whatever else it carries, so far as the other keeps it. The source is only read.
 *
 * What is there already, the same, is left out; so what was broken off at any moment is gone on with by doing it again.
 * Bytes are hashed on their way, and compared with what is recorded of them. In the end both stores are listed once more:
 * what was changed at the source meanwhile is copied again, and of everything else both must still hold what was
 * copied. An object that fails is reported, and stops none of the others.
 *
 * Where neither side is named, and the configured bucket has the local storage folder as its net, services go on with both
 * meanwhile; see `migrateLive`.
 *
 * @throws StorageError `INVALID_ARGUMENT` if the two stores are one; `CONFIG_INVALID`; what a store answers that is given up
 */
export async function migrateFiles(options: MigrateOptions = {}): Promise<MigrationReport> {
  if (options.from === undefined && options.to === undefined) {
    const config = options.config === undefined ? loadConfig() : completeConfig(options.config)
    const { hasNet, migrateLive } = await import('./live.js')
    if (hasNet(config)) return migrateLive(options)
  }
  return withSession(options, copyingUse(options), session => {
    void countAhead(session, options)
    return new Migration(session, options).run()
  })
}

/** One migration, from opened stores to its report. */
export class Migration {
  readonly #session: Session
  readonly #options: MigrateOptions
  readonly #existing: Existing
  readonly #failures = new Failures()
  readonly #budget = new Budget(BUDGET_BYTES)
  readonly #copy: CopyContext
  readonly #started = performance.now()
  readonly #done: Tallies = {
    copied: 0,
    replaced: 0,
    copiedBytes: 0,
    unchanged: 0,
    kept: 0,
    verified: 0,
    verifiedBytes: 0,
    changed: 0,
    vanished: 0,
  }
  #round = 0
  /** What was different, this time, from what the listings said, or is different from now on. */
  #moved = 0
  /** What only the target has. */
  #extra = { files: 0, bytes: 0 }

  constructor(session: Session, options: MigrateOptions) {
    const { source, target, throttle, signal } = session
    this.#session = session
    this.#options = options
    this.#existing = checkExisting(options.existing)
    const moved = (bytes: number): void => this.#progress(0, bytes)
    this.#copy = { source, target, throttle, signal, moved, verify: options.verify === true }
  }

  /** What only the target had when both were listed last. */
  get extra(): { readonly files: number; readonly bytes: number } {
    return this.#extra
  }

  /** Goes through both stores until nothing is to be done any more. */
  async run(): Promise<MigrationReport> {
    for (; this.#round < ROUNDS; this.#round++) {
      await this.#goThrough()
      // What has failed is tried once more.
      const isDone = this.#moved === 0 && (this.#round > 0 || this.#failures.count === 0)
      if (isDone || this.#options.dryRun) break
    }
    if (!this.#options.dryRun) await this.#session.target.finish?.()
    return this.report(0)
  }

  report(deleted: number): MigrationReport {
    const { source, target } = this.#session
    return {
      from: source.name,
      to: target.name,
      dryRun: this.#options.dryRun === true,
      ...this.#done,
      unsettled: this.#round === ROUNDS ? this.#moved : 0,
      deleted,
      links: this.#failures.links,
      failed: this.#failures.count,
      failures: this.#failures.listed,
      seconds: (performance.now() - this.#started) / 1000,
    }
  }

  /** Goes through both stores side by side, once. */
  async #goThrough(): Promise<void> {
    this.#failures.clear()
    this.#moved = 0
    this.#extra = { files: 0, bytes: 0 }
    Object.assign(this.#done, { verified: 0, verifiedBytes: 0, kept: 0 })
    try {
      const { unlistable } = this.#failures
      await eachPair(this.#session, this.#failures, pair => this.#attempt(pair), { source: unlistable })
    } finally {
      await this.#session.manifest?.flush()
    }
  }

  async #attempt({ name, source, target }: Pair): Promise<void> {
    if (source === undefined) {
      this.#extra.files++
      this.#extra.bytes += target?.size ?? 0
      return
    }
    try {
      await this.#see(name, source, target)
    } catch (error) {
      if (!StorageError.is(error) || !OVERTAKEN.has(error.code)) throw error
      const isGone = error.code === 'NOT_FOUND' && target === undefined
      // The next round sees what is there; after the last, it is a failure like others.
      if (!isGone && this.#round === ROUNDS - 1) throw error
      if (isGone) this.#done.vanished++
      else this.#moved++
    } finally {
      this.#progress(1, 0)
    }
  }

  async #see(name: Key, source: ListedObject, target: ListedObject | undefined): Promise<void> {
    const { manifest, patience, throttle, signal } = this.#session
    if (target === undefined) return this.#transfer(name, source, undefined, 'copied')
    const known = manifest?.compare(source, target)
    if (known === 'done') return this.#isThere(source)
    const options = { reading: 'nothing', throttle, signal } as const
    if (await patience.run(() => haveSameBytes(this.#session, { name, source, target }, options))) {
      if (!this.#options.dryRun) {
        await manifest?.note(name, { sourceEtag: source.etag, targetEtag: target.etag, size: source.size })
      }
      return this.#isThere(source)
    }
    // Our own copy of what is not there any more goes, whatever the clocks say.
    if (known === 'outdated') {
      return this.#transfer(name, source, target, this.#round === 0 ? 'replaced' : 'changed')
    }
    if (this.#existing === 'replace' || (this.#existing === 'newer' && isNewer(source, target))) {
      return this.#transfer(name, source, target, 'replaced')
    }
    this.#done.kept++
    if (this.#round === 0) this.#tell(name, target.size, 'kept')
    this.#progress(0, source.size)
  }

  #isThere({ size }: ListedObject): void {
    this.#done.verified++
    this.#done.verifiedBytes += size
    if (this.#round === 0) this.#done.unchanged++
    this.#progress(0, size)
  }

  async #transfer(
    name: Key,
    source: ListedObject,
    existing: ListedObject | undefined,
    as: 'copied' | 'replaced' | 'changed',
  ): Promise<void> {
    const { manifest, patience, target } = this.#session
    let { size } = source
    if (this.#options.dryRun) this.#progress(0, size)
    else {
      let writeId: string | undefined
      const nameOf = (expiresAt: number | undefined): string => {
        writeId ??= newWriteId(expiresAt)
        return writeId
      }
      const held = Math.min(size, target.heldBytes ?? HELD_BYTES)
      const copied = await this.#budget.run(held, () =>
        patience.run(() => copyOne(this.#copy, name, existing, nameOf)),
      )
      size = copied.source.size
      const [sourceEtag, targetEtag] = [copied.source.etag, copied.target.etag]
      await manifest?.note(name, { sourceEtag, targetEtag, size })
    }
    this.#moved++
    this.#done[as]++
    this.#done.copiedBytes += size
    this.#tell(name, size, as === 'copied' ? 'copied' : 'replaced')
  }

  #tell(key: string, size: number, action: MigratedObject['action']): void {
    this.#options.onObject?.({ key, size, action })
  }

  /** Told of the first time only: later ones look at what is there. */
  #progress(files: number, bytes: number): void {
    if (this.#round === 0) this.#options.onProgress?.({ files, bytes })
  }
}

/** What says that one of the stores has something else by now than its listing said. */
const OVERTAKEN: ReadonlySet<string> = new Set(['NOT_FOUND', 'ALREADY_EXISTS', 'PRECONDITION_FAILED'])

function isNewer(source: ListedObject, target: ListedObject): boolean {
  return source.lastModified.getTime() > target.lastModified.getTime()
}

function checkExisting(existing: unknown): Existing {
  if (existing === undefined) return 'newer'
  if (existing === 'newer' || existing === 'keep' || existing === 'replace') return existing
  const message = `Invalid existing ${shown(existing)}; accepted: newer, keep or replace.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'migrate', message })
}
