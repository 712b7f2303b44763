import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SCRIPT = fileURLToPath(new URL('../../scripts/ceph.sh', import.meta.url))
const execute = promisify(execFile)

/**
 * What a test can do to the Ceph cluster of this run. Every test puts back what it did (in `afterEach`): the
 * suites after it use the same cluster.
 */
export interface Ceph {
  /** Ends the gateway in an orderly way: connections are refused. */
  down(): Promise<void>
  /** Starts the gateway, after `down` or `crash`, and waits until it answers. No error if it runs. */
  up(): Promise<void>
  /** Stops the gateway's clock: it accepts connections, as far as the kernel queues them, and answers nothing. */
  freeze(): Promise<void>
  /** The gateway goes on and does what it was asked while it was frozen. */
  thaw(): Promise<void>
  /** `kill -9` of the gateway. */
  crash(): Promise<void>
  /** From now on every request of the test user is refused with 403. */
  suspend(): Promise<void>
  /** Ends `suspend`. */
  enable(): Promise<void>
  /** Runs radosgw-admin. @returns what it printed */
  admin(...args: string[]): Promise<string>
}

/** The cluster that `npm test` started for this run (CEPH_DIR names its folder), if it did. */
export function openCeph(): Ceph | undefined {
  if (process.env['CEPH_DIR'] === undefined) return undefined
  const run = async (...args: string[]): Promise<string> => (await execute(SCRIPT, args)).stdout
  const command = (name: string) => async (): Promise<void> => void (await run(name))
  return {
    down: command('down'),
    up: command('up'),
    freeze: command('freeze'),
    thaw: command('thaw'),
    crash: command('crash'),
    suspend: command('suspend'),
    enable: command('enable'),
    admin: (...args) => run('admin', ...args),
  }
}
