// `npm test`: every test, those against a real S3 server included. `npm test -- src/core` runs a part (what stands
// after `--` goes to vitest). The last line of every ending is `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clamdEnvironment } from './lib/clamav.mjs'
import { ensureDebianPackages } from './lib/debian.mjs'
import { endWithParent } from './lib/parent.mjs'
import { ROOT } from './lib/prepare.mjs'
import { realServer } from './lib/real-server.mjs'
import { passSignalsOn, run } from './lib/run.mjs'

const long = process.argv.includes('--long')
const args = process.argv.slice(2).filter(arg => arg !== '--long')
// Tests beside the code need no server.
const needsServer = !args.some(arg => arg.startsWith('src')) || args.some(arg => arg.startsWith('test'))

const temp = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
const resultsPath = join(temp, 'results.json')
let server
let outcome = 'vitest did not start'

process.once('exit', finish)
passSignalsOn()
endWithParent()
if (needsServer) {
  const missing = await ensureDebianPackages(['chromium'], 'for the tests in a browser')
  if (missing !== '') console.error(`${missing} The tests in a browser are skipped.`)
}
const clamd = needsServer ? await clamdEnvironment() : {}
server = needsServer ? await realServer() : undefined
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
outcome = await run(process.execPath, [vitest, 'run', ...args], {
  cwd: ROOT,
  // A run that hangs ends too: a long one after a day.
  timeout: (long ? 24 * 60 : 40) * 60_000,
  killSignal: 'SIGKILL',
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    ...server?.env,
    ...clamd,
    HOLDFAST_TEST_RESULTS: resultsPath,
    ...(long ? { HOLDFAST_TEST_LONG: '1' } : {}),
  },
})

/** Ends the server, tells what was skipped and what failed, each with its reason, and prints the count. Synchronous: it is the end of the process. */
function finish() {
  const { passed, failed, skipped, problems, failures, skips, finished } = results()
  try {
    server?.destroy()
    rmSync(temp, { recursive: true, force: true })
  } catch (error) {
    problems.push(`cleaning up: ${error.message}`)
  }
  if (!finished) problems.push(`the run did not come to its end (${outcome})`)
  else if (passed + failed + skipped === 0) problems.push('no test was run')
  else if (outcome !== 0 && failed + problems.length === 0) problems.push(`vitest ended with ${outcome}`)
  const lines = []
  for (const { name, reason } of skips) lines.push(`skipped: ${name} (${reason})`)
  for (const { name, message } of failures) lines.push(`failed: ${name} (${message})`)
  for (const problem of problems) lines.push(`failed: ${problem}`)
  lines.push(
    `${passed} passed, ${failed + problems.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  )
  print(`\n${lines.join('\n')}\n`)
  process.exitCode = failed + problems.length > 0 ? 1 : 0
}

function results() {
  try {
    return JSON.parse(readFileSync(resultsPath, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0, problems: [], failures: [], skips: [], finished: false }
  }
}

/** Writes all of it before it returns, a pipe whose reader is slow included. */
function print(text) {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if (error.code !== 'EAGAIN') return
    }
  }
}
