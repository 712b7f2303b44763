import { createServer as createNodeServer, } from 'node:http';
import { StorageError, shown } from '../core/errors.js';
import { createApp } from './app.js';
import { answerBrokenRequest } from './broken-request.js';
import { Connections } from './connections.js';
import { expectContinue } from './expectation.js';
import { handlerOf } from './handler.js';
import { checkWhole } from './options.js';
const DEFAULT_DRAIN_MS = 10_000;
/** Bytes of a request's line and headers together; more is answered with 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/**
 * A server of its own over a storage.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function createServer(storage, options = {}) {
    const { host = '127.0.0.1', port = 8080, headersTimeoutMs = 20_000, keepAliveTimeoutMs = 65_000 } = options;
    checkWhole('port', port, 65_535, 0);
    checkWhole('headersTimeoutMs', headersTimeoutMs, 2 ** 31 - 1);
    checkWhole('keepAliveTimeoutMs', keepAliveTimeoutMs, 2 ** 31 - 1);
    const app = createApp(storage, options);
    const handler = handlerOf(app);
    const connections = new Connections();
    const answer = (request, response) => {
        connections.begin(request.socket, response);
        handler(request, response);
    };
    const server = createNodeServer({
        headersTimeout: headersTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        // An upload may take hours while it moves; that it moves is watched where its body is read.
        requestTimeout: 0,
        connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
        maxHeaderSize: MAX_HEADER_BYTES,
        highWaterMark: 64 * 1024,
    });
    server.on('connection', (socket) => connections.add(socket));
    server.on('request', answer);
    server.on('checkContinue', (request, response) => {
        expectContinue(request);
        answer(request, response);
    });
    server.on('clientError', (error, socket) => answerBrokenRequest(error, socket, connections.isBusy(socket)));
    let closing;
    return {
        get url() {
            return urlOf(server);
        },
        async listen() {
            if (app.context.access.open && !isLoopback(host))
                throw unguarded(host);
            await listening(server, host, port);
            const url = urlOf(server);
            return { host, port: server.address().port, url };
        },
        close({ drainMs = DEFAULT_DRAIN_MS } = {}) {
            closing ??= (async () => {
                const closed = new Promise(resolve => server.close(() => resolve()));
                const cutOff = await connections.drain(drainMs);
                await closed;
                return { cutOff };
            })();
            return closing;
        },
    };
}
function listening(server, host, port) {
    return new Promise((resolve, reject) => {
        const fail = (error) => {
            const why = error.code === 'EADDRINUSE' ? 'the port is in use' : (error.code ?? error.message);
            const message = `Cannot listen on ${host}:${port}: ${why}.`;
            reject(new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message, cause: error }));
        };
        server.once('error', fail);
        server.listen(port, host, () => {
            server.off('error', fail);
            resolve();
        });
    });
}
function urlOf(server) {
    const address = server.address();
    if (address === null || typeof address === 'string')
        return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
}
function isLoopback(host) {
    return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
function unguarded(host) {
    const message = `Refusing to listen on ${shown(host)}: no access rules are set, so anybody who reaches it could read and write ` +
        'every file. Set HOLDFAST_API_KEYS (the option apiKeys) or give authorize; or listen on 127.0.0.1.';
    return new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message });
}
//# sourceMappingURL=server.js.map