import { pipeline } from 'node:stream';
import { passedOn, readWhole } from './upstream.js';
/** Answers that are cut or trickled are read whole first, up to so many bytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** A trickle comes in steps of this length. Milliseconds. */
const STEP_MS = 100;
/** Passes an answer on as it comes. */
export function passAnswer(answer, response) {
    writeHead(answer, response);
    pipeline(answer, response, error => {
        // An answer that broke off breaks off here too.
        if (error)
            response.destroy();
    });
}
/** Half of the answer: then nothing more comes, or the connection is cut. */
export async function halfAnswer(answer, response, end) {
    const body = (await readWhole(answer, MAX_ANSWER_BYTES)) ?? Buffer.alloc(0);
    const { socket } = response;
    if (socket === null)
        return;
    // An answer without a body breaks off within its head.
    const bytes = body.length > 1 ? Buffer.concat([head(answer, body), body]) : head(answer, body);
    const half = bytes.length - Math.ceil((body.length > 1 ? body.length : bytes.length) / 2);
    socket.write(bytes.subarray(0, half), () => {
        if (end === 'cut')
            socket.resetAndDestroy();
    });
}
/** The answer, head and all, at so many bytes a second. */
export async function trickleAnswer(answer, response, bytesPerSecond) {
    const body = (await readWhole(answer, MAX_ANSWER_BYTES)) ?? Buffer.alloc(0);
    const { socket } = response;
    if (socket === null)
        return;
    const bytes = Buffer.concat([head(answer, body), body]);
    const start = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
        const due = Math.min(bytes.length, Math.floor(((performance.now() - start) / 1000) * bytesPerSecond));
        if (due > sent)
            socket.write(bytes.subarray(sent, due));
        sent = due;
        if (sent === bytes.length)
            socket.end();
    }, STEP_MS);
    socket.once('close', () => clearInterval(timer));
}
function writeHead(answer, response) {
    response.sendDate = false;
    const headers = passedOn(answer.rawHeaders);
    // Node frames the body anew.
    const framed = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'transfer-encoding');
    if (framed !== -1)
        headers.splice(framed, 2);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
}
/** The head as bytes, for an answer that closes its connection. */
function head(answer, body) {
    const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
    const headers = passedOn(answer.rawHeaders);
    let hasLength = false;
    for (let i = 0; i < headers.length; i += 2) {
        const name = headers[i].toLowerCase();
        if (name === 'transfer-encoding')
            continue;
        hasLength ||= name === 'content-length';
        lines.push(`${headers[i]}: ${headers[i + 1]}`);
    }
    if (!hasLength && answer.statusCode !== 204 && answer.statusCode !== 304) {
        lines.push(`content-length: ${body.length}`);
    }
    return Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'latin1');
}
//# sourceMappingURL=answers.js.map