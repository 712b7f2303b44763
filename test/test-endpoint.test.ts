import { describe, expect, it, onTestFinished } from 'vitest'
import { completeConfig } from '../src/config.js'
import { type S3Stub, type S3StubOptions, startS3Stub } from '../src/testing/index.js'
import { type CheckOutcome, type EndpointStart, tryEndpoint } from '../src/testing/try-endpoint.js'
import { accessOf, environmentOf, settingsOf } from './support/bucket-settings.js'
import { useCli } from './support/cli.js'

async function useStub(options: S3StubOptions = {}): Promise<S3Stub> {
  const stub = await startS3Stub(options)
  onTestFinished(() => stub.close())
  return stub
}

describe('holdfast test-endpoint', () => {
  const cli = useCli()

  it('tells what a server lacks apart from what it does wrong', async () => {
    const stub = await useStub({
      conditions: { put: 'ignored', complete: 'ignored', delete: 'ignored', copySource: 'ignored' },
    })
    stub.fault = ({ operation, headers }) =>
      operation === 'GetObject' && headers.range === undefined ? { wrong: 'bytes' } : undefined
    const { code, stdout } = await cli(['test-endpoint', '--seed', '7'], {
      env: environmentOf(accessOf(stub)),
    })
    expect(code).toBe(6)
    expect(stdout).toMatch(/conditional deletes +no\n/)
    expect(stdout).toMatch(/tags +yes\n/)
    expect(stdout).toMatch(/uploads +\d+ of \d+ +\d+ failed(?:, \d+ not supported)?\n/)
    expect(stdout).toMatch(/conditions +\d+ of \d+ .*\d+ not supported\n/)
    expect(stdout).toContain('Failed (seed 7):')
    expect(stub.buckets.get('stub')?.objects.size).toBe(0)
  })

  it('has nothing to try on local files', async () => {
    const { code, stderr } = await cli(['test-endpoint'])
    expect(code).toBe(2)
    expect(stderr).toContain('there is no endpoint to try')
  })
})

describe('trying an endpoint', () => {
  it('tells of each check as it ends, and can be left at any time', async () => {
    const stub = await useStub()
    const config = completeConfig(settingsOf(accessOf(stub)))
    let start: EndpointStart | undefined
    const outcomes: CheckOutcome[] = []
    const onStart = (told: EndpointStart): void => {
      start = told
    }
    for await (const outcome of tryEndpoint({ config, onStart })) {
      outcomes.push(outcome)
      if (outcomes.length === 10) break
    }
    expect(outcomes.map(({ group, outcome }) => `${group} ${outcome}`)).toEqual(
      Array(10).fill('uploads passed'),
    )
    expect(start?.checks).toBeGreaterThan(150)
    expect(start?.capabilities.conditionalPut).toBe(true)
    expect(stub.buckets.get('stub')?.objects.size).toBe(0)
  })
})
