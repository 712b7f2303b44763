import { activeProvider } from '../../config.js'
import { holdsStore } from '../../stores/local/root-files.js'
import { Neighbours } from '../neighbours.js'
import { Spool } from '../spool.js'
import { type Check, fault, good, notice, type Verdict } from './findings.js'
import type { FolderPatient } from './folder.js'

/** What waits in the storage folder for the object store. */
export const SPOOL_CHECKS: readonly Check<FolderPatient>[] = [
  { check: 'waiting', area: 'spool', needs: ['ledger'], examine: examineWaiting },
  { check: 'processes', area: 'spool', needs: ['ledger'], examine: examineProcesses },
]

/** What waits for longer is told. */
const LONG_MS = 15 * 60_000

async function examineWaiting(patient: FolderPatient): Promise<Verdict | undefined> {
  if (!holdsStore(patient.path)) return undefined
  const spool = await Spool.open(patient.config)
  try {
    let pending = 0
    let parked = 0
    let oldest = Number.POSITIVE_INFINITY
    const targets = new Set<string>()
    for (const entry of spool.entries()) {
      if (entry.state === 'parked') parked++
      if (entry.state !== 'pending' || entry.kind === 'doubt') continue
      pending++
      targets.add(entry.target)
      oldest = Math.min(oldest, entry.at?.getTime() ?? oldest)
    }
    const conflicts = spool.conflicts().length
    if (parked > 0) {
      return fault(
        `${count(parked, 'operation')} cannot be brought to the object store and wait${parked === 1 ? 's' : ''} for a person.`,
        'holdfast spool ls tells why; holdfast spool retry tries again when that is mended.',
      )
    }
    if (conflicts > 0) {
      return notice(
        `Of ${count(conflicts, 'file')} two versions exist, because somebody else changed them during an outage.`,
        'holdfast spool conflicts shows them; holdfast spool resolve decides.',
      )
    }
    if (pending > 0 && activeProvider(patient.config) === 'local') {
      return notice(
        `${count(pending, 'operation')} wait for ${[...targets].join(', ')}, and object storage is off.`,
        'Switch it on again to have them brought there, or detach the folder: holdfast detach.',
      )
    }
    const says =
      pending === 0
        ? 'Nothing waits for the object store.'
        : `${count(pending, 'operation')} wait for the object store.`
    if (Date.now() - oldest < LONG_MS || pending === 0) return good(says)
    return notice(
      `${says} The oldest has waited since ${new Date(oldest).toISOString()}.`,
      'See that a server (holdfast serve) runs and reaches the object store; holdfast spool drain brings them there at once.',
    )
  } finally {
    await spool.close()
  }
}

async function examineProcesses(patient: FolderPatient): Promise<Verdict | undefined> {
  if (!holdsStore(patient.path)) return undefined
  const neighbours = await Neighbours.open(patient.config)
  try {
    for (const { pid, writes, reads } of neighbours.all()) {
      const away = writes ?? reads
      if (away === undefined) continue
      return notice(
        `Process ${pid} has not reached the object store since ${away.since.toISOString()} (${away.code}): ${away.message}`,
        'What is said above about the endpoint holds for this process; compare the settings and the network of that one.',
      )
    }
    return undefined
  } finally {
    await neighbours.close()
  }
}

function count(number: number, one: string): string {
  return `${number.toLocaleString('en')} ${one}${number === 1 ? '' : 's'}`
}
