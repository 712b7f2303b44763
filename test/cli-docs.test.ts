import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createProgram } from '../src/cli/program.js'
import { useCli } from './support/cli.js'

const cli = useCli()
const page = readFileSync('docs/CLI.md', 'utf8')

interface Example {
  readonly command: string
  readonly shows: string
}

/** The commands of the page's console blocks, in order, each with the lines that it is said to show. */
function examples(): Example[] {
  const blocks = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(match => match[1] ?? '')
  return blocks.flatMap(block =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map(text => {
        const [command = '', ...shows] = text.trimEnd().split('\n')
        return { command, shows: shows.join('\n') }
      }),
  )
}

/** Where a line is `…` alone it stands for any number of lines, within a line for any text. */
function pattern(shows: string): RegExp {
  const escaped = shows.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/^…$/gm, '[\\s\\S]*').replace(/…/g, '.*')}$`)
}

const isHere = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`])
    return true
  } catch {
    return false
  }
}

test('every example on the page shows what the page says', () => {
  const all = examples()
  expect(all.length).toBeGreaterThan(40)
  let exitCode = 0
  for (const { command, shows } of all) {
    if (command.includes('jq ') && !isHere('jq')) continue
    const prelude = `holdfast() { '${process.execPath}' '${cli.main}' "$@"; }; last() { return ${exitCode}; }; last`
    const script = `${prelude}\n${command}\necho "exit=$?"`
    const options = { cwd: cli.folder, env: cli.env({ LC_ALL: 'C' }), encoding: 'utf8' as const }
    const output = execFileSync('bash', ['-c', `exec 2>&1; ${script}`], options)
    const [, text = '', code = ''] = /^([\s\S]*?)\n?exit=(\d+)\n$/.exec(output) ?? []
    exitCode = Number(code)
    expect(text.trimEnd(), `$ ${command}`).toMatch(pattern(shows))
  }
}, 600_000)

test('every verb and every flag is on the page', () => {
  const program = createProgram('0.0.0', async () => {})
  const missing: string[] = []
  for (const command of [program, ...program.commands]) {
    const name = command === program ? '--help' : command.name()
    if (!page.includes(`${name} `) && !page.includes(`\`${name}\``)) missing.push(name)
    for (const { long } of command.options)
      if (long && !page.includes(`\`${long}`) && !page.includes(`${long} `)) missing.push(`${name} ${long}`)
  }
  expect(missing).toEqual([])
})
