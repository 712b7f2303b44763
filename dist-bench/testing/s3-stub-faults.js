import { errorAnswer } from './s3-stub-answer.js';
/** Whether the request still takes effect under this fault. */
export function isApplied(fault) {
    if (fault === undefined || fault === 'lose-answer')
        return true;
    if (typeof fault === 'string' || 'errorIn200' in fault)
        return false;
    if ('status' in fault || 'stall' in fault)
        return fault.applied === true || ('stall' in fault && fault.stall === 'mid-body');
    return true;
}
/** The answer in place of a request that takes no effect. */
export function answerInPlace(fault) {
    if (typeof fault === 'string')
        return undefined;
    if ('errorIn200' in fault) {
        const { errorIn200: code } = fault;
        return {
            ...errorAnswer({ status: 200, code, message: 'We encountered an internal error.' }),
            status: 200,
        };
    }
    if (!('status' in fault))
        return undefined;
    const { status, headers = {}, body = '' } = fault;
    return { status, headers, body: Buffer.from(body) };
}
/** Sends an answer, with what the fault makes of it. */
export function sendAnswer(response, answer, fault, isHead) {
    const faulty = typeof fault === 'string' ? undefined : fault;
    if (faulty !== undefined && 'truncate' in faulty) {
        sendTruncated(response, answer, faulty.truncate);
        return;
    }
    let { body, headers } = answer;
    if (faulty !== undefined && 'wrong' in faulty) {
        if (faulty.wrong === 'bytes')
            body = withOtherByte(body);
        else
            headers = { ...headers, etag: `"${'0'.repeat(32)}"` };
    }
    if (!isHead || headers['content-length'] === undefined) {
        headers = { ...headers, 'content-length': String(body.length) };
    }
    if (answer.status === 204 || answer.status === 304)
        headers = without(headers, 'content-length');
    response.writeHead(answer.status, headers);
    if (faulty !== undefined && 'stall' in faulty && faulty.stall === 'mid-body') {
        // Without the first write, the head would wait for more of the body.
        response.write(body.subarray(0, Math.ceil(body.length / 2)));
    }
    else if (faulty !== undefined && 'trickleMs' in faulty)
        trickle(response, body, faulty.trickleMs);
    else
        response.end(isHead ? undefined : body);
}
function trickle(response, body, pauseMs) {
    let sent = 0;
    const timer = setInterval(() => {
        if (sent < body.length)
            response.write(body.subarray(sent, ++sent));
        else {
            clearInterval(timer);
            response.end();
        }
    }, pauseMs);
    response.once('close', () => clearInterval(timer));
}
function sendTruncated(response, { status, headers, body }, how) {
    const half = body.subarray(0, Math.floor(body.length / 2));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    if (how === 'content-length')
        lines.push(`content-length: ${body.length}\r\n`);
    else if (how === 'matching')
        lines.push(`content-length: ${half.length}\r\n`);
    else if (how === 'chunked')
        lines.push('transfer-encoding: chunked\r\n');
    const { socket } = response;
    socket?.write(`HTTP/1.1 ${status} OK\r\n${lines.join('')}connection: close\r\n\r\n`);
    if (how === 'chunked')
        socket?.write(`${half.length.toString(16)}\r\n`);
    socket?.write(half);
    if (how === 'chunked')
        socket?.write('\r\n');
    socket?.end();
}
function withOtherByte(body) {
    const other = Buffer.from(body);
    const middle = other.length >> 1;
    if (other.length > 0)
        other[middle] = other[middle] ^ 0xff;
    return other;
}
function without(headers, name) {
    const { [name]: _, ...rest } = headers;
    return rest;
}
//# sourceMappingURL=s3-stub-faults.js.map