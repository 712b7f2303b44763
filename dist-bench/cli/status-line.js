/** One line that tells how far something is. On a terminal only, and on stderr. */
export class StatusLine {
    #output;
    #bar;
    #line = '';
    #opening = false;
    #stopped = false;
    constructor(output) {
        this.#output = output;
    }
    /** Whether anybody sees it. */
    get isVisible() {
        return this.#output.isWatched && !this.#stopped;
    }
    show(line) {
        if (!this.isVisible)
            return;
        this.#line = line;
        if (this.#bar !== undefined) {
            if (!this.#bar.isActive)
                this.#bar.start(1, 0);
            this.#bar.update(0);
        }
        else if (!this.#opening) {
            this.#opening = true;
            void this.#open();
        }
    }
    /** Takes it off the terminal, for good. */
    stop() {
        this.#stopped = true;
        this.#output.clearBefore(undefined);
        this.#bar?.stop();
    }
    async #open() {
        const { default: cliProgress } = await import('cli-progress');
        if (this.#stopped)
            return;
        const bar = new cliProgress.SingleBar({
            format: () => this.#line,
            clearOnComplete: true,
            linewrap: true,
            stream: process.stderr,
        });
        this.#bar = bar;
        this.#output.clearBefore(() => bar.stop());
    }
}
//# sourceMappingURL=status-line.js.map