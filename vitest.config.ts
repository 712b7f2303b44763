import { defineConfig } from 'vitest/config'
import { ResultsReporter } from './test/support/reporter.js'

// scripts/test.mjs sets it: where the reporter leaves the counts for the last line of a run.
const resultsPath = process.env['HOLDFAST_TEST_RESULTS']
const long = process.env['HOLDFAST_TEST_LONG'] === '1'

/**
 * Run by themselves: they freeze or kill the S3 server that the others use, build or install what the others run,
 * or say how long things took or how much memory they needed.
 */
const ALONE = [
  'ceph',
  'cli-process',
  'failover-large',
  'failover-network',
  'failover-real',
  'http-browser-outage',
  'http-server',
  'package',
  'quality',
  'runner',
  's3-memory',
  's3-outages',
  's3-real',
  's3-uploads',
  'setup',
  'start',
].map(name => `test/${name}.test.ts`)

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
    projects: [
      {
        // Beside the code: no servers, no child processes. As many at once as there are cores.
        test: { name: 'unit', include: ['src/**/*.test.ts'], ...shared, sequence: { groupOrder: 0 } },
      },
      {
        // Servers, crashes, child processes: two files at once, since they bring load of their own.
        test: {
          name: 'server',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          ...shared,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'alone',
          include: ALONE,
          ...shared,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
