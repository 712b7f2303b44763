import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Folder } from './save.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-save-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const at = (name: string): string => join(root, name)
const text = (name: string): string => readFileSync(at(name), 'utf8')

async function* bytes(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece)
}

const ignore = (): void => {}

describe('Folder', () => {
  test('makes the folders on the way', async () => {
    const folder = new Folder(root)
    expect(await folder.save('a/b/c.txt', bytes('1'), ignore)).toBe(at('a/b/c.txt'))
    await Promise.all(['x/y/1', 'x/y/2', 'x/z/3'].map(name => folder.save(name, bytes(name), ignore)))
    expect([text('a/b/c.txt'), text('x/y/1'), text('x/y/2'), text('x/z/3')]).toEqual([
      '1',
      'x/y/1',
      'x/y/2',
      'x/z/3',
    ])
  })

  test('refuses links on the way and in the place of the file, and writes through none', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'holdfast-outside-'))
    try {
      writeFileSync(join(outside, 'file'), 'mine')
      symlinkSync(outside, at('way'))
      symlinkSync(join(outside, 'file'), at('place'))
      symlinkSync(join(outside, 'absent'), at('dangling'))
      const folder = new Folder(root)
      for (const name of ['way/file', 'way/deeper/file', 'place', 'dangling']) {
        await expect(folder.save(name, bytes('theirs'), ignore)).rejects.toThrow(
          'a symbolic link, and is in the way',
        )
      }
      expect(readdirSync(outside)).toEqual(['file'])
      expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('mine')
    } finally {
      rmSync(outside, { recursive: true })
    }
  })

  test('reports a file where a folder has to be, and a folder where a file has to be', async () => {
    const folder = new Folder(root)
    await folder.save('a', bytes('file'), ignore)
    await expect(folder.save('a/b', bytes('x'), ignore)).rejects.toThrow('is a file, and is in the way')
    await folder.save('c/d', bytes('file'), ignore)
    await expect(folder.save('c', bytes('x'), ignore)).rejects.toThrow('is a folder, and is in the way')
    expect([text('a'), text('c/d')]).toEqual(['file', 'file'])
  })

  test.each(['../out', 'a/../../out', '/absolute', 'a//b', './a', '', 'a\\b', 'a\0b'])(
    'refuses %j',
    async name => {
      const before = readdirSync(root)
      await expect(new Folder(root).save(name, bytes('x'), ignore)).rejects.toThrow(
        'No file can have this name',
      )
      expect(readdirSync(root)).toEqual(before)
    },
  )

  test('reports a name that the filesystem cannot hold', async () => {
    await expect(new Folder(root).save('n'.repeat(256), bytes('x'), ignore)).rejects.toMatchObject({
      code: 'ENAMETOOLONG',
    })
    expect(readdirSync(root)).toEqual([])
  })
})
