/** A picture of ten pixels by ten. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR42mNk+M+ABzCOSo9KkQEADhgBFHwkr7AAAAAASUVORK5CYII=',
  'base64',
)

/** Calls home as every kind of document and script can; the server notes it. */
const callHome = (id: string): string =>
  `try{fetch('/beacon?${id}')}catch(e){};try{new Image().src='/beacon?${id}'}catch(e){};try{importScripts('/beacon?${id}')}catch(e){}`

/** Content that runs a script if a browser takes it for what it is, or also is. */
export const PAYLOADS: Readonly<Record<string, (id: string) => Buffer>> = {
  html: id =>
    Buffer.from(`<!doctype html><script>${callHome(id)}</script><img src=x onerror="${callHome(id)}">`),
  htmlAfterBlanks: id => Buffer.from(`${' \n'.repeat(300)}<html><script>${callHome(id)}</script>`),
  svg: id =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>${callHome(id)}</script></svg>`,
    ),
  xhtml: id =>
    Buffer.from(
      `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><script>${callHome(id)}</script></body></html>`,
    ),
  script: id => Buffer.from(callHome(id)),
  style: id => Buffer.from(`body{background:url(/beacon?${id})}`),
  gifScript: id => Buffer.from(`GIF89a=1;${callHome(id)}`),
  gifHtml: id => Buffer.from(`GIF89a<html><script>${callHome(id)}</script>`),
  pngHtml: id => Buffer.concat([PNG, Buffer.from(`<html><script>${callHome(id)}</script>`)]),
  pdfHtml: id => Buffer.from(`%PDF-1.4\n<html><script>${callHome(id)}</script>`),
  pdf: id => scriptedPdf(id),
}

/** What content may be said to be. */
export const TYPES = [
  'text/html',
  'text/html; charset=utf-7',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/xml',
  'text/javascript',
  'application/javascript',
  'text/css',
  'text/plain',
  'image/png',
  'image/gif',
  'application/pdf',
  'application/octet-stream',
  'multipart/x-mixed-replace; boundary=x',
  'message/rfc822',
]

/** How a page of the same origin would take a file in. */
export const EMBEDDINGS: Readonly<Record<string, (url: string) => string>> = {
  script: url => `<script src="${url}"></script>`,
  module: url => `<script type="module">import('${url}').catch(() => {})</script>`,
  style: url => `<link rel="stylesheet" href="${url}">`,
  worker: url => `<script>try{new Worker('${url}').onerror=()=>{}}catch(e){}</script>`,
  serviceWorker: url => `<script>navigator.serviceWorker.register('${url}').catch(()=>{})</script>`,
  frame: url => `<iframe src="${url}"></iframe>`,
  object: url => `<object data="${url}"></object>`,
  embed: url => `<embed src="${url}">`,
  image: url => `<img src="${url}">`,
}

/** A PDF with a script that submits a form to the server when it is opened. */
export function scriptedPdf(id: string): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>',
    `<</S/JavaScript/JS(${callHome(id).replace(/[()\\]/g, '\\$&')};this.submitForm\\('/beacon?${id}'\\))>>`,
  ]
  let text = '%PDF-1.7\n'
  const offsets: number[] = []
  for (const [index, object] of objects.entries()) {
    offsets.push(text.length)
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`
  text += `trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text)
}
