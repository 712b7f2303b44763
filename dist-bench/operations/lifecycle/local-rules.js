import { StorageError } from '../../core/errors.js';
import { openBackend } from '../../service/backend.js';
/**
 * The rules for the files of the storage folder; over a bucket those are the files from before it. Safe beside processes
 * that use the folder.
 */
export class LocalRules {
    #backend;
    #lifecycle;
    constructor(backend, lifecycle) {
        this.#backend = backend;
        this.#lifecycle = lifecycle;
    }
    /**
     * @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it; `UNSUPPORTED` while object
     *   storage is switched off for a folder that is attached to a bucket, since the bucket may hold newer versions
     */
    static async open(config, logger) {
        const listener = { wants: () => false, tell: () => { }, changed: () => { } };
        const backend = await openBackend(config, { logger, listener, create: false, now: Date.now });
        if (backend.lifecycle !== undefined)
            return new LocalRules(backend, backend.lifecycle);
        await backend.close();
        const message = 'There are no local files that rules of ours could act on: the bucket sees to its own by those that "holdfast lifecycle apply" gives it.';
        throw new StorageError({ code: 'UNSUPPORTED', op: 'lifecycle', message });
    }
    /** @throws StorageError `CONFIG_INVALID` */
    rules() {
        return this.#lifecycle.rules();
    }
    /** The last look through the files. */
    last() {
        return this.#lifecycle.last();
    }
    /** What the rules would let go at a moment (milliseconds since the epoch). Touches nothing. */
    async *due(at, signal) {
        for await (const files of this.#lifecycle.due(at, signal)) {
            for (const { rule, key, size, lastModified } of files)
                yield { rule, action: 'expire', key, size, lastModified };
        }
    }
    /** Lets go what the rules let go now. @throws as {@link LocalLifecycle.run} */
    run(options) {
        return this.#lifecycle.run(options);
    }
    close() {
        return this.#backend.close();
    }
}
//# sourceMappingURL=local-rules.js.map