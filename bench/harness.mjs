import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Where the built package is; `HOLDFAST_DIST` names another build. */
const dist = new URL(
  process.env.HOLDFAST_DIST ? `file://${process.env.HOLDFAST_DIST}/` : '../dist/',
  import.meta.url,
)

/** Imports a module of the built package, such as `stores/s3/index.js`. */
export function load(module) {
  return import(new URL(module, dist))
}

/** The file of a module of the built package. */
export function fileOf(module) {
  return new URL(module, dist).pathname
}

/**
 * Starts an S3 stub in a process of its own, so that its work does not count.
 *
 * @returns its first line of output, parsed; a function that tells it to be `up`, `down` or to `hang`; and one
 *   that ends it
 */
export async function startStub(...args) {
  const child = spawn(process.execPath, [fileOf('testing/s3-stub-main.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [line] = await once(lines, 'line')
  return {
    ...JSON.parse(line),
    tell: async command => {
      child.stdin.write(`${command}\n`)
      await once(lines, 'line')
    },
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

/** Runs `operation(i)` `count` times, `concurrency` at once. */
export async function runAll(count, concurrency, operation) {
  let next = 0
  const worker = async () => {
    while (next < count) await operation(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** Seconds, and microseconds of this process's CPU (all its threads), that work takes. */
export async function measure(work) {
  globalThis.gc?.()
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  return { seconds, cpuMicros: used.user + used.system }
}

/**
 * Measures contestants in turn, round after round, so that whatever else the machine does falls on all alike.
 *
 * @param contestants {name, operation(i)}
 * @returns for each, medians of operations per second and CPU microseconds per operation
 */
export async function compete(contestants, { count, concurrency, rounds }) {
  const results = contestants.map(({ name }) => ({ name, perSecond: [], cpuMicros: [] }))
  for (const { operation } of contestants) await runAll(Math.ceil(count / 4), concurrency, operation)
  for (let round = 0; round < rounds; round++) {
    for (const [i, { operation }] of contestants.entries()) {
      const { seconds, cpuMicros } = await measure(() => runAll(count, concurrency, operation))
      results[i].perSecond.push(count / seconds)
      results[i].cpuMicros.push(cpuMicros / count)
    }
  }
  return results.map(({ name, perSecond, cpuMicros }) => ({
    name,
    perSecond: median(perSecond),
    cpuMicros: median(cpuMicros),
  }))
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Prints rows of text, columns aligned. */
export function printTable(title, header, rows) {
  const table = [header, ...rows.map(row => row.map(String))]
  const widths = header.map((_, column) => Math.max(...table.map(row => row[column].length)))
  process.stdout.write(`\n${title}\n`)
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    )
    process.stdout.write(`  ${cells.join('  ')}\n`)
  }
}
