import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Found, isSame, type WalkOptions, walk } from './walk.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-walk-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const make = (name: string): void => {
  mkdirSync(join(root, name, '..'), { recursive: true })
  writeFileSync(join(root, name), name)
}

async function found(options: Partial<WalkOptions> = {}): Promise<string[]> {
  const all: string[] = []
  for await (const entry of walk(root, { follow: false, ...options })) all.push(tell(entry))
  return all.sort()
}

function tell(entry: Found): string {
  if (entry.kind === 'file') return entry.name
  if (entry.kind === 'passed') return `${entry.what}: ${entry.name}`
  return `problem: ${entry.name}: ${entry.error instanceof Error ? entry.error.message : entry.error}`
}

describe('walk', () => {
  test('finds every file, with its path relative to the folder', async () => {
    const names = ['a', '.hidden', 'sub/b', 'sub/deep/er/c', 'with space/ü 世界.txt', '__proto__']
    for (const name of names) make(name)
    mkdirSync(join(root, 'empty'))
    expect(await found()).toEqual([...names].sort())
    const entries: Found[] = []
    for await (const entry of walk(root, { follow: false })) entries.push(entry)
    for (const entry of entries) if (entry.kind === 'file') expect(statSync(entry.path).isFile()).toBe(true)
  })

  test('passes symbolic links over, and follows them when told to', async () => {
    make('real/file')
    symlinkSync('real', join(root, 'folder-link'))
    symlinkSync('real/file', join(root, 'file-link'))
    symlinkSync('nowhere', join(root, 'dangling'))
    symlinkSync('..', join(root, 'real', 'up'))
    expect(await found()).toEqual([
      'link: dangling',
      'link: file-link',
      'link: folder-link',
      'link: real/up',
      'real/file',
    ])
    expect(await found({ follow: true })).toEqual([
      'file-link',
      'folder-link/file',
      `problem: dangling: ENOENT: no such file or directory, stat '${join(root, 'dangling')}'`,
      'problem: folder-link/up: This link leads back to a folder that holds it.',
      'problem: real/up: This link leads back to a folder that holds it.',
      'real/file',
    ])
  })

  test('reports names that are no UTF-8, and goes on', async context => {
    if (process.platform !== 'linux') context.skip('only Linux has such names')
    make('good')
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe])]), '')
    mkdirSync(Buffer.concat([Buffer.from(`${root}/dir-`), Buffer.from([0x80])]))
    expect(await found()).toEqual([
      'good',
      'problem: bad-\\xff\\xfe: The name is no valid UTF-8, as a key has to be.',
      'problem: dir-\\x80: The name is no valid UTF-8, as a key has to be.',
    ])
  })

  test('reports pipes, and never opens them', async context => {
    if (process.platform === 'win32') context.skip('Windows has no such pipes')
    execFileSync('mkfifo', [join(root, 'pipe')])
    make('file')
    expect(await found()).toEqual([
      'file',
      'problem: pipe: This is no regular file: a pipe, socket or device.',
    ])
  })

  test('passes over the folder to avoid', async () => {
    make('store/file')
    make('other/file')
    const { dev, ino } = statSync(join(root, 'store'))
    expect(await found({ avoid: { dev, ino } })).toEqual(['avoided: store/', 'other/file'])
  })

  test('fails if the folder itself cannot be read', async () => {
    await expect(walk(join(root, 'absent'), { follow: false }).next()).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('reports a folder that cannot be read', async () => {
    make('file')
    make('vanishing/file')
    const all: string[] = []
    for await (const entry of walk(root, { follow: false })) {
      all.push(tell(entry))
      rmSync(join(root, 'vanishing'), { recursive: true, force: true })
    }
    expect(all.sort()).toEqual(['file', expect.stringMatching(/^problem: vanishing\/?: ENOENT/)])
  })
})

test('isSame', () => {
  expect(isSame({ dev: 1, ino: 2 }, { dev: 1, ino: 2 })).toBe(true)
  expect(isSame({ dev: 1, ino: 2 }, { dev: 2, ino: 2 })).toBe(false)
  expect(isSame({ dev: 1, ino: 2 }, undefined)).toBe(false)
})
