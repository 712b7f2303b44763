#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { Context } from './context.js'
import { EXIT, failureOf } from './failure.js'
import { flagValues } from './flags.js'
import { BrokenPipe, Output } from './output.js'
import { createProgram } from './program.js'

/** What every verb may be given, beside the flags that set variables. */
interface GlobalOptions {
  readonly envFile?: string
  readonly json?: true
  readonly quiet?: true
}

/**
 * Runs the command line.
 *
 * @param argv the arguments, without the names of Node and of the script
 * @returns the exit code: 0 ok, 1 failed, 2 usage or configuration, 3 not found, 4 unavailable, 5 partly done or
 *   work left, 6 differences found, 130 interrupted. Never rejects.
 */
export async function run(argv: readonly string[]): Promise<number> {
  // Until the options are read; an error of the options themselves is told in JSON if that was asked for.
  let output = new Output({ json: argv.includes('--json'), quiet: false })
  let exitCode: number = EXIT.ok
  const program = createProgram(version(), async (command, verb) => {
    const { json = false, quiet = false, envFile } = command.optsWithGlobals<GlobalOptions>()
    output = new Output({ json, quiet })
    exitCode = await perform(new Context({ output, envFile, flags: flagValues(command) }), verb)
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof BrokenPipe) return EXIT.ok
    // Help and version were printed; help that nobody asked for, in the place of a verb, is a mistake.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage
    const failure = failureOf(error)
    output.failure(failure)
    return failure.exitCode
  }
}

/** The AWS SDK's word to developers on the versions of Node it will need is none to whoever types a command. */
const SDK_WARNING = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'

async function perform(context: Context, verb: (context: Context) => Promise<number>): Promise<number> {
  let exitCode: number
  process.env[SDK_WARNING] ??= 'true'
  try {
    exitCode = await verb(context)
  } catch (error) {
    // What went wrong first is what is told.
    await context.close().catch(() => {})
    throw error
  }
  await context.close()
  return exitCode
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}

/** Whether this file is the program, and not a module of another. */
function isProgram(): boolean {
  const [, script] = process.argv
  try {
    return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}

/** Runs, waits until everything written has been taken, and ends, whatever may still be open. */
async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // Node ends, and well, when nothing is left to wake it: a command that still waits must not be taken for done.
  process.once('beforeExit', () => {
    process.stderr.write('holdfast: the command ended before it was done. (INTERNAL)\n')
    process.exit(EXIT.failed)
  })
  const code = await run(process.argv.slice(2))
  // Whoever interrupts does not want to wait for a reader that reads no more.
  const streams = code === EXIT.interrupted ? [process.stderr] : [process.stdout, process.stderr]
  for (const stream of streams) await new Promise(resolve => stream.write('', resolve))
  process.exit(code)
}

if (isProgram()) void main()
