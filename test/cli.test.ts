import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli/program.js'
import { ndjson, useCli } from './support/cli.js'

const cli = useCli()

const write = (name: string, content: string | Buffer): string => {
  const path = join(cli.folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}
const read = (name: string): string => readFileSync(join(cli.folder, name), 'utf8')

/** Stores each key's text under it, all at once. */
async function store(...keys: string[]): Promise<void> {
  const stored = await Promise.all(keys.map(key => cli(['put', '-', key], { input: key })))
  for (const { code, stderr } of stored) expect({ code, stderr }).toMatchObject({ code: 0 })
}

const keys = async (prefix = ''): Promise<string[]> =>
  (await cli(['ls', '-r', prefix])).stdout.split('\n').filter(key => key !== '')

describe('put and get', () => {
  test('a file goes to its own name, a key, or below a prefix, and comes back', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, n) => n % 256))
    write('photo.bin', bytes)
    expect(await cli(['put', 'photo.bin'])).toMatchObject({
      code: 0,
      stdout: 'photo.bin\n',
      stderr: 'Stored 100 kB as photo.bin.\n',
    })
    expect((await cli(['put', 'photo.bin', 'rooms/42/'])).stdout).toBe('rooms/42/photo.bin\n')
    expect((await cli(['put', 'photo.bin', 'rooms/Größe 世界'])).stdout).toBe('rooms/Größe 世界\n')
    expect(await keys()).toEqual(['photo.bin', 'rooms/42/photo.bin', 'rooms/Größe 世界'])

    const out = await cli(['get', 'rooms/Größe 世界', '-'])
    expect(out).toMatchObject({ code: 0, stderr: '' })
    expect(out.bytes.equals(bytes)).toBe(true)
    expect(await cli(['get', 'rooms/42/photo.bin', 'copy.bin'])).toMatchObject({
      code: 0,
      stdout: 'copy.bin\n',
    })
    expect(readFileSync(join(cli.folder, 'copy.bin')).equals(bytes)).toBe(true)
    mkdirSync(join(cli.folder, 'sub'))
    expect(await cli(['get', 'rooms/42/photo.bin', 'sub'])).toMatchObject({
      code: 0,
      stdout: 'sub/photo.bin\n',
    })
    expect(await cli(['get', 'rooms/42/photo.bin'], { cwd: join(cli.folder, 'sub') })).toMatchObject({
      code: 2,
    })
  })

  test('stdin goes to a key, and needs one', async () => {
    const input = Buffer.alloc(3_000_000, 7)
    expect(await cli(['put', '-', 'stream'], { input })).toMatchObject({ code: 0, stdout: 'stream\n' })
    expect((await cli(['get', 'stream', '-'])).bytes.equals(input)).toBe(true)
    expect(await cli(['put', '-', 'empty'], { input: '' })).toMatchObject({ code: 0 })
    expect(await cli(['get', 'empty', '-'])).toMatchObject({ code: 0, stdout: '' })
    for (const args of [['-'], ['-', 'prefix/'], ['--to', 'prefix/', '-', 'x']]) {
      expect(await cli(['put', ...args], { input: 'x' })).toMatchObject({ code: 2, stdout: '' })
    }
  })

  test('a new key is made for one file, and printed', async () => {
    write('Grüße.JPG', 'new')
    const made = await cli(['put', '--new-key', 'Grüße.JPG', 'rooms/42/', '--quiet'])
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^rooms\/42\/[a-z2-7]{26}\.jpg\n$/) })
    const key = made.stdout.trim()
    expect(JSON.parse((await cli(['stat', key, '--json'])).stdout)).toMatchObject({
      key,
      fileName: 'Grüße.JPG',
    })
    const again = await cli(['put', '--new-key', 'Grüße.JPG', '--to', 'rooms/42/', '--file-name', 'x.tar.gz'])
    expect(again.stdout).toMatch(/^rooms\/42\/[a-z2-7]{26}\.tar\.gz\n$/)
    const piped = await cli(['put', '--new-key', '-', '--json'], { input: 'piped' })
    expect(JSON.parse(piped.stdout).key).toMatch(/^[a-z2-7]{26}$/)
    for (const wrong of [
      ['Grüße.JPG', 'rooms'],
      ['Grüße.JPG', 'b', 'rooms/'],
      ['Grüße.JPG', 'rooms/', '--no-clobber'],
    ]) {
      expect(await cli(['put', '--new-key', ...wrong])).toMatchObject({ code: 2, stdout: '' })
    }
    await Promise.all([key, again.stdout.trim(), JSON.parse(piped.stdout).key].map(key => cli(['rm', key])))
  })

  test('what a file carries is told by stat, and by --json', async () => {
    write('a.txt', 'hello')
    const args = ['--content-type', 'text/markdown', '--file-name', 'Über uns.md', '--metadata', 'room=42']
    const put = await cli([
      'put',
      'a.txt',
      ...args,
      '--metadata',
      'topic=Grüße',
      '--tag',
      'kind=note',
      '--json',
    ])
    const [result] = ndjson(put.stdout)
    expect(put.stderr).toBe('')
    expect(result).toMatchObject({
      success: true,
      key: 'a.txt',
      size: 5,
      provider: 'local',
      url: '/uploads/a.txt',
    })
    const stat = JSON.parse((await cli(['stat', 'a.txt', '--json'])).stdout)
    expect(stat).toMatchObject({
      key: 'a.txt',
      size: 5,
      contentType: 'text/markdown',
      fileName: 'Über uns.md',
      metadata: { room: '42', topic: 'Grüße' },
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    })
    expect((await cli(['stat', 'a.txt'])).stdout).toMatch(/^metadata\.topic +Grüße$/m)
  })

  test('conditions', async () => {
    write('a', 'one')
    write('b', 'two')
    const etag = ndjson((await cli(['put', 'a', 'k', '--json'])).stdout)[0]?.['etag'] as string
    expect(await cli(['put', 'b', '--to', 'k', '--if-none-match', '*'])).toMatchObject({
      code: 1,
      stdout: '',
    })
    expect(await cli(['put', 'b', '--to', 'k', '--if-match', 'other'])).toMatchObject({ code: 1 })
    expect(await cli(['put', 'b', '--to', 'k', '--no-clobber'])).toMatchObject({ code: 0, stdout: '' })
    expect((await cli(['put', 'b', '--to', 'k', '--no-clobber', '--json'])).stdout).toBe('{"leftOut":"k"}\n')
    expect((await cli(['get', 'k', '-'])).stdout).toBe('one')
    expect(await cli(['put', 'b', '--to', 'k', '--if-match', etag])).toMatchObject({ code: 0 })
    expect((await cli(['get', 'k', '-'])).stdout).toBe('two')
  })

  test('a part of a file', async () => {
    await store('0123456789')
    const part = async (range: string) => (await cli(['get', '0123456789', '-', '--range', range])).stdout
    expect([await part('2-4'), await part('7-'), await part('-2'), await part('5-100')]).toEqual([
      '234',
      '789',
      '89',
      '56789',
    ])
    expect(await cli(['get', '0123456789', '-', '--range', '10-'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(RANGE_NOT_SATISFIABLE)'),
    })
    expect(await cli(['get', '0123456789', '-', '--range', 'x'])).toMatchObject({ code: 2 })
  })

  test('get replaces what is there, unless --no-clobber; and a failure leaves it', async () => {
    await store('k')
    write('out', 'mine')
    expect(await cli(['get', 'k', 'out', '--no-clobber'])).toMatchObject({ code: 0, stdout: '' })
    expect(await cli(['get', 'absent', 'out'])).toMatchObject({ code: 3, stdout: '' })
    expect(read('out')).toBe('mine')
    expect(await cli(['get', 'k', 'out'])).toMatchObject({ code: 0 })
    expect(read('out')).toBe('k')
    expect(readdirSync(cli.folder).sort()).toEqual(['out', 'uploads'])
  })

  test('nothing is fetched into the storage folder', async () => {
    await store('k')
    for (const target of ['uploads/k2', 'uploads', 'uploads/new/']) {
      expect(await cli(['get', 'k', target])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('storage folder'),
      })
    }
    expect(await cli(['get', '-r', '/', 'uploads/x'])).toMatchObject({ code: 2 })
    expect(readdirSync(join(cli.folder, 'uploads')).sort()).toEqual(['.holdfast', 'k'])
  })

  test('what cannot be stored says why', async () => {
    expect(await cli(['put', 'absent'])).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') })
    mkdirSync(join(cli.folder, 'sub'))
    expect(await cli(['put', 'sub'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--recursive'),
    })
    write('a', 'x')
    expect(await cli(['put', 'a', '../up'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(INVALID_KEY)'),
    })
    expect(await cli(['put', 'a', '--storage-class', 'GLACIER'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(UNSUPPORTED)'),
    })
  })

  test('--dry-run stores nothing, and makes no store', async () => {
    write('a', 'x')
    expect(await cli(['put', 'a', 'docs/', '--dry-run'])).toMatchObject({ code: 0, stdout: 'a -> docs/a\n' })
    expect(ndjson((await cli(['put', 'a', 'docs/', '--dry-run', '--json'])).stdout)).toEqual([
      { file: 'a', key: 'docs/a' },
    ])
    expect(existsSync(join(cli.folder, 'uploads'))).toBe(false)
  })

  test('several files go below a prefix', async () => {
    for (const name of ['a', 'b', 'c']) write(name, name)
    expect(await cli(['put', 'a', 'absent', 'b', 'p/'])).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(
        /^Stored 2 files, 2 B in .*; 1 failed:\n {2}absent: .*ENOENT.*\(INVALID_ARGUMENT\)\n$/,
      ),
    })
    expect(await cli(['put', 'c', '--to', 'p/', 'a'])).toMatchObject({ code: 0 })
    expect(await keys()).toEqual(['p/a', 'p/b', 'p/c'])
    expect(await cli(['put', 'a', 'b', 'c'])).toMatchObject({ code: 2 })
    const { stdout, stderr } = await cli(['put', 'a', 'absent', 'q/', '--json'])
    expect(ndjson(stdout)).toEqual([expect.objectContaining({ file: 'a', key: 'q/a', size: 1 })])
    expect(ndjson(stderr)).toEqual([
      { error: expect.objectContaining({ name: 'absent', code: 'INVALID_ARGUMENT' }) },
    ])
  })
})

