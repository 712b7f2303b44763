import { resolve } from 'node:path'
import { adviceFor } from '../failover/advice.js'
import type { Neighbour } from '../operations/neighbours.js'
import type { BreakerStatus, ErrorCode, FailoverReport, StorageMetrics, StorageStatus } from '../storage.js'
import type { Output } from './output.js'
import { printable } from './output.js'
import { bytesText, filesText, isOver } from './quota-text.js'
import { duration, files, number, size, table, timeLeft } from './wording.js'

/** All that the status tells: of this process, and of the others that use the storage folder. */
export type FullStatus = StorageStatus &
  Partial<Omit<StorageMetrics, 'provider' | 'bucket'>> & { readonly processes?: readonly Neighbour[] }

/** What is as young as this, this command has found out itself. Milliseconds. */
const NEWS_MS = 3000

type Row = [name: string, value: string]

const MEANINGS: Partial<Record<StorageStatus['state'], string>> = {
  degraded: 'it works, and somebody should look',
  draining: 'what the object store missed is being brought to it',
  down: 'it takes nothing',
}

/** The status as people read it: how it stands and what to do first, then where and how much. */
export function statusText(found: FullStatus, paint: Output['paint'], now = Date.now()): string {
  const { failover } = found
  const color = found.state === 'healthy' ? paint.green : found.state === 'down' ? paint.red : paint.yellow
  const meaning = MEANINGS[found.state]
  const rows: Row[] = [
    ['state', `${color(found.state)}${meaning === undefined ? '' : `: ${meaning}`}`],
    ...thingsToDo(found).map((todo): Row => ['to do', todo]),
    ...placeRows(found),
    ...waitingRows(found, now),
    ...quotaRows(found),
    ...(failover === undefined ? [] : failoverRows(failover, found.enabled, now)),
    ...(found.processes ?? []).flatMap(process => processRows(process, found.pending > 0, now)),
  ]
  const isAway = found.problems.some(problem => problem.code === 'PRIMARY_AWAY')
  for (const { severity, code, message } of found.problems) {
    // That others do not reach what this process does not reach either is in their rows.
    if (isAway && code === 'PROCESS_AWAY') continue
    const shown = severity === 'error' ? paint.red : severity === 'warning' ? paint.yellow : paint.dim
    rows.push([severity, `${shown(printable(message))} (${code})`])
  }
  return table(rows)
}

/** What a person can do about it, the most urgent first. */
function thingsToDo(found: FullStatus): string[] {
  const todo: string[] = []
  const codes = new Set(found.problems.map(problem => problem.code))
  const isDown = found.state === 'down'
  if (codes.has('SPOOL_FULL')) todo.push('give the disk more room, or bring the object store back')
  else if (isDown) todo.push('mend what is said below')
  if (codes.has('PRIMARY_AWAY') || codes.has('PROCESS_AWAY')) {
    const advice = awayCodes(found)
      .map(adviceFor)
      .find(text => text !== undefined)
    const back = 'bring the object store back; uploads are taken here meanwhile, and brought over then'
    todo.push(advice ?? back)
  }
  if (codes.has('INSPECTOR_AWAY'))
    todo.push('see to the inspector of uploads (clamd, where CLAMD_ADDRESS is set)')
  if (codes.has('SWITCHED_OFF'))
    todo.push('switch object storage on again, or run "holdfast detach" to go on without it')
  if (found.parked > 0)
    todo.push('"holdfast spool ls" tells what is parked and why, "spool retry" tries again')
  if (found.conflicts > 0)
    todo.push('"holdfast spool conflicts" lists both versions, "spool resolve" keeps one')
  if (found.state === 'draining' && todo.length === 0) todo.push('nothing: it ends by itself')
  return todo
}

/** Why the object store is away, as this process and the others say. */
function awayCodes({ failover, processes = [] }: FullStatus): ErrorCode[] {
  return [failover, ...processes].flatMap(view =>
    [view?.writes?.code, view?.reads?.code].filter(code => code !== undefined),
  )
}

function placeRows(found: FullStatus): Row[] {
  const { configuration: given, fileCount, totalSizeBytes } = found
  const where =
    found.bucket === null
      ? resolve(given.LOCAL_STORAGE_PATH)
      : `${found.bucket} at ${given.OBJECT_STORAGE_ENDPOINT ?? 'AWS'}`
  const provider = given.OBJECT_STORAGE_ENABLED ? found.provider : `${found.provider} (object storage is off)`
  const rows: Row[] = [
    ['provider', provider],
    ['where', where],
  ]
  if (fileCount !== undefined && totalSizeBytes !== undefined) {
    rows.push(['holds', `${files(fileCount)}, ${size(totalSizeBytes)}`])
  }
  const { cache } = found
  if (cache !== undefined) {
    rows.push(['cache', `${files(cache.files)}, ${size(cache.bytes)} of ${size(cache.maxBytes)}`])
  }
  const { quarantine } = found.inspection ?? {}
  if (quarantine !== undefined) {
    const { files: count, bytes, maxBytes } = quarantine
    rows.push(['quarantine', `${files(count)}, ${size(bytes)} of ${size(maxBytes)}`])
  }
  return rows
}

