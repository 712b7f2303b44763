// Serves files from a plain node:http server, beside routes of its own.
//   node examples/node-http.mjs
import { createServer } from 'node:http'
import { StorageService } from 'holdfast'
import { createHandler } from 'holdfast/http'

const storage = new StorageService() // configured by the environment, see the README
const files = createHandler(storage) // without access rules: for this machine only

const server = createServer((request, response) => {
  if (request.url === '/hello') response.end('Hello from the application\n')
  else files(request, response)
})

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`
  console.log(`Listening on ${url}; try: curl -T README.md ${url}/uploads/README.md`)
})

process.once('SIGTERM', () => server.close(() => storage.close()))
