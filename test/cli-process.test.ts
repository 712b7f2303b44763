import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { useCli } from './support/cli.js'
import { start } from './support/process.js'

const cli = useCli()

const at = (name: string): string => join(cli.folder, name)

/** A line of bash in which `holdfast` is the program. */
const bash = (line: string) =>
  start('bash', ['-c', `holdfast() { '${process.execPath}' '${cli.main}' "$@"; }; ${line}`], {
    cwd: cli.folder,
    env: cli.env(),
  }).ended

/** Every file that is not at rest: what an end in the middle could leave behind. */
function leftovers(): string[] {
  const folder = at('uploads/.holdfast/tmp')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => entry.name)
}

describe('pipes', () => {
  test('a reader that goes ends the command, quietly and well', async () => {
    mkdirSync(at('tree'))
    for (let n = 0; n < 3000; n++) writeFileSync(at(`tree/${n}-${'x'.repeat(60)}`), '')
    writeFileSync(at('tree/big'), Buffer.alloc(20_000_000))
    expect(await cli(['put', '-r', 'tree', '--to', 't'])).toMatchObject({ code: 0 })
    expect(await bash('holdfast ls -r | head -n 1; echo "$PIPESTATUS"')).toMatchObject({
      stdout: `t/0-${'x'.repeat(60)}\n0\n`,
      stderr: '',
    })
    expect(await bash('holdfast get t/big - | head -c 5 | wc -c; echo "$PIPESTATUS"')).toMatchObject({
      stdout: expect.stringMatching(/^ *5\n0\n$/),
      stderr: '',
    })
  })

  test('a disk that is full is a failure', async context => {
    if (!existsSync('/dev/full')) context.skip('this system has no /dev/full')
    await cli(['put', '-', 'k'], { input: 'x' })
    expect(await bash('holdfast ls > /dev/full')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ENOSPC'),
    })
    expect(await bash('holdfast get k - > /dev/full')).toMatchObject({ code: 1 })
  })

  test('pipes and devices are read and written as they are', async () => {
    expect(
      await bash(
        'holdfast put <(echo from a pipe) k && holdfast get k /dev/stdout | cat; holdfast get k >(cat >&2)',
      ),
    ).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^k\nfrom a pipe\n\/dev\/fd\/\d+\n$/),
      stderr: expect.stringContaining('from a pipe'),
    })
    expect(await bash('(echo first; holdfast get k /dev/stdout) > out; cat out')).toMatchObject({
      stdout: 'first\nfrom a pipe\n',
    })
    expect(await bash('holdfast get k /dev/null')).toMatchObject({ code: 0 })
  })
})

describe('a signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s while stdin is awaited leaves nothing, and is 130',
    async signal => {
      const child = spawn(process.execPath, [cli.main, 'put', '-', 'k'], { cwd: cli.folder, env: cli.env() })
      onTestFinished(() => void child.kill('SIGKILL'))
      let stderr = ''
      child.stderr.on('data', chunk => (stderr += chunk))
      child.stdin.on('error', () => {}).write(Buffer.alloc(1_000_000))
      while (leftovers().length === 0) await sleep(20)
      child.kill(signal)
      const code = await new Promise(resolve => child.once('close', resolve))
      expect({ code, stderr }).toEqual({ code: 130, stderr: 'holdfast: Interrupted. (ABORTED)\n' })
      expect(await cli(['ls', '-r'])).toMatchObject({ code: 0, stdout: '' })
      expect(leftovers()).toEqual([])
    },
  )

  test('in the middle of a tree leaves whole files, and says how many', async () => {
    mkdirSync(at('tree'))
    const content = Buffer.alloc(20_000, 'content ')
    for (let n = 0; n < 2000; n++) writeFileSync(at(`tree/${n}`), content)
    const child = start(process.execPath, [cli.main, 'put', '-r', 'tree', 't'], {
      cwd: cli.folder,
      env: cli.env(),
    })
    while (!existsSync(at('uploads/t')) || readdirSync(at('uploads/t')).length < 20) await sleep(5)
    child.process.kill('SIGINT')
    const { code, stderr } = await child.ended
    expect(code).toBe(130)
    const stored = Number(/^Stored ([\d,]+) files/.exec(stderr)?.[1]?.replace(',', ''))
    const listed = (await cli(['ls', '-r'])).stdout.split('\n').filter(key => key !== '')
    // Some were stored between the answer's way here and the end.
    expect(listed.length).toBeGreaterThanOrEqual(stored)
    expect(listed.length).toBeLessThan(2000)
    expect(await cli(['get', '-r', 't', 'out'])).toMatchObject({ code: 0 })
    for (const name of readdirSync(at('out')))
      expect(readFileSync(at(`out/${name}`)).equals(content)).toBe(true)
    expect(leftovers()).toEqual([])
  })

  test('while nobody reads stdout ends a get', async () => {
    await cli(['put', '-', 'k'], { input: Buffer.alloc(5_000_000) })
    const child = spawn(process.execPath, [cli.main, 'get', 'k', '-'], { cwd: cli.folder, env: cli.env() })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdout.pause()
    await new Promise(resolve => child.stdout.once('readable', resolve))
    child.kill('SIGINT')
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(130)
  })

  test('leaves no part of a file that was being fetched', async () => {
    await cli(['put', '-', 'k'], { input: Buffer.alloc(200_000_000) })
    // A command that came to its end before we looked has nothing to leave: then it is another one's turn.
    for (;;) {
      const child = start(process.execPath, [cli.main, 'get', 'k', 'out'], {
        cwd: cli.folder,
        env: cli.env(),
      })
      while (child.process.exitCode === null && !readdirSync(cli.folder).some(name => name.endsWith('.tmp')))
        await sleep(1)
      child.process.kill('SIGINT')
      const { code } = await child.ended
      if (code === 130) break
      expect(code).toBe(0)
      rmSync(at('out'))
    }
    expect(readdirSync(cli.folder)).toEqual(['uploads'])
  })
})

