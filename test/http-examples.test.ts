import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ask } from './support/http.js'
import { start } from './support/process.js'

/** Runs an example on a free port, with a folder of its own. */
async function run(name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const env = { PORT: '0', LOCAL_STORAGE_PATH: folder }
  const child = start(process.execPath, [`examples/${name}.mjs`], { env })
  const [, port] = await child.says(/Listening on http:\/\/127\.0\.0\.1:(\d+)/)
  const stop = async (): Promise<void> => {
    child.process.kill('SIGTERM')
    const { code, signal, stderr } = await child.ended
    expect([code, signal, stderr]).toEqual([0, null, ''])
  }
  return { port: Number(port), stop }
}

test.each(['node-http', 'fastify'])('examples/%s.mjs serves files beside the application', async name => {
  const { port, stop } = await run(name)
  const body = Buffer.alloc(100_000, 'x')
  expect(
    (await ask(port, 'PUT', '/uploads/a%20b', { body, headers: { 'content-type': 'application/json' } }))
      .status,
  ).toBe(201)
  expect((await ask(port, 'GET', '/uploads/a%20b')).body.equals(body)).toBe(true)
  expect((await ask(port, 'GET', '/hello')).text).toBe('Hello from the application\n')
  await stop()
})

test('examples/pictures.mjs signs for pictures, and lets in nobody without a signature', async () => {
  const { port, stop } = await run('pictures')
  const page = await ask(port, 'GET', '/')
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html'])
  expect((await ask(port, 'POST', '/sign?type=text/html')).status).toBe(400)
  const { upload, show, path } = (await ask(port, 'POST', '/sign?type=image/png')).json
  const pathOf = (url: string): string => url.replace(`http://127.0.0.1:${port}`, '')
  const headers = { 'content-type': 'image/png' }
  expect((await ask(port, 'PUT', pathOf(upload), { body: 'x', headers })).status).toBe(201)
  expect((await ask(port, 'GET', pathOf(show))).text).toBe('x')
  expect((await ask(port, 'GET', path)).status).toBe(404)
  expect((await ask(port, 'PUT', path, { body: 'x', headers })).status).toBe(403)
  await stop()
})

test('examples/express.mjs keeps users apart, and lets them share', async () => {
  const { port, stop } = await run('express')
  const as = (user: string) => ({ 'x-user': user })
  expect((await ask(port, 'PUT', '/uploads/ada/k', { body: 'Hello', headers: as('ada') })).status).toBe(201)
  expect((await ask(port, 'GET', '/uploads/ada/k', { headers: as('ada') })).text).toBe('Hello')
  expect((await ask(port, 'GET', '/uploads/ada/k', { headers: as('eve') })).status).toBe(404)
  expect((await ask(port, 'GET', '/uploads/ada/k')).status).toBe(404)
  expect((await ask(port, 'PUT', '/uploads/ada/k', { body: 'x', headers: as('eve') })).status).toBe(403)
  const share = (user: string) =>
    ask(port, 'POST', '/share', {
      body: JSON.stringify({ key: 'ada/k' }),
      headers: { ...as(user), 'content-type': 'application/json' },
    })
  expect((await share('eve')).status).toBe(403)
  expect((await ask(port, 'GET', (await share('ada')).json.url)).text).toBe('Hello')
  await stop()
})
