import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, onTestFinished, test } from 'vitest'
import { describeUnless } from './describe.js'
import { SIGNATURE } from './fake-clamd.js'

/** How to run ClamAV's daemon, from the environment that `npm test` made. */
interface Program {
  readonly path: string
  /** Where its libraries are, if not where the system looks. */
  readonly libraries: string | undefined
}

/** ClamAV's daemon with one signature of the tests' own, {@link SIGNATURE}. */
export interface Clamd {
  readonly socket: string
  /** Stops it, as a crash does. */
  kill(): Promise<void>
  /** Stops its clock. */
  freeze(): void
  thaw(): void
}

/** A suite that needs ClamAV's daemon. Where there is none it is skipped by name and reason; under `CI=true` it fails. */
export function describeClamd(name: string, body: (start: (extra?: string) => Promise<Clamd>) => void): void {
  const program = programOf()
  if (program !== undefined) {
    describe(name, () => body(extra => startClamd(program, extra)))
    return
  }
  const reason = process.env['HOLDFAST_TEST_CLAMD_MISSING'] ?? 'HOLDFAST_TEST_CLAMD is not set'
  if (process.env['CI'] !== 'true') describeUnless(reason, name, () => {})
  else
    test(`${name}: has ClamAV's daemon`, () => {
      throw new Error(`CI=true and no clamd: ${reason}`)
    })
}

function programOf(): Program | undefined {
  const path = process.env['HOLDFAST_TEST_CLAMD']
  if (path === undefined || path === '') return undefined
  return { path, libraries: process.env['HOLDFAST_TEST_CLAMD_LIBRARIES'] || undefined }
}

/** Starts one in a folder of its own; it ends with the test. @param extra lines for its configuration */
async function startClamd({ path, libraries }: Program, extra = ''): Promise<Clamd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-clamd-'))
  const socket = join(folder, 'clamd.sock')
  const signature = Buffer.from(SIGNATURE).toString('hex')
  writeFileSync(join(folder, 'test.ndb'), `Holdfast.Test.Signature:0:*:${signature}\n`)
  const settings = [
    `LocalSocket ${socket}`,
    `DatabaseDirectory ${folder}`,
    `TemporaryDirectory ${folder}`,
    'Foreground yes',
    extra,
  ]
  writeFileSync(join(folder, 'clamd.conf'), `${settings.join('\n')}\n`)
  const child = spawn(path, ['-c', join(folder, 'clamd.conf')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
    },
  })
  const ended = once(child, 'exit')
  ended.catch(() => {})
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await listening(child, ended)
  return {
    socket,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** Resolves when it says that it is ready. @throws Error with all that it said, if it ends before */
function listening(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Self checking every')) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    ended.then(() => reject(new Error(`clamd ended:\n${said}`)), reject)
  })
}
