import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BEAT_MS = 1_000
const POLL_MS = 100
const STILL_MS = 10_000

/**
 * Runs `work` while no other process of this checkout is in here. The lock is a file that its holder touches
 * every second; one whose process is gone, or that has stood still for ten seconds, is taken over.
 * @template T
 * @param {string} root folder with package.json
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(root, work) {
  const path = join(root, '.setup-lock')
  const mine = `${hostname()} ${process.pid} ${Date.now()}`
  await acquire(path, mine)
  const release = () => {
    if (read(path)?.holder === mine) rmSync(path, { force: true })
  }
  const beat = setInterval(() => touch(path, mine), BEAT_MS)
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.removeListener('exit', release)
    release()
  }
}

async function acquire(path, mine) {
  // Written aside and linked, so that a lock never exists without its holder's name in it.
  const draft = `${path}-${process.pid}`
  writeFileSync(draft, mine)
  try {
    let seen
    let since = 0
    while (!tryLink(draft, path)) {
      const lock = read(path)
      if (lock === undefined) continue
      if (lock.holder !== seen?.holder) console.error(`Waiting for another set-up (${lock.holder}) …`)
      if (lock.holder !== seen?.holder || lock.mtimeMs !== seen.mtimeMs) {
        seen = lock
        since = performance.now()
      }
      if (isDead(lock.holder) || performance.now() - since > STILL_MS) breakLock(path, lock.holder)
      else await sleep(POLL_MS)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Removes the lock of `holder`. If another took it over meanwhile, that one's lock is put back. */
function breakLock(path, holder) {
  const aside = `${path}-${process.pid}-old`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  if (read(aside)?.holder !== holder) tryLink(aside, path)
  rmSync(aside, { force: true })
}

function isDead(holder) {
  const [host, pid] = holder.split(' ')
  if (host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function read(path) {
  try {
    return { holder: readFileSync(path, 'utf8'), mtimeMs: statSync(path).mtimeMs }
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function touch(path, mine) {
  const now = new Date()
  try {
    if (read(path)?.holder === mine) utimesSync(path, now, now)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error // taken over just now
  }
}

function tryLink(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}
