import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ndjson, useCli } from './support/cli.js'
import { type Child, start } from './support/process.js'

const cli = useCli()

/** Starts the server on a free port. @returns it, and its address once it serves */
async function serve(
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ child: Child; url: string }> {
  const child = start(process.execPath, [cli.main, 'serve', '--port', '0', '--json', ...args], {
    cwd: cli.folder,
    env: cli.env(env),
  })
  const [line] = await child.says(/^\{"url".*\}$/m)
  return { child, url: JSON.parse(line).url }
}

const KEY = 'api-key-0123456789abcdef'

describe('holdfast serve', () => {
  test('says what it serves and what to try, and what it says to try works', async () => {
    const child = start(process.execPath, [cli.main, 'serve', '--port', '0'], {
      cwd: cli.folder,
      env: cli.env(),
    })
    const [, url] = await child.says(/at +(http:\/\/127\.0\.0\.1:\d+)[\s\S]*status\n/)
    const said = child.stdout()
    expect(said).toContain(`Holdfast serves local: ${join(cli.folder, 'uploads')}\n`)
    expect(said).toContain('HOLDFAST_API_KEYS is not set')
    const tries = said.split('\n').filter(line => line.startsWith('  ') && line.includes('curl '))
    expect(tries).toHaveLength(3)
    for (const line of tries) expect(line).toContain(url)
    const answers: string[] = []
    for (const line of tries) answers.push(await asCurl(line))
    expect(JSON.parse(answers[0] ?? '')).toMatchObject({ success: true, key: 'hello.txt' })
    expect(answers[1]).toBe('hello\n')
    expect(JSON.parse(answers[2] ?? '')).toMatchObject({ service: 'storage', state: 'healthy' })
    child.process.kill('SIGTERM')
    expect((await child.ended).code).toBe(0)
  })

  test('what it says to try works with API keys', async () => {
    const env = { HOLDFAST_API_KEYS: `${KEY},other-key-0123456789` }
    const child = start(process.execPath, [cli.main, 'serve', '--port', '0'], {
      cwd: cli.folder,
      env: cli.env(env),
    })
    await child.says(/\/status\n/)
    const tries = child
      .stdout()
      .split('\n')
      .filter(line => line.startsWith('  ') && line.includes('curl '))
    expect(tries).toHaveLength(3)
    const answers: string[] = []
    for (const line of tries) answers.push(await asCurl(line, { HOLDFAST_API_KEY: KEY }))
    expect(answers[1]).toBe('hello\n')
    expect(await asCurl(tries[1] ?? '', { HOLDFAST_API_KEY: 'wrong' })).toContain('UNAUTHENTICATED')
    expect(child.stdout() + child.stderr()).not.toContain(KEY)
  })

  test('other commands work on the store beside it', async () => {
    const { child, url } = await serve()
    await fetch(`${url}/uploads/by-http`, { method: 'PUT', body: 'by http' })
    expect((await cli(['get', 'by-http', '-'])).stdout).toBe('by http')
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => cli(['put', '-', `by-cli/${n}`], { input: `by cli ${n}` })),
    )
    for (let n = 0; n < 8; n++)
      expect(await (await fetch(`${url}/uploads/by-cli/${n}`)).text()).toBe(`by cli ${n}`)
    expect(await cli(['rm', 'by-http'])).toMatchObject({ code: 0 })
    expect((await fetch(`${url}/uploads/by-http`)).status).toBe(404)

    const get = (
      await cli(['presign', 'by-cli/1', '--public-url', url, '--download-as', '世界.txt'])
    ).stdout.trim()
    const answer = await fetch(get)
    expect(await answer.text()).toBe('by cli 1')
    expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''%E4%B8%96%E7%95%8C.txt")
    const put = JSON.parse(
      (await cli(['presign', 'new', '--method', 'PUT', '--public-url', url, '--json'])).stdout,
    )
    expect(put).toMatchObject({ key: 'new', method: 'PUT', expiresInSeconds: 3600 })
    expect((await fetch(put.url, { method: 'PUT', body: 'signed' })).status).toBe(201)
    expect((await cli(['get', 'new', '-'])).stdout).toBe('signed')
    child.process.kill('SIGINT')
    expect((await child.ended).code).toBe(0)
  })

  test('pages of the origins named may upload by presigned URLs', async () => {
    const origin = 'https://chat.example'
    const { url } = await serve([], {
      HOLDFAST_API_KEYS: KEY,
      HOLDFAST_CORS_ORIGINS: `https://other.example, ${origin}`,
    })
    const put = (await cli(['presign', 'k', '--method', 'PUT', '--public-url', url])).stdout.trim()
    const preflight = (from: string) =>
      fetch(put, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'PUT' } })
    const allowed = await preflight(origin)
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const answer = await fetch(put, { method: 'PUT', body: 'x', headers: { origin } })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([201, origin])
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s lets a request under way end, and no other begin',
    async signal => {
      const { child, url } = await serve()
      const answer = upload(`${url}/uploads/slow`, 'begun ')
      await answer.begun
      child.process.kill(signal)
      await child.says(/Stopping/)
      await expect(fetch(`${url}/healthz`)).rejects.toThrow()
      answer.end('and ended')
      expect(await answer.status).toBe(201)
      const ended = await child.ended
      expect(ended.code).toBe(0)
      expect((await cli(['get', 'slow', '-'])).stdout).toBe('begun and ended')
    },
  )

  test('a request that does not end is cut off within five seconds, and leaves nothing', async () => {
    const { child, url } = await serve()
    const answer = upload(`${url}/uploads/stuck`, 'begun ')
    answer.status.catch(() => {})
    await answer.begun
    const since = performance.now()
    child.process.kill('SIGTERM')
    const { code, stderr } = await child.ended
    // The deadline, and what a busy machine needs to end a process.
    expect(performance.now() - since).toBeLessThan(8_000)
    expect(code).toBe(0)
    expect(stderr).toContain('cut off')
    expect((await cli(['ls', '-r'])).stdout).toBe('')
  })

  test('the second signal ends it at once', async () => {
    const { child, url } = await serve()
    const answer = upload(`${url}/uploads/stuck`, 'begun ')
    answer.status.catch(() => {})
    await answer.begun
    child.process.kill('SIGTERM')
    await child.says(/Stopping/)
    await sleep(300)
    const since = performance.now()
    child.process.kill('SIGTERM')
    expect((await child.ended).code).toBe(130)
    expect(performance.now() - since).toBeLessThan(2_500)
  })

  test('a port in use is told in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const { code, stdout, stderr } = await cli(['serve', '--port', String(port)])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^holdfast: [^\\n]*127\\.0\\.0\\.1:${port}[^\\n]*in use[^\\n]*\\n$`))
  })

  test('refuses an address that others reach while nobody has to prove anything', async () => {
    const { code, stderr } = await cli(['serve', '--host', '0.0.0.0', '--port', '0'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('HOLDFAST_API_KEYS') })
    expect(readdirSync(cli.folder)).not.toContain('uploads')
  })

  test('logs requests only when told to, a JSON object a line', async () => {
    for (const flags of [[], ['--log-requests']]) {
      const { child, url } = await serve(flags)
      await fetch(`${url}/uploads/secret-name?token=planted-secret`)
      child.process.kill('SIGTERM')
      const lines = ndjson((await child.ended).stderr)
      const requests = lines.filter(line => line['msg'] === 'Answered')
      expect(requests).toEqual(
        flags.length === 0 ? [] : [expect.objectContaining({ level: 'debug', method: 'GET', status: 404 })],
      )
      for (const line of lines) {
        expect(line).toMatchObject({
          level: expect.any(String),
          time: expect.stringMatching(/Z$/),
          msg: expect.any(String),
        })
      }
      expect(child.stderr()).not.toContain('planted-secret')
    }
  })

  test('starts while the object store is away, and says so', async () => {
    const env = {
      OBJECT_STORAGE_ACCESS_KEY: 'planted-id',
      OBJECT_STORAGE_SECRET_KEY: 'planted-secret',
      OBJECT_STORAGE_FALLBACK: 'false',
    }
    const away = ['--provider', 'minio', '--endpoint', 'http://127.0.0.1:1', '--bucket', 'none']
    const { child, url } = await serve(away, env)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    child.process.kill('SIGTERM')
    const { code, stderr } = await child.ended
    expect(code).toBe(0)
    expect(ndjson(stderr)).toContainEqual(expect.objectContaining({ level: 'warn', code: 'UNAVAILABLE' }))
    expect(existsSync(join(cli.folder, 'uploads'))).toBe(false)
  })
})

