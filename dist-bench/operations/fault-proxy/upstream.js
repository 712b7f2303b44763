import { Agent as HttpAgent, request as requestHttp, } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
/** Idle connections are given up before servers do. Milliseconds. */
const IDLE_MS = 2_000;
/** Headers that are between two neighbours, and not passed on (RFC 9110, section 7.6.1). */
const OF_THE_CONNECTION = new Set([
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'upgrade',
    'expect',
]);
/** The server behind a proxy. */
export class Upstream {
    #target;
    #agent;
    constructor(target) {
        this.#target = target;
        const options = { keepAlive: true, timeout: IDLE_MS };
        this.#agent = target.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    }
    /** Begins a request; what is written to it is its body. */
    begin(head) {
        const { protocol, hostname, port } = this.#target;
        const send = protocol === 'https:' ? requestHttps : requestHttp;
        return send({
            agent: this.#agent,
            protocol,
            // The brackets of an IPv6 address belong to the URL only.
            hostname: hostname.replace(/^\[|\]$/g, ''),
            port,
            method: head.method,
            path: head.path,
            // As a list they are sent as they are, Host included, so that what was signed still holds.
            headers: passedOn(head.headers),
        });
    }
    /** Sends a request with its whole body. @returns the head of its answer, whose body is to be read or dropped */
    send(head, body) {
        return new Promise((resolve, reject) => {
            const request = this.begin(head);
            request.once('response', resolve);
            request.on('error', reject);
            request.end(body);
        });
    }
    /** Passes a request on while it arrives. It is given up with its client, unless it has arrived whole. */
    relay(head, body) {
        return new Promise((resolve, reject) => {
            const request = this.begin(head);
            request.once('response', resolve);
            request.on('error', reject);
            const endWithClient = () => {
                if (!body.complete)
                    request.destroy(new Error('The client has gone.'));
            };
            // It may have gone before anybody listened.
            if (body.closed)
                endWithClient();
            else
                body.once('close', endWithClient);
            body.pipe(request);
        });
    }
    close() {
        this.#agent.destroy();
    }
}
/** The headers that are passed on, as names and values in turn. */
export function passedOn(headers) {
    const kept = [];
    for (let i = 0; i < headers.length; i += 2) {
        const name = headers[i];
        if (!OF_THE_CONNECTION.has(name.toLowerCase()))
            kept.push(name, headers[i + 1]);
    }
    return kept;
}
/** Reads a body whole; undefined if it is longer than `maxBytes`, and then the rest is dropped. */
export async function readWhole(body, maxBytes) {
    const pieces = [];
    let length = 0;
    for await (const piece of body) {
        length += piece.length;
        if (length <= maxBytes)
            pieces.push(piece);
        else
            pieces.length = 0;
    }
    return length <= maxBytes ? Buffer.concat(pieces) : undefined;
}
//# sourceMappingURL=upstream.js.map