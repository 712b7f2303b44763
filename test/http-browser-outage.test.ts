import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { type Browser, chromium, type Page, type Response as PageResponse } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startS3Stub } from '../src/testing/index.js'
import { openBucket } from './support/bucket.js'
import { describeUnless } from './support/describe.js'
import { ask, until } from './support/http.js'
import { start } from './support/process.js'
import { describeCeph } from './support/real-server.js'

const CHROMIUM = process.env['HOLDFAST_TEST_CHROMIUM'] || '/usr/bin/chromium'
const missing = existsSync(CHROMIUM)
  ? undefined
  : `there is no browser at ${CHROMIUM} (apt-get install chromium)`

/** An object store that a test can stop. */
interface Primary {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
  comeBack(): Promise<void>
}

/** Presigned URLs of one picture. */
interface Signed {
  readonly upload: string
  readonly show: string
}

/** A picture as wide as is said: so its width tells which one it is. */
function picture(width: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const framed = Buffer.alloc(body.length + 8)
    framed.writeUInt32BE(data.length, 0)
    body.copy(framed, 4)
    framed.writeUInt32BE(crc32(body), body.length + 4)
    return framed
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(8, 4) // height
  header.writeUInt8(8, 8) // bits a channel
  header.writeUInt8(2, 9) // red, green, blue
  const rows = Buffer.alloc(8 * (1 + 3 * width), Buffer.from([width * 5, 120, 200]))
  for (let row = 0; row < 8; row++) rows[row * (1 + 3 * width)] = 0 // no filter
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

let browser: Browser

async function openPage(url: string): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Puts bytes by a presigned URL from within a page. @returns status, and whether the local disk took them */
function putInPage(page: Page, url: string, body: Buffer): Promise<{ status: number; fallback: boolean }> {
  const put = async ([to, base64]: [string, string]) => {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    const headers = { 'Content-Type': 'image/png' }
    const answer = await fetch(to, { method: 'PUT', body: bytes, headers })
    return { status: answer.status, fallback: ((await answer.json()) as { fallback: boolean }).fallback }
  }
  return page.evaluate(put, [url, body.toString('base64')] as [string, string])
}

/** Shows a picture in a page. @returns its width; 0 if it is broken */
function widthInPage(page: Page, url: string): Promise<number> {
  const show = `new Promise(resolve => {
    const picture = new Image()
    picture.onload = picture.onerror = () => resolve(picture.naturalWidth)
    picture.src = ${JSON.stringify(url)}
  })`
  return page.evaluate<number>(show)
}

/** The example's page, while its object store works, while it is stopped, and afterwards. */
async function walkThrough(primary: Primary): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const app = start(process.execPath, ['examples/pictures.mjs'], {
    env: {
      PORT: '0',
      LOCAL_STORAGE_PATH: folder,
      OBJECT_STORAGE_ENABLED: 'true',
      OBJECT_STORAGE_PROVIDER: 'minio',
      HOLDFAST_PROBE_INTERVAL_MS: '100',
      HOLDFAST_SETTLE_WINDOW_MS: '500',
      HOLDFAST_SPOOL_RESERVE_BYTES: '0',
      ...primary.env,
    },
  })
  const [, address = ''] = await app.says(/Listening on (http:\/\/127\.0\.0\.1:\d+)/)
  const page = await openPage(address)
  const problems: string[] = []
  page.on('console', message => {
    if (!message.location().url.endsWith('/favicon.ico')) problems.push(message.text())
  })
  page.on('pageerror', error => void problems.push(error.message))

  /** Chooses a picture as a person does, and waits until the page shows it. */
  const choose = async (width: number): Promise<string> => {
    const before = await page.locator('figure').count()
    await page.setInputFiles('input', { name: 'a.png', mimeType: 'image/png', buffer: picture(width) })
    const figure = page.locator('figure').nth(before)
    await until(async () => (await figure.count()) === 1)
    const shown = `document.querySelectorAll('figure')[${before}].querySelector('img')`
    await until(async () => (await page.evaluate(`${shown}?.complete === true`)) === true)
    expect(await page.evaluate(`${shown}.naturalWidth`)).toBe(width)
    return (await figure.locator('figcaption').textContent()) ?? ''
  }
  const sign = (): Promise<Signed> =>
    page.evaluate(
      async () => (await fetch('/sign?type=image/png', { method: 'POST' })).json() as Promise<Signed>,
    )
  /** Shows a picture in a page of its own, since a page keeps what it has shown. @returns its width, and what answered */
  const show = async (url: string): Promise<{ width: number; answer: PageResponse }> => {
    const fresh = await openPage(address)
    const answered = fresh.waitForResponse(response => response.status() !== 307)
    const width = await widthInPage(fresh, url)
    return { width, answer: await answered }
  }
  /** Whether who follows a presigned URL is sent on to the bucket. */
  const sendsOn = async (url: string): Promise<boolean> => {
    const { port, pathname, search } = new URL(url)
    return (await ask(Number(port), 'GET', pathname + search)).status === 307
  }

  // While the object store works.
  expect(await choose(10)).toBe('in the storage')
  const [early, unused, before] = [await sign(), await sign(), await sign()]
  expect(await putInPage(page, early.upload, picture(11))).toEqual({ status: 201, fallback: false })
  expect((await show(early.show)).width).toBe(11)
  expect(await sendsOn(early.show)).toBe(true)

  // While it is stopped: with URLs made now, made before, and used before.
  await primary.stop()
  expect(await choose(12)).toBe('on the disk until the bucket is back')
  const during = await sign()
  for (const [signed, width] of [
    [during, 13],
    [unused, 14],
    [early, 15],
  ] as const) {
    expect(await putInPage(page, signed.upload, picture(width))).toEqual({ status: 201, fallback: true })
    expect((await show(signed.show)).width).toBe(width)
    expect(await sendsOn(signed.show)).toBe(false)
  }

  // And afterwards, once the bucket has everything: the same bytes, from there.
  await primary.comeBack()
  const pictures = [
    [during, 13],
    [unused, 14],
    [early, 15],
  ] as const
  for (const [signed] of pictures) await until(() => sendsOn(signed.show))
  for (const [signed, width] of pictures) {
    const shown = await show(signed.show)
    expect(shown.width).toBe(width)
    expect(shown.answer.url()).toMatch(primary.env['OBJECT_STORAGE_ENDPOINT'] ?? 'no endpoint')
    expect((await shown.answer.body()).equals(picture(width))).toBe(true)
  }
  expect(await putInPage(page, before.upload, picture(16))).toEqual({ status: 201, fallback: false })
  expect((await show(before.show)).width).toBe(16)
  expect(await choose(17)).toBe('in the storage')
  // No picture failed, and nothing broke the page's policy.
  expect(problems).toEqual([])
  const screenshot = process.env['HOLDFAST_TEST_SCREENSHOT']
  if (screenshot !== undefined) await page.screenshot({ path: screenshot })
  app.process.kill('SIGTERM')
  const { code, stderr } = await app.ended
  expect([code, stderr]).toEqual([0, ''])
}