/** What the shell and curl make of a line that was printed to be tried. */
async function asCurl(line: string, env: Record<string, string> = {}): Promise<string> {
  try {
    execFileSync('curl', ['--version'])
  } catch {
    return asFetch(line, env)
  }
  return execFileSync('sh', ['-c', line], {
    env: cli.env(env),
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
}

/** The same without curl: `echo hello | curl [-H "..."] [-T -] <url>`. */
async function asFetch(line: string, env: Record<string, string>): Promise<string> {
  const [, url = ''] = /(http:\S+)/.exec(line) ?? []
  const [, header] = /-H "([^"]*)"/.exec(line) ?? []
  const [name = '', value = ''] =
    header?.replace(/\$(\w+)/, (_, variable) => env[variable] ?? '').split(': ') ?? []
  const headers: Record<string, string> = header === undefined ? {} : { [name]: value }
  const init = line.includes('-T -') ? { method: 'PUT', body: 'hello\n', headers } : { headers }
  return (await fetch(url, init)).text()
}

/** An upload that goes on until it is told to end. */
function upload(
  url: string,
  first: string,
): { begun: Promise<void>; end(rest: string): void; status: Promise<number> } {
  const sent = request(url, { method: 'PUT', headers: { expect: '100-continue' } })
  const begun = new Promise<void>(resolve => {
    // The server has it in hand once it asks for the body.
    sent.once('continue', () => sent.write(first, () => resolve()))
  })
  const status = new Promise<number>((resolve, reject) => {
    sent.once('response', response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject)
  })
  onTestFinished(() => void sent.destroy())
  return { begun, status, end: rest => void sent.end(rest) }
}
