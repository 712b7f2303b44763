import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runDrill } from '../src/operations/drill/drill.js'
import type { DrillReport } from '../src/operations/drill/report.js'
import { StorageService } from '../src/service.js'
import { useCli } from './support/cli.js'
import { type Defect, DefectiveStorage } from './support/defective-storage.js'
import { configOf, oracleOf, useFolder } from './support/drill.js'
import { useStub } from './support/failover-service.js'

const cli = useCli()

describe('the drill notices', () => {
  /** What a defect leads to, at least one of these. */
  const DEFECTS: readonly [Defect, readonly (keyof DrillReport)[]][] = [
    ['drop a journal entry', ['lost', 'shadowed']],
    ['lose a tombstone', ['resurrected']],
    ['replay out of order', ['shadowed']],
    ['serve a partial file', ['partial']],
    ['NOT_FOUND in an outage', ['lost']],
  ]

  /** @param convergeSeconds what is lost never arrives, so not much; what is sound may be slow */
  const rehearse = async (defect: Defect, convergeSeconds = 8): Promise<DrillReport> => {
    const stub = await useStub()
    return runDrill({
      config: configOf(stub, useFolder()),
      scenarios: ['refuse'],
      seconds: 5,
      rate: 40,
      convergeSeconds,
      seed: 1,
      internals: {
        oracle: oracleOf(cli),
        open: (config, scratch) => DefectiveStorage.open(config, scratch, defect),
      },
    })
  }

  test.each(DEFECTS)('%s', async (defect, kinds) => {
    const report = await rehearse(defect)
    expect(report.passed).toBe(false)
    expect(kinds.reduce((sum, kind) => sum + Number(report[kind]), 0)).toBeGreaterThan(0)
    const [only] = report.scenarios
    expect(only?.findings.length).toBeGreaterThan(0)
    expect(existsSync(join(report.evidence ?? '', 'record.ndjson'))).toBe(true)
  })

  test('nothing, where the same storage has no defect', async () => {
    expect(await rehearse('none', 60)).toMatchObject({ passed: true })
  })

  test('that writes fail, where nothing stands in for the object store', async () => {
    const stub = await useStub()
    const report = await runDrill({
      config: configOf(stub, useFolder()),
      scenarios: ['refuse'],
      seconds: 2,
      internals: {
        oracle: oracleOf(cli),
        open: config => new StorageService({ config: { ...config, objectStorageFallback: false } }),
      },
    })
    expect(report).toMatchObject({ passed: false, lost: 0, resurrected: 0, partial: 0 })
    expect(report.failed).toBeGreaterThan(0)
    expect(report.scenarios[0]?.failures).toHaveProperty('UNAVAILABLE')
  })
})
