import { startS3Stub } from './s3-stub.js'

/**
 * Runs a stub as a process of its own, for benchmarks: `node s3-stub-main.js [port]`. It prints its endpoint as
 * one line of JSON and lives until its standard input ends.
 */
const stub = startS3Stub({
  port: Number(process.argv[2] ?? 0),
  verify: process.argv[3] !== 'unverified',
})
stub.then(({ endpoint, credentials }) => {
  process.stdout.write(`${JSON.stringify({ endpoint, bucket: 'stub', credentials })}\n`)
})
process.stdin.resume().on('end', () => process.exit(0))
