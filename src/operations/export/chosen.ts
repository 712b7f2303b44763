import { StorageError, shown } from '../../core/errors.js'
import { compareUtf8, type Key, parseKey, parsePrefix } from '../../core/key.js'
import type { ListPage } from '../../storage.js'
import { parseSelection } from '../migration/selection.js'
import type { ExportOptions, ExportSource } from './types.js'

/** A file that is to be read. */
export interface ChosenFile {
  readonly key: string
  /** As the listing has it; absent for one that was named. */
  readonly size?: number
}

/** Asks for something; where that is worth it, again while the store is away. */
export type Attempt = <T>(work: () => Promise<T>) => Promise<T>

interface Name {
  readonly text: string
  readonly isKey: boolean
}

/** The files that an export is about. */
export class Chosen {
  readonly #source: ExportSource
  readonly #names: readonly Name[]
  readonly #matches: (key: string) => boolean
  /** Whether a listing that lacks something will do. */
  readonly #mayLack: boolean
  #isComplete = true

  /** @throws StorageError `INVALID_KEY`, `INVALID_ARGUMENT` */
  constructor(source: ExportSource, options: ExportOptions) {
    this.#source = source
    this.#names = namesOf(options)
    const { include, exclude } = options
    this.#matches = parseSelection({ include, exclude }).matches
    this.#mayLack = options.skipUnavailable === true
  }

  /** Whether all that was listed so far was all that there is. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** How they were named, as people read it. */
  get description(): string {
    const [first, ...more] = this.#names.map(({ text }) => (text === '' ? 'the top' : text))
    return more.length === 0 ? `${first}` : `${first} and ${more.length} more`
  }

  /** All of them in UTF-8 byte order, each once. @throws StorageError `UNAVAILABLE` where a listing is not complete */
  async *files(attempt: Attempt, signal: AbortSignal | undefined): AsyncGenerator<ChosenFile, void, void> {
    for (const { text, isKey } of this.#names) {
      if (isKey) {
        if (this.#matches(text)) yield { key: text }
        continue
      }
      let cursor: string | undefined
      do {
        const page = await attempt(() => this.#page(text, cursor, signal))
        for (const { key, size } of page.files) if (this.#matches(key)) yield { key, size }
        cursor = page.cursor
      } while (cursor !== undefined)
    }
  }

  async #page(
    prefix: string,
    cursor: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ListPage> {
    for await (const page of this.#source.list({ prefix, cursor, signal }).pages()) {
      if (!page.complete && !this.#mayLack) throw incomplete()
      this.#isComplete &&= page.complete
      return page
    }
    return { files: [], prefixes: [], complete: true }
  }
}

/** What is meant, in order, without what something else covers. */
function namesOf({ prefixes, keys }: Pick<ExportOptions, 'prefixes' | 'keys'>): Name[] {
  const starts = listOf('prefixes', prefixes, text => parsePrefix(text, 'export'))
  const single = listOf('keys', keys, (text): Key => parseKey(text, 'export'))
  if (prefixes === undefined && keys === undefined) starts.add('')
  const isCovered = (text: string): boolean =>
    [...starts].some(start => start !== text && text.startsWith(start))
  const names = [
    ...[...starts].map(text => ({ text, isKey: false })),
    ...[...single].filter(text => !starts.has(text)).map(text => ({ text, isKey: true })),
  ]
  if (names.length === 0) throw invalid('keys', [], 'at least one key or prefix')
  return names.filter(({ text }) => !isCovered(text)).sort((a, b) => compareUtf8(a.text, b.text))
}

function listOf<T>(name: string, given: unknown, parse: (text: unknown) => T): Set<T> {
  if (given === undefined) return new Set()
  if (!Array.isArray(given)) throw invalid(name, given, 'a list of strings')
  return new Set(given.map(parse))
}

function invalid(name: string, value: unknown, accepted: string): StorageError {
  const message = `Invalid ${name} ${shown(value)}; accepted: ${accepted}.`
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'export', message })
}

/** The error where a listing lacks something. */
export function incomplete(): StorageError {
  const message =
    'What there is to export is not all known while the object store is away: nothing was exported.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'export', message })
}
