import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createHandler, type HandlerOptions } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { startS3Stub } from '../src/testing/index.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { describeUnless } from './support/describe.js'
import { EMBEDDINGS, PAYLOADS, PNG } from './support/polyglots.js'

const CHROMIUM = process.env['HOLDFAST_TEST_CHROMIUM'] || '/usr/bin/chromium'
const missing = existsSync(CHROMIUM)
  ? undefined
  : `there is no browser at ${CHROMIUM} (apt-get install chromium)`

/** Serves until the test is over. @returns the port */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/**
 * A bucket and the server that sends on to it, each of an origin of its own; what asks either of them for `/beacon` is
 * noted. The server also shows `/page`, which holds what a test says.
 */
async function openServed(options: HandlerOptions = {}) {
  const stub = await startS3Stub()
  onTestFinished(() => stub.close())
  const beacons = new Set<string>()
  const shown = { markup: '' }
  stub.fault = ({ bucket, query }) => {
    if (bucket === 'beacon') beacons.add([...query.keys()].join())
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-redirect-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await listen((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/beacon') {
      beacons.add(url.search.slice(1))
      response.end()
    } else if (url.pathname === '/page') {
      response.setHeader('content-type', 'text/html').end(shown.markup)
    } else handler(request, response)
  })
  const origin = `http://localhost:${port}`
  const storage = new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      localStoragePath: folder,
      publicUrl: origin,
      probeIntervalMs: 100,
      spoolReserveBytes: 0,
    },
  })
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  const handler = createHandler(storage, { authorize: () => false, ...options })
  return { stub, storage, origin, beacons, shown }
}

describeUnless(missing, 'a browser that is sent on to a bucket', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })

  afterAll(() => browser?.close())

  async function openPage(): Promise<Page> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    return context.newPage()
  }

  /** Goes to a URL, whose answer may be a download. */
  async function visit(page: Page, url: string): Promise<void> {
    await page.goto(url, { waitUntil: 'load' }).catch((error: Error) => {
      if (!/Download is starting|ERR_ABORTED|ERR_INVALID_RESPONSE/.test(error.message)) throw error
    })
  }

  test('runs nothing of an upload, opened or embedded, in any origin', async () => {
    const { stub, storage, origin, beacons, shown } = await openServed()
    const page = await openPage()
    const types = ['image/png', 'application/pdf', 'application/octet-stream']
    const urls: string[] = []
    for (const [name, make] of Object.entries(PAYLOADS)) {
      for (const type of types) {
        const key = `${name}-${urls.length}`
        await storage.uploadFile(make(key), key, type)
        urls.push(await storage.generatePresignedUrl(key, { disposition: 'inline' }))
      }
    }
    const before = stub.counts['GetObject'] ?? 0
    for (const url of urls) await visit(page, url)
    const embedded = Object.values(EMBEDDINGS).flatMap(embed => urls.map(embed))
    shown.markup = embedded.join('\n')
    await visit(page, `${origin}/page`)
    // Long enough for what a document starts when it is loaded to reach the servers.
    await page.waitForTimeout(500)
    expect([...beacons]).toEqual([])
    // The bucket was really gone to.
    expect((stub.counts['GetObject'] ?? 0) - before).toBeGreaterThan(urls.length / 3)
    // And the bare bucket's answers run: this test would see it.
    const bare = async (name: string, type: string): Promise<string> => {
      await storage.uploadFile(PAYLOADS[name]?.(`bare-${name}`) ?? Buffer.alloc(0), `bare-${name}`, type)
      return storage.generatePresignedUrl(`bare-${name}`, { direct: true })
    }
    await visit(page, await bare('html', 'text/html'))
    shown.markup = EMBEDDINGS['script']?.(await bare('script', 'application/octet-stream')) ?? ''
    await visit(page, `${origin}/page`)
    await vi.waitFor(() => expect([...beacons].sort()).toEqual(['bare-html', 'bare-script']), {
      timeout: 30_000,
    })
  })

  test('from a page of another origin reads by script too, though the bucket has no CORS rules', async () => {
    const port = await listen((_request, response) => response.end('<!doctype html><title>Other</title>'))
    // Another site than `localhost`, not only another origin.
    const other = `http://127.0.0.1:${port}`
    const { stub, storage } = await openServed({
      cors: { origins: [other] },
      crossOriginResourcePolicy: 'cross-origin',
    })
    const upload = await storage.generatePresignedUrl('k', { method: 'PUT', contentType: 'image/png' })
    const show = await storage.generatePresignedUrl('k')
    const check = async (body: Buffer, fallback: boolean): Promise<void> => {
      const page = await openPage()
      await page.goto(other)
      const put = `fetch(${JSON.stringify(upload)}, {
        method: 'PUT',
        headers: { 'Content-Type': 'image/png' },
        body: Uint8Array.from(atob('${body.toString('base64')}'), character => character.charCodeAt(0)),
      }).then(answer => answer.json()).then(result => result.fallback)`
      expect(await page.evaluate(put)).toBe(fallback)
      const width = `new Promise(resolve => {
        const picture = new Image()
        picture.onload = picture.onerror = () => resolve(picture.naturalWidth)
        picture.src = ${JSON.stringify(show)}
      })`
      expect(await page.evaluate(width)).toBe(10)
      const read = `fetch(${JSON.stringify(show)}).then(answer => answer.arrayBuffer()).then(bytes => bytes.byteLength)`
      expect(await page.evaluate(read)).toBe(body.length)
    }
    await check(PNG, false)
    await stub.goDown()
    await check(Buffer.concat([PNG, Buffer.from('longer')]), true)
  })
})
