import { SIGNALS } from './run.mjs'

const CHECK_MS = 250

/**
 * Ends this process as SIGTERM would when the npm that started it has gone: a signal to npm ends npm alone, and
 * what it started would run on unseen. A signal that reaches us by itself is not followed by a second one, which
 * would mean "at once". Does nothing where npm did not start us.
 */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, CHECK_MS)
  timer.unref()
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      clearInterval(timer)
      // Until somebody else listens, this listener must not keep the signal from ending the process.
      if (process.listenerCount(signal) === 1) process.exit(code)
    })
  }
}
