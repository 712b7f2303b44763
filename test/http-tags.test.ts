import { expect, test } from 'vitest'
import { signUrl, verifySignedUrl } from '../src/core/signed-url.js'
import type { HttpStorage, ServerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { ask, serve, serveStorage } from './support/http.js'

const KEY = 'an-api-key-of-the-test'
const bearer = { authorization: `Bearer ${KEY}` }

async function serveTagged(options: ServerOptions = {}) {
  const served = await serve(options)
  await served.storage.uploadFile(Buffer.from('Hello'), 'a/b.txt', { tags: { purpose: 'chat' } })
  return served
}

test('tags are read, replaced and taken away, and the file stays as it is', async () => {
  const { port, storage } = await serveTagged()
  const before = await storage.statFile('a/b.txt')
  const read = await ask(port, 'GET', '/uploads/a/b.txt?tags')
  expect([read.status, read.headers['content-type'], read.text]).toEqual([
    200,
    'application/json; charset=utf-8',
    '{"purpose":"chat"}',
  ])
  const head = await ask(port, 'HEAD', '/uploads/a/b.txt?tags')
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '18', ''])
  const put = await ask(port, 'PUT', '/uploads/a/b.txt?tags', { body: '{"raum":"Küche 1","keep":""}' })
  expect([put.status, put.text]).toEqual([204, ''])
  // What is answered is what is taken.
  const { text } = await ask(port, 'GET', '/uploads/a/b.txt?tags')
  expect(JSON.parse(text)).toEqual({ raum: 'Küche 1', keep: '' })
  expect((await ask(port, 'PUT', '/uploads/a/b.txt?tags=', { body: text })).status).toBe(204)
  expect((await ask(port, 'DELETE', '/uploads/a/b.txt?tags')).status).toBe(204)
  expect((await ask(port, 'GET', '/uploads/a/b.txt?tags')).text).toBe('{}')
  expect(await storage.statFile('a/b.txt')).toEqual({ ...before, tagCount: undefined })
  expect((await ask(port, 'GET', '/uploads/a/b.txt?v=3')).text).toBe('Hello')
})

test('what is beyond the limits is refused by name, and changes nothing', async () => {
  const { port, storage } = await serveTagged()
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`n${i}`, '']))
  const wrong: [body: string, message: RegExp][] = [
    [JSON.stringify(many), /at most 10 tags, and 11 were given/],
    [JSON.stringify({ ['n'.repeat(129)]: '' }), /tag name .*1 to 128/],
    [JSON.stringify({ n: 'v'.repeat(257) }), /tag value of "n".*at most 256/],
    ['{"aws:x":""}', /not starting with "aws:"/],
    ['{"n":1}', /tag value of "n"/],
    ['["n"]', /JSON object/],
    ['"n"', /JSON object/],
    ['null', /JSON object/],
    ['n=v', /JSON object/],
    ['', /JSON object/],
  ]
  for (const [body, message] of wrong) {
    const { status, json } = await ask(port, 'PUT', '/uploads/a/b.txt?tags', { body })
    expect([body, status, json.error.code]).toEqual([body, 400, 'INVALID_ARGUMENT'])
    expect(json.error.message).toMatch(message)
  }
  const large = await ask(port, 'PUT', '/uploads/a/b.txt?tags', { body: `"${'x'.repeat(70_000)}"` })
  expect([large.status, large.json.error.code]).toEqual([413, 'TOO_LARGE'])
  const full = { ['n'.repeat(128)]: 'v'.repeat(256) }
  const headers = { 'x-holdfast-tags': String(new URLSearchParams(many)) }
  const upload = await ask(port, 'PUT', '/uploads/new', { body: 'x', headers })
  expect([upload.status, upload.json.error.message]).toEqual([
    400,
    expect.stringMatching(/at most 10 tags, and 11/),
  ])
  expect(await storage.getFileTags('a/b.txt')).toEqual({ purpose: 'chat' })
  expect((await ask(port, 'PUT', '/uploads/a/b.txt?tags', { body: JSON.stringify(full) })).status).toBe(204)
  expect(await storage.getFileTags('a/b.txt')).toEqual(full)
})

