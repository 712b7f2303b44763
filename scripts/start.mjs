// `npm start`: `holdfast serve` with the arguments after `--`, ending when npm ends.
import { endWithParent } from './lib/parent.mjs'

// Before the server is loaded: npm may be gone again by then.
endWithParent()
// A closed terminal refuses what is written to it, and that must not keep the server from draining.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const { run } = await import('../dist/cli/main.js')
process.exitCode = await run(['serve', ...process.argv.slice(2)])
// The port is free and the storage closed: whatever may still be open is no reason to stay.
setTimeout(() => process.exit(), 250).unref()