describe('on a terminal', () => {
  /** Runs the command on a pseudo-terminal, typing an answer when it asks. */
  async function onTerminal(args: string, answer = ''): Promise<{ code: number | null; shown: string }> {
    const command = `'${process.execPath}' '${cli.main}' ${args}`
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: cli.folder,
      env: cli.env({ TERM: 'xterm' }),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let shown = ''
    child.stdout.on('data', chunk => {
      shown += chunk
      if (answer !== '' && shown.endsWith('[y/N] ')) child.stdin.write(answer)
    })
    const code: number | null = await new Promise(resolve => child.once('close', resolve))
    return { code, shown }
  }

  const isHere = (): boolean => {
    try {
      return execFileSync('script', ['--version']).toString().includes('util-linux')
    } catch {
      return false
    }
  }

  test('removing several asks', async context => {
    if (!isHere()) context.skip('there is no script(1) of util-linux, which makes a terminal')
    for (const key of ['a', 'b', 'tmp/1', 'tmp/2']) await cli(['put', '-', key], { input: key })
    const no = await onTerminal('rm a b', 'n\n')
    expect(no).toMatchObject({ code: 0, shown: expect.stringContaining('Nothing was removed.') })
    expect(await onTerminal('rm a b', '\u0004')).toMatchObject({ code: 0 })
    expect(await onTerminal('rm a b', '\u0003')).toMatchObject({ code: 130 })
    expect((await cli(['ls', '-r'])).stdout).toBe('a\nb\ntmp/1\ntmp/2\n')
    const yes = await onTerminal('rm -r tmp', 'y\n')
    expect(yes.code).toBe(0)
    expect(yes.shown).toContain('Remove 2 files (10 B) below tmp/? [y/N] ')
    expect(await onTerminal('rm a', '')).toMatchObject({ code: 0 })
    expect((await cli(['ls', '-r'])).stdout).toBe('b\n')
  })

  test('progress is shown, and gone in the end; elsewhere there is none', async context => {
    if (!isHere()) context.skip('there is no script(1) of util-linux, which makes a terminal')
    mkdirSync(at('tree'))
    for (let n = 0; n < 3000; n++) writeFileSync(at(`tree/${n}`), Buffer.alloc(2000))
    const { code, shown } = await onTerminal('put -r tree t')
    expect(code).toBe(0)
    expect(shown).toMatch(/[█░]{24} +\d+% {2}[\d.]+ [kM]?B of 6 MB {2}[\d.]+ [kM]?B\/s/)
    expect(shown).toMatch(/of 3,000 files/)
    // The bar's line is cleared before the last words.
    expect(shown).toMatch(/\u001b\[2K[^█░]*Stored 3,000 files/)
    expect((await onTerminal('put -r tree u --quiet')).shown).not.toMatch(/[█░]/)
    const { stdout, stderr } = await cli(['put', '-r', 'tree', 'v'])
    expect(stdout + stderr).toMatch(/^Stored 3,000 files[^█░\u001b]*$/)
  })

  test('a key that would turn the text around is escaped, and only there', async context => {
    if (!isHere()) context.skip('there is no script(1) of util-linux, which makes a terminal')
    const key = 'photo\u202egpj.exe'
    await cli(['put', '-', key], { input: 'x' })
    expect((await cli(['ls'])).stdout).toBe(`${key}\n`)
    expect((await onTerminal('ls')).shown).toContain('photo\\u{202e}gpj.exe')
  })
})
