import { resolve } from 'node:path'
import { StorageError } from '../../core/errors.js'
import type { StorageMetrics, StorageStatus } from '../../storage.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { files, size, table } from '../wording.js'

/** How long the store may take to prove that it answers. */
const PROBE_MS = 10_000

/** Tells whether the store works, where it is, what is in it and what is wrong with it. */
export async function status(context: Context): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  let problem: StorageError | undefined
  try {
    await storage.ready({ signal, timeoutMs: PROBE_MS })
  } catch (error) {
    if (!StorageError.is(error) || signal.aborted) throw error
    problem = error
  }
  // Local storage knows its figures; an object store would have to be listed for them.
  const isLocal = storage.getStatus().provider === 'local'
  const metrics = problem === undefined && isLocal ? await storage.getStorageMetrics({ signal }) : undefined
  const found = problem === undefined ? storage.getStatus() : downStatus(storage.getStatus(), problem)
  await (output.json ? output.object({ ...found, ...metrics }) : output.line(table(rows(found, metrics))))
  const away = found.enabled && found.fallbackMode
  return found.state === 'down' || away ? EXIT.unavailable : EXIT.ok
}

/** What could not be opened or reached is down, whether or not the service counts the failure as the store's. */
function downStatus(found: StorageStatus, { code, message }: StorageError): StorageStatus {
  const isKnown = found.problems.some(problem => problem.code === code)
  const problems = isKnown
    ? found.problems
    : [...found.problems, { code, message, severity: 'error' as const }]
  return { ...found, state: 'down', problems }
}

function rows(found: StorageStatus, metrics: StorageMetrics | undefined): [string, string][] {
  const { configuration: given } = found
  const where =
    found.bucket === null
      ? resolve(given.LOCAL_STORAGE_PATH)
      : `${found.bucket} at ${given.OBJECT_STORAGE_ENDPOINT ?? 'AWS'}`
  const rows: [string, string][] = [
    ['state', found.state],
    ['provider', given.OBJECT_STORAGE_ENABLED ? found.provider : `${found.provider} (object storage is off)`],
    ['where', where],
  ]
  if (metrics !== undefined)
    rows.push(['holds', `${files(metrics.fileCount)}, ${size(metrics.totalSizeBytes)}`])
  if (found.pending > 0) rows.push(['pending', `${files(found.pending)}, ${size(found.pendingBytes)}`])
  for (const { severity, code, message } of found.problems) rows.push([severity, `${message} (${code})`])
  return rows
}
