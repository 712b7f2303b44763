import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.js'
import { ResultsReporter } from './test/support/reporter.js'

// scripts/test.mjs sets it: where the reporter leaves the counts for the last line of a run.
const resultsPath = process.env['HOLDFAST_TEST_RESULTS']
const long = process.env['HOLDFAST_TEST_LONG'] === '1'

const files = (names: readonly string[]): string[] => names.map(name => `test/${name}.test.ts`)

/** Say how long something took, or how much memory this process needed: two at once, and nothing else. */
const MEASURED = files(['failover-network', 'http-server', 's3-memory', 's3-outages', 's3-uploads', 'start'])

/** Freeze or kill the S3 server that the others use: one at a time, and nothing else. */
const ALONE = files(['ceph', 'failover-real', 'http-browser-outage', 's3-real'])

const shared = {
  // Generous, so that a slow machine fails no test; a test of a deadline has its own clock.
  testTimeout: long ? 3_600_000 : 120_000,
  hookTimeout: 120_000,
  teardownTimeout: 20_000,
  // The AWS SDK's advice to update Node, once per file.
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    reporters: resultsPath === undefined ? ['default'] : ['default', new ResultsReporter(resultsPath)],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Beside the code: no servers, no child processes, and nothing left behind, so that they share processes.
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          ...shared,
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Servers, crashes, child processes: three at once, on two cores, since they wait for much of their time.
        test: {
          name: 'server',
          include: ['test/**/*.test.ts'],
          exclude: [...MEASURED, ...ALONE],
          ...shared,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'measured',
          include: MEASURED,
          ...shared,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'alone',
          include: ALONE,
          ...shared,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
