import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, useCli } from './support/cli.js'
import { useStub } from './support/failover-service.js'

const cli = useCli()

const rules = (...all: string[]): void =>
  writeFileSync(
    join(cli.folder, 'rules.yaml'),
    all.length === 0 ? 'rules: []' : `rules:\n${all.map(rule => `  - ${rule}`).join('\n')}`,
  )

const TEMP = '{ id: temp, filter: { prefix: temp/ }, expire: { afterDays: 7 } }'
const FLAG = ['--rules', 'rules.yaml']

describe('over a bucket', () => {
  test('show, diff, apply and apply again', async () => {
    const stub = await useStub()
    const env = environmentOf(accessOf(stub))
    const lifecycle = (...args: string[]) => cli(['lifecycle', ...args], { env })
    expect(await lifecycle()).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'The bucket stub has no lifecycle rules.\n',
    })
    rules(TEMP)
    const line = 'add  temp  temp/  expire after 7 days\n'
    expect(await lifecycle('diff', ...FLAG)).toMatchObject({ code: 6, stdout: line, stderr: '' })
    expect(await lifecycle('apply', '--dry-run', ...FLAG)).toMatchObject({ code: 0, stdout: line })
    expect(stub.buckets.get('stub')?.lifecycle).toBeUndefined()
    expect(await lifecycle('apply', ...FLAG)).toMatchObject({
      code: 0,
      stdout: line,
      stderr: 'The bucket stub has the rules of the file now.\n',
    })
    expect(await lifecycle('diff', ...FLAG)).toMatchObject({ code: 0, stdout: '' })
    expect(await lifecycle()).toMatchObject({
      code: 0,
      stdout: 'ours  enabled  temp  temp/  expire after 7 days\n',
    })
    expect(ndjson((await lifecycle('--json')).stdout)).toMatchObject([{ id: 'temp', owner: 'holdfast' }])

    rules()
    expect(await lifecycle('apply', ...FLAG)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Remove 1 rule of the bucket?'),
    })
    expect(ndjson((await lifecycle('diff', '--json', ...FLAG)).stdout)).toMatchObject([
      { change: 'remove', id: 'temp' },
    ])
    expect(await lifecycle('apply', '--yes', ...FLAG)).toMatchObject({ code: 0 })
    expect(stub.buckets.get('stub')?.lifecycle).toBeUndefined()
  })

  test('simulate, by the rules of a file beside those of others, or by those in force', async () => {
    const stub = await useStub()
    const bucket = stub.buckets.get('stub')
    for (const key of ['temp/a', 'theirs/b', 'c'])
      bucket?.store(key, {
        bytes: Buffer.from('xyz'),
        etag: 'e',
        modified: new Date('2027-01-01'),
        headers: {},
        tagging: '',
      })
    if (bucket !== undefined)
      bucket.lifecycle =
        '<LifecycleConfiguration><Rule><ID>t</ID><Prefix>theirs/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration><DelMarkerExpiration><Days>3</Days></DelMarkerExpiration></Rule></LifecycleConfiguration>'
    rules(TEMP)
    const env = environmentOf(accessOf(stub))
    const simulate = (...args: string[]) => cli(['lifecycle', 'simulate', ...args], { env })
    const at = ['--at', '2027-02-01']
    expect(await simulate(...at, ...FLAG)).toMatchObject({
      code: 0,
      stdout: [
        'temp  expire       3 B  2027-01-01T00:00:00Z  temp/a\n',
        't  expire       3 B  2027-01-01T00:00:00Z  theirs/b\n',
      ].join(''),
      stderr: expect.stringContaining(
        'warning: the rule t of others also does what is not told here: DelMarkerExpiration',
      ),
    })
    expect((await simulate('--at', '2027-01-05T12:00Z', ...FLAG)).stdout).toContain('theirs/b')
    const inForce = await simulate(...at, '--totals', '--json')
    expect(ndjson(inForce.stdout)).toEqual([
      { summary: { rules: { t: { expire: { count: 1, bytes: 3 } } }, count: 1, bytes: 3 } },
    ])
    await stub.goDown()
    expect(await simulate(...at, ...FLAG)).toMatchObject({ code: 4, stdout: '' })
  })
})

describe('over local files', () => {
  test('show, simulate and run', async () => {
    mkdirSync(join(cli.folder, 'uploads', 'temp'), { recursive: true })
    for (const name of ['temp/a', 'temp/b', 'kept']) {
      const path = join(cli.folder, 'uploads', name)
      writeFileSync(path, 'xyz')
      utimesSync(path, new Date('2020-01-01'), new Date('2020-01-01'))
    }
    await cli(['put', '-', 'temp/new'], { input: 'new' })
    rules(TEMP)
    const env = { HOLDFAST_LIFECYCLE_RULES: 'rules.yaml' }
    const lifecycle = (...args: string[]) => cli(['lifecycle', ...args], { env })
    expect(await lifecycle()).toMatchObject({
      code: 0,
      stdout: 'ours  enabled  temp  temp/  expire after 7 days\n',
      stderr: 'No look through the local files was taken yet.\n',
    })
    const gone = ['temp/a', 'temp/b']
      .map(key => `temp  expire       3 B  2020-01-01T00:00:00Z  ${key}\n`)
      .join('')
    for (const verb of [['simulate'], ['run', '--dry-run']])
      expect(await lifecycle(...verb)).toMatchObject({
        code: 0,
        stdout: gone,
        stderr: expect.stringMatching(/2 would go \(6 B\)\.\n$/),
      })
    expect((await lifecycle('simulate', '--at', '2099-01-01', '--totals')).stderr).toContain('3 would go')
    const run = await lifecycle('run', '--json')
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(ndjson(run.stdout).at(-1)).toEqual({
      summary: { rules: { temp: { expire: { count: 2, bytes: 6 } } }, count: 2, bytes: 6 },
    })
    expect((await cli(['ls', '-r'])).stdout).toBe('kept\ntemp/new\n')
    expect(await lifecycle('run')).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing.\n' })
    expect((await lifecycle()).stderr).toMatch(/^The last look began at .*, and removed 0 files \(0 B\)\.\n$/)
  })

  test('what cannot be done is said', async () => {
    await cli(['put', '-', 'a'], { input: 'x' })
    rules(TEMP)
    const refused = async (args: string[], message: string): Promise<void> =>
      expect(await cli(['lifecycle', ...args])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(message),
      })
    await refused(['diff', ...FLAG], 'which has no rules of its own')
    await refused(['simulate'], 'There are no lifecycle rules; accepted: a file of them')
    await refused(['simulate', '--at', 'tomorrow', ...FLAG], 'Accepted: a day such as 2027-01-31')
    await refused(['show', '--at', '2027-01-31'], '--at is of "lifecycle simulate"')
    await refused(['simulate', '--yes'], '--yes is of "lifecycle apply"')
    await refused(['run', '--rules', 'none.yaml'], 'cannot be read: ENOENT')
    await refused(['tidy'], 'Allowed choices are show, diff, apply, simulate, run')
  })
})
