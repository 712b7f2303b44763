import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/**
 * What each part of src may import: itself, and the parts named. So imports point down, and no part reaches
 * past its neighbour for a word that is not its own.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  index: ['operations', 'service', 'stores', 'core'],
  core: [],
  stores: ['core'],
  transforms: ['core'],
  failover: ['stores', 'core'],
  service: ['transforms', 'failover', 'stores', 'core'],
  operations: ['service', 'transforms', 'failover', 'stores', 'core'],
  http: ['operations', 'service', 'failover', 'stores', 'core'],
  cli: ['testing', 'http', 'operations', 'service', 'failover', 'stores', 'core'],
  testing: ['http', 'operations', 'service', 'failover', 'stores', 'core'],
}

/** The files directly in src belong to the service, but for the one that only names what users import. */
const partOf = (path: string): string => {
  if (path === 'index.ts') return 'index'
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : 'service'
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'))

/** Every module that a file names in an import, export or dynamic import. */
function importsOf(path: string): string[] {
  const text = readFileSync(join('src', path), 'utf8')
  const found = text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...found].map(match => match[1] ?? '')
}

test('the parser of this test sees every kind of import', () => {
  expect(importsOf('index.ts').length).toBeGreaterThan(0)
  expect(files.flatMap(importsOf)).toContain('node:crypto')
})

test('every file belongs to a part', () => {
  expect(files.filter(path => MAY_IMPORT[partOf(path)] === undefined)).toEqual([])
})

test('imports point down', () => {
  const wrong: string[] = []
  for (const path of files) {
    const part = partOf(path)
    for (const module of importsOf(path).filter(name => name.startsWith('.'))) {
      const target = partOf(normalize(join(dirname(path), module)))
      const isTest = path.endsWith('.test.ts')
      const allowed =
        target === part || MAY_IMPORT[part]?.includes(target) || (isTest && target === 'testing')
      if (!allowed) wrong.push(`${path} imports ${module}`)
    }
  }
  expect(wrong).toEqual([])
})

test('relative imports stay within src, and name a .js file', () => {
  const wrong: string[] = []
  for (const path of files) {
    for (const module of importsOf(path).filter(name => name.startsWith('.'))) {
      const target = normalize(join(dirname(path), module))
      if (target.startsWith('..') || !target.endsWith('.js')) wrong.push(`${path} imports ${module}`)
    }
  }
  expect(wrong).toEqual([])
})
