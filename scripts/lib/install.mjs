import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'

/**
 * Whether node_modules holds what the lock file asks for, for this Node on this platform.
 * @param {string} root folder with package.json
 */
export function isInstalled(root) {
  return readIfThere(stampPath(root)) === stamp(root)
}

/**
 * `npm ci` where there is no node_modules, `npm install` where it is out of date. Install scripts do not run:
 * no dependency needs one. Development and optional packages are installed whatever NODE_ENV says.
 * @param {string} root folder with package.json
 * @throws {Error} if npm failed
 */
export async function install(root) {
  const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci'
  console.error(`Installing packages (npm ${command}) …`)
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const code = await run(...npm([command, ...flags, '--loglevel=error']), { cwd: root })
  if (code !== 0) throw new Error(`npm ${command} failed (${code}): see above.`)
  writeFileSync(stampPath(root), stamp(root))
}

/** In node_modules, so that it goes with what it speaks of. */
const stampPath = root => join(root, 'node_modules', '.holdfast-stamp')

function stamp(root) {
  const lock = readIfThere(join(root, 'package-lock.json')) ?? ''
  const { platform, arch, versions } = process
  return createHash('sha256').update(`${platform} ${arch} ${versions.modules}\n${lock}`).digest('hex')
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The command line of the npm that runs us, else of the one in PATH. */
function npm(args) {
  const execpath = process.env.npm_execpath ?? ''
  if (/npm-cli\.c?js$/.test(execpath)) return [process.execPath, [execpath, ...args]]
  return process.platform === 'win32' ? ['cmd.exe', ['/c', 'npm', ...args]] : ['npm', args]
}
