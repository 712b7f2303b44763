/** Knows of every connection whether a request is under way on it, so that closing can wait for those alone. */
export class Connections {
    /** Requests under way, by connection. */
    #running = new Map();
    #draining = false;
    #drained;
    add(socket) {
        this.#running.set(socket, 0);
        socket.once('close', () => {
            this.#running.delete(socket);
            if (this.#running.size === 0)
                this.#drained?.();
        });
    }
    /** Notes that a request began; the response's end is its end. */
    begin(socket, response) {
        this.#running.set(socket, this.#of(socket) + 1);
        if (this.#draining)
            response.setHeader('connection', 'close');
        response.once('close', () => {
            const left = this.#of(socket) - 1;
            // A connection that is gone was deleted, and stays so.
            if (this.#running.has(socket))
                this.#running.set(socket, left);
            if (left === 0 && this.#draining)
                socket.destroySoon();
        });
    }
    isBusy(socket) {
        return this.#of(socket) > 0;
    }
    /**
     * Ends idle connections at once and the others after their request, at the latest after `drainMs`.
     * @returns how many were cut off
     */
    async drain(drainMs) {
        this.#draining = true;
        for (const [socket, running] of this.#running)
            if (running === 0)
                socket.destroy();
        if (this.#running.size === 0)
            return 0;
        await new Promise(resolve => {
            const timer = setTimeout(resolve, drainMs);
            this.#drained = () => {
                clearTimeout(timer);
                resolve();
            };
        });
        let cutOff = 0;
        for (const [socket, running] of this.#running) {
            if (running > 0)
                cutOff++;
            socket.destroy();
        }
        return cutOff;
    }
    #of(socket) {
        return this.#running.get(socket) ?? 0;
    }
}
//# sourceMappingURL=connections.js.map