import { STATUS_CODES } from 'node:http';
/**
 * Answers what node:http could not read as a request, and ends the connection. While another request is under way on
 * it, an answer would be taken for that one's: then it is only cut.
 */
export function answerBrokenRequest(error, socket, busy) {
    if (busy || !socket.writable || error.code === 'ECONNRESET') {
        socket.destroy();
        return;
    }
    const [status, code, message] = explain(error.code);
    const body = JSON.stringify({ error: { code, message, retryable: false } });
    const head = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Cache-Control: no-store',
        'X-Content-Type-Options: nosniff',
        `X-Holdfast-Error: ${code}`,
        'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    // It has this long to take the answer and close its side.
    socket.setTimeout(5000, () => socket.destroy());
}
function explain(code) {
    switch (code) {
        case 'HPE_HEADER_OVERFLOW':
            return [431, 'TOO_LARGE', 'The request line and headers are larger than the 16 KiB accepted.'];
        case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
            return [413, 'TOO_LARGE', 'The chunk extensions are larger than accepted.'];
        case 'ERR_HTTP_REQUEST_TIMEOUT':
            return [408, 'ABORTED', 'The headers of the request took too long to arrive.'];
        default:
            return [400, 'INVALID_ARGUMENT', 'This is not a valid HTTP/1.1 request.'];
    }
}
//# sourceMappingURL=broken-request.js.map