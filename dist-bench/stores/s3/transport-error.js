/** A request that got no whole answer. */
export class TransportError extends Error {
    name = 'TransportError';
    problem;
    /** Whether the last byte of the request had been given to the socket: then the server may have acted on it. */
    sent;
    constructor(problem, sent, message, cause) {
        super(message, cause === undefined ? undefined : { cause });
        this.problem = problem;
        this.sent = sent;
    }
}
/** What an error of undici or of the network means. */
export function translate(error, queued, sent) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    const what = code === '' || error.message.includes(code) ? error.message : `${error.message} (${code})`;
    if (code === 'UND_ERR_CONNECT_TIMEOUT')
        return new TransportError('timeout', false, what, error);
    if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
        return new TransportError('closed', sent, 'The store is closed.', error);
    }
    if (queued)
        return new TransportError('connect', false, what, error);
    const protocol = code.startsWith('HPE_') || code.startsWith('UND_ERR_RES') || code === 'UND_ERR_HEADERS_OVERFLOW';
    return new TransportError(protocol ? 'protocol' : 'reset', sent, what, error);
}
//# sourceMappingURL=transport-error.js.map