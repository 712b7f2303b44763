import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { saveFile } from './save-file.js'

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

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('connection lost')
}

describe('saveFile', () => {
  test('writes a file, and tells of its bytes', async () => {
    const moved: number[] = []
    await saveFile(at('a'), bytes('one', '', 'two'), { moved: n => moved.push(n), sync: true })
    expect(text('a')).toBe('onetwo')
    expect(moved).toEqual([3, 0, 3])
    expect(readdirSync(root)).toEqual(['a'])
  })

  test('leaves nothing, and what was there as it was, when the bytes break off', async () => {
    await expect(saveFile(at('new'), broken())).rejects.toThrow('connection lost')
    writeFileSync(at('old'), 'before')
    await expect(saveFile(at('old'), broken())).rejects.toThrow('connection lost')
    expect(text('old')).toBe('before')
    expect(readdirSync(root)).toEqual(['old'])
  })

  test('replaces a file and keeps its permissions', async () => {
    writeFileSync(at('a'), 'before')
    chmodSync(at('a'), 0o640)
    await saveFile(at('a'), bytes('after'))
    expect(text('a')).toBe('after')
    expect(statSync(at('a')).mode & 0o777).toBe(0o640)
  })

  test('a link keeps pointing where it does', async () => {
    mkdirSync(at('elsewhere'))
    writeFileSync(at('elsewhere/target'), 'before')
    symlinkSync('elsewhere/target', at('link'))
    await saveFile(at('link'), bytes('after'))
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true)
    expect(text('elsewhere/target')).toBe('after')
    expect(readdirSync(at('elsewhere'))).toEqual(['target'])
  })

  test('writes to a device as it is', async () => {
    await saveFile('/dev/null', bytes('gone'))
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test('names the folder that is missing, and refuses one in the place of the file', async () => {
    await expect(saveFile(at('no/where'), bytes('x'))).rejects.toThrow(`There is no folder ${at('no')}.`)
    mkdirSync(at('folder'))
    await expect(saveFile(at('folder'), bytes('x'))).rejects.toThrow('is a folder')
  })
})
