import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { activeProvider } from '../../config.js';
import { StorageError, shown, throwIfAborted } from '../../core/errors.js';
import { RESERVED_PREFIX } from '../../core/key.js';
import { silentLogger } from '../../core/logger.js';
import { makeS3Store } from '../../service/s3-backend.js';
import { StorageService } from '../../service.js';
import { startFaultProxy } from '../fault-proxy/proxy.js';
import { newSeed, seededRandom } from '../fault-proxy/random.js';
import { tryUpload } from '../try-upload.js';
import { Contents } from './content.js';
import { Oracle } from './oracle.js';
import { isFlawless, totalsOf } from './report.js';
import { resigning } from './resign.js';
import { GHOST_MS, SCENARIOS, USUAL_SCENARIOS } from './scenarios.js';
import { makeScratch } from './scratch.js';
import { Workload } from './workload.js';
export const DEFAULT_SECONDS = 15;
export const DEFAULT_RATE = 20;
export const DEFAULT_CONVERGE_SECONDS = 300;
/** Of the drill's storage: its ghosts land sooner than this. The real window is a matter of the signature's life. */
const SETTLE_WINDOW_MS = 12_000;
/** Before an outage and after it people work with a store that answers. */
const CALM_MS = 2_000;
/** A check of settled keys begins a minute after the store's return, and takes its time. */
const SETTLE_MS = 60_000 + SETTLE_WINDOW_MS + 60_000;
const POLL_MS = 50;
const PROGRESS_MS = 200;
/**
 * Rehearses outages of the object store that the configuration names: under a prefix of its own, with a storage
 * folder of its own, through a proxy that fails. People are at work all the while; an oracle in another process
 * keeps the record of what was acknowledged, and compares the bucket with it after each outage. Everything that
 * was written is removed.
 *
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, `INVALID_ARGUMENT` for a scenario
 *   that does not exist, `ABORTED`, and what a store that cannot be used answers: `UNAVAILABLE`, `TIMEOUT`,
 *   `UNAUTHENTICATED`, `NO_SUCH_BUCKET`, `PERMISSION_DENIED`
 */
