import picocolors from 'picocolors';
/** Thrown where the reader of stdout has gone (`holdfast ls | head`): the command ends, quietly and well. */
export class BrokenPipe extends Error {
}
/** Shorter secrets are left alone: replacing them would garble everything. */
const MIN_SECRET_LENGTH = 6;
/** Where a command writes: what was asked for goes to stdout, everything else to stderr. */
export class Output {
    json;
    quiet;
    #stdout;
    #stderr;
    #colors;
    /** Whether a person reads stdout. */
    isTerminal;
    /** Colours for what is written to stdout: none unless that is a terminal. */
    paint;
    #secrets = [];
    #clear;
    #signal;
    constructor(options, stdout = process.stdout, stderr = process.stderr) {
        this.json = options.json;
        this.quiet = options.quiet;
        this.#stdout = stdout;
        this.#stderr = stderr;
        const { NO_COLOR = '', TERM } = process.env;
        const mayColor = NO_COLOR === '' && TERM !== 'dumb';
        this.#colors = picocolors.createColors(stderr.isTTY === true && mayColor);
        this.isTerminal = stdout.isTTY === true;
        this.paint = picocolors.createColors(this.isTerminal && mayColor);
    }
    /** Whether a person watches stderr, and wants to hear more than errors. */
    get isWatched() {
        return this.#stderr.isTTY === true && !this.quiet && !this.json;
    }
    /** From now on none of these texts reaches stderr, whoever wrote it into a message. */
    hide(secrets) {
        this.#secrets = secrets.filter(secret => secret.length >= MIN_SECRET_LENGTH);
    }
    /** Called before every line to stderr, to take a progress bar out of its way; undefined for none. */
    clearBefore(clear) {
        this.#clear = clear;
    }
    /** From now on a write to stdout that nobody takes ends when the signal fires. */
    endOn(signal) {
        this.#signal = signal;
    }
    /**
     * Writes to stdout, and waits until it was taken.
     *
     * @throws BrokenPipe if nobody reads any more; the system's error if it cannot be written; `ABORTED`
     */
    write(data) {
        const signal = this.#signal;
        return new Promise((resolve, reject) => {
            const onAbort = () => reject(signal?.reason);
            if (signal?.aborted)
                return onAbort();
            signal?.addEventListener('abort', onAbort, { once: true });
            this.#stdout.write(data, error => {
                signal?.removeEventListener('abort', onAbort);
                if (error === undefined || error === null)
                    resolve();
                else
                    reject('code' in error && error.code === 'EPIPE' ? new BrokenPipe() : error);
            });
        });
    }
    /** A line of data on stdout. */
    line(text) {
        return this.write(`${text}\n`);
    }
    /** An object on a line of its own on stdout. */
    object(value) {
        return this.line(JSON.stringify(value));
    }
    /** What a person may want to know, on stderr; not with `--quiet` or `--json`. */
    note(text) {
        if (!this.quiet && !this.json)
            this.say(text);
    }
    /** A line on stderr, whatever the flags. */
    say(text) {
        this.#clear?.();
        let shown = text;
        for (const secret of this.#secrets)
            shown = shown.replaceAll(secret, '***');
        this.#stderr.write(`${shown}\n`);
    }
    /** That something was left as it is (`--no-clobber`). */
    async leftOut(name) {
        if (this.json)
            await this.object({ leftOut: name });
        else
            this.note(`${printable(name)} is already there, and was left as it is.`);
    }
    /** What a person should know, on stderr. */
    warn(text) {
        this.say(this.json
            ? JSON.stringify({ warning: { message: text } })
            : `${this.#colors.yellow('warning:')} ${text}`);
    }
    /** A failure, on stderr. */
    failure(failure) {
        if (this.json) {
            this.say(JSON.stringify({ error: failure.json }));
            return;
        }
        const { red, dim } = this.#colors;
        this.say(`${red('holdfast:')} ${failureText(failure)} ${dim(`(${failure.code})`)}`);
        if (failure.stack !== undefined)
            this.say(failure.stack);
    }
}
/** Control characters and direction marks, which make a terminal show another name than the one that is there. */
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** A name as a terminal may show it: what would move the cursor or turn the text around is escaped. */
export function printable(text) {
    return text.replace(DECEPTIVE, found => `\\u{${found.charCodeAt(0).toString(16)}}`);
}
/** What a failure says, as a terminal may show it: its lines stay, and the names in it are {@link printable}. */
export function failureText({ message }) {
    return message.split('\n').map(printable).join('\n');
}
//# sourceMappingURL=output.js.map