// What child processes of tests have in common.
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'

/** Says a line of JSON at once, and whole: the process may be killed at any moment. */
export function say(fields) {
  writeSync(1, `${JSON.stringify(fields)}\n`)
}

/** Random whole numbers below a bound, repeated by the seed. */
export function randomBelow(seed) {
  let state = Number(seed)
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** The sizes at which something changes: nothing, a page, the ledger's limit, a part and one more. */
export const SIZES = [0, 1, 4095, 4096, 4097, 65_536, 1_048_576, 8_388_609]

/** The bytes that a name stands for. */
export function bytesOf(name, size) {
  const block = createHash('sha512').update(name).digest()
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += block.length) block.copy(bytes, at)
  return bytes
}
