import { fileURLToPath } from 'node:url'
import { build, isBuilt } from './build.mjs'
import { install, isInstalled } from './install.mjs'
import { withLock } from './lock.mjs'
import { passSignalsOn } from './run.mjs'

/** The folder of this checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Installs what is missing and builds what has changed. Nothing to do is the usual case and costs only the
 * reading of the sources. Of several at once, one works and the others wait for it.
 * @param {string} root folder with package.json
 * @param {{ rebuild?: boolean }} [options] rebuild: build even if nothing has changed
 * @throws {Error} with one sentence, where npm or the compiler failed
 */
export async function prepare(root, { rebuild = false } = {}) {
  if (!rebuild && isInstalled(root) && isBuilt(root)) return
  await withLock(root, async () => {
    if (!isInstalled(root)) await install(root)
    if (rebuild || !isBuilt(root)) await build(root)
  })
}

/**
 * scripts/setup.mjs on a Node that is new enough.
 * @param {string[]} args `--build`, or nothing
 */
export async function main(args) {
  passSignalsOn()
  try {
    await prepare(ROOT, { rebuild: args.includes('--build') })
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