describe('ls', () => {
  test('rolls up, lists all, limits, and keeps the order of the keys', async () => {
    await store('b', 'a/1', 'a/2', 'a-b', 'c/d/e', 'ü')
    expect((await cli(['ls'])).stdout).toBe('a-b\na/\nb\nc/\nü\n')
    expect((await cli(['ls', 'a'])).stdout).toBe('a-b\na/\n')
    expect((await cli(['ls', 'a/'])).stdout).toBe('a/1\na/2\n')
    expect(await keys()).toEqual(['a-b', 'a/1', 'a/2', 'b', 'c/d/e', 'ü'])
    expect((await cli(['ls', '-r', '--limit', '2'])).stdout).toBe('a-b\na/1\n')
    expect(await cli(['ls', 'nothing/'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const [folder] = ndjson((await cli(['ls', 'c', '--json'])).stdout)
    expect(folder).toEqual({ prefix: 'c/' })
    expect(ndjson((await cli(['ls', '-r', 'b', '--json'])).stdout)).toEqual([
      {
        key: 'b',
        size: 1,
        etag: expect.any(String),
        lastModified: expect.stringMatching(/Z$/),
        pending: false,
      },
    ])
    expect((await cli(['ls', '-l', 'b'])).stdout).toMatch(/^ +1 B {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}b\n$/)
    expect(await cli(['ls', '/b'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(INVALID_ARGUMENT)'),
    })
  })
})

describe('rm', () => {
  test('removes one; what is not there is 3, or nothing with --force', async () => {
    await store('a', 'b')
    expect(await cli(['rm', 'a', '--dry-run'])).toMatchObject({ code: 0, stdout: 'a\n' })
    expect(await cli(['rm', 'a'])).toMatchObject({ code: 0, stdout: '', stderr: 'Removed a (1 B).\n' })
    expect(await cli(['rm', 'a'])).toMatchObject({ code: 3 })
    expect(await cli(['rm', 'a', '--force', '--json'])).toMatchObject({
      code: 0,
      stdout: '{"key":"a","deleted":false}\n',
    })
    expect(await keys()).toEqual(['b'])
  })

  test('several need --yes where nobody can be asked', async () => {
    await store('a', 'b', 'c')
    expect(await cli(['rm', 'a', 'b'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect(await cli(['rm', 'a', 'b', '--dry-run'])).toMatchObject({ code: 0, stdout: 'a\nb\n' })
    expect(await keys()).toEqual(['a', 'b', 'c'])
    expect(await cli(['rm', 'a', 'absent', 'b', '--yes'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^Removed 2 files, 2 B; 1 failed:\n {2}absent: .*\(NOT_FOUND\)\n$/),
    })
    expect(await cli(['rm', 'a', 'c', '--yes', '--force'])).toMatchObject({
      code: 0,
      stderr: 'Removed 1 file, 1 B; 1 not there.\n',
    })
    expect(await keys()).toEqual([])
  })

  test('a prefix is a folder: what only begins alike stays', async () => {
    await store('tmp/1', 'tmp/sub/2', 'tmp2/3', 'tmpfile', 'tmp')
    expect(await cli(['rm', '-r', 'tmp'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Remove 2 files (14 B) below tmp/?'),
    })
    expect(await cli(['rm', '-r', 'tmp', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: 'tmp/1\ntmp/sub/2\n',
    })
    expect(await keys('tmp/')).toHaveLength(2)
    expect(await cli(['rm', '-r', 'tmp', '--yes', '--json'])).toMatchObject({
      code: 0,
      stdout: '{"prefix":"tmp/","deleted":2,"failed":0}\n',
    })
    expect(await keys()).toEqual(['tmp', 'tmp2/3', 'tmpfile'])
    expect(await cli(['rm', '-r', 'tmp', '--yes'])).toMatchObject({ code: 3 })
    expect(await cli(['rm', '-r', 'tmp', '--yes', '--force'])).toMatchObject({ code: 0 })
    expect(await cli(['rm', '-r', 'none', 'tmp2', 'none2', '--yes'])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/none\/.*\nRemoved 1 file below tmp2\/\.\n.*none2\//),
    })
    expect(await keys()).toEqual(['tmp', 'tmpfile'])
    for (const everything of ['', '/']) {
      expect(await cli(['rm', '-r', everything, '--yes'])).toMatchObject({ code: 2 })
    }
    expect(await keys()).toHaveLength(2)
  })
})

describe('cp and mv', () => {
  test('copy and move one', async () => {
    await store('a', 'taken')
    expect(await cli(['cp', 'a', 'copies/'])).toMatchObject({ code: 0, stdout: 'copies/a\n' })
    expect(await cli(['mv', 'a', 'b'])).toMatchObject({ code: 0, stdout: 'b\n', stderr: 'Moved a to b.\n' })
    expect(await cli(['cp', 'b', 'taken', '--no-clobber'])).toMatchObject({ code: 0, stdout: '' })
    expect((await cli(['get', 'taken', '-'])).stdout).toBe('taken')
    expect(await cli(['mv', 'b', 'taken', '--dry-run'])).toMatchObject({ code: 0, stdout: 'b -> taken\n' })
    expect(await cli(['mv', 'absent', 'x'])).toMatchObject({ code: 3 })
    expect(await cli(['mv', 'b', 'b'])).toMatchObject({ code: 2 })
    expect(await keys()).toEqual(['b', 'copies/a', 'taken'])
  })

  test('copy and move everything below a prefix', async () => {
    await store('r/1', 'r/s/2', 'r2/3')
    expect(await cli(['cp', '-r', 'r', 'copy'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Copied 2 files, 8 B in /),
    })
    expect(await cli(['mv', '-r', 'r/', 'moved/', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: 'r/1 -> moved/1\nr/s/2 -> moved/s/2\n',
    })
    const moved = await cli(['mv', '-r', 'r/', 'moved/', '--json'])
    expect(
      ndjson(moved.stdout)
        .map(result => [result['from'], result['key']])
        .sort(),
    ).toEqual([
      ['r/1', 'moved/1'],
      ['r/s/2', 'moved/s/2'],
    ])
    expect(await keys()).toEqual(['copy/1', 'copy/s/2', 'moved/1', 'moved/s/2', 'r2/3'])
    expect(await cli(['cp', '-r', 'copy', 'copy/again'])).toMatchObject({ code: 2 })
    expect(await cli(['cp', '-r', 'none', 'x'])).toMatchObject({
      code: 3,
      stderr: 'holdfast: There is no file below none/. (NOT_FOUND)\n',
    })
  })
})

describe('import', () => {
  test('takes files that were put there by others', async () => {
    await store('mine')
    for (const name of ['theirs/a.txt', 'other.txt']) {
      const path = write(`uploads/${name}`, name)
      // Not written just now: what is still being written is left alone.
      utimesSync(path, new Date(0), new Date(0))
    }
    // Of a time to come nobody can tell whether it has stood still, but by looking twice.
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(write('uploads/fresh.txt', 'fresh'), tomorrow, tomorrow)
    expect(await keys()).toEqual(['mine'])
    expect(await cli(['import', 'uploads/theirs'])).toMatchObject({ code: 0, stderr: 'Imported 1 file.\n' })
    expect(await keys()).toEqual(['mine', 'theirs/a.txt'])
    const rest = await cli(['import', '--json'])
    expect(rest).toMatchObject({ code: 5, stderr: '' })
    expect(JSON.parse(rest.stdout)).toEqual({
      imported: 1,
      skipped: [{ path: 'fresh.txt', reason: expect.any(String) }],
    })
    expect((await cli(['get', 'other.txt', '-'])).stdout).toBe('other.txt')
  })
})

describe('without a store', () => {
  test.each([
    ['ls'],
    ['get', 'k'],
    ['stat', 'k'],
    ['rm', 'k'],
    ['cp', 'a', 'b'],
    ['mv', 'a', 'b'],
    ['import'],
    ['presign', 'k'],
    ['status'],
    ['spool', 'ls'],
  ])('%s says where there is none, and makes none', async (...args) => {
    const { code, stdout, stderr } = await cli(args)
    expect(stderr).toContain(`no store at ${join(cli.folder, 'uploads')}`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(readdirSync(cli.folder)).toEqual([])
  })

  test('a folder that only lies there is none, until it is used', async () => {
    write('uploads/old.txt', 'old')
    expect(await cli(['ls'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The folder is there'),
    })
    expect(readdirSync(join(cli.folder, 'uploads'))).toEqual(['old.txt'])
  })
})

describe('the command line', () => {
  test('help and version go to stdout', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
    const help = await cli(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    const verbs = createProgram(version, async () => {}).commands.map(command => command.name())
    const listed = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(match => match[1])
    expect(listed).toEqual([...verbs, 'help'])
    for (const verb of verbs) {
      const { code, stdout } = await cli([verb, '--help'])
      expect({ verb, code }).toEqual({ verb, code: 0 })
      expect(stdout).toContain('Examples:\n  $ ')
      expect(stdout).toContain('--json')
    }
  })

  test.each([
    [[], ''],
    [['frob'], "unknown command 'frob'"],
    [['get'], "missing required argument 'key'"],
    [['ls', '--frob'], "unknown option '--frob'"],
    [['presign', 'k', '--expires', 'soon'], 'such as 15m'],
    [['put', 'x', '--metadata', 'y'], 'name=value'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['ls', '--provider', 'gcs'], 'Allowed choices are s3, minio, local'],
    [['ls', '--bucket', 'given'], '--bucket is of object storage, which is off'],
  ])('%j is 2', async (args, message) => {
    expect(await cli(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  })

  test('errors are objects with --json', async () => {
    await store('k')
    const errors = async (...args: string[]) => ndjson((await cli([...args, '--json'])).stderr)
    expect(await errors('get', 'absent', 'x')).toEqual([
      { error: expect.objectContaining({ code: 'NOT_FOUND', key: 'absent', retryable: false }) },
    ])
    expect(await errors('frob')).toEqual([{ error: expect.objectContaining({ code: 'INVALID_ARGUMENT' }) }])
    expect(await errors('ls', '--local-path', 'none')).toEqual([
      { error: expect.objectContaining({ code: 'CONFIG_INVALID' }) },
    ])
  })

  test('settings come from flags, else the environment, else the file', async () => {
    await cli(['put', '-', 'in-file', '--local-path', 'from-file'], { input: '' })
    await cli(['put', '-', 'in-env', '--local-path', 'from-env'], { input: '' })
    await cli(['put', '-', 'in-flag', '--local-path', 'from-flag'], { input: '' })
    write('.env', 'LOCAL_STORAGE_PATH=./from-file # the usual\n')
    const env = { LOCAL_STORAGE_PATH: 'from-env' }
    expect((await cli(['ls'])).stdout).toBe('in-file\n')
    expect((await cli(['ls'], { env })).stdout).toBe('in-env\n')
    expect((await cli(['--local-path', 'from-flag', 'ls'], { env })).stdout).toBe('in-flag\n')
    write('other.env', 'LOCAL_STORAGE_PATH=from-env\n')
    expect((await cli(['ls', '--env-file', 'other.env'])).stdout).toBe('in-env\n')
    // Node itself looks at the file of an --env-file, wherever it stands, and ends with 9 if it is none.
    for (const file of ['absent.env', 'from-file']) {
      const { code, stdout, stderr } = await cli(['ls', '--env-file', file])
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringContaining(file) })
      expect([2, 9]).toContain(code)
    }
  })

  test('config shows each value and where it comes from', async () => {
    const file = write('.env', 'OBJECT_STORAGE_BUCKET=bucket-of-file\nOBJECT_STORAGE_BUCKT=typo\n')
    const env = {
      PORT: '9000',
      OBJECT_STORAGE_SECRET_KEY: 'planted-secret',
      OBJECT_STORAGE_ACCESS_KEY: 'planted-id',
    }
    const { code, stdout, stderr } = await cli(['config', '--region', 'eu-1', '--json'], { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      OBJECT_STORAGE_BUCKET: { value: 'bucket-of-file', source: 'file', path: file },
      OBJECT_STORAGE_REGION: { value: 'eu-1', source: 'flag', name: '--region' },
      OBJECT_STORAGE_SECRET_KEY: { value: '***', source: 'environment' },
      HOLDFAST_PORT: { value: 9000, source: 'environment', name: 'PORT' },
      HOLDFAST_HOST: { value: '127.0.0.1', source: 'default' },
      HOLDFAST_PUBLIC_URL: { value: null, source: 'default' },
    })
    const human = await cli(['config', '--region', 'eu-1'], { env })
    expect(human.stdout).toMatch(/^OBJECT_STORAGE_REGION +eu-1 +--region$/m)
    expect(human.stdout).toMatch(/^HOLDFAST_PORT +9000 +environment \(PORT\)$/m)
    expect(human.stderr).toBe('OBJECT_STORAGE_BUCKT is not a variable of Holdfast, and is ignored.\n')
    expect(human.stdout).not.toContain('planted')
  })

  test('a wrong configuration names every wrong setting on a line of its own', async () => {
    const env = {
      HOLDFAST_PORT: 'x',
      OBJECT_STORAGE_ENABLED: 'perhaps',
      OBJECT_STORAGE_SECRET_KEY: 'has space',
    }
    for (const verb of [['serve'], ['ls'], ['config'], ['put', '-', 'k']]) {
      const { code, stderr } = await cli([...verb, '--bucket', 'X'], { env })
      const lines = stderr.split('\n').filter(line => line.startsWith('  '))
      expect({ verb, code, names: lines.map(line => line.trim().split(':')[0]).sort() }).toEqual({
        verb,
        code: 2,
        names: ['--bucket', 'HOLDFAST_PORT', 'OBJECT_STORAGE_ENABLED', 'OBJECT_STORAGE_SECRET_KEY'],
      })
      expect(stderr).not.toContain('has space')
    }
    expect(readdirSync(cli.folder)).toEqual([])
  })

  test('status tells what there is, and exits with 4 when the store is away', async () => {
    await store('a', 'b')
    const { code, stdout } = await cli(['status', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      provider: 'local',
      state: 'healthy',
      fileCount: 2,
      totalSizeBytes: 2,
    })
    expect((await cli(['status'])).stdout).toContain(join(cli.folder, 'uploads'))
    // A port that nothing listens on.
    const away = ['--provider', 'minio', '--endpoint', 'http://127.0.0.1:1', '--bucket', 'none']
    const env = {
      OBJECT_STORAGE_ACCESS_KEY: 'a',
      OBJECT_STORAGE_SECRET_KEY: 'b',
      OBJECT_STORAGE_FALLBACK: 'false',
    }
    const down = await cli(['status', ...away, '--json'], { env })
    expect(down.code).toBe(4)
    expect(JSON.parse(down.stdout)).toMatchObject({
      state: 'down',
      problems: expect.arrayContaining([expect.objectContaining({ code: 'UNAVAILABLE' })]),
    })
    expect(await cli(['ls', ...away], { env })).toMatchObject({ code: 4, stdout: '' })
    expect(await cli(['get', 'k', '-', ...away], { env })).toMatchObject({ code: 4, stdout: '' })
  })

  test('an upload while the store is away is taken, read back, and shown as pending', async () => {
    const away = ['--provider', 'minio', '--endpoint', 'http://127.0.0.1:1', '--bucket', 'none']
    const env = { OBJECT_STORAGE_ACCESS_KEY: 'a', OBJECT_STORAGE_SECRET_KEY: 'b' }
    const put = await cli(['put', '-', 'k', ...away, '--json'], { env, input: 'taken' })
    expect(put.code).toBe(0)
    expect(JSON.parse(put.stdout)).toMatchObject({ fallback: true, provider: 'local', url: '/uploads/k' })
    expect(await cli(['get', 'k', '-', ...away], { env })).toMatchObject({ code: 0, stdout: 'taken' })
    expect((await cli(['get', 'other', '-', ...away], { env })).code).toBe(4)
    const status = await cli(['status', ...away, '--json'], { env })
    expect(status.code).toBe(4)
    expect(JSON.parse(status.stdout)).toMatchObject({ pending: 1, pendingBytes: 5, state: 'degraded' })
  })

  test('ls of local files loads neither server nor S3', async () => {
    await store('a')
    const coverage = join(cli.folder, 'loaded')
    await cli(['ls'], { env: { NODE_V8_COVERAGE: coverage } })
    const loaded = readdirSync(coverage)
      .flatMap(name => JSON.parse(readFileSync(join(coverage, name), 'utf8')).result)
      .map(({ url }) => url)
      .join('\n')
    expect(loaded).toContain('/commander/')
    expect(loaded).toContain('/lmdb/')
    for (const name of [
      '/fastify/',
      '/@aws-sdk/',
      '/@smithy/',
      '/undici/',
      '/cli-progress/',
      '/stores/s3/',
      '/http/',
    ]) {
      expect({ name, loaded: loaded.includes(name) }).toEqual({ name, loaded: false })
    }
  })
})

describe('put --compress', () => {
  const text = 'a line that comes again\n'.repeat(5000)

  test('stores less, tells so, and gives the file itself', async () => {
    write('log.txt', text)
    expect(await cli(['put', '--compress=gzip', 'log.txt'])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Stored 120 kB as log\.txt, in \d+ B of gzip\.\n$/),
    })
    expect((await cli(['get', 'log.txt', '-'])).stdout).toBe(text)
    expect((await cli(['stat', 'log.txt'])).stdout).toMatch(/^compressed +gzip, \d+ B, 1 % of the size$/m)
    const stat = JSON.parse((await cli(['stat', 'log.txt', '--json'])).stdout)
    expect(stat).toMatchObject({ size: 120_000, compressed: { encoding: 'gzip' } })
    const other = await cli(['put', '-', 'noise', '--compress', '--json'], { input: randomBytes(5000) })
    expect(ndjson(other.stdout)[0]).not.toHaveProperty('compressed')
    const auto = await cli(['put', '-', 'stdin.txt', '--compress', '--json'], { input: text })
    expect(ndjson(auto.stdout)[0]).toMatchObject({ size: 120_000, compressed: { encoding: 'gzip' } })
  })

  test('takes no other word', async () => {
    write('log.txt', text)
    for (const how of ['lzw', 'log.txt', 'GZIP']) {
      expect(await cli(['put', 'log.txt', '--compress', how])).toMatchObject({ code: 2, stdout: '' })
    }
    expect(await keys()).toEqual([])
  })
})
