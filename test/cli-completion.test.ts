import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { useCli } from './support/cli.js'

const cli = useCli()

/** Runs a script in a shell; undefined where there is no such shell. */
function inShell(shell: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return execFileSync(shell, args, {
    cwd: cli.folder,
    env: cli.env(),
    stdio: ['ignore', 'pipe', 'pipe'],
  }).toString()
}

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli(['completion', shell])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  writeFileSync(join(cli.folder, 'script'), stdout)
  return stdout
}

test('bash completes verbs, flags and their values', async () => {
  expect(await script('bash')).toContain('complete -o bashdefault -o default -F _holdfast holdfast')
  const complete = (...words: string[]): string[] => {
    const quoted = words.map(word => `'${word}'`).join(' ')
    const line = `. ./script; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`
    return (inShell('bash', ['-c', line]) ?? '').split('\n').filter(word => word !== '')
  }
  expect(complete('holdfast', 'pre')).toEqual(['presign'])
  expect(complete('holdfast', '')).toEqual(
    expect.arrayContaining(['serve', 'put', 'get', 'completion', '--bucket']),
  )
  expect(complete('holdfast', 'put', '--st')).toEqual(['--storage-class'])
  expect(complete('holdfast', 'ls', '--st')).toEqual([])
  expect(complete('holdfast', '--bucket', 'x', 'rm', '--re')).toEqual(['--recursive', '--region'])
  expect(complete('holdfast', 'presign', '--method', '')).toEqual(['GET', 'PUT'])
  expect(complete('holdfast', 'completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(complete('holdfast', 'help', 'st')).toEqual(['stat', 'status'])
  // Files, which bash offers itself where nothing is named.
  expect(complete('holdfast', 'put', '')).toEqual([])
  expect(complete('holdfast', 'put', '--env-file', '')).toEqual([])
})

test('zsh', async () => {
  const text = await script('zsh')
  expect(text).toMatch(/^#compdef holdfast\n/)
  expect(text).toContain("'--method[What it allows.]: :(GET PUT)'")
  // Sourced as the help says, and without a mistake: compdef knows the function afterwards.
  const line =
    'autoload -Uz compinit && compinit -u -D && . ./script && print $_comps[holdfast] && functions _holdfast >/dev/null'
  expect([undefined, '_holdfast\n']).toContain(inShell('zsh', ['-f', '-c', line]))
})

test('fish', async () => {
  const text = await script('fish')
  expect(text).toContain("complete -c holdfast -n '__fish_use_subcommand' -f -a presign -d ")
  const complete = (line: string) =>
    inShell('fish', ['-N', '-c', `source script; complete -C '${line}'`])
      ?.split('\n')
      .map(found => found.split('\t')[0])
  expect([undefined, ['presign', '']]).toContainEqual(complete('holdfast pre'))
  expect([undefined, ['GET', 'PUT', '']]).toContainEqual(complete('holdfast presign --method '))
  expect([undefined, ['--storage-class', '']]).toContainEqual(complete('holdfast put --sto'))
})
