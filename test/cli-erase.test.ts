import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { until, useService, useStub } from './support/failover-service.js'

const cli = useCli()

test('files are erased, with a receipt; what cannot be is owed, and done by a later command', async () => {
  const stub = await useStub()
  const env = {
    ...environmentOf(accessOf(stub)),
    HOLDFAST_SETTLE_WINDOW_MS: '1000',
    LOCAL_CACHE_MAX_BYTES: '50 MiB',
  }
  const run = (...args: string[]): Promise<Outcome> => cli(args, { env, input: '' })
  await run('bucket', 'versioning', 'on')
  for (const text of ['one', 'three']) await cli(['put', '-', 'rooms/a'], { env, input: text })
  await cli(['put', '-', 'rooms/b'], { env, input: 'beside' })
  expect(await run('erase', 'rooms/a')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
  const dry = await run('erase', 'rooms/a', '--dry-run', '--json')
  expect(ndjson(dry.stdout)).toMatchObject([
    { where: 'bucket', size: 3, wouldErase: true },
    { where: 'bucket', size: 5, wouldErase: true },
  ])
  expect(await run('get', 'rooms/a', '-')).toMatchObject({ stdout: 'three' })

  expect(await run('erase', 'rooms/a', '--yes', '--receipt', 'receipt')).toMatchObject({ code: 0 })
  const receipt = ndjson(readFileSync(join(cli.folder, 'receipt'), 'utf8'))
  expect(receipt.at(-1)).toMatchObject({ receipt: { key: 'rooms/a', finishedAt: expect.any(String) } })
  expect(receipt.slice(0, -1).filter(({ size }) => size !== undefined)).toHaveLength(2)
  // A receipt is not overwritten.
  expect(await run('erase', 'rooms/a', '--yes', '--receipt', 'receipt')).toMatchObject({ code: 1 })

  await stub.goDown()
  const owed = await run('erase', 'rooms/', '--yes')
  expect(owed).toMatchObject({ code: 5, stderr: expect.stringContaining('still owed') })
  expect(await run('erase', '--status')).toMatchObject({
    code: 5,
    stdout: expect.stringMatching(/^owed .*rooms\/ /),
  })
  await stub.comeBack()
  // Any process that has the folder open goes on with it.
  const folder = join(cli.folder, 'uploads')
  const server = await useService(accessOf(stub), { folder, config: { settleWindowMs: 1000 } })
  await server.ready()
  await until('it is done', async () => {
    for await (const { finishedAt } of server.erasures()) if (finishedAt === undefined) return false
    return true
  })
  const late = await run('erase', '--status', '--receipt', 'later', '--json')
  expect(ndjson(late.stdout).at(-1)).toMatchObject({ receipt: { prefix: 'rooms/' } })
  expect(readFileSync(join(cli.folder, 'later'), 'utf8')).toContain('"where":"bucket"')
  expect(await run('erase', '--status')).toMatchObject({ code: 0, stdout: '' })
  expect(stub.buckets.get('stub')?.versions.of('rooms/b', undefined)).toEqual([])

  // What a bucket owes that is given up is ended by its id.
  await server.close()
  await stub.goDown()
  expect(await run('erase', 'rooms/', '--yes')).toMatchObject({ code: 5 })
  const detach = (...args: string[]): Promise<Outcome> => cli(['detach', ...args])
  expect(await detach()).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('1 erasure is still owed'),
  })
  expect(await detach('--abandon', '--yes')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('erase --give-up'),
  })
  const { stdout } = await cli(['erase', '--status'])
  const [, id = ''] = /^owed +(\S+) .*rooms\/ .*not the bucket that is in use/.exec(stdout) ?? []
  const ended = await cli(['erase', '--give-up', id, '--yes', '--receipt', 'given-up'])
  expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('Gave up') })
  expect(readFileSync(join(cli.folder, 'given-up'), 'utf8')).toContain('"unconfirmed":"Whether ')
  expect(await cli(['erase', '--status'])).toMatchObject({ code: 0, stdout: '' })
  expect(await cli(['erase', '--give-up', id, '--yes'])).toMatchObject({ code: 3 })
}, 180_000)

test.each([[], ['/'], ['--status', 'a']])('erase %s is refused', async (...args: string[]) => {
  expect(await cli(['erase', ...args])).toMatchObject({ code: 2, stdout: '' })
})
