import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A wire between a client and a server, for a test to cut, or to let go dead without a word. */
export interface Link {
  readonly port: number
  /** Connections so far. */
  readonly connections: number
  /** From now on nothing passes, and nobody is told: the connections that there are, and new ones, stay dead for ever. */
  drop(): void
  /** New connections pass again. */
  restore(): void
}

/** Opens a link to a port of 127.0.0.1; it ends with the test. */
export async function useLink(target: number, { host = '127.0.0.1', port = 0 } = {}): Promise<Link> {
  const sockets = new Set<Socket>()
  let dropping = false
  let connections = 0
  const server = createServer(client => {
    connections++
    const upstream = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        // A dead link tells neither end that the other has gone.
        if (!dead.has(one)) other.destroy()
      })
      one.on('data', bytes => {
        if (!dead.has(one)) other.write(bytes)
      })
    }
    if (dropping) kill(client, upstream)
  })
  const dead = new WeakSet<Socket>()
  const kill = (...ends: readonly Socket[]): void => {
    for (const end of ends) dead.add(end)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  onTestFinished(async () => {
    const closed = new Promise(resolve => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    drop: () => {
      dropping = true
      kill(...sockets)
    },
    restore: () => {
      dropping = false
    },
  }
}
