import { spawn } from 'node:child_process'

/** The signals that ask us to end, and the exit codes that a shell gives them. */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
const running = new Set()
let ending

/**
 * Runs a program to its end, with our terminal. Its output goes to stderr unless `stdio` says otherwise: stdout
 * is for what was asked for.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number | string>} its exit code, or the name of the signal that ended it, or of the error
 *   that kept it from starting
 */
export function run(command, args, options = {}) {
  if (ending !== undefined) process.exit(ending)
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: ['ignore', 2, 2], ...options })
    running.add(child)
    const end = outcome => {
      running.delete(child)
      resolve(outcome)
    }
    child.once('error', error => end(error.code ?? error.message))
    child.once('close', (code, signal) => end(code ?? signal))
  })
}

/**
 * From now on a signal to end goes to the programs that {@link run} is running, so that the caller sees them end
 * and can tidy up, and none is run after them. Where none is running, the process exits. Tidying that must not be
 * missed belongs to its 'exit' event.
 */
export function passSignalsOn() {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      ending = code
      if (running.size === 0) process.exit(code)
      for (const child of running) child.kill(signal)
    })
  }
}
