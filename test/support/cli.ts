import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, beforeEach, onTestFinished } from 'vitest'
import { ROOT } from './process.js'

/** What a run of the command line came to. */
export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Stdout as it came. */
  readonly bytes: Buffer
}

export interface RunOptions {
  /** Beside PATH and HOME; nothing else of ours reaches it. */
  readonly env?: Readonly<Record<string, string>>
  /** What it reads on stdin; nothing unless given. */
  readonly input?: string | Buffer
  readonly cwd?: string
}

/**
 * The command line as its users run it: compiled from the sources as they are now, in a child process, in a folder
 * of its own for every test.
 */
export interface Cli {
  /** The test's folder, which commands run in. */
  readonly folder: string
  /** The compiled program. */
  readonly main: string
  (args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** The environment that commands run with. */
  env(more?: Readonly<Record<string, string>>): Record<string, string>
}

/** Sees to it that the command line is built, for a file of tests. */
export function useCli(): Cli {
  const main = join(ROOT, 'dist', 'cli', 'main.js')
  let folder = ''

  // Builds only where the sources have changed since; of several files of tests at once, one does.
  beforeAll(() => promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'setup.mjs')]).then(() => {}))
  beforeEach(({ onTestFinished }) => {
    const own = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
    folder = own
    onTestFinished(() => rmSync(own, { recursive: true, force: true }))
  })

  const env = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    ...more,
  })
  const run = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: options.cwd ?? folder,
      env: env(options.env),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', chunk => out.push(chunk))
    child.stderr?.on('data', chunk => err.push(chunk))
    // A command that ends without reading all of it is none of our business.
    child.stdin?.on('error', () => {}).end(options.input)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        const bytes = Buffer.concat(out)
        resolve({ code, signal, bytes, stdout: bytes.toString(), stderr: Buffer.concat(err).toString() })
      })
    })
  }
  return Object.defineProperties(run, {
    folder: { get: () => folder },
    main: { value: main },
    env: { value: env },
  }) as Cli
}

/** The objects of NDJSON. */
export function ndjson(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
