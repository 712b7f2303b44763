import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError, shown } from '../../core/errors.js';
import { halfAnswer, passAnswer, trickleAnswer } from './answers.js';
import { answerInPlace, befalling, refusesAll, } from './faults.js';
import { Ghosts } from './ghosts.js';
import { between, newSeed, seededRandom } from './random.js';
import { readWhole, Upstream } from './upstream.js';
const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** How long the port is asked for again after it was given up; another program may have it for a moment. */
const LISTEN_MS = 10_000;
/** A server that stands still keeps nobody waiting for longer. */
const SETTLE_MS = 60_000;
const WRONG_KEY = 'HOLDFASTWRONGKEY0000';
/**
 * Starts a proxy on 127.0.0.1.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a target that is no http or https URL
 */
export async function startFaultProxy(options) {
    const url = URL.canParse(options.target) ? new URL(options.target) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
        const message = `Invalid target ${shown(options.target)}; accepted: an http:// or https:// URL.`;
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'proxy', message });
    }
    const proxy = new HttpFaultProxy(url, options);
    await proxy.listen(options.port ?? 0);
    return proxy;
}
class HttpFaultProxy {
    seed;
    counts = {
        pass: 0,
        refuse: 0,
        reset: 0,
        hang: 0,
        stall: 0,
        cut: 0,
        trickle: 0,
        error: 0,
        portal: 0,
        'lose-answer': 0,
        ghost: 0,
        'bad-credentials': 0,
    };
    port = 0;
    #url;
    #upstream;
    #rewrite;
    #random;
    #ghosts;
    #sockets = new Set();
    #delivering = new Set();
    #rules = [];
    #server;
    #schedule;
    /** Changes of the rules, one after the other. */
    #changing = Promise.resolve();
    constructor(url, options) {
        this.seed = options.seed ?? newSeed();
        this.#url = url;
        this.#upstream = new Upstream(url);
        this.#rewrite = options.rewrite;
        this.#random = seededRandom(this.seed);
        this.#ghosts = new Ghosts(options.maxHeldBytes ?? MAX_HELD_BYTES);
    }
    get endpoint() {
        return `http://127.0.0.1:${this.port}${this.#url.pathname.replace(/\/+$/, '')}`;
    }
    get ghosts() {
        return this.#ghosts.size;
    }
    async listen(port) {
        const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 0, noDelay: true }, (request, response) => void this.#serve(request, response));
        server.on('connection', socket => {
            this.#sockets.add(socket);
            socket.once('close', () => this.#sockets.delete(socket));
        });
        for (const start = performance.now();;) {
            try {
                await listenOn(server, port);
                break;
            }
            catch (error) {
                if (performance.now() - start > LISTEN_MS || !isPortTaken(error))
                    throw error;
                await sleep(50);
            }
        }
        this.#server = server;
        this.port = server.address().port;
    }
    apply(...rules) {
        this.#schedule?.abort();
        return this.#change(rules);
    }
    async flap(phases) {
        this.#schedule?.abort();
        if (phases.length === 0)
            return this.#change([]);
        const schedule = new AbortController();
        this.#schedule = schedule;
        await this.#change(phases[0]?.rules ?? []);
        void this.#run(phases, schedule.signal);
    }
    async settle() {
        this.#ghosts.releaseAll();
        const end = performance.now() + SETTLE_MS;
        while (this.#delivering.size > 0 && performance.now() < end) {
            await Promise.race([Promise.all(this.#delivering), sleep(1000)]);
        }
    }
    async close() {
        this.#schedule?.abort();
        this.#ghosts.drop();
        await this.#changing;
        await this.#refuse();
        this.#upstream.close();
    }
    async #run(phases, signal) {
        for (let i = 0;; i++) {
            const phase = phases[i % phases.length];
            if (i > 0)
                await this.#change(phase.rules);
            const ms = between(this.#random, phase.minMs, phase.maxMs);
            await sleep(ms, undefined, { signal }).catch(() => { });
            if (signal.aborted)
                return;
        }
    }
    #change(rules) {
        this.#changing = this.#changing.then(async () => {
            this.#rules = rules;
            if (refusesAll(rules))
                await this.#refuse();
            else if (this.#server === undefined)
                await this.listen(this.port);
        });
        return this.#changing;
    }
    /** Gives the port up, so that connections are refused, and cuts those that there are. */
    async #refuse() {
        const server = this.#server;
        if (server === undefined)
            return;
        this.#server = undefined;
        const closed = new Promise(resolve => server.close(() => resolve()));
        for (const socket of this.#sockets)
            socket.resetAndDestroy();
        await closed;
    }
    async #serve(request, response) {
        request.on('error', () => { });
        response.on('error', () => { });
        const { method = 'GET', url = '/' } = request;
        const fault = befalling(this.#rules, method, this.#random);
        this.counts[fault?.kind ?? 'pass']++;
        try {
            const head = { method, path: url, headers: request.rawHeaders };
            await this.#befall(fault, (await this.#rewrite?.(head)) ?? head, request, response);
        }
        catch {
            // The server cannot be reached, or broke off: so does this connection.
            request.socket.resetAndDestroy();
        }
    }
    async #befall(fault, head, request, response) {
        switch (fault?.kind) {
            case undefined:
                return passAnswer(await this.#relay(head, request), response);
            case 'refuse':
            case 'reset':
                request.socket.resetAndDestroy();
                return;
            case 'hang':
                request.resume();
                return;
            case 'stall':
            case 'cut':
                if (fault.where === 'request')
                    return this.#halfRequest(fault.kind, head, request);
                return halfAnswer(await this.#relay(head, request), response, fault.kind);
            case 'trickle':
                return trickleAnswer(await this.#relay(head, request), response, fault.bytesPerSecond ?? 1);
            case 'error':
            case 'portal': {
                const { status, headers, body } = answerInPlace(fault);
                request.resume();
                request.once('end', () => response.writeHead(status, headers).end(body));
                return;
            }
            case 'lose-answer':
                ;
                (await this.#relay(head, request)).resume();
                request.socket.resetAndDestroy();
                return;
            case 'ghost':
                return this.#holdBack(fault, head, request);
            case 'bad-credentials':
                return passAnswer(await this.#relay(withWrongKey(head), request), response);
        }
    }
    /** Passes a request on, and counts it among those under way until its answer has come whole. */
    #relay(head, request) {
        const answering = this.#upstream.relay(head, request);
        this.#follow(answering);
        return answering;
    }
    #follow(answering) {
        const delivered = answering
            .then(answer => new Promise(resolve => answer.once('close', () => resolve())))
            .catch(() => { })
            .finally(() => this.#delivering.delete(delivered));
        this.#delivering.add(delivered);
    }
    async #halfRequest(kind, head, request) {
        const half = Math.floor(Number(request.headers['content-length'] ?? 0) / 2);
        const upstream = kind === 'cut' && half > 0 ? this.#upstream.begin(head) : undefined;
        upstream?.on('error', () => { });
        let taken = 0;
        // Not iterated: leaving the loop would end the request, which is to stand still.
        await new Promise(resolve => {
            if (half === 0)
                return resolve();
            request.once('close', resolve);
            request.on('data', (piece) => {
                upstream?.write(piece.subarray(0, half - taken));
                taken += piece.length;
                if (taken < half)
                    return;
                request.pause();
                request.removeAllListeners('data');
                resolve();
            });
        });
        if (kind === 'stall')
            return;
        upstream?.destroy();
        request.socket.resetAndDestroy();
    }
    async #holdBack(fault, head, request) {
        const delayMs = between(this.#random, fault.minMs, fault.maxMs);
        const body = await readWhole(request, this.#ghosts.room);
        if (body !== undefined) {
            this.#ghosts.hold(body.length, delayMs, () => {
                const answering = this.#upstream.send(head, body);
                this.#follow(answering);
                answering.then(answer => answer.resume(), () => { });
            });
        }
        request.socket.resetAndDestroy();
    }
}
/** The same request from somebody whom the server does not know (SigV4, by header or by query). */
function withWrongKey(head) {
    const headers = head.headers.map((text, i) => i % 2 === 1 && head.headers[i - 1]?.toLowerCase() === 'authorization'
        ? text.replace(/Credential=[^/]+/, `Credential=${WRONG_KEY}`)
        : text);
    return { ...head, headers, path: head.path.replace(/(X-Amz-Credential=)[^%/&]+/, `$1${WRONG_KEY}`) };
}
function listenOn(server, port) {
    return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
            server.removeListener('error', reject);
            resolve();
        });
    });
}
function isPortTaken(error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
//# sourceMappingURL=proxy.js.map