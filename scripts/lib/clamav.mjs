import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './prepare.mjs'
import { run } from './run.mjs'

const PACKAGE = 'clamav-daemon'
const SYSTEM = '/usr/sbin/clamd'
/** Kept between runs; it goes with node_modules. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'holdfast-clamav')

/**
 * Sees to it that the tests have ClamAV's daemon: the system's, or one that is unpacked from Debian's packages into a
 * folder of ours. Nothing is installed: that would start the daemon, and one that fetches signatures.
 * @returns {Promise<Record<string, string>>} what tells the tests where it is, or in HOLDFAST_TEST_CLAMD_MISSING why there
 *   is none
 */
export async function clamdEnvironment() {
  if (process.env.HOLDFAST_TEST_CLAMD) return {}
  if (existsSync(SYSTEM)) return { HOLDFAST_TEST_CLAMD: SYSTEM }
  const problem = unpacked() ? '' : await fetchPackages()
  return problem === '' ? unpacked() : { HOLDFAST_TEST_CLAMD_MISSING: problem }
}

function unpacked() {
  const path = join(CACHE, 'usr', 'sbin', 'clamd')
  if (!existsSync(path)) return undefined
  const lib = join(CACHE, 'usr', 'lib')
  // Beside others there is one folder for each architecture.
  const found = readdirSync(lib).filter(name => name.endsWith('-linux-gnu'))
  return {
    HOLDFAST_TEST_CLAMD: path,
    HOLDFAST_TEST_CLAMD_LIBRARIES: found.map(name => join(lib, name)).join(':'),
  }
}

/** @returns {Promise<string>} why they are not there, in one sentence; '' if they are */
async function fetchPackages() {
  if (!existsSync('/etc/debian_version'))
    return `This is neither Debian nor Ubuntu, so apt-get cannot fetch ${PACKAGE}.`
  if (process.env.HOLDFAST_TEST_NO_INSTALL === '1') {
    return `Not there: ${PACKAGE}; HOLDFAST_TEST_NO_INSTALL=1 forbids fetching it.`
  }
  console.error(
    `Fetching ${PACKAGE} for the tests of ClamAV, into ${CACHE} (HOLDFAST_TEST_NO_INSTALL=1 forbids it) …`,
  )
  const draft = `${CACHE}.${process.pid}`
  const archives = join(draft, 'archives')
  mkdirSync(join(archives, 'partial'), { recursive: true })
  try {
    // Package lists that are missing or old are the usual reason to fail, and reading them is slow: so only then.
    const isThere =
      (await download(archives)) || ((await aptGet(['update', '-qq'])) && (await download(archives)))
    if (!isThere) return `apt-get could not fetch ${PACKAGE}: see above.`
    for (const name of readdirSync(archives).filter(name => name.endsWith('.deb'))) {
      execFileSync('dpkg-deb', ['-x', join(archives, name), draft], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    }
    rmSync(archives, { recursive: true })
    if (!existsSync(CACHE)) renameSync(draft, CACHE)
    return unpacked() ? '' : `There is no daemon in ${PACKAGE}.`
  } catch (error) {
    return `${PACKAGE} could not be unpacked: ${error.message}`
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** With the packages that it needs and that are not installed. */
function download(archives) {
  const flags = ['-y', '-qq', '--no-install-recommends', '-o', `Dir::Cache::archives=${archives}`]
  // Nothing of the system is changed, so nobody has to be kept from it; and no other user need read the folder.
  const own = ['-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User=root']
  return aptGet(['install', '--download-only', ...flags, ...own, PACKAGE])
}

async function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return (await run('apt-get', args, { env, stdio: ['ignore', 'ignore', 2] })) === 0
}
