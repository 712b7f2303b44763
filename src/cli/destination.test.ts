import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { destinations } from './destination.js'

let root: string
let before: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-destination-'))
  before = process.cwd()
  for (const name of ['a.txt', 'b.txt', 'c.txt', 'photos/1.jpg']) {
    mkdirSync(join(root, name, '..'), { recursive: true })
    writeFileSync(join(root, name), name)
  }
  mkdirSync(join(root, 'more'))
  process.chdir(root)
})
afterEach(() => {
  process.chdir(before)
  rmSync(root, { recursive: true, force: true })
})

async function keys(args: string[], options: { to?: string; recursive?: boolean } = {}): Promise<string[]> {
  const found = await destinations(args, options.to, options.recursive ?? false)
  return found.map(({ path, key, isFolder }) => `${path} -> ${key}${isFolder ? ' (folder)' : ''}`)
}

describe('destinations', () => {
  test.each<[string[], string[]]>([
    [['a.txt'], ['a.txt -> a.txt']],
    [['photos/1.jpg'], ['photos/1.jpg -> 1.jpg']],
    [['a.txt', 'docs/'], ['a.txt -> docs/a.txt']],
    [['a.txt', 'docs/b'], ['a.txt -> docs/b']],
    [['a.txt', 'a.txt'], ['a.txt -> a.txt']],
    [
      ['a.txt', 'b.txt', 'docs/'],
      ['a.txt -> docs/a.txt', 'b.txt -> docs/b.txt'],
    ],
    [['-', 'docs/b'], ['- -> docs/b']],
    [['absent'], ['absent -> absent']],
    [['photos'], ['photos -> photos']],
  ])('%j', async (args, expected) => expect(await keys(args)).toEqual(expected))

  test.each<[string[], string[]]>([
    [['photos'], ['photos -> photos/ (folder)']],
    [['./photos/'], ['./photos/ -> photos/ (folder)']],
    [['photos', 'backup'], ['photos -> backup/ (folder)']],
    [['photos', 'backup/'], ['photos -> backup/ (folder)']],
    [['.'], ['. ->  (folder)']],
    [['photos/..', 'all'], ['photos/.. -> all/ (folder)']],
    [
      ['photos', 'more', 'b/'],
      ['photos -> b/photos/ (folder)', 'more -> b/more/ (folder)'],
    ],
    [
      ['photos', 'a.txt', 'b'],
      ['photos -> b/photos/ (folder)', 'a.txt -> b/a.txt'],
    ],
    [['a.txt', 'docs/b'], ['a.txt -> docs/b']],
  ])('%j, recursive', async (args, expected) =>
    expect(await keys(args, { recursive: true })).toEqual(expected),
  )

  test('--to makes every argument a file', async () => {
    expect(await keys(['a.txt', 'b.txt'], { to: 'docs/' })).toEqual([
      'a.txt -> docs/a.txt',
      'b.txt -> docs/b.txt',
    ])
    expect(await keys(['a.txt'], { to: 'b.txt' })).toEqual(['a.txt -> b.txt'])
  })

  test('what a pattern of the shell would get wrong is refused', async () => {
    await expect(keys(['a.txt', 'b.txt'])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('b.txt is a file here too'),
    })
    await expect(keys(['a.txt', 'b.txt', 'c.txt'])).rejects.toThrow('ends in "/"')
    await expect(keys(['photos', 'a.txt', 'b.txt'], { recursive: true })).rejects.toThrow(
      'is a file here too',
    )
  })
})
