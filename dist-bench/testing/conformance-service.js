import assert from 'node:assert/strict';
import { parseKey } from '../core/key.js';
import { sameBytes } from './conformance-assert.js';
import { checksOf } from './conformance-runner.js';
import { describeServiceAgeing } from './conformance-service-ageing.js';
import { describeServiceCompression } from './conformance-service-compression.js';
import { describeServiceListings } from './conformance-service-listings.js';
import { describeServiceReads } from './conformance-service-reads.js';
import { describeServiceRefusals } from './conformance-service-refusals.js';
import { describeServiceRemovals } from './conformance-service-removals.js';
import { describeServiceUploads } from './conformance-service-uploads.js';
import { describeServiceUrls } from './conformance-service-urls.js';
/** What one check works with: the storage, and a prefix of its own that is emptied afterwards. */
export class ServiceScope {
    storage;
    prefix;
    random;
    options;
    #opened;
    constructor(opened, prefix, random, options) {
        this.#opened = opened;
        this.storage = opened.storage;
        this.prefix = prefix;
        this.random = random;
        this.options = options;
    }
    /** A storage does not say what it can; what was not declared as lacking is tried. */
    has(what) {
        return this.options.declaredSkips?.[what] === undefined;
    }
    key(name) {
        return parseKey(this.prefix + name);
    }
    upload(name, content, options) {
        return this.storage.uploadFile(content, this.key(name), options);
    }
    /** Waits until nothing written is pending any more. */
    async settled() {
        await this.#opened.settled?.();
    }
    async holds(name, bytes) {
        const got = await this.storage.downloadFile(this.key(name));
        assert.ok(got !== null, `there is no ${name}`);
        sameBytes(got, bytes);
    }
    async absent(name) {
        assert.equal(await this.storage.downloadFile(this.key(name)), null);
        assert.equal(await this.storage.fileExists(this.key(name)), false);
    }
    /** The names of all files below the check's prefix. */
    async names() {
        const keys = await this.storage.listFiles(this.prefix);
        return keys.map(key => key.slice(this.prefix.length));
    }
    async cleanUp() {
        const { failed } = await this.storage.deletePrefix(this.prefix);
        assert.deepEqual(failed, []);
    }
}
/**
 * The promises of the {@link Storage} interface in executable form: defines a suite of small checks, by the
 * runner's own functions, over the storage that `open` gives. It cleans up behind itself.
 */
export function serviceConformance(options) {
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    options.describe(`${options.name} is a storage (seed ${seed})`, () => {
        let opened;
        const { check, root } = checksOf(options, seed, async (prefix, random) => {
            opened ??= options.open();
            return new ServiceScope(await opened, prefix, random, options);
        });
        options.afterAll(async () => {
            if (opened !== undefined)
                await (await opened).close();
        });
        describeServiceUploads(check);
        describeServiceReads(check);
        describeServiceCompression(check);
        describeServiceRemovals(check);
        describeServiceAgeing(check);
        describeServiceListings(check);
        describeServiceUrls(check);
        describeServiceRefusals(check);
        check('is left as it was found', async (t) => {
            assert.deepEqual([...(await t.storage.listFiles(root))], []);
        });
    });
}
//# sourceMappingURL=conformance-service.js.map