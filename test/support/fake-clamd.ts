import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Content that holds this is infected, for the fake daemon as for the real one of the tests. */
export const SIGNATURE = 'HOLDFAST-TEST-SIGNATURE-0123456789'

/** What an infected file holds. */
export const INFECTED = Buffer.from(`some bytes, ${SIGNATURE}, and some more`)

/** What becomes of a connection, told once its command and everything that belongs to it has come. */
export type Manner = (socket: Socket, command: string, stream: Buffer) => void

export interface FakeClamd {
  /** The path of its socket. */
  readonly address: string
  /** Streams that were scanned. */
  readonly scanned: Buffer[]
  /** How it answers from now on; as clamd does unless told otherwise. */
  manner: Manner
  /** Called for each new connection, before anything was read. @returns whether it goes on as usual */
  greet: (socket: Socket) => boolean
  /** Connections that are open. */
  readonly connections: number
}

/** Speaks as clamd does, as far as Holdfast asks; or as badly as a test wants. It ends with the test. */
export async function startFakeClamd(): Promise<FakeClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-clamd-'))
  const address = join(folder, 'clamd.sock')
  const sockets = new Set<Socket>()
  const fake = {
    address,
    scanned: [] as Buffer[],
    manner: answer as Manner,
    greet: (_: Socket) => true as boolean,
    get connections() {
      return sockets.size
    },
  }
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (!fake.greet(socket)) return
    let received = Buffer.alloc(0)
    let isDone = false
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      const parsed = isDone ? undefined : parse(received)
      if (parsed === undefined) return
      isDone = true
      if (parsed.command === 'zINSTREAM') fake.scanned.push(parsed.stream)
      fake.manner(socket, parsed.command, parsed.stream)
    })
    socket.on('end', () => socket.end())
  })
  await new Promise<void>(resolve => server.listen(address, resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  })
  return fake
}

/** What clamd says. */
export function answer(socket: Socket, command: string, stream: Buffer): void {
  const words: Record<string, string> = {
    zPING: 'PONG',
    zVERSION: 'ClamAV 1.4.6/fake',
    zINSTREAM: stream.includes(SIGNATURE) ? 'stream: Holdfast.Test.Signature FOUND' : 'stream: OK',
  }
  socket.end(`${words[command] ?? 'UNKNOWN COMMAND'}\0`)
}

/** A command with the pieces behind it; undefined while some of it is to come. */
function parse(bytes: Buffer): { command: string; stream: Buffer } | undefined {
  const end = bytes.indexOf(0)
  if (end === -1) return undefined
  const command = bytes.toString('latin1', 0, end)
  if (command !== 'zINSTREAM') return { command, stream: Buffer.alloc(0) }
  const pieces: Buffer[] = []
  for (let at = end + 1; bytes.length >= at + 4; ) {
    const length = bytes.readUInt32BE(at)
    if (length === 0) return { command, stream: Buffer.concat(pieces) }
    if (bytes.length < at + 4 + length) return undefined
    pieces.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}
