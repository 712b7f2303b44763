import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createHandler, createServer as createHttpServer } from '../src/http/index.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { describeUnless } from './support/describe.js'
import { until } from './support/http.js'
import { EMBEDDINGS, PAYLOADS, PNG, scriptedPdf, TYPES } from './support/polyglots.js'

const CHROMIUM = process.env['HOLDFAST_TEST_CHROMIUM'] || '/usr/bin/chromium'
const missing = existsSync(CHROMIUM)
  ? undefined
  : `there is no browser at ${CHROMIUM} (apt-get install chromium)`

/** One second of silence as a WAV file. */
function silence(): Buffer {
  const wav = Buffer.alloc(44 + 16_000)
  wav.write('RIFF')
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20) // PCM
  wav.writeUInt16LE(1, 22) // channel
  wav.writeUInt32LE(8000, 24) // samples a second
  wav.writeUInt32LE(16_000, 28) // bytes a second
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34) // bits a sample
  wav.write('data', 36)
  wav.writeUInt32LE(16_000, 40)
  return wav
}

describeUnless(missing, 'in Chromium', () => {
  let browser: Browser
  let storage: StorageService
  let origin: string
  let closeServer: () => void
  /** What called home. */
  const beacons = new Set<string>()
  /** Content answered bare, as any file server would: to see that the tests would see. */
  const bare = new Map<string, { readonly type: string; readonly body: Buffer }>()

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    storage = new StorageService({ config: {}, store: new MemoryStore() })
    const handler = createHandler(storage)
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const found = bare.get(url.pathname)
      if (url.pathname === '/beacon') {
        beacons.add(url.search.slice(1))
        response.end()
      } else if (url.pathname === '/page') {
        response.setHeader('content-type', 'text/html').end(url.searchParams.get('body'))
      } else if (found !== undefined) response.setHeader('content-type', found.type).end(found.body)
      else handler(request, response)
    }
    const server = createServer(listener)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://localhost:${(server.address() as AddressInfo).port}`
    closeServer = () => {
      server.closeAllConnections()
      server.close()
    }
  })

  afterAll(async () => {
    await browser?.close()
    closeServer?.()
  })

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

  const embedding = (markup: string): string => `${origin}/page?body=${encodeURIComponent(markup)}`
  /** Long enough for what a document starts when it is loaded to reach the server. */
  const settle = (page: Page): Promise<void> => page.waitForTimeout(300)

  test('the bare files would run: these tests see it', async () => {
    const page = await openPage()
    const visited = [
      ['html', 'text/html'],
      ['svg', 'image/svg+xml'],
      ['xhtml', 'application/xhtml+xml'],
      ['pngHtml', 'text/html'],
    ] as const
    const embedded = [
      ['script', 'script', 'text/javascript'],
      ['module', 'script', 'text/javascript'],
      ['worker', 'script', 'text/javascript'],
      ['serviceWorker', 'script', 'text/javascript'],
      ['style', 'style', 'text/css'],
      ['frame', 'html', 'text/html'],
      ['object', 'svg', 'image/svg+xml'],
      ['embed', 'html', 'text/html'],
      ['script', 'gifScript', 'text/javascript'],
    ] as const
    const expected: string[] = []
    const serveBare = (payload: keyof typeof PAYLOADS, type: string): string => {
      const id = `bare-${expected.length}`
      const make = PAYLOADS[payload]
      if (make === undefined) throw new Error(`no payload ${payload}`)
      bare.set(`/${id}`, { type, body: make(id) })
      expected.push(id)
      return `/${id}`
    }
    for (const [payload, type] of visited) await visit(page, origin + serveBare(payload, type))
    const markup = embedded.map(([how, payload, type]) => EMBEDDINGS[how]?.(serveBare(payload, type)))
    await visit(page, embedding(markup.join('\n')))
    // Fails by the time limit, and then says which of them did not call home.
    await vi.waitFor(() => expect(expected.filter(id => !beacons.has(id))).toEqual([]), { timeout: 30_000 })
  })

  test.each(Object.entries(PAYLOADS))('%s runs under no type, opened or embedded', async (name, make) => {
    const page = await openPage()
    const dialogs: string[] = []
    page.on('dialog', dialog => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const urls: string[] = []
    for (const [index, type] of TYPES.entries()) {
      const id = `${name}-${index}`
      await storage.uploadFile(make(id), `polyglots/${id}`, type)
      urls.push(`/uploads/polyglots/${id}`)
    }
    for (const url of urls) await visit(page, origin + url)
    await visit(
      page,
      embedding(
        Object.values(EMBEDDINGS)
          .flatMap(embed => urls.map(embed))
          .join('\n'),
      ),
    )
    await settle(page)
    expect([...beacons].filter(id => id.startsWith(`${name}-`))).toEqual([])
    expect(dialogs).toEqual([])
  })

  test('an uploaded PNG is shown, by itself and in a page', async () => {
    await storage.uploadFile(PNG, 'picture.png', 'image/png')
    const page = await openPage()
    const response = await page.goto(`${origin}/uploads/picture.png`)
    expect(response?.status()).toBe(200)
    expect(await page.evaluate('document.images[0]?.naturalWidth')).toBe(10)
    await page.goto(embedding('<img src="/uploads/picture.png">'))
    expect(await page.evaluate('document.images[0]?.naturalWidth')).toBe(10)
  })

  test('an uploaded WAV plays, by itself and in a page', async () => {
    await storage.uploadFile(silence(), 'voice.wav', 'audio/wav')
    const page = await openPage()
    const duration = `document.querySelector('audio, video')?.duration`
    await page.goto(`${origin}/uploads/voice.wav`)
    await until(async () => (await page.evaluate(duration)) === 1)
    await page.goto(embedding('<audio src="/uploads/voice.wav"></audio>'))
    await until(async () => (await page.evaluate(duration)) === 1)
  })

  test('files that are stored compressed are shown, played, fetched and saved as they were', async () => {
    const compress = 'gzip'
    const text = 'a line that comes again\n'.repeat(10_000)
    const svg = PAYLOADS['svg']?.('compressed-svg') ?? Buffer.alloc(0)
    const drawing = Buffer.concat([svg, Buffer.alloc(20_000, ' ')])
    await storage.uploadFile(silence(), 'packed.wav', { contentType: 'audio/wav', compress })
    await storage.uploadFile(drawing, 'packed.svg', { contentType: 'image/svg+xml', compress })
    await storage.uploadFile(Buffer.from(text), 'packed.log', { contentType: 'application/x-log', compress })
    for (const key of ['packed.wav', 'packed.svg', 'packed.log'])
      expect((await storage.statFile(key)).compressed?.encoding).toBe(compress)
    const page = await openPage()
    await page.goto(`${origin}/uploads/packed.wav`)
    await until(async () => (await page.evaluate(`document.querySelector('audio, video')?.duration`)) === 1)
    await page.goto(embedding('<img src="/uploads/packed.svg">'))
    expect(await page.evaluate('document.images[0]?.naturalWidth')).toBe(9)
    for (let time = 0; time < 2; time++) {
      expect(await page.evaluate(`fetch('/uploads/packed.log').then(answer => answer.text())`)).toBe(text)
    }
    const range = `fetch('/uploads/packed.log', { headers: { range: 'bytes=2-5' } }).then(answer => answer.text())`
    expect(await page.evaluate(range)).toBe(text.slice(2, 6))
    const download = page.waitForEvent('download')
    await visit(page, `${origin}/uploads/packed.log`)
    expect(readFileSync(await (await download).path(), 'utf8')).toBe(text)
  })

  test('an SVG is shown in a page, where it runs nothing, and is downloaded by itself', async () => {
    await storage.uploadFile(
      PAYLOADS['svg']?.('shown-svg') ?? Buffer.alloc(0),
      'drawing.svg',
      'image/svg+xml',
    )
    const page = await openPage()
    await page.goto(embedding('<img src="/uploads/drawing.svg">'))
    expect(await page.evaluate('document.images[0]?.naturalWidth')).toBe(9)
    const download = page.waitForEvent('download')
    await visit(page, `${origin}/uploads/drawing.svg`)
    expect((await download).suggestedFilename()).toBe('drawing.svg')
    expect(beacons.has('shown-svg')).toBe(false)
  })

  test('a PDF opens in its viewer, and is not downloaded', async () => {
    await storage.uploadFile(scriptedPdf('shown-pdf'), 'paper.pdf', 'application/pdf')
    const page = await openPage()
    const downloads: string[] = []
    page.on('download', download => downloads.push(download.suggestedFilename()))
    const messages: string[] = []
    page.on('console', message => messages.push(message.text()))
    await page.goto(`${origin}/uploads/paper.pdf`)
    await until(() => page.frames().some(frame => frame.url().startsWith('chrome-extension://')))
    await settle(page)
    expect(downloads).toEqual([])
    expect(messages.filter(text => /Content Security Policy/.test(text))).toEqual([])
    expect(beacons.has('shown-pdf')).toBe(false)
  })

  test.each([
    ['café ☕ 😀.txt', 'café ☕ 😀.txt'],
    ['<img src=x onerror=alert(1)>.html', /^[^<>]*img src=x onerror=alert\(1\)[^<>]*\.html$/],
    ['../../../etc/passwd', 'passwd'],
    ['a"; filename="evil.exe', /^a.*filename=.*evil\.exe$/],
    ["x'; DROP TABLE.txt", "x'; DROP TABLE.txt"],
    ['100%25.txt', '100%25.txt'],
  ])('the file name %j is what is offered to save under', async (fileName, offered) => {
    await storage.uploadFile(Buffer.from('x'), 'named', { contentType: 'text/html', fileName })
    const page = await openPage()
    const download = page.waitForEvent('download')
    await visit(page, `${origin}/uploads/named`)
    if (typeof offered === 'string') expect((await download).suggestedFilename()).toBe(offered)
    else expect((await download).suggestedFilename()).toMatch(offered)
  })

  test('a page stores new files with progress, and no page of another site does', async () => {
    const uploads = new StorageService({ config: {}, store: new MemoryStore() })
    const server = createHttpServer(uploads, { port: 0, authorize: () => true })
    const { port } = await server.listen()
    onTestFinished(async () => {
      await server.close({ drainMs: 0 })
      await uploads.close()
    })
    const page = await openPage()
    await page.goto(`${origin}/page?body=hello`)
    // Run in the page: this file knows nothing of its globals.
    const upload = `new Promise(resolve => {
      const request = new XMLHttpRequest()
      let sent = 0
      request.upload.onprogress = event => { sent = event.loaded }
      request.onerror = () => resolve({ status: 'none' })
      request.onload = () => resolve({ status: request.status, sent, ...JSON.parse(request.responseText) })
      request.open('POST', '/uploads/rooms/42/')
      request.setRequestHeader('content-disposition', "inline; filename*=UTF-8''a.PNG")
      request.send(new Blob([new Uint8Array(3_000_000)], { type: 'image/png' }))
    })`
    expect(await page.evaluate(upload)).toMatchObject({
      status: 201,
      sent: 3_000_000,
      key: expect.stringMatching(/^rooms\/42\/[a-z2-7]{26}\.png$/),
      contentType: 'image/png',
    })
    const sent = `fetch('http://127.0.0.1:${port}/uploads/rooms/42/', { method: 'POST', body: 'x', mode: 'no-cors' })`
    expect(await page.evaluate(`${sent}.then(answer => answer.type)`)).toBe('opaque')
    expect(await uploads.listFiles()).toHaveLength(0)
  })

  describe('the page at /', () => {
    test('is complete, and breaks no rule of its own policy', async () => {
      const page = await openPage()
      const messages: string[] = []
      page.on('console', message => messages.push(message.text()))
      const requests: string[] = []
      page.on('request', request => requests.push(request.url()))
      await page.goto(`${origin}/`)
      expect(await page.title()).toBe('Holdfast')
      expect(await page.textContent('.state')).toBe('Working')
      expect(await page.textContent('dl')).toContain('./uploads')
      expect(await page.evaluate(`getComputedStyle(document.querySelector('main')).borderRadius`)).toBe(
        '16px',
      )
      expect(messages).toEqual([])
      expect(requests.filter(url => !url.endsWith('/favicon.ico'))).toEqual([`${origin}/`])
      for (const link of await page.locator('nav a').all()) {
        const href = (await link.getAttribute('href')) ?? ''
        expect((await page.request.get(origin + href)).status()).toBe(200)
      }
    })

    test('fits a phone', async () => {
      const page = await openPage()
      await page.setViewportSize({ width: 360, height: 740 })
      await page.goto(`${origin}/`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    })
  })
})
