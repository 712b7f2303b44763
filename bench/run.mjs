// Runs the benchmarks, or those named: node bench/run.mjs [api] [s3] [local]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'

const all = (await readdir(new URL('.', import.meta.url)))
  .filter(file => file.endsWith('.mjs') && file !== 'run.mjs' && file !== 'harness.mjs')
  .map(file => file.slice(0, -'.mjs'.length))
const named = process.argv.slice(2)
const unknown = named.filter(name => !all.includes(name))
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}.`)
  process.exit(2)
}

for (const name of named.length > 0 ? named : all) {
  console.log(`\n== ${name}`)
  const file = new URL(`${name}.mjs`, import.meta.url).pathname
  const child = spawn(process.execPath, ['--no-deprecation', file], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) process.exitCode = 1
}
