/** What kept a request from an answer. */
export type TransportProblem = 'connect' | 'reset' | 'timeout' | 'protocol' | 'aborted' | 'closed'

/** A request that got no whole answer. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly problem: TransportProblem
  /** Whether the last byte of the request had been given to the socket: then the server may have acted on it. */
  readonly sent: boolean

  constructor(problem: TransportProblem, sent: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.problem = problem
    this.sent = sent
  }
}

/** What an error of undici or of the network means. */
export function translate(error: Error, queued: boolean, sent: boolean): TransportError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const what = code === '' || error.message.includes(code) ? error.message : `${error.message} (${code})`
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new TransportError('timeout', false, what, error)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new TransportError('closed', sent, 'The store is closed.', error)
  }
  if (queued) return new TransportError('connect', false, what, error)
  const protocol =
    code.startsWith('HPE_') || code.startsWith('UND_ERR_RES') || code === 'UND_ERR_HEADERS_OVERFLOW'
  return new TransportError(protocol ? 'protocol' : 'reset', sent, what, error)
}
