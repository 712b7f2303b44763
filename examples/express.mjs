// Express: every user has a folder of files, and no access to those of others.
//   npm install express && node examples/express.mjs
import express from 'express'
import { StorageService } from 'holdfast'
import { createHandler } from 'holdfast/http'

const storage = new StorageService()
const app = express()

// Your own way of finding out who asks: a session, a token. Here a header says it.
app.use((request, _response, next) => {
  request.user = request.get('x-user')
  next()
})

// Before any body parser: an upload's body is streamed to the store, and must not have been read.
app.use(
  createHandler(storage, {
    authorize: (request, action, key) =>
      action !== 'status' && request.user !== undefined && key.startsWith(`${request.user}/`),
  }),
)

app.use(express.json())

// A link that shows one file to whoever has it, for five minutes.
app.post('/share', async (request, response, next) => {
  try {
    const { key } = request.body
    if (request.user === undefined || !key.startsWith(`${request.user}/`)) return response.sendStatus(403)
    response.json({ url: await storage.generatePresignedUrl(key, { expiresInSeconds: 300 }) })
  } catch (error) {
    next(error)
  }
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`
  console.log(`Listening on ${url}; try: curl -H 'x-user: ada' -T README.md ${url}/uploads/ada/README.md`)
})

process.once('SIGTERM', () => server.close(() => storage.close()))