describeUnless(missing, 'a page that uploads and shows by presigned URLs', () => {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })

  afterAll(() => browser?.close())

  describe('over a bucket that is stopped and comes back', () => {
    test('notices nothing', async () => {
      const stub = await startS3Stub()
      onTestFinished(() => stub.close())
      await walkThrough({
        env: {
          OBJECT_STORAGE_ENDPOINT: stub.endpoint,
          OBJECT_STORAGE_BUCKET: 'stub',
          OBJECT_STORAGE_REGION: stub.credentials.region,
          OBJECT_STORAGE_ACCESS_KEY: stub.credentials.accessKeyId,
          OBJECT_STORAGE_SECRET_KEY: stub.credentials.secretAccessKey,
        },
        stop: () => stub.goDown(),
        comeBack: () => stub.comeBack(),
      })
    })
  })

  describeCeph('over a real S3 server that is stopped and comes back', (server, ceph) => {
    test('notices nothing', async () => {
      const bucket = await openBucket(server)
      onTestFinished(async () => {
        await ceph.up()
        await bucket.remove()
      })
      await walkThrough({
        env: {
          OBJECT_STORAGE_ENDPOINT: server.endpoint,
          OBJECT_STORAGE_BUCKET: bucket.bucket,
          OBJECT_STORAGE_REGION: server.region,
          OBJECT_STORAGE_ACCESS_KEY: server.accessKey,
          OBJECT_STORAGE_SECRET_KEY: server.secretKey,
        },
        stop: () => ceph.down(),
        comeBack: () => ceph.up(),
      })
    })
  })
})