export async function runDrill(options) {
    const { config, signal, internals = {} } = options;
    const provider = drillable(config);
    const scenarios = (options.scenarios ?? USUAL_SCENARIOS).map(scenarioOf);
    const bucket = makeS3Store(provider, config, silentLogger, {});
    try {
        await bucket.probe({ signal });
        // One that takes no uploads in good weather has nothing to show in bad.
        await tryUpload(bucket, signal);
    }
    finally {
        await bucket.close();
    }
    const drill = new Drill(provider, options, await makeScratch(config));
    let evidence = false;
    try {
        await drill.open(internals);
        const reports = [];
        for (const [i, scenario] of scenarios.entries()) {
            reports.push(await drill.rehearse(scenario, i + 1, scenarios.length));
        }
        const leftBehind = await drill.clean();
        evidence = !reports.every(isFlawless);
        return drill.report(reports, leftBehind, evidence);
    }
    finally {
        await drill.close(evidence);
    }
}
/** One run: the storage, the proxy and the oracle, and the outages that they go through. */
class Drill {
    #provider;
    #options;
    #scratch;
    #seed;
    #random;
    #contents;
    #prefix = `holdfast-drill-${randomBytes(6).toString('hex')}/`;
    /** Keys of Holdfast's own that the storage wrote to the bucket. */
    #ownKeys = new Set();
    #signal;
    #proxy;
    #oracle;
    #storage;
    #isClean = false;
    #id = 0;
    /** What {@link DrillOptions.onProgress} is told next. */
    #now;
    #workload;
    #ticker;
    constructor(provider, options, scratch) {
        this.#provider = provider;
        this.#options = options;
        this.#scratch = scratch;
        this.#seed = options.seed ?? newSeed();
        this.#random = seededRandom(this.#seed);
        this.#contents = new Contents(this.#seed, this.#random);
        this.#signal = options.signal ?? new AbortController().signal;
    }
    /** Starts the parts. */
    async open(internals) {
        const { config } = this.#options;
        const credentials = credentialsOf(config);
        const { objectStorageEndpoint: endpoint, objectStorageRegion: region, objectStorageBucket: bucket, } = config;
        const { objectStoragePathStyle: forcePathStyle } = config;
        const { logger, folder } = this.#scratch;
        const route = resigning({ endpoint, region, bucket, forcePathStyle, credentials, logger });
        this.#proxy = await startFaultProxy({
            target: route.target,
            seed: this.#seed,
            rewrite: head => {
                this.#noteOwnKey(head);
                return route.rewrite(head);
            },
        });
        const pathStyle = forcePathStyle ?? endpoint !== undefined;
        this.#oracle = await Oracle.start({ bucket: { endpoint, region, bucket, pathStyle, credentials }, prefix: this.#prefix, folder }, internals.oracle);
        const rehearsed = {
            ...config,
            objectStorageEndpoint: this.#proxy.endpoint,
            objectStoragePathStyle: true,
            objectStoragePublicEndpoint: undefined,
            objectStoragePublicUrl: undefined,
            localStoragePath: this.#scratch.localStoragePath,
            ledgerPath: this.#scratch.ledgerPath,
            settleWindowMs: SETTLE_WINDOW_MS,
        };
        this.#storage = await (internals.open ?? openService)(rehearsed, this.#scratch);
        this.#ticker = setInterval(() => this.#tick(), PROGRESS_MS);
    }
    /** Works through one outage and its end. @throws StorageError `ABORTED` */
    async rehearse(scenario, number, of) {
        const { proxy, oracle, storage } = this.#parts();
        const { config, seconds = DEFAULT_SECONDS, rate = DEFAULT_RATE } = this.#options;
        const prefix = `${this.#prefix}${scenario.name}/`;
        const workload = new Workload({
            storage,
            prefix,
            rate,
            tell: event => oracle.tell(event),
            random: this.#random,
            contents: this.#contents,
            nextId: () => ++this.#id,
        });
        this.#workload = workload;
        const enter = (phase) => {
            throwIfAborted(this.#signal, 'drill');
            this.#now = { scenario: scenario.name, phase, number, of };
            this.#tick();
        };
        const late = proxy.counts.ghost + proxy.counts['lose-answer'];
        enter('working');
        await workload.run(CALM_MS, this.#signal);
        enter('outage');
        const begun = performance.now();
        await applyWeather(proxy, scenario);
        const noticedMs = scenario.silent === true ? config.objectStorageFirstByteTimeoutMs : 0;
        await workload.run(noticedMs + seconds * 1000, this.#signal);
        enter('returning');
        await proxy.apply();
        const returned = performance.now();
        const converging = this.#converge(storage, returned);
        // Whoever ends it first, the other is waited for: nothing is left at work.
        const [worked] = await Promise.allSettled([workload.run(CALM_MS, this.#signal), converging]);
        if (worked.status === 'rejected')
            throw worked.reason;
        await workload.finish();
        enter('converging');
        const first = await converging;
        // What people did meanwhile has to arrive too.
        const last = await this.#converge(storage, returned);
        const convergeMs = last === undefined ? undefined : first;
        if (scenario.ghosts === true) {
            enter('settling');
            await this.#until(() => proxy.ghosts === 0, GHOST_MS.max);
            await proxy.settle();
            await this.#until(() => storage.getStatus().settling === 0, SETTLE_MS);
        }
        enter('comparing');
        await proxy.settle();
        const compared = await oracle.compare(prefix);
        const { figures } = workload;
        return {
            scenario: scenario.name,
            summary: scenario.summary,
            outageMs: Math.round(returned - begun),
            operations: figures.operations,
            acknowledged: compared.acknowledged,
            acknowledgedLocally: figures.local,
            failed: figures.failed,
            failures: compared.refused,
            unread: compared.unread,
            ...compared.differences,
            longestStallMs: Math.round(figures.longestStallMs),
            longestStallOf: figures.longestStallOf,
            convergeMs: convergeMs === undefined ? null : Math.round(convergeMs),
            compared: compared.objects,
            ghosts: proxy.counts.ghost + proxy.counts['lose-answer'] - late,
            findings: compared.findings,
        };
    }
    /** Removes all that the drill wrote to the bucket. @returns what could not be removed, and why */
    async clean() {
        this.#isClean = true;
        if (this.#now !== undefined)
            this.#now = { ...this.#now, phase: 'cleaning' };
        await this.#proxy?.apply();
        const storage = this.#storage;
        this.#storage = undefined;
        await storage?.close().catch(() => { });
        await this.#proxy?.settle();
        try {
            await this.#oracle?.clean([...this.#ownKeys]);
            return undefined;
        }
        catch (error) {
            if (!StorageError.is(error))
                throw error;
            const { objectStorageBucket: bucket } = this.#options.config;
            return `What is below ${this.#prefix} in the bucket ${bucket} could not be removed: ${error.message}`;
        }
    }
    report(scenarios, leftBehind, evidence) {
        const { config, seconds = DEFAULT_SECONDS, rate = DEFAULT_RATE } = this.#options;
        return {
            passed: scenarios.every(isFlawless),
            seed: this.#seed,
            rate,
            seconds,
            provider: this.#provider,
            bucket: config.objectStorageBucket,
            endpoint: config.objectStorageEndpoint ?? 'AWS',
            prefix: this.#prefix,
            ...totalsOf(scenarios),
            scenarios,
            ...(leftBehind !== undefined && { leftBehind }),
            ...(evidence && { evidence: this.#scratch.folder }),
        };
    }
    /** Ends everything, whatever state it is in. @param keep whether the folder is kept for a person to look at */
    async close(keep) {
        clearInterval(this.#ticker);
        try {
            if (!this.#isClean)
                await this.clean();
        }
        finally {
            await this.#proxy?.close();
            await this.#oracle?.close();
            if (!keep)
                await this.#scratch.remove();
        }
    }
    #parts() {
        if (this.#proxy === undefined || this.#oracle === undefined || this.#storage === undefined) {
            throw new StorageError({ code: 'INTERNAL', op: 'drill', message: 'The drill was not opened.' });
        }
        return { proxy: this.#proxy, oracle: this.#oracle, storage: this.#storage };
    }
    /** @returns milliseconds since the store's return; undefined if it took too long */
    async #converge(storage, returned) {
        const { convergeSeconds = DEFAULT_CONVERGE_SECONDS } = this.#options;
        const leftMs = returned + convergeSeconds * 1000 - performance.now();
        const isDone = await this.#until(() => storage.getStatus().pending === 0, leftMs);
        return isDone ? performance.now() - returned : undefined;
    }
    /** Waits until something is so, or the time is over. @throws StorageError `ABORTED` */
    async #until(isSo, ms) {
        for (const start = performance.now(); !isSo(); await sleep(POLL_MS)) {
            throwIfAborted(this.#signal, 'drill');
            if (performance.now() - start > ms)
                return false;
        }
        return true;
    }
    #noteOwnKey({ method, path }) {
        const own = `/${this.#options.config.objectStorageBucket}/${RESERVED_PREFIX}`;
        if (method === 'PUT' && path.startsWith(own)) {
            this.#ownKeys.add(decodeURIComponent(path.slice(own.length - RESERVED_PREFIX.length).replace(/\?.*/, '')));
        }
    }
    #tick() {
        if (this.#now === undefined || this.#workload === undefined)
            return;
        const pending = this.#storage?.getStatus().pending ?? 0;
        this.#options.onProgress?.({ ...this.#workload.figures, ...this.#now, pending });
    }
}
function openService(config, { logger }) {
    return new StorageService({ config, logger });
}
async function applyWeather(proxy, { weather }) {
    if ('rules' in weather)
        await proxy.apply(...weather.rules);
    else
        await proxy.flap(weather.phases);
}
/** @throws StorageError `CONFIG_INVALID` */
function drillable(config) {
    const provider = activeProvider(config);
    const problem = provider === 'local'
        ? 'Files are stored on the local disk, and there is no object store that could be away. Set OBJECT_STORAGE_ENABLED=true with OBJECT_STORAGE_PROVIDER, OBJECT_STORAGE_BUCKET and its credentials, or give --provider and --bucket.'
        : config.objectStorageFallback
            ? undefined
            : 'The local disk does not stand in for the object store: OBJECT_STORAGE_FALLBACK is false.';
    if (provider !== 'local' && problem === undefined)
        return provider;
    const message = `There is nothing to rehearse. ${problem}`;
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'drill', message });
}
/** @throws StorageError `INVALID_ARGUMENT` */
function scenarioOf(name) {
    const scenario = SCENARIOS.get(name);
    if (scenario !== undefined)
        return scenario;
    const message = `There is no scenario ${shown(name)}; accepted: ${[...SCENARIOS.keys()].join(', ')}.`;
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'drill', message });
}
function credentialsOf(config) {
    const { objectStorageAccessKey: accessKeyId, objectStorageSecretKey: secretAccessKey } = config;
    if (accessKeyId === undefined || secretAccessKey === undefined)
        return undefined;
    return { accessKeyId, secretAccessKey, sessionToken: config.objectStorageSessionToken };
}
//# sourceMappingURL=drill.js.map