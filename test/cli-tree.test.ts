import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ndjson, useCli } from './support/cli.js'
import { ROOT } from './support/process.js'

const cli = useCli()

const at = (name: string): string => join(cli.folder, name)
const write = (name: string, content: string | Buffer): void => {
  mkdirSync(join(at(name), '..'), { recursive: true })
  writeFileSync(at(name), content)
}

/** Every regular file below a folder, by the bytes of its relative path, with the hash of its content. */
function contents(folder: string): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (path: Buffer, name: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
      const below = Buffer.concat([path, Buffer.from('/'), entry.name])
      const relative = name + entry.name.toString('latin1')
      if (entry.isDirectory()) visit(below, `${relative}/`)
      else if (entry.isFile())
        found.set(relative, createHash('sha256').update(readFileSync(below)).digest('hex'))
    }
  }
  visit(Buffer.from(folder), '')
  return found
}

/** Valid keys that are unusual file names. */
const UNUSUAL = [
  '.dotfile',
  'with space',
  ' leading and trailing ',
  'a.',
  '...',
  'CON',
  'aux.txt',
  '-rf',
  '--json',
  '%2e%2e%2f',
  'quote\'"`$(touch pwned)',
  'star*?[x]',
  'caret^|<>:;,&',
  'Größe',
  'Gro\u0308\u00dfe decomposed',
  '世界/深い/ファイル',
  '👋🏽 emoji',
  'right\u202eto-left',
  '__proto__',
  'constructor',
  'uploads/uploads',
  'n'.repeat(255),
  'case/README',
  'case/readme',
  `${'deep/'.repeat(60)}file`,
]

