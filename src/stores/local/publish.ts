import { setTimeout as sleep } from 'node:timers/promises'
import { type Attributes, attributesOf, type Tags } from '../../core/attributes.js'
import { shown, throwIfAborted } from '../../core/errors.js'
import { RESERVED_PREFIX } from '../../core/key.js'
import type { Logger } from '../../core/logger.js'
import type { Stamp } from '../../core/stamp.js'
import type { Condition, ObjectStat } from '../../core/store.js'
import type { DurableFile, SmallContent } from './bytes.js'
import { isInDoubt } from './commit-error.js'
import { checkCondition } from './conditions.js'
import { failure, storageError } from './io-error.js'
import type { RowWrite, VersionedRow } from './ledger.js'
import { statOf } from './locate.js'
import { takeOver } from './recovery.js'
import type { Root } from './root.js'
import type { Garbage, StoredObject } from './row.js'

/** How often the reserve for a full disk is tried to be laid down again. */
const BALLAST_AGAIN_MS = 60_000
/** How long the file work of another process is waited for, and how often it is looked at. Milliseconds. */
const OTHERS_MS = 10_000
const LOOK_MS = 10
const UNPLACED =
  'The file of this object could not be put in its place yet; the status of the folder may tell why.'

interface Publication extends Condition {
  readonly op: string
  readonly key: string
  readonly writeId: string
  readonly attributes: Attributes
  /** The write's bytes: durable under its id in this process's staging folder, or to be made so with the row. */
  readonly written: DurableFile | SmallContent
  readonly stamp?: Stamp | undefined
  /** Milliseconds since the epoch; now unless given. */
  readonly lastModified?: number | undefined
  readonly current: () => Promise<VersionedRow | undefined>
}

interface Removal {
  readonly key: string
  readonly ifMatch: string | undefined
  readonly current: () => Promise<VersionedRow | undefined>
}

interface Retagging {
  readonly key: string
  readonly tags: Tags
  readonly signal: AbortSignal | undefined
  readonly current: () => Promise<VersionedRow | undefined>
}

/**
 * Makes writes and removals visible. The commit of the row is the only point at which an object appears,
 * changes or goes; the files follow it.
 */
export class Publisher {
  readonly #root: Root
  readonly #logger: Logger
  #ballastTimer: NodeJS.Timeout | undefined

