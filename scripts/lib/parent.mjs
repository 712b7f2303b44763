const CHECK_MS = 250

/**
 * Ends this process as SIGTERM would when the npm that started it has gone: a signal to npm ends npm alone, and
 * what it started would run on unseen. Does nothing where npm did not start us.
 */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, CHECK_MS)
  timer.unref()
}
