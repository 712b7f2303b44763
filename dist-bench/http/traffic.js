const COUNTED_METHODS = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);
/** Counts requests by what was asked of whom, never by a path: there are as many paths as files. */
export class Traffic {
    #requests = new Map();
    /** Bytes of files that clients sent, and that were sent to clients. */
    receivedBytes = 0;
    sentBytes = 0;
    get requests() {
        return this.#requests.values();
    }
    /** Counts an answer that has ended. @param route a template, such as `/uploads/{key}` */
    answered(route, request, response) {
        const { method: given = '' } = request;
        const method = COUNTED_METHODS.has(given) ? given : 'other';
        const status = response.writableFinished ? String(response.statusCode) : 'cut';
        const id = `${method} ${status} ${route}`;
        const known = this.#requests.get(id);
        if (known === undefined)
            this.#requests.set(id, { route, method, status, count: 1 });
        else
            known.count++;
    }
}
//# sourceMappingURL=traffic.js.map