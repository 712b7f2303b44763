/** How long uploads that could not be aborted are left alone. Milliseconds. */
const AGAIN_MS = 60_000;
/**
 * The list of uploads in parts under way, in the storage folder's ledger, and the end of those that nobody completes:
 * given up while the bucket was away, or left by processes that died.
 */
export class UploadSweep {
    #root;
    #logger;
    /** Of this process: to be aborted when the bucket answers again. */
    #abandoned = new Map();
    #complained = false;
    #running;
    #notBefore = 0;
    constructor(root, logger) {
        this.#root = root;
        this.#logger = logger;
    }
    /** A ledger that cannot be written stops no upload to a bucket that works: the upload goes on without the list. */
    async begin(upload) {
        try {
            await this.#root.uploads.begin(upload);
            this.#complained = false;
        }
        catch (error) {
            if (!this.#complained) {
                const message = `Uploads in parts that a crash leaves behind will not be found: ${String(error)}`;
                this.#logger.warn({ code: 'NO_UPLOAD_LOG' }, message);
            }
            this.#complained = true;
        }
    }
    async end(uploadId) {
        this.#abandoned.delete(uploadId);
        await this.#root.uploads.end(uploadId);
    }
    abandon(upload) {
        this.#abandoned.set(upload.uploadId, upload);
    }
    async orphans() {
        return this.#all();
    }
    /**
     * Aborts what there is to abort, in the background.
     *
     * @param abort goes through {@link orphans}
     */
    look(abort) {
        if (this.#running !== undefined || performance.now() < this.#notBefore || this.#all().length === 0)
            return;
        this.#running = abort()
            .then(({ failed }) => {
            if (failed > 0)
                this.#notBefore = performance.now() + AGAIN_MS;
        })
            .catch(error => {
            this.#notBefore = performance.now() + AGAIN_MS;
            this.#logger.warn({}, `Unfinished multipart uploads were not cleared: ${String(error)}`);
        })
            .finally(() => {
            this.#running = undefined;
        });
    }
    /** Resolves when nothing is being aborted. */
    async idle() {
        await this.#running;
    }
    #all() {
        const left = this.#root.uploads.orphans().filter(({ uploadId }) => !this.#abandoned.has(uploadId));
        return [...left, ...this.#abandoned.values()];
    }
}
//# sourceMappingURL=upload-sweep.js.map