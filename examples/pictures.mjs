// Browsers upload pictures and show them by presigned URLs, while the object store works and while it does not.
//   OBJECT_STORAGE_ENABLED=true OBJECT_STORAGE_ENDPOINT=… node examples/pictures.mjs
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { loadConfig, StorageService } from 'holdfast'
import { createHandler } from 'holdfast/http'

const server = createServer().listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
await once(server, 'listening')
const address = `http://127.0.0.1:${server.address().port}`

// With a public URL, presigned URLs are this server's own: that is what makes them outlive an outage.
const config = loadConfig()
const storage = new StorageService({ config: { ...config, publicUrl: config.publicUrl ?? address } })
const files = createHandler(storage, { authorize: () => false }) // by presigned URLs only

const page = `<!doctype html>
<meta charset="utf-8">
<title>Pictures</title>
<style>
  body { font: 16px system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  main { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1rem }
  figure { margin: 0; padding: .5rem; border: 1px solid #ccc; border-radius: .5rem }
  figcaption { width: 12rem }
  img { display: block; width: 12rem; height: 12rem; object-fit: contain; image-rendering: pixelated }
</style>
<h1>Pictures</h1>
<input type="file" accept="image/*" multiple>
<main></main>
<script type="module">
  const input = document.querySelector('input')
  input.addEventListener('change', async () => {
    for (const file of input.files) await add(file)
  })

  async function add(file) {
    const signed = await (await fetch('/sign?type=' + encodeURIComponent(file.type), { method: 'POST' })).json()
    const headers = { 'Content-Type': file.type }
    const answer = await fetch(signed.upload, { method: 'PUT', body: file, headers })
    const figure = document.createElement('figure')
    document.querySelector('main').append(figure)
    if (!answer.ok) return figure.append(file.name + ' was not taken: ' + (await answer.text()))
    const { fallback } = await answer.json()
    const picture = document.createElement('img')
    picture.src = signed.show
    const caption = document.createElement('figcaption')
    caption.textContent = fallback ? 'on the disk until the bucket is back' : 'in the storage'
    figure.append(picture, caption)
  }
</script>
`

server.on('request', async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, address)
  if (pathname.startsWith('/uploads/')) return files(request, response)
  if (pathname === '/' && request.method === 'GET') {
    response.setHeader('content-type', 'text/html')
    // A picture is sent on to the bucket while that works, so the page's policy names it.
    const bucket =
      config.objectStoragePublicEndpoint ?? config.objectStorageEndpoint ?? 'https://*.amazonaws.com'
    response.setHeader('content-security-policy', `img-src ${address} ${bucket}`)
    return response.end(page)
  }
  if (pathname === '/sign' && request.method === 'POST') {
    // Here is where your application decides whether this user may upload.
    const key = `pictures/${randomUUID()}`
    const contentType = searchParams.get('type') ?? ''
    if (!contentType.startsWith('image/')) return response.writeHead(400).end('Pictures only\n')
    try {
      const upload = await storage.generatePresignedUrl(key, {
        method: 'PUT',
        contentType,
        expiresInSeconds: 300,
      })
      const show = await storage.generatePresignedUrl(key)
      return response.end(JSON.stringify({ upload, show, path: storage.urlFor(key) }))
    } catch (error) {
      return response.writeHead(500).end(`${error.message}\n`)
    }
  }
  response.writeHead(404).end('Not found\n')
})

console.log(`Listening on ${address}; open it in a browser`)

process.once('SIGTERM', () => server.close(() => storage.close()))
