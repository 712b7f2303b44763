import type { IncomingMessage, ServerResponse } from 'node:http'

const awaiting = new WeakSet<IncomingMessage>()

/** Notes that the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1). */
export function expectContinue(request: IncomingMessage): void {
  awaiting.add(request)
}

/**
 * Whether the client still waits for `100 Continue`. Never under a server that sends it by itself, as node:http does
 * without a `checkContinue` listener.
 */
export function awaitsContinue(request: IncomingMessage): boolean {
  return awaiting.has(request)
}

/** Asks a client that waits to send its body. */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (awaiting.delete(request)) response.writeContinue()
}
