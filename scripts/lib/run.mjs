import { spawn } from 'node:child_process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const running = new Set()

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
 * and can tidy up; where none is running, the process exits (130 for SIGINT, as a shell counts), through its
 * 'exit' listeners.
 */
export function passSignalsOn() {
  for (const [index, signal] of SIGNALS.entries()) {
    process.on(signal, () => {
      if (running.size === 0) process.exit([130, 143, 129][index])
      for (const child of running) child.kill(signal)
    })
  }
}
