import { expect, test } from 'vitest'
import { accessOf, environmentOf } from './support/bucket-settings.js'
import { ndjson, type Outcome, useCli } from './support/cli.js'
import { useStub } from './support/failover-service.js'

const cli = useCli()

test('versions are listed, fetched, restored and purged', async () => {
  const stub = await useStub()
  const env = environmentOf(accessOf(stub))
  const run = (...args: string[]): Promise<Outcome> => cli(args, { env, input: '' })
  const put = (text: string): Promise<Outcome> => cli(['put', '-', 'rooms/a.txt'], { env, input: text })

  expect(await run('versions', 'ls')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('UNSUPPORTED'),
  })
  expect(await run('bucket', 'versioning', 'on')).toMatchObject({ code: 0, stdout: 'on\n' })
  await put('one')
  await put('three')
  await run('rm', 'rooms/a.txt')
  const listed = await run('versions', 'ls', 'rooms/', '--long')
  const lines = listed.stdout.trimEnd().split('\n')
  expect(lines.map(line => line.split(/ +/)[0])).toEqual(['deleted', 'old', 'old'])
  expect(lines[1]).toMatch(/^old +5 B {2}\S+Z {2}holdfast {2}[0-9a-f]{32} {2}rooms\/a\.txt$/)
  const [, , one] = ndjson((await run('versions', 'ls', '--json')).stdout)
  const id = String(one?.['versionId'])
  expect(await run('get', 'rooms/a.txt', '-', '--version-id', id)).toMatchObject({ code: 0, stdout: 'one' })

  expect(await run('versions', 'restore', 'rooms/a.txt')).toMatchObject({ code: 0, stdout: 'rooms/a.txt\n' })
  expect(await run('get', 'rooms/a.txt', '-')).toMatchObject({ stdout: 'three' })
  expect(await run('versions', 'restore', 'rooms/a.txt')).toMatchObject({ code: 1 })
  expect(await run('versions', 'restore', 'rooms/a.txt', '--version-id', id)).toMatchObject({ code: 0 })
  expect(await run('get', 'rooms/a.txt', '-')).toMatchObject({ stdout: 'one' })
  expect(await run('versions', 'restore', 'rooms/a.txt', 'none')).toMatchObject({ code: 5 })

  expect(await run('versions', 'purge', 'rooms/')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  })
  const dry = await run('versions', 'purge', 'rooms/a.txt', '--keep', '1', '--dry-run', '--json')
  expect(ndjson(dry.stdout)).toHaveLength(3)
  expect(ndjson(dry.stdout)[0]).toMatchObject({ key: 'rooms/a.txt', wouldRemove: true })
  expect((await run('versions', 'purge', '--all', '--older-than', '1h', '--yes')).stderr).toContain(
    'Removed 0 old',
  )
  const purged = await run('versions', 'purge', 'rooms/', '--yes', '--json')
  expect(ndjson(purged.stdout)).toEqual([{ removed: 4, bytes: 13, deleteMarkers: 1, failed: 0 }])
  expect(ndjson((await run('versions', 'ls', '--json')).stdout)).toMatchObject([{ isLatest: true, size: 3 }])
}, 120_000)

test.each([
  ['purge'],
  ['purge', 'a', '--all'],
  ['restore'],
  ['restore', 'a', 'b', '--version-id', 'x'],
  ['ls', '--yes'],
  ['restore', 'a', '--keep', '1'],
  ['purge', 'a', '--older-than', 'soon'],
])('versions %s is refused before anything is touched', async (...args) => {
  expect(await cli(['versions', ...args])).toMatchObject({ code: 2, stdout: '' })
})
