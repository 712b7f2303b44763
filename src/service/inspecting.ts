import { orAborted } from '../core/abort.js'
import { isConditional } from '../core/condition.js'
import { StorageError, shown, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import { readChunks, type Source } from '../core/source.js'
import type { Condition } from '../core/store.js'
import type {
  Inspect,
  InspectedFile,
  InspectionActivity,
  InspectionResult,
  InspectionStatus,
  Verdict,
} from '../inspection.js'
import type { Problem, StorageEvents } from '../storage.js'
import type { Backend } from './backend.js'
import type { Upload, UploadProgress } from './compressing.js'
import { gatherContent } from './gathering.js'
import type { QuarantineStore } from './quarantine.js'

/** Who is told of what inspections come to. */
export interface InspectorListener {
  /** The problems may be others. */
  changed(): void
  tell<E extends keyof StorageEvents>(event: E, ...told: StorageEvents[E]): void
}

export interface InspectorSettings {
  readonly timeoutMs: number
  readonly onFailure: 'refuse' | 'allow'
}

/** An upload that is to be inspected. */
export interface Passing {
  readonly key: Key
  readonly backend: Backend
  readonly progress: UploadProgress
  readonly signal: AbortSignal | undefined
  /** What its caller asks for. */
  readonly given: Condition & { readonly compress?: string | false | undefined }
  /** What is inspected in the place of the content, which was made of it. */
  readonly origin?: InspectedOrigin | undefined
}

/** What content was made of, such as the file that comes compressed. */
export interface InspectedOrigin {
  readonly source: Source
  /** Lower-case hex, of the bytes that the content was made of; asked for when all of it has come. */
  sha256(): string
}

/** What inspection came to: the verdict and its reason. */
interface Judged {
  readonly verdict: Verdict
  readonly reason: string | undefined
}

const PIECE_BYTES = 256 * 1024
const REASON_LENGTH = 200
/** How long what is under the key may take to be looked up, for a release that replaces nothing newer. Milliseconds. */
const LOOK_MS = 5000
/** How long an inspector that is asked whether it works may take, and how long `ready` waits for that. Milliseconds. */
const CHECK_MS = 5000
const READY_MS = 900
/** Between two looks for what was in quarantine for long enough. Milliseconds. */
const SWEEP_MS = 3_600_000

/** Stands between uploads and the store: all content passes here, before anything of it is stored. */
export class Inspector {
  readonly #inspect: Inspect
  readonly #settings: InspectorSettings
  readonly #listener: InspectorListener
  readonly #logger: Logger
  readonly #counts = { allowed: 0, rejected: 0, quarantined: 0, failed: 0 }
  readonly #stop = new AbortController()
  #failing: string | undefined
  #isFull = false
  #quarantine: QuarantineStore | undefined
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | undefined
  /** How the quarantine stood when it was closed. */
  #last: InspectionStatus['quarantine']

  constructor(inspect: Inspect, settings: InspectorSettings, listener: InspectorListener, logger: Logger) {
    this.#inspect = inspect
    this.#settings = settings
    this.#listener = listener
    this.#logger = logger
  }

  get activity(): InspectionActivity {
    return { ...this.#counts }
  }

  /** From memory, and from the ledger of the storage folder. */
  status(): InspectionStatus {
    const quarantine = this.#room()
    return { onFailure: this.#settings.onFailure, ...(quarantine !== undefined && { quarantine }) }
  }

  problems(): readonly Problem[] {
    const problems: Problem[] = []
    if (this.#failing !== undefined) {
      const what = this.#settings.onFailure === 'allow' ? 'stored without' : 'refused until it works again'
      const message = `Uploads cannot be inspected, and are ${what}: ${this.#failing}.`
      problems.push({ code: 'INSPECTOR_AWAY', message, severity: 'warning' })
    }
    const room = this.#isFull ? this.#room() : undefined
    if (room !== undefined) {
      const message = `The quarantine is full (${room.bytes} bytes of the ${room.maxBytes} that HOLDFAST_QUARANTINE_MAX_BYTES allows): what is to be held is refused and not kept. "holdfast quarantine" lists and removes.`
      problems.push({ code: 'QUARANTINE_FULL', message, severity: 'notice' })
    }
    return problems
  }

  /** The store is open: what was in its quarantine for long enough goes, now and from time to time. */
  opened(backend: Backend): void {
    const look = (): void => {
      this.#sweeping ??= this.#sweep(backend).finally(() => {
        this.#sweeping = undefined
      })
    }
    look()
    this.#timer = setInterval(look, SWEEP_MS).unref()
  }

  /** Ends what goes on in the background; before the store is closed. */
  async close(): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#timer)
    await this.#sweeping
    this.#last = this.#room()
    this.#quarantine = undefined
  }

  /** Looks how the inspector and the quarantine stand, and notes what is wrong. */
  async look(backend: Backend): Promise<void> {
    await Promise.all([this.#ask(), this.#find(backend).catch(() => {})])
  }

  /** Asks the inspector whether it works. Waits for a moment only. */
  async #ask(): Promise<void> {
    if (this.#inspect.check === undefined) return
    let timer: NodeJS.Timeout | undefined
    const slow = new Promise<'slow'>(resolve => {
      timer = setTimeout(resolve, READY_MS, 'slow')
    })
    if ((await Promise.race([this.#check(), slow])) === 'slow') {
      this.#note(`it has not answered for ${READY_MS} ms`)
    }
    clearTimeout(timer)
  }

  /**
   * Has content inspected, all of it.
   *
   * @returns what is to be stored; its source is the caller's to close, also where it is the one that was given
   * @throws StorageError `REJECTED`, `QUARANTINED`; `UNAVAILABLE` where the inspector gives no verdict; what reading
   *   the content throws
   */
  async pass(upload: Upload, passing: Passing): Promise<Upload> {
    const { backend, progress, signal, key, origin } = passing
    const { source, size, sha256 } = await progress.paused(() =>
      gatherContent(upload.source, {
        spillFolder: backend.spillFolder,
        onProgress: progress.ofContent,
        signal,
      }),
    )
    try {
      if (upload.sha256 !== undefined && upload.sha256 !== sha256) {
        const message = `The content has the SHA-256 ${sha256}, and ${upload.sha256} was declared.`
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', key, message })
      }
      const file = await inspected(origin, { source, size, sha256 }, key)
      const judged = await this.#judge(file, upload, key, signal)
      const whole = { ...upload, source, sha256 }
      if (judged.verdict === 'allow') return whole
      const event = { key, size, sha256, ...(judged.reason !== undefined && { reason: judged.reason }) }
      const held = judged.verdict === 'quarantine' ? await this.#hold(whole, judged, passing) : undefined
      if (held !== undefined && 'id' in held) {
        this.#counts.quarantined++
        this.#logger.warn({ op: 'inspect', ...event, id: held.id }, 'An upload is held in quarantine')
        this.#listener.tell('quarantined', { ...event, id: held.id })
        const message = `The content is held in quarantine as ${held.id}${because(judged)}.`
        throw new StorageError({ code: 'QUARANTINED', op: 'put', key, message })
      }
      this.#counts.rejected++
      this.#logger.warn({ op: 'inspect', ...event }, 'An upload was rejected by inspection')
      this.#listener.tell('rejected', event)
      const lost =
        held === undefined ? '' : ` It was to be held in quarantine, and is not kept: ${held.lost}.`
      const message = `The content was rejected by inspection${because(judged)}.${lost}`
      throw new StorageError({ code: 'REJECTED', op: 'put', key, message })
    } catch (error) {
      if (source !== upload.source) await source.close()
      throw error
    }
  }

  /**
   * Judges a file that lies in the storage folder.
   *
   * @returns why it is not to be taken for an object; undefined if it may be
   * @throws StorageError `UNAVAILABLE` where the inspector gives no verdict; what reading the file throws
   */
  async admit(
    key: Key,
    source: Source,
    upload: Pick<Upload, 'attributes'>,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { size, sha256 } = await gatherContent(source, { spillFolder: undefined, signal })
    const judged = await this.#judge({ source, size, sha256 }, upload, key, signal)
    if (judged.verdict === 'allow') return undefined
    const event = { key, size, sha256, ...(judged.reason !== undefined && { reason: judged.reason }) }
    this.#counts.rejected++
    this.#listener.tell('rejected', event)
    return `inspection does not allow it${because(judged)}`
  }

  async #judge(
    { source, size, sha256 }: Judgeable,
    { attributes }: Pick<Upload, 'attributes'>,
    key: Key,
    given: AbortSignal | undefined,
  ): Promise<Judged> {
    const { timeoutMs } = this.#settings
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(tookTooLong(timeoutMs)), timeoutMs)
    const signal = given === undefined ? deadline.signal : AbortSignal.any([given, deadline.signal])
    const { contentType, fileName, metadata } = attributes
    let isOver = false
    let unreadable: unknown
    const reading: Pick<Source, 'read'> = {
      read: async (offset, length) => {
        if (isOver) throw new Error('The inspection is over, and the content is not there any more.')
        throwIfAborted(signal, 'inspect', key)
        if (!isCount(offset) || !isCount(length))
          throw new Error(`the inspector asked for ${shown(length)} bytes from ${shown(offset)} on`)
        try {
          return await source.read(offset, length)
        } catch (error) {
          unreadable ??= error
          throw error
        }
      },
    }
    const file: InspectedFile = {
      key,
      size,
      sha256,
      contentType,
      ...(fileName !== undefined && { fileName }),
      metadata,
      signal,
      read: (offset, length) => reading.read(offset, length),
      stream: () => readChunks({ size, release: () => {}, close: async () => {}, ...reading }, PIECE_BYTES),
    }
    try {
      const result = await orAborted(Promise.resolve(file).then(this.#inspect), signal, 'inspect', key)
      const judged = parseResult(result)
      if (unreadable !== undefined) throw unreadable
      if (judged.verdict === 'allow') this.#counts.allowed++
      this.#note(undefined)
      return judged
    } catch (error) {
      throwIfAborted(given, 'put', key)
      if (unreadable !== undefined) throw unreadable
      return this.#failed(error, key)
    } finally {
      isOver = true
      clearTimeout(timer)
    }
  }

  /** What becomes of content that nobody has judged. */
  #failed(error: unknown, key: Key): Judged {
    this.#counts.failed++
    const why = wordsOf(error)
    this.#note(why)
    if (this.#settings.onFailure === 'allow') {
      this.#logger.warn({ key, error }, `An upload is stored without being inspected: ${why}`)
      return { verdict: 'allow', reason: undefined }
    }
    const message = `The content could not be inspected, and nothing was stored: ${why}.`
    throw new StorageError({ code: 'UNAVAILABLE', op: 'inspect', key, message, cause: error })
  }

  /** @returns its id in the quarantine, or why it is not kept */
  async #hold(
    { source, attributes, sha256 = '' }: Upload,
    { reason }: Judged,
    { key, backend, given, signal }: Passing,
  ): Promise<{ readonly id: string } | { readonly lost: string }> {
    try {
      const quarantine = await backend.quarantine?.(true)
      if (quarantine === undefined) return { lost: 'there is no storage folder that could hold it' }
      this.#quarantine ??= quarantine
      const { ifMatch, ifNoneMatch, compress } = given
      const condition = isConditional(given) ? { ifMatch, ifNoneMatch } : await unchanged(backend, key)
      const held = {
        key,
        reason,
        attributes,
        condition,
        ...(typeof compress === 'string' && { compress }),
      }
      const id = await quarantine.keep(held, source, sha256, signal)
      this.#isFull = id === undefined
      this.#listener.changed()
      return id === undefined ? { lost: 'the quarantine is full (HOLDFAST_QUARANTINE_MAX_BYTES)' } : { id }
    } catch (error) {
      throwIfAborted(signal, 'put', key)
      const why = wordsOf(error)
      this.#logger.error({ key, error }, `What is to be held in quarantine cannot be kept: ${why}`)
      return { lost: why }
    }
  }

  async #check(): Promise<void> {
    const deadline = AbortSignal.timeout(CHECK_MS)
    try {
      await orAborted(Promise.resolve(this.#inspect.check?.(deadline)), deadline, 'inspect', undefined)
      this.#note(undefined)
    } catch (error) {
      this.#note(deadline.aborted ? `it has not answered for ${CHECK_MS} ms` : wordsOf(error))
    }
  }

  #note(failing: string | undefined): void {
    if (this.#failing === failing) return
    this.#failing = failing
    this.#listener.changed()
  }

  async #sweep(backend: Backend): Promise<void> {
    try {
      const quarantine = await this.#find(backend)
      await quarantine?.sweep(this.#stop.signal)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#logger.warn({ error }, `The quarantine could not be looked through: ${wordsOf(error)}`)
    }
  }

  /** The quarantine, where there is one already. */
  async #find(backend: Backend): Promise<QuarantineStore | undefined> {
    const quarantine = await backend.quarantine?.(false)
    this.#quarantine ??= quarantine
    return quarantine
  }

  #room(): InspectionStatus['quarantine'] {
    if (this.#quarantine === undefined) return this.#last
    return { ...this.#quarantine.sum(), maxBytes: this.#quarantine.settings.maxBytes }
  }
}

/** Bytes that an inspector judges. */
interface Judgeable {
  readonly source: Source
  readonly size: number
  readonly sha256: string
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** What an inspector is shown: the content, or what it was made of, which must not have changed since. */
async function inspected(
  origin: InspectedOrigin | undefined,
  content: Judgeable,
  key: Key,
): Promise<Judgeable> {
  if (origin === undefined) return content
  const { source } = origin
  const { size, sha256 } = await gatherContent(source, { spillFolder: undefined })
  if (sha256 === origin.sha256()) return { source, size, sha256 }
  const message = 'The content changed while it was read.'
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', key, message })
}

/** The condition that holds as long as nobody writes the key: of one that cannot be looked up, that there is nothing. */
async function unchanged({ store }: Backend, key: Key): Promise<Condition> {
  try {
    return { ifMatch: (await store.head(key, { signal: AbortSignal.timeout(LOOK_MS) })).etag }
  } catch {
    return { ifNoneMatch: '*' }
  }
}

function parseResult(result: InspectionResult): Judged {
  const given: unknown = typeof result === 'object' && result !== null ? result.verdict : result
  if (given !== 'allow' && given !== 'reject' && given !== 'quarantine') {
    throw new Error(`the inspector said ${shown(given)}; accepted: 'allow', 'reject' or 'quarantine'`)
  }
  const reason: unknown = typeof result === 'object' ? result.reason : undefined
  return { verdict: given, reason: typeof reason === 'string' ? plain(reason) : undefined }
}

/** One line of text, of no more than a few words: it is shown in logs, terminals and answers. */
function plain(reason: string): string | undefined {
  const line = reason
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
  return line === '' ? undefined : line.slice(0, REASON_LENGTH)
}

function because({ reason }: Judged): string {
  return reason === undefined ? '' : `: ${reason}`
}

function tookTooLong(timeoutMs: number): StorageError {
  const message = `the inspector gave no verdict within ${timeoutMs} ms`
  return new StorageError({ code: 'TIMEOUT', op: 'inspect', message })
}

/** An error as the end of a sentence. */
function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
