/** Fewer bytes than this in an idle deadline are no progress. */
const TRICKLE_BYTES = 1024;
/** A body may lie in buffers of the network when its last byte is sent: time for up to 2 MiB at this rate. */
const SLOWEST_BYTES_PER_MS = 256;
const NETWORK_BUFFER_BYTES = 2 * 1024 * 1024;
/** A timer that fires this little too late is left alone. */
const SLACK_MS = 250;
/**
 * Keeps the deadlines of one request with one timer, which is hardly ever moved: most requests end long before
 * it fires, and when it does, it looks how far the request has come.
 */
export class DeadlineWatch {
    #watched;
    #request;
    #deadlines;
    #answerBy;
    #phase = 'queued';
    /** When the phase began, or last made progress. */
    #mark;
    #bytes = 0;
    #paused = false;
    #firesAt = 0;
    #timer;
    constructor(watched, request, deadlines) {
        this.#watched = watched;
        this.#request = request;
        this.#deadlines = deadlines;
        this.#mark = performance.now();
        this.#answerBy = this.#mark + request.totalMs;
        this.#arm(Math.min(request.totalMs, deadlines.firstByteMs));
    }
    get phase() {
        return this.#phase;
    }
    enter(phase) {
        this.#phase = phase;
        if (phase === 'ended') {
            clearTimeout(this.#timer);
            return;
        }
        this.#mark = performance.now();
        this.#bytes = 0;
        const limit = this.#limit();
        if (limit < this.#firesAt - SLACK_MS)
            this.#arm(limit - this.#mark);
    }
    /** The server has taken a piece of the request. */
    took() {
        this.#mark = performance.now();
    }
    /** A piece of the answer has come. */
    came(bytes) {
        this.#bytes += bytes;
    }
    /** The reader holds the server up, or does so no longer: until then no time passes. */
    pause(paused) {
        this.#paused = paused;
        if (!paused)
            this.#restart(performance.now());
    }
    #restart(now) {
        this.#mark = now;
        this.#bytes = 0;
    }
    /** When the phase must have ended. */
    #limit() {
        const { idleMs } = this.#deadlines;
        switch (this.#phase) {
            case 'sending':
            case 'receiving':
                return Math.min(this.#mark + idleMs, this.#answerBy);
            case 'waiting':
                return Math.min(this.#mark + this.#firstByteMs(), this.#answerBy);
            case 'reading':
                return this.#mark + idleMs;
            default:
                return this.#answerBy;
        }
    }
    #firstByteMs() {
        const inNetwork = Math.min(this.#request.body?.length ?? 0, NETWORK_BUFFER_BYTES);
        return (this.#request.firstByteMs ?? this.#deadlines.firstByteMs) + inNetwork / SLOWEST_BYTES_PER_MS;
    }
    #arm(ms) {
        clearTimeout(this.#timer);
        this.#firesAt = performance.now() + ms;
        this.#timer = setTimeout(onTimer, Math.max(1, Math.ceil(ms)), this);
    }
    /**
     * Looks whether the phase has passed its limit, and else sleeps on. Where this process was busy itself, an answer
     * may lie unread: the network is looked at once more before the request is given up.
     *
     * @param last whether that was done
     */
    look(last) {
        if (this.#phase === 'ended')
            return;
        const now = performance.now();
        if (this.#paused || this.#bytes >= TRICKLE_BYTES)
            this.#restart(now);
        const limit = this.#limit();
        if (now < limit - 1)
            this.#arm(limit - now);
        else if (last)
            this.#watched.timedOut(this.#message(now));
        else
            setImmediate(onLastLook, this);
    }
    #message(now) {
        const { idleMs, firstByteMs } = this.#deadlines;
        if (this.#phase === 'reading')
            return `The answer stood still for ${idleMs} ms.`;
        if (now >= this.#answerBy - 1) {
            return `The request got no answer within ${Math.round(this.#request.totalMs)} ms.`;
        }
        if (this.#phase === 'sending')
            return `The server took no byte of the request for ${idleMs} ms.`;
        if (this.#phase === 'receiving')
            return `The answer stood still for ${idleMs} ms.`;
        return `The server began no answer within ${this.#request.firstByteMs ?? firstByteMs} ms.`;
    }
}
function onTimer(watch) {
    watch.look(false);
}
function onLastLook(watch) {
    // An immediate runs right after the network was polled; the next one, after what that brought was worked on.
    setImmediate(onGiveUp, watch);
}
function onGiveUp(watch) {
    watch.look(true);
}
//# sourceMappingURL=deadline-watch.js.map