import { type Command, Option } from 'commander'
import type { Context } from '../context.js'
import { count } from '../parse.js'

/** Runs a verb once the command line has been read; told the verb's command, whose options it needs. */
export type Perform = (command: Command, verb: (context: Context) => Promise<number>) => Promise<void>

const CONCURRENCY = 16

/** `--concurrency`, of verbs that work on many files. */
export function concurrency(): Option {
  return new Option('-c, --concurrency <n>', 'Files at once.').argParser(count(1, 256)).default(CONCURRENCY)
}

/** `--dry-run`, of verbs that change or remove something. */
export function dryRun(): Option {
  return new Option('-n, --dry-run', 'Only tell what would be done.')
}

/** The examples at the end of a verb's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}`
}
