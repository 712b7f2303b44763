import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { fastify } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHandler, type HandlerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, openWire } from './support/http.js'

const MIB = 1024 * 1024

function mounted(options: HandlerOptions = {}) {
  const storage = new StorageService({ config: {}, store: new MemoryStore() })
  return { storage, handler: createHandler(storage, options) }
}

/** Listens with the application until the test is over. @returns the port */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Everything that a mounted handler must do, at a path. */
async function works(port: number, base = ''): Promise<void> {
  const body = Buffer.alloc(MIB, 'x')
  const path = `${base}/uploads/uploads/a%20b%2Fc`
  const put = await ask(port, 'PUT', path, { body, headers: { 'content-type': 'application/json' } })
  expect([put.status, put.json.key, put.headers.location]).toEqual([
    201,
    'uploads/a b/c',
    `${base}/uploads/uploads/a%20b/c`,
  ])
  expect((await ask(port, 'GET', path)).body.equals(body)).toBe(true)
  expect((await ask(port, 'GET', path, { headers: { range: 'bytes=1-3' } })).text).toBe('xxx')
  expect((await ask(port, 'HEAD', path)).headers['content-length']).toBe(String(MIB))
  expect((await ask(port, 'GET', `${base}/uploads?prefix=uploads/`)).json.files).toHaveLength(1)
  expect((await ask(port, 'GET', `${base}/uploads/a%2F..%2Fb`)).status).toBe(400)
  expect((await ask(port, 'GET', `${base}/uploads/none`)).status).toBe(404)
  expect((await ask(port, 'POST', path)).status).toBe(405)
  expect((await ask(port, 'DELETE', path)).status).toBe(204)
  expect((await ask(port, 'GET', path)).status).toBe(404)
}

describe('node:http', () => {
  test('takes the handler as it is', async () => {
    const { handler } = mounted()
    const port = await listen(handler)
    await works(port)
    expect((await ask(port, 'GET', '/healthz')).status).toBe(200)
  })

  test('many first requests at once are all answered', async () => {
    const { handler } = mounted()
    const port = await listen(handler)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET', '/healthz')))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  })

  test('below a path, nothing outside of it is answered as if it were inside', async () => {
    const { handler } = mounted({ basePath: '/files' })
    const port = await listen(handler)
    await works(port, '/files')
    for (const path of ['/uploads/k', '/filesuploads/k', '/'])
      expect((await ask(port, 'GET', path)).status).toBe(404)
    expect((await ask(port, 'GET', '/files')).text).toMatch(/href="\/files\/status"/)
  })

  test('sends 100 Continue by itself, and no second one comes', async () => {
    const { handler } = mounted()
    const port = await listen(handler)
    const wire = openWire(port)
    wire.write(
      'PUT /uploads/k HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
    )
    await wire.says(/100 Continue/)
    wire.write('Hello')
    expect(await wire.closed).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
  })

  test('without access rules only this machine is served', async () => {
    const { handler } = mounted()
    const port = await listen(handler)
    expect((await ask(port, 'GET', '/uploads', { headers: { host: 'evil.example' } })).status).toBe(403)
  })
})

describe('Express', () => {
  test.each([undefined, '/uploads'])('mounts it at %s, and has everything else for itself', async at => {
    const { handler } = mounted()
    const app = express()
    if (at === undefined) app.use(handler)
    else app.use(at, handler)
    app.use(express.json())
    app.get(['/', '/status', '/uploadsx'], (_request, response) => void response.send('the application'))
    const port = await listen(app)
    await works(port)
    for (const path of ['/', '/status', '/uploadsx'])
      expect((await ask(port, 'GET', path)).text).toBe('the application')
    expect((await ask(port, 'GET', '/nothing')).status).toBe(404)
  })

  test('mounts it below a path', async () => {
    const { handler } = mounted({ basePath: '/files' })
    const app = express()
    app.use('/files', handler)
    const port = await listen(app)
    await works(port, '/files')
    expect((await ask(port, 'GET', '/uploads/k')).text).toMatch(/Cannot GET/)
  })

  test("gives authorize what the application's own middleware found out", async () => {
    const { handler, storage } = mounted({
      authorize: (request, _action, key) =>
        key.startsWith(`${(request as express.Request & { user?: string }).user}/`),
    })
    await storage.uploadFile(Buffer.from('Hello'), 'ada/k')
    const app = express()
    app.use((request, _response, next) => {
      Object.assign(request, { user: request.get('x-user') })
      next()
    })
    app.use(handler)
    const port = await listen(app)
    expect((await ask(port, 'GET', '/uploads/ada/k', { headers: { 'x-user': 'ada' } })).text).toBe('Hello')
    expect((await ask(port, 'GET', '/uploads/ada/k', { headers: { 'x-user': 'eve' } })).status).toBe(404)
  })

  test('with a body parser before it stores nothing rather than an empty file', async () => {
    const { handler, storage } = mounted()
    const app = express()
    app.use(express.json())
    app.use(handler)
    const port = await listen(app)
    for (const framing of [{}, { 'transfer-encoding': 'chunked' }]) {
      const headers = { 'content-type': 'application/json', ...framing }
      const put = await ask(port, 'PUT', '/uploads/k', { body: '{"a":1}', headers })
      expect([put.status, put.json.error.code]).toEqual([500, 'INTERNAL'])
      expect(put.json.error.message).toMatch(/before any body parser/)
    }
    expect(await storage.fileExists('k')).toBe(false)
  })
})

test('Fastify hands its raw request over', async () => {
  const { handler } = mounted()
  const app = fastify()
  await app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const url of ['/uploads', '/uploads/*']) {
      scope.all(url, (request, reply) => {
        reply.hijack()
        handler(request.raw, reply.raw)
      })
    }
  })
  app.get('/', async () => 'the application')
  onTestFinished(async () => void (await app.close()))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  await works(port)
  expect((await ask(port, 'GET', '/')).text).toBe('the application')
})
