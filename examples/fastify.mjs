// Fastify: files under /uploads, and everything else as Fastify has it.
//   npm install fastify && node examples/fastify.mjs
import { fastify } from 'fastify'
import { StorageService } from 'holdfast'
import { createHandler } from 'holdfast/http'

const storage = new StorageService()
const files = createHandler(storage)
const app = fastify()

app.register(async scope => {
  // In this scope bodies are left unread: they are streamed to the store.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const url of ['/uploads', '/uploads/*']) {
    scope.all(url, (request, reply) => {
      reply.hijack()
      files(request.raw, reply.raw)
    })
  }
})

app.get('/hello', async () => 'Hello from the application\n')
app.addHook('onClose', () => storage.close())

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`Listening on ${url}; try: curl -T README.md ${url}/uploads/README.md`)

process.once('SIGTERM', () => app.close())