describe('a tree', () => {
  test('goes in and comes back byte for byte, with names of every kind', async () => {
    cpSync(join(ROOT, 'node_modules', 'fastify'), at('tree/fastify'), { recursive: true })
    for (const name of UNUSUAL) write(`tree/${name}`, `content of ${name}`)
    write('tree/empty', '')
    write('tree/large', Buffer.alloc(9 * 1024 * 1024, 'large '))
    mkdirSync(at('tree/no files in here'))
    const before = contents(at('tree'))
    expect(before.size).toBeGreaterThan(300)

    const put = await cli(['put', '--recursive', 'tree', 'backup/'])
    expect(put).toMatchObject({ code: 0, stdout: '' })
    const [, count] = /^Stored ([\d,]+) files, /.exec(put.stderr) ?? []
    expect(Number(count?.replace(',', ''))).toBe(before.size)
    const listed = (await cli(['ls', '-r', '--json', 'backup/'])).stdout
    expect(ndjson(listed)).toHaveLength(before.size)

    const get = await cli(['get', '--recursive', 'backup', 'out'])
    expect(get).toMatchObject({ code: 0, stdout: '' })
    expect(contents(at('out'))).toEqual(before)
    expect(existsSync(at('out/no files in here'))).toBe(false)
    expect(existsSync(at('pwned'))).toBe(false)

    // Once more over itself: nothing changes, and with --no-clobber nothing is moved.
    expect(await cli(['get', '-r', 'backup', 'out', '--no-clobber'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Fetched 0 files, 0 B in .*; [\d,]+ already there\.\n$/),
    })
    expect(await cli(['put', '-r', 'tree', 'backup', '--no-clobber'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Stored 0 files, 0 B in .*; [\d,]+ already there\.\n$/),
    })
    expect(await cli(['get', '-r', 'backup', 'out'])).toMatchObject({ code: 0 })
    expect(contents(at('out'))).toEqual(before)
  })

  test('names that are no keys are told and left out, and the rest goes in', async context => {
    if (process.platform !== 'linux') context.skip('only Linux has such names')
    const invalid = [
      'back\\slash',
      'new\nline',
      'escape\u001b[31m',
      'tab\t',
      'del\u007f',
      'line\u2028separator',
    ]
    for (const name of ['good', 'sub/good', ...invalid, 'sub/bad\n']) write(`tree/${name}`, name)
    writeFileSync(Buffer.concat([Buffer.from(at('tree/latin1-')), Buffer.from([0xe9])]), 'é')
    symlinkSync('/etc/passwd', at('tree/link'))
    symlinkSync('absent', at('tree/dangling'))

    const put = await cli(['put', '-r', 'tree', 'p/'])
    expect(put.code).toBe(5)
    expect(put.stderr).toMatch(/^Stored 2 files, 12 B in .*; 8 failed:\n/)
    expect(put.stderr).toContain('tree/latin1-\\xe9: The name is no valid UTF-8')
    expect(put.stderr).toContain('tree/new\\u{a}line: Invalid key')
    expect(put.stderr).toContain('Symbolic links not followed (--follow does): 2.')
    expect(put.stderr).not.toContain('\u001b')
    expect((await cli(['ls', '-r'])).stdout).toBe('p/good\np/sub/good\n')

    const errors = ndjson((await cli(['put', '-r', 'tree', 'p/', '--json'])).stderr)
    expect(errors).toHaveLength(8)
    for (const error of errors) {
      expect(error).toEqual({
        error: expect.objectContaining({
          name: expect.any(String),
          code: expect.stringMatching(/^INVALID_/),
        }),
      })
    }
  })

  test('--follow takes what links lead to, and never goes round in circles', async () => {
    write('elsewhere/file', 'linked')
    write('tree/own', 'own')
    symlinkSync('../elsewhere', at('tree/link'))
    symlinkSync('../tree', at('tree/circle'))
    const put = await cli(['put', '-r', '--follow', 'tree', 'p'])
    expect(put).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('leads back to a folder that holds it'),
    })
    expect((await cli(['ls', '-r'])).stdout).toBe('p/link/file\np/own\n')
  })

  test('the storage folder within it is passed over', async () => {
    write('work/a', 'a')
    const options = { cwd: at('work') }
    expect(await cli(['put', '-r', '.'], options)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('The storage folder itself was passed over.'),
    })
    expect((await cli(['ls', '-r'], options)).stdout).toBe('a\n')
  })

  test('several folders keep their names; a folder that is not there stops none of the others', async () => {
    for (const name of ['one/1', 'two/2', 'three']) write(name, name)
    expect(await cli(['put', '-r', 'one', 'absent', 'two', 'three', 'p'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^Stored 3 files.*; 1 failed:\n {2}absent: /),
    })
    expect((await cli(['ls', '-r'])).stdout).toBe('p/one/1\np/three\np/two/2\n')
  })

  test('a store that is away is not asked for every file', async () => {
    for (let n = 0; n < 300; n++) write(`tree/${n}`, 'x')
    const env = {
      OBJECT_STORAGE_ACCESS_KEY: 'a',
      OBJECT_STORAGE_SECRET_KEY: 'b',
      OBJECT_STORAGE_FALLBACK: 'false',
    }
    // A port that nothing listens on.
    const away = ['--provider', 'minio', '--endpoint', 'http://127.0.0.1:1']
    const { code, stderr } = await cli(['put', '-r', 'tree', 'p', ...away], { env })
    expect(code).toBe(4)
    expect(stderr).toMatch(/^Stored 0 files, .*; \d+ failed:\n/)
    expect(stderr).toContain('stopped after 64 failures of the store in a row; the rest was not tried')
    // Those under way at the time are counted too.
    expect(stderr.match(/\(UNAVAILABLE\)/g)?.length).toBeLessThanOrEqual(64 + 16)
  })

  test('--dry-run tells what would go in, and what would not', async () => {
    for (const name of ['tree/a', 'tree/s/b', 'tree/bad\\name']) write(name, name)
    const { code, stdout, stderr } = await cli(['put', '-r', 'tree', 'p', '--dry-run'])
    expect(code).toBe(5)
    expect(stdout.split('\n').sort()).toEqual(['', 'tree/a -> p/a', 'tree/s/b -> p/s/b'])
    expect(stderr).toMatch(/^Would store 2 files, 14 B; 1 failed:\n {2}tree\/bad\\name: Invalid key/)
    expect(existsSync(at('uploads'))).toBe(false)
  })

  test('what the folder cannot hold is told, and the rest comes', async () => {
    const long = 'n'.repeat(300)
    for (const key of ['p/file', 'p/a', 'p/a/b', `p/${long}`]) {
      expect(await cli(['put', '-', key], { input: key })).toMatchObject({ code: 0 })
    }
    const get = await cli(['get', '-r', 'p', 'out'])
    expect(get.code).toBe(5)
    // Of a file and a folder of one name, the first that came is there.
    expect(get.stderr).toMatch(/^Fetched 2 files, .*; 2 failed:\n/)
    expect(get.stderr).toMatch(/is (a file|a folder), and is in the way/)
    expect(get.stderr).toContain('ENAMETOOLONG')
    expect(readFileSync(at('out/file'), 'utf8')).toBe('p/file')
    expect([...contents(at('out')).keys()].filter(name => name.includes('.tmp'))).toEqual([])
  })

  test('nothing is written through links that lie in the way', async () => {
    for (const key of ['p/way/file', 'p/place', 'p/free']) await cli(['put', '-', key], { input: 'theirs' })
    write('outside/file', 'mine')
    mkdirSync(at('out'))
    symlinkSync('../outside', at('out/way'))
    symlinkSync('../outside/file', at('out/place'))
    const get = await cli(['get', '-r', 'p', 'out'])
    expect(get).toMatchObject({ code: 5, stderr: expect.stringMatching(/^Fetched 1 file, .*; 2 failed:\n/) })
    expect(readFileSync(at('outside/file'), 'utf8')).toBe('mine')
    expect(readdirSync(at('outside'))).toEqual(['file'])
    expect(lstatSync(at('out/place')).isSymbolicLink()).toBe(true)
    expect(readFileSync(at('out/free'), 'utf8')).toBe('theirs')
  })

  test('everything comes with "/", and nothing is 3', async () => {
    for (const key of ['a', 'b/c']) await cli(['put', '-', key], { input: key })
    expect(await cli(['get', '-r', '/', 'out'])).toMatchObject({ code: 0 })
    expect([...contents(at('out')).keys()].sort()).toEqual(['a', 'b/c'])
    rmSync(at('out'), { recursive: true })
    expect(await cli(['get', '-r', 'none', 'out'])).toMatchObject({ code: 3, stdout: '' })
    expect(existsSync(at('out'))).toBe(false)
    expect(await cli(['get', '-r', 'b'])).toMatchObject({ code: 2 })
  })
})
