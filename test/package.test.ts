import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from './support/process.js'

const execute = promisify(execFile)

/** Packages that only those who use what they are for shall load. */
const HEAVY = [
  '@aws-sdk',
  '@smithy',
  'undici',
  'lmdb',
  'fastify',
  'prom-client',
  'commander',
  'file-type',
  'vitest',
]

/** A temporary folder with the packed package unpacked beside our node_modules, and a consumer of it. */
let temp: string
let tarball: string
let unpacked: string
let consumer: string
let packedFiles: string[]

beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'holdfast-package-'))
  const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', temp])
  const [packed] = JSON.parse(stdout)
  packedFiles = packed.files.map((file: { path: string }) => file.path)
  tarball = join(temp, packed.filename)
  await execute('tar', ['-xzf', tarball, '-C', temp])
  unpacked = join(temp, 'package')
  symlinkSync(join(ROOT, 'node_modules'), join(temp, 'node_modules'))
  consumer = join(temp, 'consumer')
  mkdirSync(join(consumer, 'node_modules'), { recursive: true })
  symlinkSync(unpacked, join(consumer, 'node_modules', 'holdfast'))
})

afterAll(() => rmSync(temp, { recursive: true, force: true }))

/** Runs a program in the consumer's folder. @returns what it printed as JSON, and the scripts that it loaded */
async function consume(code: string, type: 'module' | 'commonjs' = 'module') {
  const coverage = mkdtempSync(join(temp, 'loaded-'))
  const env = { PATH: process.env['PATH'], NODE_V8_COVERAGE: coverage }
  const args = [`--input-type=${type}`, '--eval', code]
  const { stdout, stderr } = await execute(process.execPath, args, { cwd: consumer, env })
  expect(stderr).toBe('')
  const [report] = readdirSync(coverage)
  const { result } = JSON.parse(readFileSync(join(coverage, report ?? ''), 'utf8'))
  const loaded: string[] = result.map(({ url }: { url: string }) => url)
  return { printed: JSON.parse(stdout), loaded }
}

const packagesOf = (loaded: readonly string[]): string[] => [
  ...new Set(loaded.flatMap(url => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
]

describe('the packed package', () => {
  test('holds what is run and read, and nothing else', () => {
    const unexpected = packedFiles.filter(
      path =>
        !/^(README\.md|LICENSE|package\.json)$/.test(path) &&
        !/^dist\/[a-z0-9/-]+\.(js|js\.map|d\.ts)$/.test(path),
    )
    expect(unexpected).toEqual([])
    expect(packedFiles).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/cli/main.js']))
    expect(packedFiles.filter(path => path.includes('.test.'))).toEqual([])
  })

  test('passes publint', async () => {
    const bytes = readFileSync(tarball)
    const pack = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) }
    const { messages } = await publint({ pack, strict: true })
    expect(messages).toEqual([])
  })

  test('passes attw', async () => {
    // An ESM package: what attw says of a CommonJS that cannot require it was true of Nodes before 20.19.
    const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
    const args = [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color']
    await expect(execute(process.execPath, args)).resolves.toMatchObject({ stdout: /No problems found/ })
  })
})

describe('a good guest', () => {
  test('import reads no environment, prints nothing, holds nothing open and installs no listener', async () => {
    const { printed } = await consume(`
      const read = []
      // Node's own loader reads some variables too; what counts is a reader in a package.
      const note = name => (target, key) => {
        if (/\\/(package|node_modules)\\//.test(new Error().stack.split('\\n')[2])) read.push(String(key))
        return Reflect[name](target, key)
      }
      const env = process.env
      process.env = new Proxy(env, { get: note('get'), has: note('has'), ownKeys: note('ownKeys') })
      const written = []
      const write = process.stdout.write
      process.stdout.write = text => written.push(text)
      const events = process.eventNames().length
      const resources = process.getActiveResourcesInfo()
      await import('holdfast')
      process.stdout.write = write
      await new Promise(resolve => setTimeout(resolve, 50)) // what reading the files needed ends
      process.env = env
      console.log(JSON.stringify({
        read,
        written,
        listeners: process.eventNames().length - events,
        opened: process.getActiveResourcesInfo().slice(resources.length),
      }))`)
    expect(printed).toEqual({ read: [], written: [], listeners: 0, opened: [] })
  })

  test('import loads no AWS, HTTP, database or command-line package', async () => {
    const { loaded } = await consume(`await import('holdfast'); console.log(0)`)
    expect(loaded.some(url => url.endsWith('/package/dist/index.js'))).toBe(true)
    const heavy = packagesOf(loaded).filter(name => HEAVY.some(h => name === h || name.startsWith(`${h}/`)))
    expect(heavy).toEqual([])
  })

  test('holdfast/testing loads no test runner', async () => {
    const { printed, loaded } = await consume(
      `console.log(JSON.stringify(Object.keys(await import('holdfast/testing'))))`,
    )
    expect(printed).not.toEqual([])
    expect(packagesOf(loaded)).not.toContain('vitest')
  })

  test('require works', async () => {
    const { printed } = await consume(
      `const holdfast = require('holdfast')
       console.log(JSON.stringify([typeof holdfast.StorageService, typeof require('holdfast/http')]))`,
      'commonjs',
    )
    expect(printed).toEqual(['function', 'object'])
  })
})

describe('types', () => {
  /** Every declaration file that the entry points reach, with the modules that it names. */
  function reachable(): Map<string, string[]> {
    const { exports } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
    const todo: string[] = Object.values(exports)
      .flatMap(entry => (entry as { types?: string }).types ?? [])
      .map(path => normalize(path))
    const found = new Map<string, string[]>()
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (found.has(path)) continue
      const text = readFileSync(join(unpacked, path), 'utf8')
      const modules = [...text.matchAll(/(?:from|import|import\()\s*['"]([^'"]+)['"]/g)].map(m => m[1] ?? '')
      found.set(path, modules)
      for (const module of modules.filter(name => name.startsWith('.'))) {
        todo.push(normalize(join(dirname(path), module.replace(/\.js$/, '.d.ts'))))
      }
    }
    return found
  }

  test('of other packages do not appear in the declarations that users see', () => {
    const files = reachable()
    expect(files.size).toBeGreaterThan(5)
    const foreign = [...files].flatMap(([path, modules]) =>
      modules
        .filter(name => !name.startsWith('.') && !name.startsWith('node:'))
        .map(name => `${path}: ${name}`),
    )
    expect(foreign).toEqual([])
  })
})
