import { activeProvider } from '../config.js';
import { usageError } from './failure.js';
import { Interrupt } from './interrupt.js';
import { configOf, readEnvFile, resolveSettings, secretsOf, } from './settings.js';
import { requireStoreFolder } from './store-folder.js';
const DRAIN_MS = 2_000;
const OWN_NAME = /^(?:OBJECT_STORAGE|LOCAL_STORAGE|HOLDFAST)_/;
/** What every command works with: its settings, its output, the store, and the signal to end. */
export class Context {
    output;
    #options;
    #interrupt = new Interrupt();
    #envFile;
    #settings;
    #service;
    constructor(options) {
        this.output = options.output;
        this.output.endOn(this.signal);
        this.#options = options;
    }
    /** Fires, with `ABORTED`, when the person or the system wants the command to end. */
    get signal() {
        return this.#interrupt.signal;
    }
    /** Every variable and where its value comes from. @throws `CONFIG_INVALID` if the file of variables cannot be read */
    settings() {
        if (this.#settings !== undefined)
            return this.#settings;
        this.#envFile = readEnvFile(this.#options.envFile);
        // AWS's credential chain reads the process's own environment.
        for (const [name, text] of Object.entries(this.#envFile?.values ?? {})) {
            if (name.startsWith('AWS_'))
                process.env[name] ??= text;
        }
        this.#settings = resolveSettings(this.#options.flags, process.env, this.#envFile);
        const { AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = process.env;
        this.output.hide([...secretsOf(this.#settings), AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN]);
        return this.#settings;
    }
    /**
     * @throws `CONFIG_INVALID` that names every wrong setting; `INVALID_ARGUMENT` for a flag that says where object
     *   storage is while that is off, since whoever gives it does not mean local files
     */
    config() {
        const config = configOf(this.settings());
        const idle = ['OBJECT_STORAGE_BUCKET', 'OBJECT_STORAGE_ENDPOINT', 'OBJECT_STORAGE_REGION']
            .map(name => this.#options.flags.get(name)?.flag)
            .find(flag => flag !== undefined);
        if (idle !== undefined && activeProvider(config) === 'local') {
            throw usageError(`${idle} is of object storage, which is off: --provider s3 or minio turns it on.`);
        }
        return config;
    }
    /** Variables that look like Holdfast's and are none: a misspelling has no other effect. */
    unknownVariables() {
        const known = new Set(this.settings().flatMap(({ variable }) => [variable.name, ...(variable.aliases ?? [])]));
        const given = new Set([...Object.keys(process.env), ...Object.keys(this.#envFile?.values ?? {})]);
        return [...given].filter(name => OWN_NAME.test(name) && !known.has(name)).sort();
    }
    /**
     * The storage. It is closed when the command ends.
     *
     * @param options `create`: a storage folder that is not there yet is made. `logger`: told what the storage
     *   reports; unless given, warnings go to stderr.
     * @throws `CONFIG_INVALID` "no store at ..." if there is none and none is to be made
     */
    async storage(options = {}) {
        const config = this.config();
        const create = options.create ?? false;
        if (!create)
            requireStoreFolder(config);
        const { StorageService } = await import('../service.js');
        const logger = options.logger ?? this.#warningsOnly();
        this.#service = new StorageService({ config, logger, create });
        return this.#service;
    }
    /** Closes what the command opened. */
    async close() {
        try {
            await this.#service?.close({ drainMs: DRAIN_MS });
        }
        finally {
            this.#interrupt.dispose();
        }
    }
    #warningsOnly() {
        const nothing = () => { };
        // The end of a call (its fields name the operation) is the command's own to report.
        const tell = (fields, message) => {
            if (!('op' in fields))
                this.output.warn(message);
        };
        return { debug: nothing, info: nothing, warn: tell, error: tell };
    }
}
//# sourceMappingURL=context.js.map