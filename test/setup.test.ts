import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ROOT, start } from './support/process.js'

/** Stands for the compiler: copies src, says that it was called, and takes its time. */
const COMPILER = `
const { cpSync, appendFileSync, existsSync } = require('node:fs')
appendFileSync('compiled', 'once ')
if (existsSync('src/broken.ts')) process.exit(2)
cpSync('src', process.argv[process.argv.indexOf('--outDir') + 1], { recursive: true })
setTimeout(() => {}, Number(process.env.COMPILE_MS ?? 300))
`

/** A small package with our scripts, whose compiler is a development dependency within it. */
function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-setup-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string | object): void =>
    writeFileSync(join(root, path), typeof text === 'string' ? text : JSON.stringify(text))
  for (const folder of ['src/cli', 'compiler/bin']) mkdirSync(join(root, folder), { recursive: true })
  cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true })
  const compiler = { name: 'typescript', version: '1.0.0' }
  const manifest = {
    name: 'checkout',
    version: '1.0.0',
    bin: { checkout: './dist/cli/main.js' },
    scripts: { pretest: 'node scripts/setup.mjs', test: 'echo tested' },
    devDependencies: { typescript: 'file:compiler' },
  }
  write('package.json', manifest)
  write('package-lock.json', {
    ...{ name: 'checkout', version: '1.0.0', lockfileVersion: 3, requires: true },
    packages: {
      '': manifest,
      compiler: { ...compiler, dev: true },
      'node_modules/typescript': { resolved: 'compiler', link: true },
    },
  })
  write('compiler/package.json', compiler)
  write('compiler/bin/tsc', COMPILER)
  write('src/cli/main.js', 'first')
  write('src/index.ts', 'first')
  write('tsconfig.json', {})
  write('tsconfig.build.json', {})
  return root
}

let root: string
beforeEach(() => {
  root = makeCheckout()
})

const setup = (env: Record<string, string> = {}, args: string[] = []) =>
  start(process.execPath, ['scripts/setup.mjs', ...args], { cwd: root, env })
const compilations = (): number => readFileSync(join(root, 'compiled'), 'utf8').split(' ').length - 1
const until = (condition: () => boolean) => expect.poll(condition, { timeout: 90_000 }).toBe(true)
const change = (path: string, text: string): void => writeFileSync(join(root, path), text)

