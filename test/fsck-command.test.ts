import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ndjson, useCli } from './support/cli.js'

const cli = useCli()

const run = (...args: string[]) => cli(['fsck', ...args])

async function store(): Promise<string> {
  expect(await cli(['put', '-', 'a'], { input: 'one' })).toMatchObject({ code: 0 })
  expect(await cli(['put', '-', 'b'], { input: 'two' })).toMatchObject({ code: 0 })
  return join(cli.folder, 'uploads')
}

test('what agrees is told in a sentence, and to programs as a summary', async () => {
  await store()
  expect(await run('--hash')).toMatchObject({
    code: 0,
    stdout: '',
    stderr:
      'Checked 2 objects (6 B) and 0 entries of the journal (0 B).\nRead and compared 2.\nEverything agrees.\n',
  })
  const { stdout, stderr } = await run('--json')
  expect(stderr).toBe('')
  expect(ndjson(stdout)).toEqual([
    { summary: expect.objectContaining({ complete: true, objects: 2, bytes: 6, losses: 0, differences: 0 }) },
  ])
})

test('the exit code tells what is left', async () => {
  const uploads = await store()
  const restored = readFileSync(join(uploads, 'a'))
  rmSync(join(uploads, 'a'))
  writeFileSync(join(uploads, 'a'), restored)
  expect(await run()).toMatchObject({ code: 6, stdout: expect.stringMatching(/^differs +OBJECT_MOVED +a /) })
  rmSync(join(uploads, 'b'))
  const mended = await run('--repair', '--json')
  expect(mended.code).toBe(5)
  expect(ndjson(mended.stdout)).toEqual([
    expect.objectContaining({ code: 'OBJECT_MOVED', key: 'a', severity: 'difference', repaired: true }),
    expect.objectContaining({ code: 'OBJECT_MISSING', key: 'b', severity: 'loss', repaired: false }),
    { summary: expect.objectContaining({ losses: 1, differences: 1, repaired: 1 }) },
  ])
  expect(await run('--repair')).toMatchObject({ code: 6 })
  // What is lost can be given up.
  expect(await cli(['rm', 'b'])).toMatchObject({ code: 0, stderr: 'Removed b (0 B).\n' })
  expect(await run()).toMatchObject({ code: 0 })
})

test('a lost ledger is refused by others, told by fsck, and made anew', async () => {
  const uploads = await store()
  rmSync(join(uploads, '.holdfast', 'ledger'), { recursive: true })
  expect(await cli(['ls'])).toMatchObject({ code: 2, stderr: expect.stringContaining('is missing') })
  const told = await run()
  expect(told).toMatchObject({ code: 6, stdout: expect.stringMatching(/^LOSS +LEDGER_MISSING /) })
  expect(told.stderr).toContain('Nothing else was checked.')
  mkdirSync(join(uploads, '.holdfast', 'objects', 'ab'), { recursive: true })
  writeFileSync(join(uploads, '.holdfast', 'objects', 'ab', 'spooled'), 'x')
  const made = await run('--rebuild')
  expect(made).toMatchObject({ code: 5, stdout: expect.stringContaining('FILE_UNATTRIBUTED') })
  expect(await cli(['ls'])).toMatchObject({ code: 0, stdout: 'a\nb\n' })
  expect(await run('--hash')).toMatchObject({ code: 0 })
  expect(await run('--rebuild')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing to rebuild'),
  })
})

test('without a store there is nothing to check', async () => {
  expect(await run()).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `holdfast: no store at ${join(cli.folder, 'uploads')} (CONFIG_INVALID)\n`,
  })
})