  constructor(root: Root, logger: Logger) {
    this.#root = root
    this.#logger = logger
    root.beforeClose(async () => clearInterval(this.#ballastTimer))
  }

  /**
   * Commits a write, then puts its file in place.
   *
   * @returns what is stored now; `path` is where the bytes lie
   */
  async publish(write: Publication): Promise<ObjectStat> {
    const root = this.#root
    const { key, writeId, written } = write
    const { placer, ledger } = root
    const staged = placer.tree.stagedPath(root.processId, writeId)
    const small = 'content' in written ? written.content : undefined
    // The file of small content is made while the ledger is at work; it is needed only after.
    const file = small === undefined ? undefined : root.bytes.writeUnsynced(staged, small, writeId)
    file?.catch(() => {})
    let object: StoredObject
    let version: number | undefined
    let row: VersionedRow['row']
    let dropped: readonly Garbage[]
    try {
      do {
        const found = await write.current()
        checkCondition(write.op, key, found?.row.object, write)
        object = this.#objectOf(write, found?.row.object)
        const after = placer.workAfter(found, small === undefined ? root.processId : undefined)
        row = { object, work: small === undefined ? after.work : { ...after.work, inline: true } }
        dropped = after.dropped
        version = await ledger.write({
          key,
          expected: found?.version,
          row,
          usage: usageOf(key, found, object),
          bytes: small === undefined ? undefined : { writeId, content: small },
          forget: inlineOf(dropped),
        })
      } while (version === undefined)
    } catch (error) {
      // After a commit that failed in a way that makes it doubtful, the bytes stay: should the row turn up at
      // the next start, they must be there; if it does not, they are swept.
      await file?.catch(() => {})
      root.bytes.letGo(writeId)
      if (!isInDoubt(error)) await root.bytes.discard(staged)
      throw error
    }
    if (dropped.length > 0) await placer.discard(dropped)
    const known = { row, version }
    const path = await placer.settle(key, file === undefined ? { known } : { known, file }).catch(error => {
      // The write is done. Its bytes are found where they are, and its file is put in place later.
      root.diskFailed(error)
      this.#logger.warn({ key, error }, 'A file could not be moved to its place.')
      return undefined
    })
    return statOf(key, object, path ?? (small === undefined ? staged : undefined))
  }

  /**
   * Commits that there is no object any more, then removes its file.
   *
   * @returns whether there was one
   */
  async remove({ key, ifMatch, current }: Removal): Promise<boolean> {
    const { placer } = this.#root
    for (;;) {
      const found = await current()
      const object = found?.row.object
      checkCondition('delete', key, object, { ifMatch })
      if (found === undefined || object === undefined) return false
      const { work, dropped } = placer.workAfter(found, undefined)
      const row = { work }
      const usage = usageOf(key, found, undefined)
      const forget = inlineOf(dropped)
      const version = await this.#writeRemoval({ key, expected: found.version, row, usage, forget })
      if (version === undefined) continue
      if (dropped.length > 0) await placer.discard(dropped)
      await placer.settle(key, { known: { row, version } }).catch(error => {
        this.#root.diskFailed(error)
        this.#logger.warn({ key, error }, 'The file of a removed object could not be removed yet.')
      })
      return true
    }
  }

  /**
   * Commits other tags for the object that there is. Its write, bytes and time stay, so it is done on a row that has no
   * file work left, which is done first.
   *
   * @throws StorageError `NOT_FOUND`; `UNAVAILABLE` if that work is not done in time
   */
  async retag({ key, tags, signal, current }: Retagging): Promise<void> {
    const root = this.#root
    const end = performance.now() + OTHERS_MS
    for (;;) {
      throwIfAborted(signal, 'tags', key)
      const found = await current()
      const object = found?.row.object
      if (found === undefined || object === undefined) {
        throw failure('NOT_FOUND', 'tags', key, `There is no object ${shown(key)}.`)
      }
      if (found.row.work === undefined) {
        const given = Object.keys(tags).length === 0 ? undefined : tags
        const attributes = attributesOf({ ...object.attributes, tags: given })
        const row = { object: { ...object, attributes } }
        if ((await root.ledger.write({ key, expected: found.version, row })) !== undefined) return
      } else {
        await takeOver(root, key)
        await root.placer.flush()
        // Another process does its work within moments, unless something is wrong with the disk.
        if (root.ledger.get(key)?.version !== found.version) continue
        if (performance.now() > end) throw failure('UNAVAILABLE', 'tags', key, UNPLACED)
        await sleep(LOOK_MS)
      }
    }
  }

  /** On a full disk a removal gets the space that is kept for it: it is what frees more. */
  async #writeRemoval(write: RowWrite): Promise<number | undefined> {
    const { ledger, ballast } = this.#root
    try {
      return await ledger.write(write)
    } catch (error) {
      if (storageError(error, 'delete').code !== 'NO_SPACE') throw error
      // Tried again also where somebody else gave it up: many removals fail at once.
      if (await ballast.release()) this.#rebuildBallast()
      return ledger.write(write)
    }
  }

  #rebuildBallast(): void {
    const { ballast } = this.#root
    this.#ballastTimer ??= setInterval(async () => {
      if (!(await ballast.build())) return
      clearInterval(this.#ballastTimer)
      this.#ballastTimer = undefined
    }, BALLAST_AGAIN_MS).unref()
  }

  #objectOf(write: Publication, current: StoredObject | undefined): StoredObject {
    const root = this.#root
    return {
      writeId: write.writeId,
      lastModified: write.lastModified ?? Date.now(),
      sha256: write.written.sha256,
      stamp: write.stamp ?? root.clock.next(current?.stamp),
      attributes: write.attributes,
      at: isPlain(write.attributes) && root.placer.tree.holds(write.key) ? 'tree' : 'objects',
      identity:
        'content' in write.written
          ? { dev: 0, ino: 0, size: write.written.content.length, mtimeMs: 0 }
          : root.identityOf(write.written.identity),
    }
  }
}

/** Whether a person who finds the bytes under the object's name has found what the name says, and for as long. */
function isPlain({ original, expiresAt }: Attributes): boolean {
  return original === undefined && expiresAt === undefined
}

/** What a write adds to the usage. Holdfast's own objects do not count. */
function usageOf(key: string, found: VersionedRow | undefined, object: StoredObject | undefined) {
  if (key.startsWith(RESERVED_PREFIX)) return undefined
  const before = found?.row.object
  return {
    count: (object === undefined ? 0 : 1) - (before === undefined ? 0 : 1),
    bytes: (object?.identity.size ?? 0) - (before?.identity.size ?? 0),
  }
}

/** Those of the left over files whose bytes are in the ledger. */
function inlineOf(garbage: readonly Garbage[]): string[] {
  return garbage.filter(({ inline }) => inline === true).map(({ writeId }) => writeId)
}