describe('setup', () => {
  test('installs and builds in a fresh clone, and does nothing the second time', async () => {
    const first = await setup().ended
    expect(first).toMatchObject({ code: 0, stdout: '' })
    expect(first.stderr).toContain('Installing packages (npm ci)')
    expect(first.stderr).toContain('Building')
    expect(statSync(join(root, 'dist/cli/main.js')).mode & 0o777).toBe(0o755)

    expect(await setup().ended).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(compilations()).toBe(1)
  })

  test('installs development packages under NODE_ENV=production and npm settings that omit them', async () => {
    expect(await setup({ NODE_ENV: 'production', npm_config_omit: 'dev' }).ended).toMatchObject({ code: 0 })
    expect(compilations()).toBe(1)
  })

  test('updates packages when the lock file has changed', async () => {
    await setup().ended
    change('package-lock.json', `${readFileSync(join(root, 'package-lock.json'), 'utf8')}\n`)
    const second = await setup().ended
    expect(second.code).toBe(0)
    expect(second.stderr).toContain('Installing packages (npm install)')
    expect(await setup().ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('finishes an installation that was interrupted', async () => {
    mkdirSync(join(root, 'node_modules'))
    expect(await setup().ended).toMatchObject({ code: 0 })
    expect(existsSync(join(root, 'dist/index.ts'))).toBe(true)
  })

  test('builds again when a source or a setting changes, not when a test does', async () => {
    await setup().ended
    change('src/index.test.ts', 'a test')
    expect(await setup().ended).toMatchObject({ code: 0, stderr: '' })
    change('src/index.ts', 'second')
    await setup().ended
    expect(readFileSync(join(root, 'dist/index.ts'), 'utf8')).toBe('second')
    change('tsconfig.json', '{"files":[]}')
    await setup().ended
    expect(compilations()).toBe(3)
  })

  test('builds when told to', async () => {
    await setup().ended
    expect(await setup({}, ['--build']).ended).toMatchObject({ code: 0 })
    expect(compilations()).toBe(2)
  })

  test('leaves the last build in place when the next one fails', async () => {
    await setup().ended
    change('src/broken.ts', '')
    const second = await setup().ended
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toMatch(/The build failed \(2\): see above\.\n$/)
    expect(readFileSync(join(root, 'dist/index.ts'), 'utf8')).toBe('first')
  })

  test('works once when two start at once', async () => {
    const both = await Promise.all([setup().ended, setup().ended])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both.filter(({ stderr }) => stderr.includes('Waiting for another set-up'))).toHaveLength(1)
    expect(compilations()).toBe(1)
  })

  test('takes over the lock of a process that has died', async () => {
    const dying = setup()
    await until(() => existsSync(join(root, '.setup-lock')))
    dying.process.kill('SIGKILL')
    await dying.ended
    const startedAt = performance.now()
    expect(await setup().ended).toMatchObject({ code: 0 })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(existsSync(join(root, '.setup-lock'))).toBe(false)
  })

  test('leaves no lock behind when it is interrupted', async () => {
    const interrupted = setup({ COMPILE_MS: '60000' })
    await until(() => existsSync(join(root, 'compiled')))
    interrupted.process.kill('SIGTERM')
    expect((await interrupted.ended).code).not.toBe(0)
    expect(existsSync(join(root, '.setup-lock'))).toBe(false)
    expect(existsSync(join(root, 'dist'))).toBe(false)
  })

  test('ends `npm test` with a count when it fails', async () => {
    change('src/broken.ts', '')
    const { code, stdout } = await start('npm', ['test'], { cwd: root }).ended
    expect(code).not.toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed')
  })
})

describe('an old Node', () => {
  const old = (version: string, env: Record<string, string> = {}) =>
    start(
      process.execPath,
      [
        '--import',
        `data:text/javascript,Object.defineProperty(process, 'version', { value: '${version}' })`,
        'scripts/setup.mjs',
      ],
      { cwd: root, env },
    ).ended

  test.each(['v20.18.3', 'v18.20.4', 'v12.22.12'])('%s is told so in one sentence', async version => {
    expect(await old(version)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `Holdfast needs Node 20.19 or newer, and this is Node ${version.slice(1)}.\n`,
    })
    expect(existsSync(join(root, 'node_modules'))).toBe(false)
  })

  test('ends `npm test` with a count', async () => {
    expect(await old('v18.20.4', { npm_lifecycle_event: 'pretest' })).toMatchObject({
      code: 1,
      stdout: '0 passed, 1 failed\n',
    })
  })

  test.each(['v20.19.0', 'v20.20.2', 'v22.0.0', 'v100.1.1'])('%s is new enough', async version => {
    expect((await old(version)).code).toBe(0)
  })

  test('is older than what package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const check = readFileSync(join(ROOT, 'scripts/lib/node-version.mjs'), 'utf8')
    expect(check).toContain(`OLDEST_NODE = '${engines.node.slice(2)}.0'`)
  })

  test('can read what is read before the check', () => {
    for (const path of ['scripts/setup.mjs', 'scripts/lib/node-version.mjs']) {
      const text = readFileSync(join(ROOT, path), 'utf8')
      expect(text).not.toMatch(/await|\?\.|\?\?|\|\|=|&&=|#\w+[;( ]|\d_\d|node:|catch \{/)
      const imports = [...text.matchAll(/^import .* from '(.*)'$/gm)].map(match => match[1])
      expect(imports).toEqual(path.endsWith('setup.mjs') ? ['./lib/node-version.mjs'] : [])
    }
  })
})
