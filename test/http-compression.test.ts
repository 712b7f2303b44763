import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { UploadOptions } from '../src/index.js'
import { ask, serve, type TestServer } from './support/http.js'

const TEXT = Buffer.from('{"room":42,"text":"hello"}\n'.repeat(2000))
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1'), TEXT])
const PATH = '/uploads/file'

async function serving(options: UploadOptions, bytes = TEXT): Promise<TestServer> {
  const server = await serve()
  await server.storage.uploadFile(bytes, 'file', { contentType: 'application/json', ...options })
  return server
}

const digestOf = (hex: string | undefined): string =>
  `sha-256=:${Buffer.from(hex ?? '', 'hex').toString('base64')}:`

test('a client that takes the encoding gets the bytes as they are stored', async () => {
  const { port, storage } = await serving({ compress: 'gzip' })
  const { etag, compressed } = await storage.statFile('file')
  for (const accept of ['gzip', 'gzip, deflate, br, zstd', 'x-gzip', 'br;q=1.0, *;q=0.5', 'GZIP;q=0.001']) {
    const headers = { 'accept-encoding': accept }
    const got = await ask(port, 'GET', PATH, { headers })
    expect(got.status, accept).toBe(200)
    expect(gunzipSync(got.body)).toEqual(TEXT)
    expect(got.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-length': String(compressed?.size),
      'content-type': 'application/json',
      etag: `"${etag}--gzip"`,
      vary: 'Accept-Encoding',
      'repr-digest': digestOf(compressed?.sha256),
    })
    const { date: _, ...told } = got.headers
    const head = await ask(port, 'HEAD', PATH, { headers })
    expect(head.headers, accept).toMatchObject(told)
    expect(head.body.length).toBe(0)
  }
})

test('any other client gets the content itself', async () => {
  const { port, storage } = await serving({ compress: 'gzip' })
  const { etag, sha256 } = await storage.statFile('file')
  const others = [undefined, '', 'br', 'identity', '*;q=0', 'gzip;q=0', 'gzip;q=0.5, identity', 'gzip;q=x']
  for (const accept of others) {
    const headers = accept === undefined ? {} : { 'accept-encoding': accept }
    const got = await ask(port, 'GET', PATH, { headers })
    expect(got.body, accept).toEqual(TEXT)
    expect(got.headers['content-encoding']).toBeUndefined()
    expect(got.headers).toMatchObject({
      'content-length': String(TEXT.length),
      etag: `"${etag}"`,
      vary: 'Accept-Encoding',
      'repr-digest': digestOf(sha256),
    })
    const { date: _, ...told } = got.headers
    expect((await ask(port, 'HEAD', PATH, { headers })).headers).toMatchObject(told)
  }
})

test('each encoding goes to who takes it', async () => {
  const { port } = await serving({ compress: 'br' })
  const got = await ask(port, 'GET', PATH, { headers: { 'accept-encoding': 'gzip, br' } })
  expect(got.headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(got.body)).toEqual(TEXT)
  expect((await ask(port, 'GET', PATH, { headers: { 'accept-encoding': 'gzip' } })).body).toEqual(TEXT)
})

test('a range is one of the content, whatever the client takes', async () => {
  const { port, storage } = await serving({ compress: 'gzip' })
  const { etag } = await storage.statFile('file')
  const accept = { 'accept-encoding': 'gzip' }
  const part = await ask(port, 'GET', PATH, { headers: { ...accept, range: 'bytes=50000-50099' } })
  expect(part.status).toBe(206)
  expect(part.body).toEqual(TEXT.subarray(50000, 50100))
  expect(part.headers).toMatchObject({
    'content-range': `bytes 50000-50099/${TEXT.length}`,
    etag: `"${etag}"`,
    vary: 'Accept-Encoding',
  })
  expect(part.headers['content-encoding']).toBeUndefined()
  const past = await ask(port, 'GET', PATH, { headers: { range: `bytes=${TEXT.length}-` } })
  expect(past.status).toBe(416)
  expect(past.headers['content-range']).toBe(`bytes */${TEXT.length}`)
  // A part of the compressed bytes cannot be gone on with: the whole is the answer.
  const ifRange = { ...accept, range: 'bytes=100-', 'if-range': `"${etag}--gzip"` }
  const whole = await ask(port, 'GET', PATH, { headers: ifRange })
  expect(whole.status).toBe(200)
  expect(whole.headers.etag).toBe(`"${etag}"`)
  expect(whole.body).toEqual(TEXT)
  const goesOn = await ask(port, 'GET', PATH, { headers: { ...ifRange, 'if-range': `"${etag}"` } })
  expect(goesOn.status).toBe(206)
  expect(goesOn.body).toEqual(TEXT.subarray(100))
})

