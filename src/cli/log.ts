import { StorageError } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import type { Output } from './output.js'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

type Level = (typeof LEVELS)[number]

/** A logger to stderr: a JSON object a line for programs, or a readable line where a person watches. */
export function createLog(output: Output, lowest: Level, readable: boolean): Logger {
  const format = readable ? readableLine : jsonLine
  const at = (level: Level) =>
    LEVELS.indexOf(level) < LEVELS.indexOf(lowest)
      ? () => {}
      : (fields: object, message: string) => output.say(format(level, fields, message))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The names of pino: `level` (as a word), `time`, `msg`. */
function jsonLine(level: Level, fields: object, message: string): string {
  return JSON.stringify({ level, time: new Date().toISOString(), msg: message, ...fields }, plain)
}

function readableLine(level: Level, fields: object, message: string): string {
  const time = new Date().toTimeString().slice(0, 8)
  const rest = Object.entries(fields).map(([name, value]) => `  ${name}=${JSON.stringify(value, plain)}`)
  return `${time} ${level.padEnd(5)} ${message}${rest.join('')}`
}

/** An error as plain data: of one that we do not know, no more than what it says, since it may hold anything. */
function plain(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  if (StorageError.is(value)) return value.toJSON()
  return { name: value.name, message: value.message, ...('code' in value && { code: value.code }) }
}
