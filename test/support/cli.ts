import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
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

/** Builds the command line for a file of tests. */
export function useCli(): Cli {
  const built = join(ROOT, `.dist-cli-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`)
  const main = join(built, 'cli', 'main.js')
  let folder = ''

  beforeAll(async () => {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', built, '--declaration', 'false']
    const output = await promisify(execFile)(process.execPath, args, { cwd: ROOT }).catch(error => error)
    if (!existsSync(main)) throw new Error(`The build failed:\n${output.stdout}`)
  })
  afterAll(() => rmSync(built, { recursive: true, force: true }))
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
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
