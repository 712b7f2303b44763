import { type Logger, silentLogger } from './logger.js'

/** Lines on one subject that are let through within {@link WINDOW_MS}. */
const BURST = 5
const WINDOW_MS = 60_000
/** Subjects that are told apart; past them all others are one. */
const MAX_SUBJECTS = 100
const OTHERS = 'Other lines'

type Level = 'info' | 'warn' | 'error'

interface Subject {
  readonly level: Level
  readonly since: number
  passed: number
  suppressed: number
}

/** A logger that keeps floods out, and can be told to say at once what it left out. */
export interface LimitedLogger extends Logger {
  flush(): void
}

/**
 * Lets five lines a minute through on each subject, and then tells how many were left out: what fails a thousand
 * times for one reason is one thing to know. The subject of a line is its level and its text up to the first colon,
 * so a message begins with what happened, and names the particulars after it. `debug` is not limited.
 */
export function limitLines(logger: Logger): LimitedLogger {
  return logger === silentLogger ? { ...silentLogger, flush: () => {} } : new Limiter(logger)
}

class Limiter implements LimitedLogger {
  readonly #logger: Logger
  readonly #subjects = new Map<string, Subject>()
  #timer: NodeJS.Timeout | undefined

  constructor(logger: Logger) {
    this.#logger = logger
  }

  debug(fields: object, message: string): void {
    this.#logger.debug(fields, message)
  }

  info(fields: object, message: string): void {
    if (this.#passes('info', message)) this.#logger.info(fields, message)
  }

  warn(fields: object, message: string): void {
    if (this.#passes('warn', message)) this.#logger.warn(fields, message)
  }

  error(fields: object, message: string): void {
    if (this.#passes('error', message)) this.#logger.error(fields, message)
  }

  /** Tells now what was left out. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [name, subject] of this.#subjects) this.#end(name, subject)
  }

  #passes(level: Level, message: string): boolean {
    const now = performance.now()
    const colon = message.indexOf(':')
    const begin = colon < 0 ? message.replace(/\.$/, '') : message.slice(0, colon)
    let name = `${level} ${begin.replace(/\d+/g, 'N')}`
    let subject = this.#subjects.get(name)
    if (subject === undefined && this.#subjects.size >= MAX_SUBJECTS) {
      this.#sweep(now)
      if (this.#subjects.size >= MAX_SUBJECTS) name = `${level} ${OTHERS}`
      subject = this.#subjects.get(name)
    }
    if (subject !== undefined && now - subject.since >= WINDOW_MS) {
      this.#end(name, subject)
      subject = undefined
    }
    if (subject === undefined) {
      subject = { level, since: now, passed: 0, suppressed: 0 }
      this.#subjects.set(name, subject)
    }
    if (subject.passed < BURST) {
      subject.passed++
      return true
    }
    subject.suppressed++
    this.#timer ??= setTimeout(() => this.#onTimer(), WINDOW_MS).unref()
    return false
  }

  #onTimer(): void {
    this.#timer = undefined
    this.#sweep(performance.now())
    for (const { suppressed } of this.#subjects.values()) {
      if (suppressed > 0) this.#timer ??= setTimeout(() => this.#onTimer(), WINDOW_MS).unref()
    }
  }

  #sweep(now: number): void {
    for (const [name, subject] of this.#subjects) {
      if (now - subject.since >= WINDOW_MS) this.#end(name, subject)
    }
  }

  #end(name: string, { level, suppressed }: Subject): void {
    this.#subjects.delete(name)
    if (suppressed === 0) return
    const text = name.slice(level.length + 1)
    this.#logger[level]({ suppressed }, `${text}: ${suppressed} more such lines were left out`)
  }
}
