import type { StorageConfig } from '../../config.js'
import { parseClamdAddress } from '../../core/clamd-address.js'
import { clamdVersion, scanStream } from '../../service/clamd.js'
import { type Check, fault, good, notice, type Verdict } from './findings.js'

/** Whether uploads can be inspected as they are to be. */
export const INSPECTION_CHECKS: readonly Check<{ readonly config: StorageConfig }>[] = [
  { check: 'clamd', area: 'inspection', examine: examineClamd },
]

const PATIENCE_MS = 10_000
const CONNECT_MS = 3000

/**
 * The file by which every scanner is tried out (eicar.org): harmless, and found by all. In two parts, so that this
 * file is not found itself.
 */
const TEST_FILE = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

async function examineClamd({ config }: { config: StorageConfig }): Promise<Verdict | undefined> {
  const { clamdAddress, inspectOnFailure } = config
  const address = clamdAddress === undefined ? undefined : parseClamdAddress(clamdAddress)
  if (address === undefined) return undefined
  const options = { signal: AbortSignal.timeout(PATIENCE_MS), connectTimeoutMs: CONNECT_MS }
  try {
    const version = await clamdVersion(address, options)
    const found = await scanStream(address, pieces(TEST_FILE), options)
    if (typeof found === 'object')
      return good(`${version} answers at ${clamdAddress}, and finds the EICAR test file.`)
    return notice(
      `${version} answers at ${clamdAddress}, and does not find the EICAR test file, which every scanner knows.`,
      'See whether it has signatures: freshclam fetches them, and the version then tells their number and date.',
    )
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    const what = inspectOnFailure === 'allow' ? 'stored without being inspected' : 'refused'
    return fault(
      `Uploads cannot be inspected, and are ${what}: ${why}.`,
      'Start clamd, and check CLAMD_ADDRESS; the user that runs Holdfast must be allowed to open its socket.',
      'UNAVAILABLE',
    )
  }
}

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}