/** Quotas that are shown one by one. */
const SHOWN_QUOTAS = 5

function quotaRows({ quotas }: FullStatus): Row[] {
  if (quotas === undefined) return []
  const { count, nearlyFull, inexact, fullest } = quotas
  const parts = [number(count)]
  if (nearlyFull > 0) parts.push(`${number(nearlyFull)} nearly full`)
  if (inexact > 0) parts.push(`${number(inexact)} to be counted anew`)
  const shown = fullest.slice(0, Math.min(nearlyFull, SHOWN_QUOTAS))
  return [
    ['quotas', parts.join(', ')],
    ...shown.map(
      (usage): Row => [
        isOver(usage) ? 'over quota' : 'nearly full',
        `${printable(usage.prefix)}  ${bytesText(usage)}, ${filesText(usage)}`,
      ],
    ),
  ]
}

function waitingRows(found: FullStatus, now: number): Row[] {
  const { pending, pendingBytes, oldestPendingAt, settling, parked, conflicts } = found
  const rows: Row[] = []
  if (pending > 0) {
    const age = oldestPendingAt === undefined ? '' : `, the oldest for ${ago(oldestPendingAt, now)}`
    rows.push(['pending', `${number(pending)} operations, ${size(pendingBytes)}${age}`])
    const speed = speedOf(found)
    if (speed.operations > 0) {
      const left = Math.max(pending / speed.operations, speed.bytes === 0 ? 0 : pendingBytes / speed.bytes)
      rows.push([
        'speed',
        `${number(Math.round(speed.operations * 10) / 10)} operations/s, ${size(speed.bytes)}/s, about ${timeLeft(left)} left`,
      ])
    }
  }
  if (parked > 0) rows.push(['parked', `${number(parked)} of them`])
  if (conflicts > 0) rows.push(['conflicts', number(conflicts)])
  if (settling > 0) rows.push(['settling', `${number(settling)}, kept until no late request can undo them`])
  return rows
}

/** Of all processes of the folder, one brings things over. */
function speedOf({ failover, processes = [] }: FullStatus): { operations: number; bytes: number } {
  const { operationsPerSecond = 0, bytesPerSecond = 0 } = failover?.replication ?? {}
  return {
    operations: processes.reduce((sum, process) => sum + process.operationsPerSecond, operationsPerSecond),
    bytes: processes.reduce((sum, process) => sum + process.bytesPerSecond, bytesPerSecond),
  }
}

/** @param isAsked whether the object store is switched on: else nobody asks whether it is back */
function failoverRows({ reads, writes, spool }: FailoverReport, isAsked: boolean, now: number): Row[] {
  const rows: Row[] = []
  for (const [name, breaker] of [
    ['writes', writes],
    ['reads', reads],
  ] as const) {
    if (breaker.open && isAsked) rows.push([name, breakerText(breaker, now)])
  }
  const { usedBytes, maxBytes, freeBytes, reserveBytes, ballast } = spool
  const parts = [maxBytes === undefined ? size(usedBytes) : `${size(usedBytes)} of ${size(maxBytes)}`]
  if (freeBytes !== undefined) parts.push(`${size(freeBytes)} free`)
  if (reserveBytes > 0) parts.push(`${size(reserveBytes)} of that in reserve`)
  if (!ballast) parts.push('no ballast yet')
  rows.push(['spool', parts.join(', ')])
  return rows
}

function breakerText({ since, code, nextProbeAt }: BreakerStatus, now: number): string {
  const next =
    nextProbeAt === undefined
      ? 'asked again now'
      : `asked again in ${timeLeft(Math.max(0, nextProbeAt.getTime() - now) / 1000)}`
  // Of a command that has only just asked, this says nothing.
  const isKnown = since !== undefined && now - since.getTime() >= NEWS_MS
  return `away${isKnown ? ` for ${ago(since, now)}` : ''} (${code}), ${next}`
}

function processRows(
  { pid, reads, writes, operationsPerSecond }: Neighbour,
  isDraining: boolean,
  now: number,
): Row[] {
  const parts: string[] = []
  if (writes !== undefined) parts.push(`writes away for ${ago(writes.since, now)} (${writes.code})`)
  if (reads !== undefined) parts.push(`reads away for ${ago(reads.since, now)} (${reads.code})`)
  if (isDraining && operationsPerSecond > 0)
    parts.push(`brings over ${number(operationsPerSecond)} operations/s`)
  return parts.length === 0 ? [] : [[`process ${pid}`, parts.join(', ')]]
}

function ago(at: Date, now: number): string {
  return duration(Math.max(0, now - at.getTime()) / 1000)
}
