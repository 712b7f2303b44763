import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** The checkout whose tests are running. */
export const ROOT = process.cwd()

/** A child process whose output is gathered. It is killed, with its whole group, when the test is over. */
export interface Child {
  readonly process: ChildProcess
  /** What it wrote so far. */
  stdout(): string
  stderr(): string
  /** Resolves when stdout or stderr has matched; rejects with all output if it ends first. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves when it has ended and its output is complete. */
  readonly ended: Promise<{
    code: number | null
    signal: NodeJS.Signals | null
    stdout: string
    stderr: string
  }>
}

/**
 * Starts a program in a process group of its own, so that a test can signal the group as a terminal would. Its
 * environment is ours without what the test runner and npm put there, and with `env` (undefined removes).
 */
export function start(
  command: string,
  args: readonly string[],
  { env = {}, ...options }: Omit<SpawnOptions, 'env'> & { env?: Record<string, string | undefined> } = {},
): Child {
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnvironment(), ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', text => (stderr += text))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }))
  ended.catch(() => {}) // reported to whoever waits for it
  onTestFinished(() => signalGroup(child, 'SIGKILL'))
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    says: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr)
          if (match !== null) resolve(match)
        }
        child.stdout?.on('data', look)
        child.stderr?.on('data', look)
        look()
        ended.then(
          ({ code, signal }) =>
            reject(new Error(`It ended (${code ?? signal}) without ${pattern}:\n${stdout}\n${stderr}`)),
          reject,
        )
      }),
  }
}

/** Signals a child and all that it started, as a terminal does. No error if they are gone. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function plainEnvironment(): Record<string, string | undefined> {
  const foreign =
    /^(npm_|VITEST|HOLDFAST_|OBJECT_STORAGE_|LOCAL_|CI$|CEPH_|NODE_ENV$|TEST$|MODE$|DEV$|PROD$|PORT$|COLOR|FORCE_COLOR|NODE_OPTIONS$)/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}
