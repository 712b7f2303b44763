import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PlainBucket } from './bucket.js';
import { DIFFERENCES } from './events.js';
import { AcknowledgedRecord } from './record.js';
/** Differences that are told one by one. */
const MAX_FINDINGS = 20;
/**
 * The oracle of a drill, a process of its own: it keeps the record of what was acknowledged, and looks at the bucket
 * through Amazon's client. It shares no memory and no code with the storage that it judges. When the drill ends without a
 * word, it removes what the drill left.
 */
class Oracle {
    #bucket;
    #options;
    #recordPath;
    #record = new AcknowledgedRecord();
    constructor(options) {
        this.#options = options;
        this.#bucket = new PlainBucket(options.bucket);
        this.#recordPath = join(options.folder, 'record.ndjson');
    }
    take(event) {
        appendFileSync(this.#recordPath, `${JSON.stringify({ at: Date.now(), ...event })}\n`);
        this.#record.take(event);
    }
    /** Reads the whole bucket below the prefix, and begins a new record. */
    async compare(prefix) {
        const record = this.#record;
        const held = [];
        for await (const key of this.#bucket.keys(prefix))
            held.push(key);
        const keys = new Set([...record.keys(prefix), ...held]);
        await this.#bucket.each(keys, async (key) => record.judge(key, await this.#bucket.read(key)));
        const { acknowledged, refused, unread, findings } = record;
        // So that every listing of the bucket is held against the record too.
        const listed = new Set(held);
        for (const key of record.keys(prefix)) {
            if (record.isExpected(key) && !listed.has(key)) {
                findings.push({ kind: 'lost', key, where: 'bucket', expected: 'in the listing', found: 'nothing' });
            }
        }
        this.#record = new AcknowledgedRecord();
        return {
            objects: held.length,
            acknowledged,
            refused,
            unread,
            differences: countKeys(findings),
            findings: findings.slice(0, MAX_FINDINGS),
        };
    }
    /** Removes what the drill wrote: below its prefix, and these keys. */
    async clean(keys) {
        await this.#bucket.removeAll(this.#options.prefix);
        for (const key of keys)
            await this.#bucket.removeOne(key);
    }
    /** The drill was ended: nobody else tidies up. */
    async tidy() {
        await this.clean([]).catch(() => { });
        rmSync(this.#options.folder, { recursive: true, force: true });
    }
}
/** Keys, by what was wrong with them. */
function countKeys(findings) {
    const keysOf = (kind) => new Set(findings.filter(finding => finding.kind === kind).map(finding => finding.key)).size;
    return Object.fromEntries(DIFFERENCES.map(kind => [kind, keysOf(kind)]));
}
/** Serves the process that started this one. */
function serve() {
    let oracle;
    let isClean = false;
    let answering = Promise.resolve();
    const answer = async (request) => {
        if (request.type === 'open') {
            oracle = new Oracle(request.options);
            return undefined;
        }
        if (oracle === undefined)
            throw new Error('The oracle was not opened.');
        if (request.type === 'compare')
            return oracle.compare(request.prefix);
        await oracle.clean(request.keys);
        isClean = true;
        return undefined;
    };
    process.on('message', (request) => {
        if (request.type === 'happened') {
            oracle?.take(request.event);
            return;
        }
        const { number } = request;
        answering = answering.then(async () => {
            let reply;
            try {
                reply = { number, result: await answer(request) };
            }
            catch (error) {
                reply = { number, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
            }
            process.send?.(reply);
        });
    });
    process.on('disconnect', () => {
        const tidying = isClean ? undefined : oracle?.tidy();
        void Promise.resolve(tidying).finally(() => process.exit(0));
    });
    // A Ctrl-C on a terminal reaches this process too; it is the drill that ends it.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
        process.on(signal, () => { });
}
if (process.send !== undefined)
    serve();
//# sourceMappingURL=oracle-main.js.map