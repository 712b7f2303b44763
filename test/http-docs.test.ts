import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ERROR_CODES } from '../src/core/errors.js'
import { readOptions } from '../src/http/options.js'
import { StorageService } from '../src/service.js'
import { serveStorage } from './support/http.js'

const execute = promisify(execFile)
const page = readFileSync('docs/HTTP.md', 'utf8')

/** The commands of the page's console blocks, in order, each with what it is said to show; `> ` continues a command. */
function examples(): { command: string; shows: string }[] {
  const blocks = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(match => match[1] ?? '')
  return blocks.flatMap(block =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map(text => {
        const lines = text.trimEnd().split('\n')
        const end = lines.findIndex((line, index) => index > 0 && !line.startsWith('> '))
        const command = lines.slice(0, end < 0 ? undefined : end).map(line => line.replace(/^> /, ''))
        return { command: command.join('\n'), shows: end < 0 ? '' : lines.slice(end).join('\n') }
      }),
  )
}

function pattern(shows: string): RegExp {
  return new RegExp(`^${shows.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/…/g, '.*')}$`)
}

test('every example on the page shows what the page says', async context => {
  for (const tool of ['curl', 'openssl']) {
    const found = await execute('bash', ['-c', `command -v ${tool}`]).then(
      () => true,
      () => false,
    )
    if (!found) context.skip(`there is no ${tool}`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-http-docs-'))
  const storage = new StorageService({ config: { localStoragePath: join(folder, 'uploads') } })
  onTestFinished(async () => {
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const { port } = await serveStorage(storage)
  const all = examples()
  expect(all.length).toBeGreaterThan(12)
  for (const { command, shows } of all) {
    const script = command.replaceAll('http://localhost:8080', `http://127.0.0.1:${port}`)
    const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' }
    const { stdout } = await execute('bash', ['-c', `exec 2>&1; ${script}`], { cwd: folder, env })
    expect(stdout.trimEnd(), `$ ${command}`).toMatch(pattern(shows))
  }
})

test('every error code and every option is on the page', () => {
  const options = [
    ...Object.keys(readOptions({})),
    'host',
    'port',
    'headersTimeoutMs',
    'keepAliveTimeoutMs',
    'drainMs',
  ]
  const missing = [...Object.keys(ERROR_CODES), ...options].filter(name => !page.includes(name))
  expect(missing).toEqual([])
})
