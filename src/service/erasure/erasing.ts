import { randomUUID } from 'node:crypto'
import { StorageError } from '../../core/errors.js'
import { type Key, parseKey } from '../../core/key.js'
import type { Logger } from '../../core/logger.js'
import type { ErasedItem, EraseOptions, EraseReceipt, OwedErasure } from '../../storage.js'
import type { Ledger } from '../../stores/local/ledger.js'
import { reasonOf } from './bucket-place.js'
import { ErasureLog, type LoggedErasure, type NotedErasure } from './erasure-log.js'
import type { Eraser, EraseScope, Pass, Removing } from './pass.js'

export interface ErasingOptions {
  readonly eraser: Eraser
  /** Where what is owed is noted; undefined where there is no storage folder. */
  readonly folder: ErasingFolder | undefined
  readonly logger: Logger
}

/** What an erasure needs of an opened storage folder. */
export interface ErasingFolder {
  readonly ledger: Ledger
  /** Names this process among all that ever opened the folder. */
  readonly processId: string
  readonly isDead: (processId: string) => boolean
}

/** Items that are noted with one commit. */
const NOTED = 500
/** Keys that are remembered, for the ledger to overwrite what was there; past them it goes through all of its own. */
const MAX_KEYS = 10_000
/** How often it is looked whether something is owed, and how long that is left alone at most. Milliseconds. */
const TICK_MS = 2_000
const MAX_AGAIN_MS = 60_000

/** Erases files, and goes on with what could not be erased at once. */
export class Erasing {
  readonly #options: ErasingOptions
  readonly #log: ErasureLog | undefined
  readonly #closing = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #removing: Removing = (_key, remove) => remove()
  #working: Promise<void> | undefined
  #notBefore = 0
  #waitMs = TICK_MS

  constructor(options: ErasingOptions) {
    this.#options = options
    const { folder } = options
    if (folder === undefined) return
    this.#log = new ErasureLog(folder.ledger)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
  }

  /** Has all removals done by somebody, who counts what is there. */
  countedBy(removing: Removing): void {
    this.#removing = removing
  }