test('conditions are on the representation that they name', async () => {
  const { port, storage } = await serving({ compress: 'gzip' })
  const { etag } = await storage.statFile('file')
  const accept = { 'accept-encoding': 'gzip' }
  const encoded = `"${etag}--gzip"`
  const plain = `"${etag}"`
  for (const method of ['GET', 'HEAD']) {
    const status = async (headers: Record<string, string>) =>
      (await ask(port, method, PATH, { headers })).status
    const fresh = await ask(port, method, PATH, { headers: { ...accept, 'if-none-match': encoded } })
    expect(fresh.status).toBe(304)
    expect(fresh.headers).toMatchObject({ etag: encoded, vary: 'Accept-Encoding' })
    const kept = await ask(port, method, PATH, { headers: { ...accept, 'if-none-match': plain } })
    expect(kept.status).toBe(304)
    expect(kept.headers.etag).toBe(plain)
    expect(await status({ 'if-none-match': encoded })).toBe(200)
    expect(await status({ ...accept, 'if-none-match': '"other"' })).toBe(200)
    expect(await status({ ...accept, 'if-match': encoded })).toBe(200)
    expect(await status({ ...accept, 'if-match': plain })).toBe(200)
    expect(await status({ 'if-match': plain })).toBe(200)
    expect(await status({ 'if-match': encoded })).toBe(412)
    expect(await status({ ...accept, 'if-match': '"other"' })).toBe(412)
  }
  const named = await ask(port, 'GET', PATH, { headers: { ...accept, 'if-match': plain } })
  expect(named.body).toEqual(TEXT)
  const changed = await ask(port, 'GET', PATH, { headers: { ...accept, 'if-none-match': '"other"' } })
  expect(gunzipSync(changed.body)).toEqual(TEXT)
})

test('a write may name the tag of either representation', async () => {
  const { port, storage } = await serving({ compress: 'gzip' })
  const { etag } = await storage.statFile('file')
  const ifMatch = { 'if-match': `"${etag}--gzip"` }
  expect(
    (await ask(port, 'PUT', PATH, { headers: { 'if-match': `"${etag}--br2"` }, body: 'x' })).status,
  ).toBe(412)
  expect(
    (await ask(port, 'PUT', PATH, { headers: { 'if-none-match': ifMatch['if-match'] }, body: 'x' })).status,
  ).toBe(412)
  expect((await ask(port, 'PUT', PATH, { headers: ifMatch, body: 'x' })).status).toBe(200)
  expect((await ask(port, 'DELETE', PATH, { headers: ifMatch })).status).toBe(412)
  expect(await storage.downloadFile('file')).toEqual(Buffer.from('x'))
})

test('a document is shown by what it holds, not by how it is stored', async () => {
  const { port } = await serving({ compress: 'gzip', contentType: 'application/pdf' }, PDF)
  for (const method of ['GET', 'HEAD']) {
    const got = await ask(port, method, PATH, { headers: { 'accept-encoding': 'gzip' } })
    expect(got.headers['content-encoding']).toBe('gzip')
    expect(got.headers['content-disposition']).toMatch(/^inline/)
  }
  const page = await serving({ compress: 'gzip', contentType: 'application/pdf' })
  const got = await ask(page.port, 'GET', PATH, { headers: { 'accept-encoding': 'gzip' } })
  expect(got.headers['content-disposition']).toMatch(/^attachment/)
})

test('what the caller had encoded is served as it is', async () => {
  const { port } = await serving({ contentEncoding: 'gzip' })
  const got = await ask(port, 'GET', PATH)
  expect(got.headers['content-encoding']).toBe('gzip')
  expect(got.headers.vary).toBeUndefined()
  expect(got.body).toEqual(TEXT)
})

test('Vary names what else the answer depends on', async () => {
  const server = await serve({ cors: { origins: ['https://chat.example.com'] }, apiKeys: [] })
  await server.storage.uploadFile(TEXT, 'file', { compress: 'gzip' })
  const got = await ask(server.port, 'GET', PATH, { headers: { origin: 'https://chat.example.com' } })
  expect(got.headers.vary).toBe('Origin, Accept-Encoding')
})

test('fetch undoes the encoding', async () => {
  const { url } = await serving({ compress: 'auto' })
  const answer = await fetch(`${url}${PATH}`)
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(TEXT)
})