test('a change of tags is never taken for one of the file', async () => {
  const { port, storage } = await serveTagged()
  for (const [method, query, allow] of [
    ['POST', 'tags', 'GET, HEAD, PUT, DELETE, OPTIONS'],
    ['PUT', 'keep', 'POST, OPTIONS'],
    ['DELETE', 'keep', 'POST, OPTIONS'],
    ['PUT', 'thaw', 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', 'thaw=1', 'GET, HEAD, POST, OPTIONS'],
  ] as const) {
    const { status, headers } = await ask(port, method, `/uploads/a/b.txt?${query}`)
    expect([method, query, status, headers.allow]).toEqual([method, query, 405, allow])
  }
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await ask(port, method, '/uploads/a/b.txt?tags&thaw')).status).toBe(400)
    const version = await ask(port, method, '/uploads/a/b.txt?versionId=3sL4kqtJlcpXroDTDmJ')
    expect([version.status, version.headers['x-holdfast-error']]).toEqual([501, 'UNSUPPORTED'])
    const headers = { 'if-match': '"another"' }
    if (method !== 'GET')
      expect((await ask(port, method, '/uploads/a/b.txt?tags', { headers })).status).toBe(400)
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const body = method === 'PUT' ? { body: '{}' } : {}
    expect((await ask(port, method, '/uploads/none?tags', body)).status).toBe(404)
  }
  expect((await storage.downloadFile('a/b.txt'))?.toString()).toBe('Hello')
  expect(await storage.getFileTags('a/b.txt')).toEqual({ purpose: 'chat' })
})

test('who may read the file reads its tags, who may write it changes them, and no signed URL does', async () => {
  const service = new StorageService({ config: {}, store: new MemoryStore() })
  await service.uploadFile(Buffer.from('Hello'), 'k', { tags: { purpose: 'chat' } })
  Object.assign(service, {
    verifySignedUrl: async (method: string, target: string) => verifySignedUrl(['secret'], method, target),
  })
  const asked: string[] = []
  const { port } = await serveStorage(service, {
    apiKeys: [KEY],
    authorize: (request, action, key) => {
      asked.push(`${action} ${key}`)
      return request.headers['x-may'] === action
    },
  })
  const status = async (method: string, headers = {}, path = '/uploads/k?tags') =>
    (await ask(port, method, path, { headers, ...(method === 'PUT' && { body: '{"n":"v"}' }) })).status
  expect(await status('GET', { 'x-may': 'read' })).toBe(200)
  expect(await status('GET', { 'x-may': 'write' })).toBe(404)
  for (const method of ['PUT', 'DELETE']) {
    expect(await status(method, { 'x-may': 'read' })).toBe(403)
    expect(await status(method, { 'x-may': 'delete' })).toBe(403)
    expect(await status(method, { 'x-may': 'write' })).toBe(204)
    expect(await status(method, bearer)).toBe(204)
  }
  expect(new Set(asked)).toEqual(new Set(['read k', 'write k']))
  for (const method of ['GET', 'PUT'] as const) {
    const url = signUrl(['secret'], 'k', { method, expiresInSeconds: 60 })
    expect(await status(method, {}, `${url}&tags`)).toBe(403)
    expect(await status(method, {}, url.replace('?', '?tags&'))).toBe(403)
  }
  expect(await service.getFileTags('k')).toEqual({})
})

test('a storage of the application that has no tags says so, and keeps the file', async () => {
  const service = new StorageService({ config: {}, store: new MemoryStore() })
  await service.uploadFile(Buffer.from('Hello'), 'k')
  const { uploadFile, openFile, statFile, deleteFile, list } = service
  const few = { uploadFile, openFile, statFile, deleteFile, list }
  const storage = Object.fromEntries(
    Object.entries(few).map(([name, method]) => [name, method.bind(service)]),
  )
  const { port } = await serveStorage(storage as unknown as HttpStorage)
  for (const [method, query] of [
    ['GET', 'tags'],
    ['PUT', 'tags'],
    ['DELETE', 'tags'],
    ['POST', 'keep'],
    ['POST', 'thaw'],
  ] as const) {
    const { status, json } = await ask(port, method, `/uploads/k?${query}`, {
      ...(method === 'PUT' && { body: '{}' }),
    })
    expect([method, query, status, json.error.code]).toEqual([method, query, 501, 'UNSUPPORTED'])
  }
  expect((await ask(port, 'GET', '/uploads/k')).text).toBe('Hello')
})
