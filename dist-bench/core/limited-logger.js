import { silentLogger } from './logger.js';
/** Lines on one subject that are let through within {@link WINDOW_MS}. */
const BURST = 5;
const WINDOW_MS = 60_000;
/** Subjects that are told apart; past them all others are one. */
const MAX_SUBJECTS = 100;
const OTHERS = 'Other lines';
/**
 * Lets five lines a minute through on each subject, and then tells how many were left out: what fails a thousand
 * times for one reason is one thing to know. The subject of a line is its level and its text up to the first colon,
 * so a message begins with what happened, and names the particulars after it. `debug` is not limited.
 */
export function limitLines(logger) {
    return logger === silentLogger ? { ...silentLogger, flush: () => { } } : new Limiter(logger);
}
class Limiter {
    #logger;
    #subjects = new Map();
    #timer;
    constructor(logger) {
        this.#logger = logger;
    }
    debug(fields, message) {
        this.#logger.debug(fields, message);
    }
    info(fields, message) {
        if (this.#passes('info', message))
            this.#logger.info(fields, message);
    }
    warn(fields, message) {
        if (this.#passes('warn', message))
            this.#logger.warn(fields, message);
    }
    error(fields, message) {
        if (this.#passes('error', message))
            this.#logger.error(fields, message);
    }
    /** Tells now what was left out. */
    flush() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        for (const [name, subject] of this.#subjects)
            this.#end(name, subject);
    }
    #passes(level, message) {
        const now = performance.now();
        const colon = message.indexOf(':');
        const begin = colon < 0 ? message.replace(/\.$/, '') : message.slice(0, colon);
        let name = `${level} ${begin.replace(/\d+/g, 'N')}`;
        let subject = this.#subjects.get(name);
        if (subject === undefined && this.#subjects.size >= MAX_SUBJECTS) {
            this.#sweep(now);
            if (this.#subjects.size >= MAX_SUBJECTS)
                name = `${level} ${OTHERS}`;
            subject = this.#subjects.get(name);
        }
        if (subject !== undefined && now - subject.since >= WINDOW_MS) {
            this.#end(name, subject);
            subject = undefined;
        }
        if (subject === undefined) {
            subject = { level, since: now, passed: 0, suppressed: 0 };
            this.#subjects.set(name, subject);
        }
        if (subject.passed < BURST) {
            subject.passed++;
            return true;
        }
        subject.suppressed++;
        this.#timer ??= setTimeout(() => this.#onTimer(), WINDOW_MS).unref();
        return false;
    }
    #onTimer() {
        this.#timer = undefined;
        this.#sweep(performance.now());
        for (const { suppressed } of this.#subjects.values()) {
            if (suppressed > 0)
                this.#timer ??= setTimeout(() => this.#onTimer(), WINDOW_MS).unref();
        }
    }
    #sweep(now) {
        for (const [name, subject] of this.#subjects) {
            if (now - subject.since >= WINDOW_MS)
                this.#end(name, subject);
        }
    }
    #end(name, { level, suppressed }) {
        this.#subjects.delete(name);
        if (suppressed === 0)
            return;
        const text = name.slice(level.length + 1);
        this.#logger[level]({ suppressed }, `${text}: ${suppressed} more such lines were left out`);
    }
}
//# sourceMappingURL=limited-logger.js.map