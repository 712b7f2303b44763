import { CommanderError } from 'commander'
import { ERROR_CODES, StorageError } from '../core/errors.js'

/** Exit codes that no single error stands for; the others are those of {@link ERROR_CODES}. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unavailable: 4,
  partial: 5,
  different: 6,
  interrupted: 130,
} as const

/** A failure as the command line tells it. */
export interface Failure {
  /** One of {@link ERROR_CODES}, or the system's own, such as `EACCES`. */
  readonly code: string
  readonly message: string
  readonly exitCode: number
  /** What stands in `{"error": ...}`. */
  readonly json: Record<string, unknown>
  /** Where a defect lies; only of errors that nobody foresaw. */
  readonly stack?: string
}

/** What an error of any kind comes to: its code, its text and the exit code it stands for. */
export function failureOf(error: unknown): Failure {
  if (StorageError.is(error)) {
    const { code, message } = error
    return { code, message, exitCode: ERROR_CODES[code].exitCode, json: error.toJSON() }
  }
  if (error instanceof CommanderError) {
    return plain('INVALID_ARGUMENT', `${usageText(error.message)}; --help explains.`, EXIT.usage)
  }
  if (isSystemError(error)) return plain(error.code, error.message, EXIT.failed)
  const message = error instanceof Error ? error.message : String(error)
  const stack = error instanceof Error ? error.stack : undefined
  return { ...plain('INTERNAL', message, EXIT.failed), ...(stack !== undefined && { stack }) }
}

/** The error of a command line that cannot be followed: exit code 2. */
export function usageError(message: string): StorageError {
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'cli', message })
}

/** Whether an error is the operating system's, such as that of a file that cannot be written. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

/** What commander says, on one line; a value given to an option that does not exist may be a secret. */
function usageText(message: string): string {
  const line = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
  return line.replace(/(unknown option '--[^=']*)=[^']*'/, "$1'")
}

function plain(code: string, message: string, exitCode: number): Failure {
  return { code, message, exitCode, json: { code, message } }
}
