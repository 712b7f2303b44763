import { readdirSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { SCENARIOS } from '../src/operations/drill/scenarios.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'
import { keysOf } from './support/drill.js'
import { useStub } from './support/failover-service.js'

const cli = useCli()

describe('holdfast drill', () => {
  let stub: S3Stub
  beforeEach(async () => {
    stub = await useStub()
  })
  const env = (): Record<string, string> => ({
    ...environmentOf(accessOf(stub)),
    HOLDFAST_PROBE_INTERVAL_MS: '300',
    HOLDFAST_SPOOL_RESERVE_BYTES: '0',
  })
  const brief = ['drill', '--seconds', '2', '--seed', '7', '--scenario', 'refuse']

  test('prints a table, and exits with 0', async () => {
    const { code, stdout, stderr } = await cli([...brief, 'slow-down'], { env: env() })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Rehearsing refuse (1 of 2).\nRehearsing slow-down (2 of 2).\n',
    })
    expect(stdout).toMatch(
      /^outage +acknowledged +failed +lost +resurrected +shadowed +partial +longest stall/,
    )
    expect(stdout).toMatch(/^refuse +\d+ +0 +0 +0 +0 +0 +[\d.]+ s +[\d.]+ s$/m)
    expect(stdout).toMatch(/^Passed: nobody noticed\. \d+ writes acknowledged; \d+ objects compared/m)
    expect(stdout).toContain('Seed 7,')
    expect(keysOf(stub)).toEqual([])
    expect(readdirSync(cli.folder)).toEqual([])
  })

  test('answers in JSON', async () => {
    const { code, stdout, stderr } = await cli([...brief, '--json'], { env: env() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      passed: true,
      seed: 7,
      lost: 0,
      convergeMs: expect.any(Number),
      scenarios: [{ scenario: 'refuse', failed: 0 }],
    })
  })

  test('exits with 6 where something is amiss, and keeps the evidence', async () => {
    // Deletes have no effect here, and are confirmed all the same: after the outage there is what should be gone.
    stub.fault = ({ operation, key }) =>
      operation === 'DeleteObject' && !key.startsWith('.') ? { status: 204 } : undefined
    const { code, stdout } = await cli([...brief, '--timeout', '5s'], { env: env() })
    expect(code).toBe(6)
    expect(stdout).toContain('NOT passed: ')
    expect(stdout).toMatch(/^refuse: resurrected \((read|listing|bucket)\): holdfast-drill-/m)
    expect(readdirSync(cli.folder)).toEqual([expect.stringMatching(/^uploads-drill-/)])
  })

  test('exits with 4 where the store is away, and with 2 where there is none', async () => {
    await stub.goDown()
    expect(await cli(brief, { env: env() })).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('(UNAVAILABLE)'),
    })
    expect(await cli(brief)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('OBJECT_STORAGE_ENABLED=true'),
    })
    const unknown = await cli(['drill', '--scenario', 'nothing'], { env: env() })
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining([...SCENARIOS.keys()].join(', ')),
    })
    expect(readdirSync(cli.folder)).toEqual([])
  })
})
