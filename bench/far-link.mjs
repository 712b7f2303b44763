import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Transform } from 'node:stream'

/**
 * Makes a server as far away as so many milliseconds of a round trip: every byte comes half as much later, in each
 * direction. There is no limit to how many are on their way.
 *
 * @returns the URL to be used in the place of the server's, and a function that ends it
 */
export async function startFarLink(target, roundTripMs) {
  const { hostname, port } = new URL(target)
  const far = () =>
    new Transform({
      transform(bytes, _encoding, taken) {
        setTimeout(() => this.push(bytes), roundTripMs / 2)
        taken()
      },
      flush(ended) {
        setTimeout(ended, roundTripMs / 2)
      },
    })
  const sockets = new Set()
  const server = createServer({ noDelay: true }, near => {
    const remote = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [near, remote]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        near.destroy()
        remote.destroy()
      })
    }
    near.pipe(far()).pipe(remote)
    remote.pipe(far()).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
