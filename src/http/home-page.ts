import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import prettyBytes from 'pretty-bytes'
import type { StorageStatus } from '../storage.js'
import { sendText } from './answer.js'
import type { Context } from './context.js'
import { HOME_STYLE } from './home-style.js'
import { html, type Markup } from './markup.js'

/**
 * `GET /`: a page for a browser that says what this is, whether it works, and what to try next. It needs no script and
 * no other resource. Where files lie is shown to those who may ask for the status.
 */
export async function answerHomePage(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { storage, access, readiness, settings } = context
  const trouble = await readiness.ask()
  const informed = await access.check(request, 'status', '', request.url ?? '').then(
    () => true,
    () => false,
  )
  const status = informed ? storage.getStatus?.() : undefined
  const page = homePage({
    state: status?.state ?? (trouble === undefined ? 'healthy' : 'down'),
    status,
    origin: originOf(request),
    basePath: settings.basePath,
    needs: access.open ? 'nothing' : settings.apiKeys.length > 0 ? 'key' : 'leave',
  })
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${styleDigest()}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  sendText(request, response, 200, page, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
  })
}

interface HomeFacts {
  readonly state: StorageStatus['state']
  /** Undefined for those who may not know more than the state. */
  readonly status: StorageStatus | undefined
  /** How the browser reached this server, such as `http://localhost:8080`. */
  readonly origin: string
  readonly basePath: string
  /** What a request needs: an API key, or the application's leave. */
  readonly needs: 'nothing' | 'key' | 'leave'
}

/** The page as HTML. */
export function homePage({ state, status, origin, basePath, needs }: HomeFacts): string {
  // On a line of its own, so that the line before it can be seen whole.
  const key = needs === 'key' ? ' \\\n  -H "Authorization: Bearer $HOLDFAST_API_KEY"' : ''
  const uploads = `${origin}${basePath}/uploads`
  const url = `${uploads}/hello.txt`
  const steps: readonly (readonly [title: string, command: string])[] = [
    ['Store a file', `echo 'Hello' | curl -T - ${url}${key}`],
    ['Read it back', `curl ${url}${key}`],
    ['See what is there', `curl '${uploads}?prefix=hello'${key}`],
    ['Remove it', `curl -X DELETE ${url}${key}`],
  ]
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Holdfast</title>
<link rel="icon" href="${ICON}">
<style>${{ markup: HOME_STYLE }}</style>
</head>
<body>
<main>
<header>
${KELP}
<div>
<h1>Holdfast</h1>
<p>Object storage that keeps its grip.</p>
</div>
<p class="state ${state}"><span class="dot"></span>${STATE_WORDS[state]}</p>
</header>
${status === undefined ? '' : facts(status)}
<section>
<h2>Try it</h2>
<ol>
${steps.map(([title, command]) => html`<li><h3>${title}</h3><pre><code>${command}</code></pre></li>\n`)}</ol>
${NOTES[needs]}</section>
<footer>
<nav>
${status === undefined ? '' : html`<a href="${basePath}/uploads">Files</a><a href="${basePath}/status">Status</a><a href="${basePath}/metrics">Metrics</a>`}<a href="${basePath}/readyz">Readiness</a><a href="${basePath}/healthz">Health</a>
</nav>
</footer>
</main>
</body>
</html>
`
  return page.markup
}

const NOTES: Readonly<Record<HomeFacts['needs'], Markup | ''>> = {
  nothing: '',
  key: html`<p class="note">The API key is one of those in <code>HOLDFAST_API_KEYS</code>.</p>\n`,
  leave: html`<p class="note">The application decides who may do this, and by what a request shows it.</p>\n`,
}

const STATE_WORDS: Readonly<Record<StorageStatus['state'], string>> = {
  starting: 'Starting',
  healthy: 'Working',
  degraded: 'Working, with a problem',
  draining: 'Working; the object store is catching up',
  down: 'Not working',
  closed: 'Closed',
}

function facts(status: StorageStatus): Markup {
  const { provider, bucket, pending, pendingBytes, failover, problems, configuration } = status
  const rows: (readonly [name: string, value: string])[] =
    provider === 'local'
      ? [
          ['Files are kept in', configuration.LOCAL_STORAGE_PATH],
          ['Object storage', status.enabled ? 'on' : 'off: files stay on this machine'],
        ]
      : [
          ['Bucket', bucket ?? ''],
          ['Endpoint', configuration.OBJECT_STORAGE_ENDPOINT ?? 'Amazon S3'],
        ]
  const since = failover?.writes.since ?? failover?.reads.since
  if (since !== undefined) {
    const what =
      failover?.writes.open === true ? 'uploads go to this machine' : 'only what is here can be read'
    rows.push(['Away', `since ${since.toISOString().slice(0, 19).replace('T', ' ')} UTC; ${what}`])
  }
  if (pending > 0) rows.push(['Waiting to be sent', waiting(pending, pendingBytes, failover)])
  return html`<section>
<dl>
${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>
${
  problems.length === 0
    ? ''
    : html`<ul class="problems">
${problems.map(({ severity, message }) => html`<li class="${severity}">${message}</li>\n`)}</ul>`
}
</section>`
}

function waiting(pending: number, bytes: number, failover: StorageStatus['failover']): string {
  const left = failover?.replication.secondsLeft
  const minutes = left === undefined ? '' : `, about ${Math.ceil(left / 60)} min to go`
  return `${pending.toLocaleString('en')} operations, ${prettyBytes(bytes)}${minutes}`
}

/** Kelp, held by its holdfast. */
const DRAWING = `<path d="M32 46C30 38 37 33 34 24S30 12 33 5"/>
<path d="M30 46C27 39 20 35 21 27S16 19 18 13"/>
<path d="M34 46C37 40 45 37 44 29S49 22 47 16"/>
<path d="M34.500 27q6-1 7-6-6 0-7.500 4M21.500 30q-6-1-7-6 6 0 7 5M33 16q-5-1-6-6 5 0 6.500 4"/>
<path d="M32 46c-5 2-7 8-15 9M32 46c-3 3-3 7-8 10M32 46v10M32 46c3 3 3 7 8 10M32 46c5 2 7 8 15 9"/>`

const STROKE = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'

const KELP: Markup = {
  markup: `<svg viewBox="6 2 52 62" width="60" height="72" ${STROKE} stroke="currentColor" stroke-width="2.6" aria-hidden="true">
${DRAWING}
<path class="rock" d="M9 60c5-6 13-3.500 18-3s9 1 14-.500 10-2 14 3.500"/>
</svg>`,
}

const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="2 2 60 60" ${STROKE} stroke="#0f766e" stroke-width="4">${DRAWING}</svg>`,
)}`

/** How the browser reached us, as it may stand in a shell command. */
function originOf(request: IncomingMessage): string {
  const { host = '' } = request.headers
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  return /^[A-Za-z0-9.-]+(?::\d+)?$|^\[[0-9A-Fa-f:]+\](?::\d+)?$/.test(host)
    ? `${scheme}://${host}`
    : 'http://localhost:8080'
}

let digest: string | undefined

function styleDigest(): string {
  digest ??= createHash('sha256').update(HOME_STYLE).digest('base64')
  return digest
}
