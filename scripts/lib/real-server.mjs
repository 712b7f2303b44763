import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDebianPackages } from './debian.mjs'
import { run } from './run.mjs'

const CEPH = fileURLToPath(new URL('../ceph.sh', import.meta.url))
/** What a day of lifecycle rules lasts there, so that tests can see them act. */
const LIFECYCLE_DAY_SECONDS = 3
const PACKAGES = ['ceph-mon', 'ceph-osd', 'ceph-common', 'radosgw']

/**
 * Finds or starts the real S3 server that the tests run against: the one that `HOLDFAST_TEST_S3_ENDPOINT` names,
 * else a Ceph RADOS Gateway of our own in a temporary folder.
 * @returns {Promise<{ env: Record<string, string>, destroy: () => void }>} env: what tells the tests where it is,
 *   or in HOLDFAST_TEST_S3_MISSING why there is none. destroy: ends it, at once; ours only.
 */
export async function realServer() {
  if (process.env.HOLDFAST_TEST_S3_ENDPOINT) return { env: {}, destroy() {} }
  const problem = await ensureDebianPackages(PACKAGES, 'for the tests against a real S3 server')
  if (problem) return missing(problem)
  const env = {
    ...process.env,
    CEPH_DIR: join(tmpdir(), `holdfast-ceph-${randomUUID()}`),
    CEPH_LC_DAY: String(LIFECYCLE_DAY_SECONDS),
  }
  const ceph = (...args) => execFileSync(CEPH, args, { env, stdio: ['ignore', 'pipe', 'inherit'] }).toString()
  const destroy = () => void ceph('destroy')
  // In a process group of its own, so that it outlives whatever ends us.
  const reaper = spawn(CEPH, ['reap', String(process.pid)], { env, stdio: 'ignore', detached: true })
  reaper.unref()
  if ((await run(CEPH, ['start'], { env, stdio: ['ignore', 'ignore', 2] })) !== 0) {
    destroy()
    return missing('The Ceph RADOS Gateway did not start: see above.')
  }
  const settings = Object.fromEntries(
    ceph('env')
      .trim()
      .split('\n')
      .map(line => line.split('=')),
  )
  console.error(`Started a Ceph RADOS Gateway at ${settings.HOLDFAST_TEST_S3_ENDPOINT}`)
  return { env: { ...settings, HOLDFAST_TEST_S3_DAY_SECONDS: String(LIFECYCLE_DAY_SECONDS) }, destroy }
}

const missing = reason => ({ env: { HOLDFAST_TEST_S3_MISSING: reason }, destroy() {} })