  /** Erases what there is now; what is left is noted, and done later. */
  async erase(
    scope: EraseScope,
    { dryRun = false, onErased }: EraseOptions,
    signal: AbortSignal | undefined,
  ): Promise<EraseReceipt> {
    const { eraser } = this.#options
    const noted: NotedErasure = {
      id: randomUUID(),
      ...(eraser.target !== undefined && { target: eraser.target }),
      ...(scope.key === undefined ? { prefix: scope.prefix } : { key: scope.key }),
      bound: eraser.bound(),
      erased: 0,
      bytes: 0,
    }
    const told = async (item: ErasedItem): Promise<void> => void (await onErased?.(item))
    const how = { isFirst: true, isHereOnly: false, dryRun, told, signal }
    if (dryRun) return receiptOf((await this.#pass(noted, how)).erasure)
    const log = this.#log
    const folder = this.#options.folder
    if (log === undefined || folder === undefined) {
      const { erasure } = await this.#pass(noted, how)
      if (erasure.owed !== undefined) throw unnoted(scope, erasure.owed)
      return receiptOf({ ...erasure, finishedAt: Date.now() })
    }
    // Before anything is done: a crash leaves nothing half erased that nobody goes on with.
    const version = await log.put({ ...noted, holder: folder.processId }, undefined)
    let erasure = noted
    try {
      const passed = await this.#pass(noted, how)
      erasure = passed.erasure
      await folder.ledger.scrub(passed.keys)
    } catch (error) {
      erasure = { ...erasure, owed: reasonOf(error) }
      throw error
    } finally {
      if (erasure.owed !== undefined) {
        await log.put(erasure, version)
        this.#notBefore = 0
      }
    }
    if (erasure.owed !== undefined) return receiptOf(erasure)
    await log.remove(erasure.id)
    return receiptOf({ ...erasure, finishedAt: Date.now() })
  }

  /** What is owed, and what was finished in the background. */
  receipts(): OwedErasure[] {
    const log = this.#log
    if (log === undefined) return []
    return log.all().map(({ erasure }) => ({
      ...receiptOf({ ...erasure, ...this.#owedOf(erasure) }),
      items: log.itemsOf(erasure.id),
    }))
  }

  /** Why something is left, of what is to wait until another bucket is configured again. */
  #owedOf({ target, finishedAt }: NotedErasure): Pick<NotedErasure, 'owed'> {
    if (finishedAt !== undefined || target === this.#options.eraser.target) return {}
    return { owed: `It is owed by ${target}, and that is not the bucket that is in use.` }
  }

  /** @throws StorageError `NOT_FOUND`, `INVALID_ARGUMENT` for one that is owed still */
  async forget(id: string): Promise<void> {
    if (this.#find(id).erasure.finishedAt === undefined) {
      throw unfit(`The erasure ${id} is still owed; accepted: the id of one that is finished.`)
    }
    await this.#log?.remove(id)
    await this.#options.folder?.ledger.scrub([])
  }

  /**
   * Ends an erasure that its bucket owes, and that nobody will go on with, since another bucket or none is in use: what
   * lies here goes for certain, and the receipt tells what was not confirmed.
   *
   * @throws StorageError `NOT_FOUND`; `INVALID_ARGUMENT` for one that is finished, or that goes on by itself;
   *   `UNAVAILABLE` where another process is at it, or something here is left
   */
  async giveUp(id: string): Promise<EraseReceipt> {
    await this.#working
    const { erasure, version } = this.#find(id)
    const { finishedAt, holder, ...noted } = erasure
    const { target } = noted
    const log = this.#log
    const { eraser, folder } = this.#options
    if (finishedAt !== undefined) {
      throw unfit(`The erasure ${id} is finished; accepted: the id of one that is owed.`)
    }
    if (target === undefined || target === eraser.target) {
      throw unfit(`The erasure ${id} goes on by itself; accepted: that of a bucket that is not in use.`)
    }
    if (log === undefined || folder === undefined) throw missing(id)
    const isHeld = holder !== undefined && !folder.isDead(holder)
    const held = isHeld ? undefined : await log.put({ ...noted, holder: folder.processId }, version)
    if (held === undefined) throw notNow(`Another process is at the erasure ${id}.`)
    const unconfirmed = `Whether ${target} still holds something of it is not known: it was given up.`
    const ended = await this.#goOn(log, folder, noted, held, unconfirmed)
    if (ended.owed === undefined) return receiptOf(ended)
    throw notNow(`Something of the erasure ${id} is left in the storage folder: ${ended.owed}`)
  }

  /** @throws StorageError `NOT_FOUND` */
  #find(id: string): LoggedErasure {
    const found = this.#log?.get(id)
    if (found === undefined) throw missing(id)
    return found
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#closing.abort()
    await this.#working
  }

  /** Goes on with what is owed, in the background. */
  #tick(): void {
    const { folder } = this.#options
    if (this.#log === undefined || folder === undefined || this.#working !== undefined) return
    if (performance.now() < this.#notBefore) return
    const { logger } = this.#options
    this.#working = this.#work(this.#log, folder)
      .catch(error => {
        if (!this.#closing.signal.aborted)
          logger.warn({}, `What is owed was not gone on with: ${reasonOf(error)}`)
      })
      .finally(() => {
        this.#working = undefined
      })
  }

  async #work(log: ErasureLog, folder: ErasingFolder): Promise<void> {
    if (log.size === 0) return
    let left = false
    for (const { erasure, version } of log.all()) {
      if (this.#closing.signal.aborted) return
      const { finishedAt, holder, ...noted } = erasure
      // What another bucket holds is not known here: it stays owed until that one is configured again.
      if (noted.target !== this.#options.eraser.target) continue
      if (finishedAt !== undefined || (holder !== undefined && !folder.isDead(holder))) continue
      const held = await log.put({ ...noted, holder: folder.processId }, version)
      if (held === undefined) continue
      if ((await this.#goOn(log, folder, noted, held)).finishedAt === undefined) left = true
    }
    this.#waitMs = left ? Math.min(2 * this.#waitMs, MAX_AGAIN_MS) : TICK_MS
    this.#notBefore = performance.now() + this.#waitMs
  }

  /**
   * @param held the version that names this process as the one that is at it
   * @param unconfirmed where given, its bucket is not asked, and the receipt says this of it
   * @returns how it stands now, as it is noted
   */
  async #goOn(
    log: ErasureLog,
    folder: ErasingFolder,
    noted: NotedErasure,
    held: number,
    unconfirmed?: string,
  ): Promise<NotedErasure> {
    let version: number | undefined = held
    let items: ErasedItem[] = []
    let { erased, bytes } = noted
    const told = async (item: ErasedItem): Promise<void> => {
      items.push(item)
      erased++
      bytes += item.size ?? 0
      if (items.length < NOTED) return
      version = await log.put({ ...noted, erased, bytes, holder: folder.processId }, version, items)
      items = []
    }
    const isHereOnly = unconfirmed !== undefined
    const how = { isFirst: false, isHereOnly, dryRun: false, told, signal: this.#closing.signal }
    let erasure = noted
    try {
      const passed = await this.#pass(noted, how)
      erasure = passed.erasure
      if (erasure.owed === undefined || items.length > 0) await folder.ledger.scrub(passed.keys)
      if (erasure.owed === undefined) {
        erasure = { ...erasure, finishedAt: Date.now(), ...(isHereOnly && { unconfirmed }) }
      }
    } catch (error) {
      erasure = { ...noted, erased, bytes, owed: reasonOf(error) }
    }
    await log.put(erasure, version, items)
    if (erasure.finishedAt !== undefined) {
      this.#options.logger.info({ erasure: erasure.id, erased }, 'What was owed of an erasure is done')
    }
    return erasure
  }

  async #pass(
    noted: NotedErasure,
    how: Pick<Pass, 'isFirst' | 'isHereOnly' | 'dryRun' | 'signal'> & {
      told: (item: ErasedItem) => Promise<void>
    },
  ): Promise<{ erasure: NotedErasure; keys: readonly string[] | undefined }> {
    const { owed: _, ...rest } = noted
    let { erased, bytes } = noted
    const keys = new Set<string>(noted.key === undefined ? [] : [noted.key])
    const owed = await this.#options.eraser.run({
      ...how,
      scope: scopeOf(noted),
      bound: noted.bound,
      removing: this.#removing,
      met: key => {
        if (keys.size <= MAX_KEYS) keys.add(key)
      },
      told: async item => {
        erased++
        bytes += item.size ?? 0
        await how.told({ ...item, at: new Date() })
      },
    })
    const erasure = { ...rest, erased, bytes, ...(owed !== undefined && { owed }) }
    return { erasure, keys: keys.size > MAX_KEYS ? undefined : [...keys] }
  }
}

function scopeOf({ key, prefix = '' }: NotedErasure): EraseScope {
  const parsed: Key | undefined = key === undefined ? undefined : parseKey(key, 'erase')
  return { key: parsed, prefix: parsed ?? prefix }
}

function receiptOf(erasure: NotedErasure): EraseReceipt {
  const { id, target, key, prefix, bound, erased, bytes, owed, finishedAt, unconfirmed } = erasure
  return {
    id,
    ...(target !== undefined && { target }),
    ...(key !== undefined && { key }),
    ...(prefix !== undefined && { prefix }),
    requestedAt: new Date(bound.at),
    ...(finishedAt !== undefined && { finishedAt: new Date(finishedAt) }),
    erased,
    bytes,
    ...(owed !== undefined && { owed }),
    ...(unconfirmed !== undefined && { unconfirmed }),
  }
}

function missing(id: string): StorageError {
  return new StorageError({ code: 'NOT_FOUND', op: 'erase', message: `There is no erasure ${id}.` })
}

function unfit(message: string): StorageError {
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'erase', message })
}

function notNow(message: string): StorageError {
  return new StorageError({ code: 'UNAVAILABLE', op: 'erase', store: 'local', message })
}

function unnoted({ prefix }: EraseScope, owed: string): StorageError {
  const message = `Something of ${prefix} is left, and there is no storage folder to note that in: ${owed}`
  return new StorageError({ code: 'UNAVAILABLE', op: 'erase', store: 's3', message })
}
