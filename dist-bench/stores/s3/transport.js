import { Pool } from 'undici';
import { Exchange, } from './exchange.js';
/** How long a close waits for requests under way. */
const CLOSE_MS = 5_000;
/** Connections younger than this are not given up again. Milliseconds. */
const YOUNG_MS = 1_000;
/**
 * Sends requests to one origin over kept connections. It follows no redirect and repeats no request. Every
 * request ends by a deadline.
 */
export class Transport {
    #deadlines;
    #open;
    #connections;
    #downloads;
    #sender;
    #requests;
    /** Given up, with requests under way. */
    #retired = new Set();
    #renewedAt = Number.NEGATIVE_INFINITY;
    #closing;
    constructor({ origin, connections, deadlines }) {
        const options = {
            pipelining: 1,
            // Deadlines are kept by the exchange, where sending, waiting and a reader who pauses are told apart.
            headersTimeout: 0,
            bodyTimeout: 0,
            keepAliveTimeout: 10_000,
            maxHeaderSize: 64 * 1024,
            connect: { timeout: deadlines.connectMs },
        };
        this.#open = limit => new Pool(origin, limit === undefined ? options : { ...options, connections: limit });
        this.#connections = connections;
        this.#deadlines = deadlines;
        this.#requests = this.#open(connections);
        this.#sender = {
            dispatch: (request, exchange) => dispatch(this.#requests, request, exchange),
            release: nothing,
        };
        this.#downloads = new Downloads(this.#open(), connections);
    }
    /** The whole answer, whatever its status. @throws TransportError */
    send(request) {
        const exchange = new Exchange(request, this.#deadlines, false);
        exchange.send(this.#sender);
        return exchange.answer;
    }
    /** As {@link send}, but the body of a success is left to be read. @throws TransportError */
    open(request) {
        const exchange = new Exchange(request, this.#deadlines, true);
        this.#downloads.send(exchange);
        return exchange.answer;
    }
    /**
     * Further requests go over new connections, and those under way to their end over theirs. A connection can be
     * dead without anybody having told, and then those that are kept beside it are likely to be dead as well: each of
     * them would cost somebody a deadline.
     */
    renew() {
        const now = performance.now();
        if (this.#closing !== undefined || now - this.#renewedAt < YOUNG_MS)
            return;
        this.#renewedAt = now;
        for (const pool of [this.#requests, this.#downloads.pool]) {
            this.#retired.add(pool);
            void pool
                .close()
                .catch(nothing)
                .finally(() => this.#retired.delete(pool));
        }
        this.#requests = this.#open(this.#connections);
        this.#downloads.pool = this.#open();
    }
    /** Waits a little for requests under way, then cuts every connection. */
    close() {
        const pools = [this.#requests, this.#downloads.pool, ...this.#retired];
        this.#closing ??= Promise.all(pools.map(closePool)).then(nothing);
        return this.#closing;
    }
}
/**
 * Sends those requests whose bodies are read as slowly as their readers like. They have connections of their own,
 * as many as it takes: else a few slow readers would keep everybody from the store. Only those that wait for their
 * answer to begin are limited.
 */
class Downloads {
    pool;
    #limit;
    #waiting = [];
    #underWay = 0;
    constructor(pool, limit) {
        this.pool = pool;
        this.#limit = limit;
    }
    send(exchange) {
        if (this.#underWay >= this.#limit)
            this.#waiting.push(exchange);
        else {
            this.#underWay++;
            exchange.send(this);
        }
    }
    dispatch(request, exchange) {
        dispatch(this.pool, request, exchange);
    }
    release() {
        this.#underWay--;
        let next = this.#waiting.shift();
        while (next?.ended === true)
            next = this.#waiting.shift();
        if (next !== undefined)
            this.send(next);
    }
}
function dispatch(pool, request, exchange) {
    // undici takes an iterable for a body as well, which its type leaves out.
    pool.dispatch(request, exchange);
}
async function closePool(pool) {
    let timer;
    const waited = new Promise(resolve => {
        timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([pool.close(), waited]);
    clearTimeout(timer);
    if (!pool.destroyed)
        await pool.destroy();
}
function nothing() { }
//# sourceMappingURL=transport.js.map