import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Child, ROOT, signalGroup, start } from './support/process.js'

let root: string

/** A checkout with our test runner and these test files instead of ours. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-runner-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const path of ['scripts', 'test/support', 'vitest.config.ts', 'package.json']) {
    cpSync(join(ROOT, path), join(root, path), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  mkdirSync(join(root, 'src'))
  mkdirSync(join(root, 'bin'))
})

function write(path: string, body: string): void {
  writeFileSync(
    join(root, path),
    `import { appendFileSync } from 'node:fs'
     import { afterAll, describe, expect, test } from 'vitest'
     import { describeReal } from '../test/support/real-server.js'
     ${body}`,
  )
}

function run(args: string[] = ['src'], env: Record<string, string> = {}): Child {
  return start(process.execPath, ['scripts/test.mjs', ...args], { cwd: root, env })
}

/** How a run ended: its exit code and the last lines of its output. */
async function ending(child: Child, lines = 1): Promise<[number | null, string]> {
  const { code, stdout } = await child.ended
  expect(stdout.endsWith('\n')).toBe(true)
  return [code, stdout.trimEnd().split('\n').slice(-lines).join('\n')]
}

const PASSES = "test('passes', () => {})"

describe('the last line of `npm test`', () => {
  test('counts what passed', async () => {
    write('src/a.test.ts', PASSES)
    write('src/b.test.ts', `${PASSES}\n${PASSES}`)
    expect(await ending(run())).toEqual([0, '3 passed, 0 failed'])
  })

  test('counts what failed, after its name and reason', async () => {
    write('src/a.test.ts', `${PASSES}\n test('fails', () => expect(1).toBe(2))`)
    expect(await ending(run(), 2)).toEqual([
      1,
      'failed: src/a.test.ts > fails (expected 1 to be 2 // Object.is equality)\n1 passed, 1 failed',
    ])
  })

  test('counts what was skipped, after its name and reason', async () => {
    write('src/a.test.ts', `${PASSES}\n describe('some', () => test('later', ctx => ctx.skip('not today')))`)
    expect(await ending(run(), 2)).toEqual([
      0,
      'skipped: src/a.test.ts > some > later (not today)\n1 passed, 0 failed, 1 skipped',
    ])
  })

  test('takes a skip without a reason for a failure', async () => {
    write('src/a.test.ts', `${PASSES}\n test.skip('later', () => {})`)
    expect(await ending(run(), 2)).toEqual([
      1,
      'failed: src/a.test.ts > later: skipped without a reason\n1 passed, 1 failed',
    ])
  })

  test('does not count what -t leaves out', async () => {
    write('src/a.test.ts', `${PASSES}\n test('other', () => expect(1).toBe(2))`)
    expect(await ending(run(['src', '-t', 'passes']))).toEqual([0, '1 passed, 0 failed'])
  })

  test('comes where there is no test', async () => {
    expect(await ending(run(), 2)).toEqual([1, 'failed: no test was run\n0 passed, 1 failed'])
    write('src/a.test.ts', '')
    expect((await ending(run()))[1]).toMatch(/^0 passed, [12] failed$/)
  })

  test('comes where a file does not load', async () => {
    write('src/a.test.ts', PASSES)
    write('src/b.test.ts', "throw new Error('does not load')")
    expect(await ending(run(), 2)).toEqual([1, 'failed: src/b.test.ts: does not load\n1 passed, 1 failed'])
  })

  test('comes where a hook fails', async () => {
    write('src/a.test.ts', `${PASSES}\n afterAll(() => { throw new Error('no tidying') })`)
    expect(await ending(run(), 2)).toEqual([1, 'failed: src/a.test.ts: no tidying\n1 passed, 1 failed'])
  })

  test('comes where an error falls outside every test', async () => {
    write(
      'src/a.test.ts',
      "test('passes', () => void setTimeout(() => { throw new Error('late') }, 1))\n afterAll(() => new Promise(r => setTimeout(r, 100)))",
    )
    expect(await ending(run(), 2)).toEqual([1, 'failed: outside every test: late\n1 passed, 1 failed'])
  })

  test('comes where a test ends its process', async () => {
    write('src/a.test.ts', "test('dies', () => process.kill(process.pid, 'SIGKILL'))")
    const [code, line] = await ending(run())
    expect(code).toBe(1)
    expect(line).toMatch(/^0 passed, [12] failed$/)
  })

  test('comes where vitest is killed', async () => {
    write('src/a.test.ts', PASSES)
    write(
      'src/b.test.ts',
      "test('kills', () => { process.kill(process.ppid, 'SIGKILL'); return new Promise(() => {}) })",
    )
    const [code, line] = await ending(run(), 2)
    expect(code).toBe(1)
    expect(line).toMatch(/^failed: the run did not come to its end \(SIGKILL\)\n[01] passed, 1 failed$/)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('comes after %s', async signal => {
    write(
      'src/a.test.ts',
      "test('hangs', () => { appendFileSync('hangs', ''); return new Promise(() => {}) })",
    )
    const child = run()
    await expect.poll(() => existsSync(join(root, 'hangs')), { timeout: 90_000 }).toBe(true)
    signalGroup(child.process, signal)
    const [code, line] = await ending(child)
    expect(code).not.toBe(0)
    expect(line).toMatch(/^0 passed, [12] failed$/)
  })

  test('comes where the runner itself fails', async () => {
    writeFileSync(
      join(root, 'scripts/lib/real-server.mjs'),
      "export const realServer = () => { throw new Error('broken') }",
    )
    expect(await ending(run(['test']))).toEqual([1, '0 passed, 1 failed'])
  })
})

describe('without a real S3 server', () => {
  const NEEDS = "describeReal('uploads', () => test('one', () => {}))"

  /** Where Debian's tools say that nothing is installed, and we may not install. */
  const nothing = (): Record<string, string> => {
    writeFileSync(join(root, 'bin/dpkg'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    return { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, HOLDFAST_TEST_NO_INSTALL: '1' }
  }

  test('what needs it is skipped by name and reason', async () => {
    write('test/a.test.ts', `${PASSES}\n${NEEDS}`)
    const [code, lines] = await ending(run(['test'], nothing()), 2)
    expect(code).toBe(0)
    expect(lines).toMatch(
      /^skipped: test\/a\.test\.ts > uploads > all of it \(.+\)\n1 passed, 0 failed, 1 skipped$/,
    )
  })

  test('what needs it fails under CI=true', async () => {
    write('test/a.test.ts', `${PASSES}\n${NEEDS}`)
    expect(await ending(run(['test'], { ...nothing(), CI: 'true' }))).toEqual([1, '1 passed, 1 failed'])
  })

  test('the one that was given is used', async () => {
    write(
      'test/a.test.ts',
      "describeReal('uploads', server => test('one', () => expect(server.endpoint).toBe('http://127.0.0.1:1')))",
    )
    const given = {
      HOLDFAST_TEST_S3_ENDPOINT: 'http://127.0.0.1:1',
      HOLDFAST_TEST_S3_ACCESS_KEY: 'a',
      HOLDFAST_TEST_S3_SECRET_KEY: 's',
    }
    expect(await ending(run(['test'], { ...nothing(), ...given }))).toEqual([0, '1 passed, 0 failed'])
  })
})
