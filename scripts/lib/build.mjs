import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'

/**
 * Whether dist was built from the sources as they are now.
 * @param {string} root folder with package.json
 */
export function isBuilt(root) {
  const path = hashPath(join(root, 'dist'))
  return existsSync(path) && readFileSync(path, 'utf8') === sourceHash(root)
}

/**
 * Compiles src into a new folder and puts that in the place of dist by rename, so that nobody meets half a
 * build: a failed one leaves the old dist as it was. One process at a time.
 * @param {string} root folder with package.json
 * @throws {Error} if the compiler failed
 */
export async function build(root) {
  console.error('Building …')
  // Beside dist, and as deep: source maps name the sources relative to where they were written.
  const fresh = join(root, '.dist-new')
  const old = join(root, '.dist-old')
  const tidy = () => {
    for (const path of [fresh, old]) rmSync(path, { recursive: true, force: true })
  }
  tidy() // after a build that was killed
  try {
    const hash = sourceHash(root)
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const code = await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], {
      cwd: root,
    })
    if (code !== 0) throw new Error(`The build failed (${code}): see above.`)
    for (const path of executables(root, fresh)) chmodSync(path, 0o755)
    writeFileSync(hashPath(fresh), hash)
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old)
    renameSync(fresh, join(root, 'dist'))
  } finally {
    tidy()
  }
}

/** In dist, so that it goes with what it speaks of. */
const hashPath = dist => join(dist, '.source-hash')

/** The files of the package's commands that this build made. */
function executables(root, dist) {
  const { bin = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.values(bin)
    .map(path => join(dist, path.replace(/^(\.\/)?dist\//, '')))
    .filter(existsSync)
}

/** Over all that a build reads: sources (not their tests), compiler settings, and the compiler's version. */
function sourceHash(root) {
  const hash = createHash('sha256')
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(path => join('src', path))
    .sort()
  for (const path of [...sources, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']) {
    const bytes = readFileSync(join(root, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}
