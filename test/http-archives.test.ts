import { expect, test } from 'vitest'
import { accessOf } from './support/bucket-settings.js'
import { useService, useStub } from './support/failover-service.js'
import { type Answer, ask, serveStorage } from './support/http.js'

const KEY = 'an-api-key-of-the-test'
const bearer = { authorization: `Bearer ${KEY}` }

async function serveArchive() {
  const stub = await useStub()
  stub.restoreMs = 3_600_000
  const storage = await useService(accessOf(stub), { config: { publicUrl: 'http://files.example' } })
  await storage.uploadFile(Buffer.from('Hello'), 'a.pdf', {
    storageClass: 'GLACIER',
    contentType: 'application/pdf',
  })
  await storage.uploadFile(Buffer.from('Hello'), 'b.txt')
  const { port } = await serveStorage(storage, {
    apiKeys: [KEY],
    authorize: (request, action) => request.headers['x-may'] === action,
  })
  const send = (method: string, path: string, headers: Record<string, string> = bearer): Promise<Answer> =>
    ask(port, method, path, { headers })
  return { stub, storage, port, send }
}

test('a file in an archive tells how it stands, is asked for, and is read when it is there', async () => {
  const { stub, storage, send } = await serveArchive()
  const signed = (await storage.generatePresignedUrl('a.pdf')).slice('http://files.example'.length)
  const reads = async (state: string): Promise<void> => {
    for (const [path, headers] of [
      ['/uploads/a.pdf', bearer],
      ['/uploads/a.pdf', { ...bearer, range: 'bytes=0-1' }],
      ['/uploads/a.pdf', { ...bearer, 'if-none-match': '"other"' }],
      [signed, {}],
    ] as [string, Record<string, string>][]) {
      const got = await send('GET', path, headers)
      expect([got.status, got.json.error]).toEqual([
        409,
        {
          code: 'ARCHIVED',
          message: expect.stringContaining(state === 'thawing' ? 'is being thawed' : '?thaw'),
          key: 'a.pdf',
          retryable: false,
          storageClass: 'GLACIER',
          archive: { state },
        },
      ])
      expect([got.headers['x-holdfast-error'], got.headers['x-holdfast-archive']]).toEqual([
        'ARCHIVED',
        state,
      ])
      expect(got.headers['retry-after']).toBeUndefined()
    }
    const head = await send('HEAD', '/uploads/a.pdf')
    expect([head.status, head.headers['x-holdfast-archive']]).toEqual([200, state])
    const told = await send('GET', '/uploads/a.pdf?thaw')
    expect([told.status, told.json]).toEqual([
      200,
      { key: 'a.pdf', storageClass: 'GLACIER', archive: { state } },
    ])
  }
  await reads('archived')
  const asked = await send('POST', '/uploads/a.pdf?thaw&days=2&tier=Bulk')
  expect([asked.status, asked.json.archive]).toEqual([202, { state: 'thawing' }])
  await reads('thawing')
  const bucket = stub.buckets.get('stub')
  const object = bucket?.find('a.pdf')
  if (bucket === undefined || object?.restore === undefined) throw new Error('Nobody asked for it.')
  const { from, until } = object.restore
  expect(Math.round((until - from) / 86_400_000)).toBe(2)
  bucket.objects.set('a.pdf', { ...object, restore: { from: Date.now() - 1, until } })
  const got = await send('GET', '/uploads/a.pdf')
  expect([got.status, got.text]).toEqual([200, 'Hello'])
  expect(got.headers['x-holdfast-archive']).toMatch(/^thawed; until="\w{3}, .* GMT"$/)
  const again = await send('POST', '/uploads/a.pdf?thaw')
  expect([again.status, again.json.archive.state, again.json.archive.until]).toEqual([
    200,
    'thawed',
    expect.stringMatching(/Z$/),
  ])
  const other = await send('POST', '/uploads/b.txt?thaw')
  expect([other.status, other.json]).toEqual([200, { key: 'b.txt', storageClass: 'STANDARD' }])
})

test('a thaw is for who may write, and refuses what makes no sense', async () => {
  const { storage, send } = await serveArchive()
  expect((await send('POST', '/uploads/a.pdf?thaw', { 'x-may': 'read' })).status).toBe(403)
  expect((await send('GET', '/uploads/a.pdf?thaw', { 'x-may': 'write' })).status).toBe(404)
  expect((await send('GET', '/uploads/a.pdf?thaw', { 'x-may': 'read' })).status).toBe(200)
  for (const query of ['days=0', 'days=x', 'days=-1', 'days=1.5', 'tier=bulk', 'tier=Slow']) {
    const refused = await send('POST', `/uploads/a.pdf?thaw&${query}`)
    expect([query, refused.status, refused.json.error.code]).toEqual([query, 400, 'INVALID_ARGUMENT'])
  }
  expect((await storage.statFile('a.pdf')).archive).toEqual({ state: 'archived' })
  for (const method of ['GET', 'POST']) expect((await send(method, '/uploads/none?thaw')).status).toBe(404)
  expect((await send('POST', '/uploads/a.pdf?thaw', { 'x-may': 'write' })).status).toBe(202)
})
