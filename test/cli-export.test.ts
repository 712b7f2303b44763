import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { useStub } from './support/failover-service.js'

const cli = useCli()

test('an archive goes to a file or to stdout; while the bucket is away there is none', async () => {
  const stub = await useStub()
  const env = environmentOf(accessOf(stub))
  const run = (...args: string[]): Promise<Outcome> => cli(args, { env })
  mkdirSync(join(cli.folder, 'from'))
  for (const name of ['a.txt', 'b.log', 'ü.bin']) writeFileSync(join(cli.folder, 'from', name), `of ${name}`)
  await run('put', '-r', 'from', 'u/1/')
  const json = await run('export', 'u/1/', '-o', 'out.tar.gz', '--exclude', '*.log', '--json')
  expect(json).toMatchObject({ code: 0, stderr: '' })
  expect(ndjson(json.stdout)).toMatchObject([
    { file: 'out.tar.gz', files: 2, failed: 0, complete: true, manifest: 'manifest.jsonl' },
  ])
  const gzipped = readFileSync(join(cli.folder, 'out.tar.gz'))
  expect(gzipped.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))

  const piped = await run('export', 'u/1/', 'nope')
  expect(piped).toMatchObject({ code: 5, stderr: expect.stringContaining('NOT_FOUND') })
  mkdirSync(join(cli.folder, 'to'))
  const to = join(cli.folder, 'to')
  execFileSync('tar', ['-x', '-C', to], { input: piped.bytes })
  execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: to })
  expect(readFileSync(join(to, 'u/1/ü.bin'), 'utf8')).toBe('of ü.bin')

  expect(await run('export', 'none/', '-o', 'none.tar')).toMatchObject({ code: 3, stdout: '' })
  expect(await run('export', 'u/1/', '--json')).toMatchObject({ code: 2, stdout: '' })
  expect(await run('export', 'u/1/', '-o', 'no/where.tar')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no folder'),
  })
  await stub.goDown()
  expect(await run('export', 'u/1/', '-o', 'away.tar')).toMatchObject({ code: 4, stdout: '' })
  const skipped = await run('export', 'u/1/', 'u/2', '-o', 'lacking.tar', '--skip-unavailable')
  expect(skipped).toMatchObject({ code: 5, stderr: expect.stringContaining('not complete') })
  expect(
    readdirSync(cli.folder)
      .filter(name => /tar|tmp/.test(name))
      .sort(),
  ).toEqual(['lacking.tar', 'out.tar.gz'])
})

test('an archive does not go into the storage folder', async () => {
  await cli(['put', '-', 'a'], { input: 'a' })
  expect(await cli(['export', '/', '-o', 'uploads/a.tar'])).toMatchObject({ code: 2, stdout: '' })
  expect(await cli(['export', '/', '-o', 'a.tar'])).toMatchObject({ code: 0 })
})
