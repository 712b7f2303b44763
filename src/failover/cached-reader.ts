import type { Key } from '../core/key.js'
import { type ResolvedRange, resolveRange } from '../core/range.js'
import type { GetOptions, ObjectStat, OpenObject } from '../core/store.js'
import { checkStat } from './conditions.js'
import { type Context, seenStat } from './context.js'
import { CopyBody, FilledBody } from './copy-body.js'
import { type Copy, type KnownCopy, type ReadCache, SMALL_BYTES } from './read-cache.js'

/**
 * Reads of quiet keys with the help of copies: while the primary answers it is asked by a HEAD whether it still has
 * the copied object, which saves the transfer of all but small ones; while it is away the copy stands in. Other keys are not read here.
 */
export class CachedReader {
  readonly #context: Context
  readonly #cache: ReadCache

  constructor(context: Context, cache: ReadCache) {
    this.#context = context
    this.#cache = cache
  }

  /**
   * @param ask gets the object from the primary
   * @returns the object with the primary's own ETag
   * @throws what the primary answers
   */
  async get(key: Key, options: GetOptions, ask: () => Promise<OpenObject>): Promise<OpenObject> {
    if (!this.#cache.keeps) {
      const object = await ask()
      // Another process of the folder may keep copies where this one keeps none.
      if (this.#cache.holds(key)) await this.#forgetOther(key, object.stat)
      return object
    }
    const known = await this.#known(key)
    if (known !== undefined) {
      const found =
        'piece' in known
          ? await this.#getConfirmed(key, known, options, ask)
          : await this.#getAnyway(key, known, ask)
      if (found !== undefined) return found
    }
    return this.#getAndFill(key, options, ask)
  }

  /** The copy of a quiet key, where the primary is away. @returns undefined if there is none */
  async getWhileAway(key: Key, options: GetOptions): Promise<OpenObject | undefined> {
    if (!this.#cache.keeps) return undefined
    const copy = await this.#cache.open(key)
    if (copy === undefined) return undefined
    const stat = unconfirmed(copy)
    const instead = async (): Promise<never> => {
      throw this.#context.availability.awayError('get', key)
    }
    return this.#opened(key, copy, stat, options, instead)
  }

  /** What the copy of a quiet key tells, where the primary is away. */
  async headWhileAway(key: Key): Promise<ObjectStat | undefined> {
    if (!this.#cache.keeps) return undefined
    const copy = await this.#cache.open(key)
    if (copy === undefined) return undefined
    await copy.close()
    return unconfirmed(copy)
  }

  /** Takes note of what the primary holds: a copy of anything else is of no use. */
  async saw(key: Key, stat: ObjectStat): Promise<void> {
    if (this.#cache.keeps || this.#cache.holds(key)) await this.#forgetOther(key, stat)
  }

  async #forgetOther(key: Key, stat: ObjectStat): Promise<void> {
    const known = await this.#known(key)
    if (known === undefined) return
    if ('piece' in known) await known.close()
    if (!isSame(known.stat, stat)) await this.#cache.forget(key)
  }

  /** What there is a copy of; a small one is not opened for that a second time. */
  async #known(key: Key): Promise<KnownCopy | Copy | undefined> {
    const known = this.#cache.known(key)
    if (known !== undefined || !this.#cache.holds(key)) return known
    const copy = await this.#cache.open(key)
    if (copy === undefined || copy.stat.size > SMALL_BYTES) return copy
    await copy.close()
    return this.#cache.known(key)
  }

  /** Gets what is small, though there is a copy. @returns undefined if it is another now: the copy is forgotten then */
  async #getAnyway(
    key: Key,
    known: KnownCopy,
    ask: () => Promise<OpenObject>,
  ): Promise<OpenObject | undefined> {
    const object = await ask()
    if (isSame(known.stat, object.stat)) {
      known.confirmed()
      return object
    }
    await object.body.close()
    await this.#cache.forget(key)
    return undefined
  }

  /** @returns undefined if the primary has another object, or the copy is damaged: it is forgotten then */
  async #getConfirmed(
    key: Key,
    copy: Copy,
    options: GetOptions,
    ask: () => Promise<OpenObject>,
  ): Promise<OpenObject | undefined> {
    const { store } = this.#context.primary
    try {
      const stat = await store.head(key, { signal: options.signal })
      if (isSame(copy.stat, stat)) {
        // Whether an archived object can be read does not hang on what happens to be here.
        if (stat.archive !== undefined && stat.archive.state !== 'thawed') return await askInstead(copy, ask)
        const { signal } = options
        const object = await this.#opened(key, copy, stat, options, async range =>
          store.get(key, { range, ifMatch: stat.etag, signal }),
        )
        if (object !== undefined) return object
      }
    } catch (error) {
      await copy.close()
      throw error
    }
    await copy.close()
    await this.#cache.forget(key)
    return undefined
  }

  async #getAndFill(key: Key, options: GetOptions, ask: () => Promise<OpenObject>): Promise<OpenObject> {
    const fill = isWhole(options) ? await this.#cache.begin(key) : undefined
    if (fill === undefined) return ask()
    try {
      const object = await ask()
      const { stat, range, body } = object
      const whole = range === undefined || (range.start === 0 && range.end === range.size - 1)
      // The stat is changed by those who see it.
      if (!whole || !fill.accept({ ...stat })) {
        fill.abandon()
        return object
      }
      return { ...object, body: new FilledBody(body, fill, key, stat.size) }
    } catch (error) {
      fill.abandon()
      throw error
    }
  }

  /** @returns undefined, and forgets the copy, if it is damaged where it begins to be read */
  async #opened(
    key: Key,
    copy: Copy,
    stat: ObjectStat,
    options: GetOptions,
    ask: (range: { start: number; end: number }) => Promise<OpenObject>,
  ): Promise<OpenObject | undefined> {
    let range: ResolvedRange | undefined
    try {
      checkStat('get', key, stat, options)
      range = options.range === undefined ? undefined : resolveRange(options.range, stat.size, key)
    } catch (error) {
      await copy.close()
      throw error
    }
    const { start, end } = range ?? { start: 0, end: stat.size - 1 }
    const first = end < start ? NOTHING : await copy.piece(Math.floor(start / copy.pieceBytes))
    if (first === undefined) {
      await copy.close()
      await this.#cache.forget(key)
      return undefined
    }
    copy.used(stat.confirmedAt === undefined)
    const instead = async (from: number) => {
      await this.#cache.forget(key)
      return (await ask({ start: from, end })).body
    }
    const part = { key, start, end: end + 1, first, signal: options.signal, instead }
    return { stat, body: new CopyBody(copy, part), ...(range !== undefined && { range }) }
  }
}

const NOTHING = Buffer.alloc(0)

async function askInstead(copy: Copy, ask: () => Promise<OpenObject>): Promise<OpenObject> {
  await copy.close()
  return ask()
}

/** Whether the object of which there is a copy is what the primary has: bytes, and what it carries. */
function isSame(copied: ObjectStat, found: ObjectStat): boolean {
  return (
    copied.etag === found.etag &&
    copied.size === found.size &&
    copied.writeId === found.writeId &&
    copied.lastModified.getTime() === found.lastModified.getTime()
  )
}

/** Whether all bytes are asked for, perhaps as a range. */
function isWhole({ range }: GetOptions): boolean {
  return range === undefined || ('start' in range && range.start === 0 && range.end === undefined)
}

function unconfirmed({ stat, confirmedAt }: Copy): ObjectStat {
  return seenStat({ ...stat, confirmedAt })
}
