import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { run } from './run.mjs'

/**
 * Sees to it that Debian packages are installed. Where some are missing it installs them, after one line that
 * says what and why, if this is Debian or a child of it, we are root, and nobody said
 * `HOLDFAST_TEST_NO_INSTALL=1`.
 * @param {string[]} names
 * @param {string} why what they are for, as the end of a sentence: `for the tests against a real S3 server`
 * @returns {Promise<string>} why they are not there, in one sentence; '' if they are
 */
export async function ensureDebianPackages(names, why) {
  if (!existsSync('/etc/debian_version'))
    return `This is neither Debian nor Ubuntu, so apt-get cannot install ${names.join(' ')}.`
  const missing = names.filter(name => !isInstalled(name))
  if (missing.length === 0) return ''
  if (process.env.HOLDFAST_TEST_NO_INSTALL === '1') {
    return `Not installed: ${missing.join(' ')}; HOLDFAST_TEST_NO_INSTALL=1 forbids it.`
  }
  if (process.getuid?.() !== 0) return `Not installed: ${missing.join(' ')}; only root can.`
  console.error(
    `Installing Debian packages ${why}: ${missing.join(' ')} (HOLDFAST_TEST_NO_INSTALL=1 forbids it) …`,
  )
  // Package lists that are missing or old are the usual reason to fail, and reading them is slow: so only then.
  if (await aptGet('install', missing)) return ''
  if ((await aptGet('update', [])) && (await aptGet('install', missing))) return ''
  return `apt-get could not install ${missing.join(' ')}: see above.`
}

async function aptGet(command, names) {
  const flags = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Its progress is long and says nothing; what goes wrong comes on stderr.
  return (await run('apt-get', [command, ...flags, ...names], { env, stdio: ['ignore', 'ignore', 2] })) === 0
}

function isInstalled(name) {
  try {
    const about = execFileSync('dpkg', ['--status', name], { stdio: ['ignore', 'pipe', 'ignore'] })
    return about.includes('\nStatus: install ok installed\n')
  } catch {
    return false // dpkg does not know it
  }
}
